"""Quantised graphs made by hand, operator by operator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import compiled_sets
import nets
import numpy as np
import onnx
from onnx import helper, numpy_helper

from taktgate_prep.contract.contract import Contract

CONTRACT = nets.contract_for(golden=False)


class QdqBuilder(nets.NetBuilder):
    """One grey image of 32 x 32, two labels; every method returns the name of its output."""

    def __init__(self, seed: int = 0, codes: type = np.uint8) -> None:
        super().__init__(1, 32, 2, seed)
        self._codes = codes

    def constant(self, value: Any) -> str:
        name = f"c{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def quantise(self, x: str, scale: float = 0.02, zero_point: int = 128) -> str:
        """QuantizeLinear; the zero point as of uint8."""
        shift = 128 if self._codes == np.int8 else 0
        return self.op("QuantizeLinear", [x, *self.steps(scale, self._codes(zero_point - shift))])

    def dequantise(self, x: str, scale: float = 0.02, zero_point: int = 128) -> str:
        shift = 128 if self._codes == np.int8 else 0
        return self.op("DequantizeLinear", [x, *self.steps(scale, self._codes(zero_point - shift))])

    def steps(self, scale: Any, zero_point: Any) -> list[str]:
        return [self.constant(np.asarray(scale, np.float32)), self.constant(zero_point)]

    def both(self, x: str, scale: float = 0.02, zero_point: int = 128) -> str:
        """QuantizeLinear and DequantizeLinear."""
        return self.dequantise(self.quantise(x, scale, zero_point), scale, zero_point)

    def stored(self, numbers: Any, scale: Any, zero_point: Any = None, axis: int = 0) -> str:
        """A constant behind a DequantizeLinear."""
        values = np.asarray(numbers)
        steps = np.asarray(scale, np.float32)
        zero = np.zeros(steps.shape, values.dtype) if zero_point is None else np.asarray(zero_point, values.dtype)
        return self.op("DequantizeLinear", [self.constant(values), *self.steps(steps, zero)], axis=axis)

    def numbers(self, *shape: int, largest: int = 127) -> np.ndarray:
        return self.rng.integers(-largest, largest + 1, shape).astype(np.int8)

    def layer(self, x: str, ins: int, outs: int, kernel: int = 1, stride: int = 1, **given: Any) -> str:
        """A Conv with int8 weights, one scale for each channel, and no bias."""
        depth = ins // given.get("group", 1)
        scale = self.rng.uniform(0.5, 1, outs) * 0.01 / (kernel * depth**0.5)
        weights = self.stored(self.numbers(outs, depth, kernel, kernel), scale)
        pads = {} if "auto_pad" in given else {"pads": [kernel // 2] * 4}
        attributes = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, **pads, **given}
        return self.op("Conv", [x, weights], **attributes)

    def vector(self, x: str, outs: int, ins: int = 4) -> str:
        """A Gemm with int8 weights."""
        weights = self.stored(self.numbers(outs, ins), np.full(outs, 0.01))
        return self.op("Gemm", [x, weights], transB=1)

    def features(self) -> str:
        """[1, 4, 16, 16] of the image, dequantised."""
        return self.both(self.layer(self.both("input", 2 / 255, 128), 1, 4, 3, 2))

    def head(self, x: str, channels: int = 4) -> onnx.ModelProto:
        """Mean, Flatten, Gemm."""
        pooled = self.both(self.op("GlobalAveragePool", [x]))
        return self.finish(self.vector(self.op("Flatten", [pooled]), 2, channels))


def compiled(model: onnx.ModelProto, folder: Path, contract: Contract = CONTRACT) -> compiled_sets.Pair:
    return compiled_sets.loaded(model.SerializeToString(), contract, folder)


def node_of(model: onnx.ModelProto, kind: str) -> Any:
    """The last node of a kind."""
    return [node for node in model.graph.node if node.op_type == kind][-1]


def attribute(node: Any, name: str, value: Any) -> None:
    """Sets it anew."""
    kept = [one for one in node.attribute if one.name != name]
    del node.attribute[:]
    node.attribute.extend([*kept, helper.make_attribute(name, value)])
