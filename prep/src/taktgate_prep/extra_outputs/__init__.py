"""Extra outputs, beside the logits, for drift and pages, taken from the same INT8 run (docs/formats.md, 2).

The class map is the activation map of Zhou et al. (CVPR 2016), whose weights a head with a hidden layer does not have:
they come from a linear probe, ridge regression from the pooled features to the logits over the calibration windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx

from taktgate_prep.contract.outputs import ExtraOutput
from taktgate_prep.extra_outputs.graph import Graph, Tensor
from taktgate_prep.extra_outputs.probe import Floats, fit_probe
from taktgate_prep.model.runtime import open_session

_WINDOWS = 512


@dataclass(frozen=True)
class Extended:
    """The graph with its extra outputs; explained: share of the logits' variance that the probe of the class map
    predicts on windows it was not fitted on, None without a class map; missing: which outputs there is no place
    for, and why."""

    model: onnx.ModelProto
    outputs: tuple[ExtraOutput, ...]
    explained: float | None
    missing: tuple[str, ...] = ()


def extend(model: onnx.ModelProto, data: npt.NDArray[np.float32]) -> Extended:
    """Adds what the graph has places for to a quantised model (QDQ, batch 1); `data` [N, C, H, W] calibrates.

    Embedding and class map need a last global pool before the classifier, the channel means a second convolution. The
    integer operators in between stay as they are, so the logits are the same bytes.
    """
    extended = onnx.ModelProto()
    extended.CopyFrom(model)
    graph = Graph(extended)
    outputs: list[ExtraOutput] = []
    explained = None
    pool, early, why = graph.last_pool(), graph.early_features(), graph.why_no_pool()
    wanted = [tensor for tensor in (pool and pool.features, early) if tensor]
    logits, seen = _observe(model, data[:_WINDOWS], wanted)
    if early is not None:
        outputs.append(graph.add_channel_means(early, seen[early.quantised].mean(axis=(2, 3))))
    if pool is not None:
        features = seen[pool.features.quantised]
        probe = fit_probe(features, logits)
        outputs.append(graph.add_embedding(pool, features.shape[1]))
        outputs.append(graph.add_class_map(pool, probe, (features.shape[2], features.shape[3])))
        explained = probe.explained
    missing = []
    if early is None:
        missing.append("no channel_means: there is no quantised input of a second convolution")
    if pool is None:
        missing.append(f"no embedding and no class_map: {why}")
    return Extended(extended, tuple(outputs), explained, tuple(missing))


def _observe(
    model: onnx.ModelProto, data: npt.NDArray[np.float32], tensors: Sequence[Tensor]
) -> tuple[Floats, dict[str, Floats]]:
    """The logits [N, classes], and the values of quantised tensors by name."""
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    for tensor in tensors:
        value = onnx.helper.make_tensor_value_info(tensor.quantised, onnx.TensorProto.UINT8, None)
        watched.graph.output.append(value)
    session = open_session(watched.SerializeToString(), "the quantised model")
    name = session.get_inputs()[0].name
    rows = [session.run(None, {name: window[None]}) for window in data]
    seen: dict[str, Floats] = {}
    for i, tensor in enumerate(tensors, 1):
        steps = np.concatenate([row[i] for row in rows]).astype(np.float64)
        seen[tensor.quantised] = (steps - tensor.zero_point) * tensor.scale
    return np.concatenate([row[0] for row in rows]).astype(np.float64), seen
