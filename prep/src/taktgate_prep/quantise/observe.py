"""What the activations of the float model hold: ranges per window, and histograms per draw of windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx

from taktgate_prep.errors import InputError
from taktgate_prep.model.runtime import open_session
from taktgate_prep.quantise.float_graph import FloatGraph
from taktgate_prep.quantise.plan import Floats
from taktgate_prep.quantise.windows import Windows, on_all_cores

BINS = 4096
_MOST_VALUES = 1 << 14  # of one tensor in one window that are counted, evenly spread; ranges are of all
_BATCH = 16  # windows between two reports

Report = Callable[[float], None]
Session = Callable[[npt.NDArray[np.float32]], list[npt.NDArray[np.float32]]]


@dataclass(frozen=True)
class Histogram:
    """low, high: smallest and largest value; counts [BINS] over evenly wide bins from `start` on."""

    low: float
    high: float
    counts: npt.NDArray[np.int64]
    start: float
    width: float


Observed = dict[str, Histogram]


def observe(graph: FloatGraph, windows: Windows, draws: Sequence[Sequence[int]], report: Report) -> list[Observed]:
    """One histogram per activation for each draw (rows of `windows`); draws may share windows, each is run twice: for
    the ranges, then for the counts. `report` hears of progress from 0 to 1."""
    names = graph.activations()
    run = watch(graph, names)
    count = len(windows)

    def edges(i: int) -> Floats:
        return np.array([(value.min(), value.max()) for value in run(windows.tensor(i))], np.float64)

    ends = np.concatenate([_batches(edges, first, count, 0.0, report) for first in range(0, count, _BATCH)])
    _check_finite(graph, names, ends)
    low, high = np.minimum(ends[:, :, 0].min(axis=0), 0.0), np.maximum(ends[:, :, 1].max(axis=0), 0.0)
    width = np.maximum(high - low, 1e-30) / BINS

    def counted(i: int) -> npt.NDArray[np.int32]:
        return np.stack([_count(value, low[k], width[k]) for k, value in enumerate(run(windows.tensor(i)))])

    totals = np.zeros((len(draws), len(names), BINS), np.int64)
    member = np.zeros((count, len(draws)), bool)
    for d, draw in enumerate(draws):
        member[list(draw), d] = True
    for first in range(0, count, _BATCH):
        for i, counts in enumerate(_batches(counted, first, count, 0.5, report), first):
            totals[member[i]] += counts
    return [
        {
            name: Histogram(
                float(ends[list(draw), k, 0].min()),
                float(ends[list(draw), k, 1].max()),
                totals[d, k],
                float(low[k]),
                float(width[k]),
            )
            for k, name in enumerate(names)
        }
        for d, draw in enumerate(draws)
    ]


def _check_finite(graph: FloatGraph, names: Sequence[str], ends: Floats) -> None:
    bad = np.flatnonzero(~np.isfinite(ends).all(axis=(0, 2)))
    if len(bad):
        raise InputError(
            f"{graph.path}: expected finite numbers inside the network, got others on training windows, "
            f"first in {names[bad[0]]!r}: train it again, or check scale and offset of the contract"
        )


def watch(graph: FloatGraph, names: Sequence[str]) -> Session:
    """Runs the float model and returns these tensors."""
    watched = onnx.ModelProto()
    watched.CopyFrom(graph.proto)
    del watched.graph.output[:]
    made = [name for name in names if name != graph.input_name]
    watched.graph.output.extend(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in made)
    session = open_session(watched.SerializeToString(), graph.path)

    def run(tensor: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        found = iter(session.run(made, {graph.input_name: tensor}))
        return [tensor if name == graph.input_name else next(found) for name in names]

    return run


def _batches(
    task: Callable[[int], npt.NDArray[np.generic]], first: int, count: int, before: float, report: Report
) -> npt.NDArray[np.generic]:
    size = min(_BATCH, count - first)
    found = np.stack(on_all_cores(lambda i: task(first + i), size))
    report(before + 0.5 * (first + size) / count)
    return found


def _count(values: npt.NDArray[np.float32], low: float, width: float) -> npt.NDArray[np.int32]:
    flat = values.ravel()
    flat = flat[:: -(-flat.size // _MOST_VALUES)]
    bins = np.clip((flat - np.float32(low)) * np.float32(1 / width), 0, BINS - 1).astype(np.int64)
    return np.bincount(bins, minlength=BINS).astype(np.int32)
