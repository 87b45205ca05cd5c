"""What was measured, as a table for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from engines import figures
from engines.networks import Network
from engines.rounds import Outcome
from engines.rows import TO_BEAT, Row


@dataclass(frozen=True)
class Line:
    """Of one row. ratio: to TO_BEAT; percent: of the peak that bounds it; alike: to the float model."""

    name: str
    version: str
    times: figures.Times
    ratio: figures.Ratio | None
    percent: float | None
    alike: float


def lines(
    rows: Sequence[Row],
    outcomes: Mapping[str, Outcome],
    macs: int,
    reference: np.ndarray,
    peaks: Mapping[str, float],
) -> list[Line]:
    """The fastest first."""
    found = []
    for row in (row for row in rows if row.name in outcomes):
        outcome, to_beat = outcomes[row.name], outcomes.get(TO_BEAT)
        taken = figures.times(outcome.rounds)
        found.append(
            Line(
                row.name,
                outcome.version,
                taken,
                figures.ratio(outcome.rounds, to_beat.rounds) if to_beat else None,
                figures.percent_of_peak(macs, taken.least, peaks.get(row.peak) or None),
                figures.similarity(outcome.logits, reference),
            )
        )
    return sorted(found, key=lambda line: line.times.least)


def table(network: Network, macs: int, found: Sequence[Line], missing: Mapping[str, str]) -> str:
    """Markdown, as docs/performance.md has it."""
    text = [
        f"### {network.name}: {network.side} x {network.side} x {network.channels}, {network.labels} labels, "
        f"{macs / 1e6:.1f} M multiplications",
        "| runtime, form | min ms | p50 | p99 | ratio to LiteRT [95 %] | of min | % of peak | like float |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for line in found:
        times, ratio = line.times, line.ratio
        ratios = f"{ratio.median:.3f} [{ratio.low:.3f}, {ratio.high:.3f}] | {ratio.least:.3f}" if ratio else " | "
        percent = "" if line.percent is None else f"{line.percent:.0f}"
        other = "" if line.alike >= figures.ALIKE else ", other answers"
        text.append(
            f"| {line.name} | {times.least:.4f} | {times.p50:.4f} | {times.p99:.4f} | {ratios} | {percent} | "
            f"{line.alike:.3f}{other} |"
        )
    text += [f"| {name} | *not run here*: {why} | | | | | | |" for name, why in missing.items()]
    return "\n".join(text)


def floors(peaks: Mapping[str, float], macs: int) -> str:
    """What the core was seen to do, and what the network would take if it did nothing else."""
    each = [f"{name} {peak / 1e9:.0f} ({macs / peak * 1e3:.3f} ms)" for name, peak in peaks.items() if peak]
    return f"Peaks of the core, 10^9 multiplications a second (this network at the peak): {', '.join(each)}."


def as_json(network: Network, macs: int, found: Sequence[Line], missing: Mapping[str, str]) -> dict[str, Any]:
    """The same for programs; times in ms."""
    return {
        "network": asdict(network),
        "macs": macs,
        "rows": [asdict(line) for line in found],
        "not_run_here": dict(missing),
    }


def multiplications(folder: Any) -> int:
    """Of all convolutions and fully connected layers of the float network."""
    import onnx
    from onnx import numpy_helper

    model = onnx.shape_inference.infer_shapes(onnx.load(str(folder / "fp32.onnx")))
    sizes = {one.name: [d.dim_value for d in one.type.tensor_type.shape.dim] for one in model.graph.value_info}
    weights = {one.name: numpy_helper.to_array(one).shape for one in model.graph.initializer}
    total = 0
    for node in model.graph.node:
        if node.op_type == "Conv":
            places = int(np.prod(sizes[node.output[0]][2:]))
            total += places * int(np.prod(weights[node.input[1]]))
        elif node.op_type == "Gemm":
            total += int(np.prod(weights[node.input[1]]))
    return total
