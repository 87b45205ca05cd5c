"""What the engine is to reach beside other runtimes, and what it reached: by least times of one run of the bench."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engines import figures

VNNI, AVX2 = "taktgate, avx512-vnni", "taktgate, avx2"
BEST, BEST_AVX2 = "the fastest of all others", "the fastest of those held to AVX2"


@dataclass(frozen=True)
class Goal:
    """ours is to take at most `most` times as long as `other` (how a name begins)."""

    network: str
    ours: str
    other: str
    most: float


GOALS = (
    Goal("small-224", VNNI, "LiteRT INT8", 0.5),
    Goal("small-224", VNNI, "ONNX Runtime INT8", 0.25),
    Goal("small-64x64x2", VNNI, "LiteRT INT8", 0.5),
    Goal("small-64x64x2", VNNI, "ONNX Runtime INT8", 0.2),
    Goal("large-224", VNNI, "LiteRT INT8", 0.5),
    Goal("small-224", AVX2, BEST, 0.5),
    Goal("small-224", AVX2, "ONNX Runtime INT8, exact", 0.3),
    Goal("small-64x64x2", AVX2, BEST, 0.5),
    Goal("small-64x64x2", AVX2, "ONNX Runtime INT8, exact", 0.3),
    Goal("small-224", AVX2, BEST_AVX2, 0.5),  # where the others have more than AVX2
    Goal("small-64x64x2", AVX2, BEST_AVX2, 0.5),
)


def table(networks: Sequence[Mapping[str, Any]]) -> str:
    """networks: as report.as_json gives them. The fastest form of a runtime counts, if it computes the network."""
    found = {network["network"]["name"]: {row["name"]: row for row in network["rows"]} for network in networks}
    text = ["| network | ours | at most | of | ratio | reached |", "|---|---|---|---|---|---|"]
    for goal in GOALS:
        rows = found.get(goal.network, {})
        least = {name: row["times"]["least"] for name, row in rows.items() if row["alike"] >= figures.ALIKE}
        others = {name: time for name, time in least.items() if is_other(name, goal.other)}
        if goal.ours not in rows or not others:
            text.append(f"| {goal.network} | {goal.ours} | {goal.most} | {goal.other} | *not run here* | |")
            continue
        if goal.ours not in least:
            text.append(f"| {goal.network} | {goal.ours} | {goal.most} | {goal.other} | *other answers* | no |")
            continue
        fastest = min(others, key=lambda name: others[name])
        ratio = least[goal.ours] / others[fastest]
        reached = "yes" if ratio <= goal.most else "no"
        text.append(f"| {goal.network} | {goal.ours} | {goal.most} | {fastest} | {ratio:.3f} | {reached} |")
    return "\n".join(text)


def is_other(name: str, wanted: str) -> bool:
    """Whether a row is of the runtime that a goal names."""
    if wanted in (BEST, BEST_AVX2):
        return not name.startswith("taktgate") and (wanted == BEST or name.endswith(", AVX2"))
    return name.startswith(wanted)
