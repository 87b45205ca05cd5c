"""A quantised graph (QDQ, batch 1) and the outputs that are added to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from taktgate_prep.contract.outputs import ExtraOutput
from taktgate_prep.extra_outputs.probe import Floats, Probe

_Q, _DQ = "QuantizeLinear", "DequantizeLinear"
_LARGEST = 64  # weight of the class map: a network of 7-bit weights stays one


@dataclass(frozen=True)
class Tensor:
    """A quantised tensor: its uint8 name, the name of its float side, and what a step is worth."""

    quantised: str
    dequantised: str
    scale: float
    zero_point: int


@dataclass(frozen=True)
class Pool:
    """The global pool before the classifier: from `features` [1, C, h, w] to `pooled` [1, C, 1, 1]."""

    features: Tensor
    pooled: Tensor


class Graph:
    """A QDQ graph that outputs are added to."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._graph = model.graph
        self._logits = model.graph.output[0].name
        self._weights = {tensor.name: tensor for tensor in model.graph.initializer}
        self._made_by = {name: node for node in model.graph.node for name in node.output}
        self._used_by: dict[str, list[Any]] = {}
        for node in model.graph.node:
            for name in node.input:
                self._used_by.setdefault(name, []).append(node)
        self._names = {name for node in model.graph.node for name in (*node.input, *node.output)}

    def last_pool(self) -> Pool | None:
        """The last global pool, if no convolution comes after it."""
        kinds = [node.op_type for node in self._graph.node]
        pools = [i for i, kind in enumerate(kinds) if kind == "GlobalAveragePool"]
        if not pools or "Conv" in kinds[pools[-1] :]:
            return None
        node = self._graph.node[pools[-1]]
        features, pooled = self._tensor(node.input[0]), self._quantised(node.output[0])
        return None if features is None or pooled is None else Pool(features, pooled)

    def why_no_pool(self) -> str:
        """Why there is no `last_pool`."""
        kinds = [node.op_type for node in self._graph.node]
        if "GlobalAveragePool" not in kinds:
            return "there is no global average pool before the classifier"
        after = kinds[len(kinds) - kinds[::-1].index("GlobalAveragePool") :]
        if "Conv" in after:
            return "a convolution comes after the last global pool"
        return "what the last global pool reads or gives is not quantised by itself"

    def early_features(self) -> Tensor | None:
        """What the second convolution reads: the first layer after its activation."""
        convolutions = [node for node in self._graph.node if node.op_type == "Conv"]
        return self._tensor(convolutions[1].input[0]) if len(convolutions) > 1 else None

    def add_embedding(self, pool: Pool, size: int) -> ExtraOutput:
        """The `size` pooled features as they are."""
        name = self._free("embedding")
        self._rename(pool.pooled.quantised, name)
        self._output(name, [1, size, 1, 1])
        return ExtraOutput(name, "embedding", (size,), pool.pooled.scale, pool.pooled.zero_point)

    def add_channel_means(self, early: Tensor, means: Floats) -> ExtraOutput:
        """One pool more; `means` [N, C] as seen on the calibration windows."""
        name = self._free("channel_means")
        scale, zero_point = _steps(float(means.min()), float(means.max()))
        pooled = self._node("GlobalAveragePool", [early.dequantised], f"{name}/pooled")
        self._quantise(pooled, name, scale, zero_point)
        self._output(name, [1, means.shape[1], 1, 1])
        return ExtraOutput(name, "channel_means", (means.shape[1],), scale, zero_point)

    def add_class_map(self, pool: Pool, probe: Probe, size: tuple[int, int]) -> ExtraOutput:
        """The probe as a 1x1 convolution over features of `size` (height, width); of its maps that of the largest
        logit."""
        name = self._free("class_map")
        scale, zero_point = _steps(probe.low, probe.high)
        steps = np.maximum(np.abs(probe.weights).max(axis=1) / _LARGEST, 1e-12).astype(np.float32)
        whole = np.clip(np.rint(probe.weights / steps[:, None]), -_LARGEST, _LARGEST)
        weights = whole.astype(np.int8)[:, :, None, None]
        bias_steps = (np.float32(pool.features.scale) * steps).astype(np.float32)
        bias = np.rint(probe.bias / bias_steps).astype(np.int32)
        maps = self._node(
            "Conv",
            [
                pool.features.dequantised,
                self._constant(f"{name}/weights", weights, steps),
                self._constant(f"{name}/bias", bias, bias_steps),
            ],
            f"{name}/maps",
            kernel_shape=[1, 1],
        )
        self._quantise(maps, f"{name}/all", scale, zero_point)
        winner = self._node("ArgMax", [self._logits], f"{name}/winner", axis=1, keepdims=0)
        self._node("Gather", [f"{name}/all", winner], name, axis=1)
        self._output(name, [1, 1, *size])
        return ExtraOutput(name, "class_map", size, scale, zero_point)

    def _tensor(self, dequantised: str) -> Tensor | None:
        node = self._made_by.get(dequantised)
        return None if node is None or node.op_type != _DQ else self._of(node, node.input[0], dequantised)

    def _quantised(self, name: str) -> Tensor | None:
        nodes = [node for node in self._used_by.get(name, []) if node.op_type == _Q]
        return self._of(nodes[0], nodes[0].output[0], "") if len(nodes) == 1 else None

    def _of(self, node: Any, quantised: str, dequantised: str) -> Tensor | None:
        scale, zero_point = (self._weights.get(name) for name in node.input[1:3])
        if scale is None or zero_point is None or zero_point.data_type != onnx.TensorProto.UINT8:
            return None
        return Tensor(
            quantised, dequantised, float(numpy_helper.to_array(scale)), int(numpy_helper.to_array(zero_point))
        )

    def _rename(self, old: str, new: str) -> None:
        for node in self._graph.node:
            for names in (node.input, node.output):
                for i, name in enumerate(names):
                    names[i] = new if name == old else name

    def _free(self, name: str) -> str:
        while name in self._names or name in self._weights:
            name += "_"
        return name

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._graph.node.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def _quantise(self, name: str, output: str, scale: float, zero_point: int) -> None:
        for kind, value in (("scale", np.float32(scale)), ("zero_point", np.uint8(zero_point))):
            self._graph.initializer.append(numpy_helper.from_array(np.array(value), f"{output}/{kind}"))
        self._node(_Q, [name, f"{output}/scale", f"{output}/zero_point"], output)

    def _constant(self, name: str, values: npt.NDArray[Any], steps: npt.NDArray[np.float32]) -> str:
        """A constant [classes, ...] with a scale per class."""
        for part, array in (("values", values), ("steps", steps), ("zeros", np.zeros(len(steps), values.dtype))):
            self._graph.initializer.append(numpy_helper.from_array(array, f"{name}/{part}"))
        return self._node(_DQ, [f"{name}/{part}" for part in ("values", "steps", "zeros")], name, axis=0)

    def _output(self, name: str, shape: list[int]) -> None:
        self._graph.output.append(helper.make_tensor_value_info(name, onnx.TensorProto.UINT8, shape))


def _steps(low: float, high: float) -> tuple[float, int]:
    """Scale and zero point of uint8 values from low to high, zero included."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = float(np.float32(max(high - low, 1e-6) / 255))
    return scale, int(np.clip(round(-low / scale), 0, 255))
