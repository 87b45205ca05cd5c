"""The first run after the process has stood still, beside runs back to back in the same process: the caches hold
others' data, and the clock of the core may have gone down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engines import figures
from engines.figures import rotated
from engines.networks import Network
from engines.rounds import Say, running
from engines.rows import Row

RUNS = 20  # after a pause, in each round


@dataclass(frozen=True)
class Paused:
    """Nanoseconds by round and run."""

    back_to_back: list[list[int]] = field(default_factory=list)
    after_pause: list[list[int]] = field(default_factory=list)


def measure(
    rows: Sequence[Row], network: Path, cpu: int, rounds: int, runs: int, pause_ms: int, say: Say
) -> dict[str, Paused]:
    """By name, of those rows that run here."""
    with running(rows, network, cpu, say) as here:
        found = {name: Paused() for name in here.workers}
        for turn in range(rounds):
            for name in rotated(list(here.workers), turn):
                found[name].back_to_back.append(here.workers[name].times(runs))
                found[name].after_pause.append(here.workers[name].times(RUNS, pause_ms))
            say(f"round {turn + 1} of {rounds}, with pauses")
    return found


def table(network: Network, pause_ms: int, found: Mapping[str, Paused]) -> str:
    """Markdown, as docs/performance.md has it; times in ms."""
    text = [
        f"| {network.name} | back to back: min | p50 | after {pause_ms} ms: min | p50 | of min | of p50 |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, paused in found.items():
        warm, first = figures.times(paused.back_to_back), figures.times(paused.after_pause)
        text.append(
            f"| {name} | {warm.least:.4f} | {warm.p50:.4f} | {first.least:.4f} | {first.p50:.4f} | "
            f"{first.least / warm.least:.2f} | {first.p50 / warm.p50:.2f} |"
        )
    return "\n".join(text)
