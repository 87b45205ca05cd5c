"""One small MobileNetV3 in the spellings that exporters use for it; all of them compute the same."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import compiled_sets
import nets
import numpy as np
import onnx
from onnx import numpy_helper

from taktgate_prep.quantise.score import logits_of

CONTRACT = nets.contract_for()
CHANNELS, SIDE, LABELS = 2, 32, 2


@dataclass(frozen=True)
class Spelling:
    """How each part is written."""

    swish: str = (
        "HardSwish"  # "gate": HardSigmoid and Mul; "clip": Add, Clip, Div, Mul; "minmax": Add, Max, Min, Mul, Mul
    )
    ends: str = "initialiser"  # of a Clip; "Constant": nodes; "value_float": nodes that hold a number
    six: bool = False  # ReLU6 instead of ReLU
    norm: bool = False  # batch norms that are not folded
    pool: str = "GlobalAveragePool"  # "ReduceMean", "ReduceMean -": axes -1 and -2, "AveragePool"
    flat: str = "Flatten"  # "Reshape", "Reshape 0", "Squeeze", "Shape": a Reshape to a computed shape
    excite: str = "Conv"  # "Gemm": squeeze-excite of fully connected layers
    dense: str = "Gemm"  # "Gemm N": not transposed; "MatMul": and Add
    pad: str = "pads"  # "auto": SAME_UPPER; "Pad": a node before the convolution
    head: str = "torchvision"  # "timm": a convolution behind the pool; "none": one layer
    idle: bool = False  # Dropout and Identity
    bias: str = "initialiser"  # "Expand": a number that is spread at run time
    opset: int = 17


def mobile(spelling: Spelling) -> onnx.ModelProto:
    """Grey and golden, 32 x 32, two labels, each of which wins now and then."""
    mean, spread = _logits(Spelling(head=spelling.head, norm=spelling.norm, bias=spelling.bias, opset=18))
    return _Mobile(spelling, 1 / spread, -mean / spread).model()


@cache
def _logits(spelling: Spelling) -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread of the logits of noise."""
    model = _Mobile(spelling, np.ones(LABELS), np.zeros(LABELS)).model()
    logits = logits_of(model.SerializeToString(), "net", compiled_sets.windows(CONTRACT, 100, 5))
    return logits.mean(axis=0), logits.std(axis=0)


class _Mobile(nets.NetBuilder):
    def __init__(self, spelling: Spelling, factor: np.ndarray, shift: np.ndarray) -> None:
        super().__init__(CHANNELS, SIDE, LABELS, seed=11)
        self._how, self._factor, self._shift = spelling, factor, shift

    def model(self) -> onnx.ModelProto:
        x = self._swish(self._layer("input", CHANNELS, 16, 3, 2, side=32))
        y = self._relu(self._layer(x, 16, 16, 3, 1, group=16, side=16))
        y = self._excite(y, 16)
        x = self.op("Add", [x, self._layer(y, 16, 16, 1, 1, side=16)])
        x = self._swish(self._layer(x, 16, 24, 1, 1, side=16))
        x = self._swish(self._layer(x, 24, 24, 5, 2, group=24, side=16))
        x = self._swish(self._layer(x, 24, 32, 1, 1, side=8))
        model = self.finish(self._head(x))
        model.opset_import[0].version = self._how.opset
        model.ir_version = 10
        return model

    def _head(self, x: str) -> str:
        how, pooled = self._how, self._pool(x, 8)
        if how.head == "timm":
            pooled = self._swish(self.conv(pooled, 32, 24, 1))
        x = self._flat(pooled, 24 if how.head == "timm" else 32)
        if how.head == "torchvision":
            x = self._swish(self._dense(x, 32, 24))
        if how.idle:
            x = self.op("Dropout", [self.op("Identity", [x])])
        return self._dense(x, 32 if how.head == "none" else 24, LABELS, self._factor, self._shift)

    def _numbers(self, value: Any, kind: Any = np.int64) -> str:
        name = f"k{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(value, kind), name))
        return name

    def _scalar(self, value: float) -> str:
        if self._how.ends == "Constant":
            return self.op("Constant", [], value=numpy_helper.from_array(np.array(value, np.float32)))
        if self._how.ends == "value_float":
            return self.op("Constant", [], value_float=float(value))
        return self._numbers(value, np.float32)

    def _layer(self, x: str, ins: int, outs: int, kernel: int, stride: int, side: int, group: int = 1) -> str:
        how = self._how
        fan = kernel * kernel * ins // group
        shape = (outs, ins // group, kernel, kernel)
        w = self.weight(f"w{len(self.nodes)}", self.rng.normal(0, fan**-0.5, shape))
        b = self.weight(f"b{len(self.nodes)}", self.rng.normal(0, 0.1, outs))
        if how.bias == "Expand":
            self.weights.pop()
            cast = self.op("CastLike", [self._numbers(0, np.int64), w])
            first = self.op("Slice", [self.op("Shape", [w]), self._numbers([0]), self._numbers([1])])
            b = self.op("Expand", [cast, first])
        # As SAME_UPPER has it, so that all forms of the pads are the same.
        total = max(0, (-(-side // stride) - 1) * stride + kernel - side)
        pads = [total // 2, total // 2, total - total // 2, total - total // 2]
        given: dict[str, Any] = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "group": group}
        if how.pad == "auto":
            given["auto_pad"] = "SAME_UPPER"
        elif how.pad == "Pad" and total:
            x = self.op("Pad", [x, self._numbers([0, 0, *pads[:2], 0, 0, *pads[2:]])])
        else:
            given["pads"] = pads
        made = self.op("Conv", [x, w, b], **given)
        return self.batch_norm(made, outs) if how.norm else made

    def _relu(self, x: str) -> str:
        return self.op("Clip", [x, self._scalar(0), self._scalar(6)]) if self._how.six else self.op("Relu", [x])

    def _swish(self, x: str) -> str:
        how = self._how.swish
        if how == "HardSwish":
            return self.op("HardSwish", [x])
        if how == "gate":
            return self.op("Mul", [x, self.op("HardSigmoid", [x], alpha=1 / 6, beta=0.5)])
        shifted = self.op("Add", [x, self._scalar(3)])
        if how == "clip":
            clipped = self.op("Clip", [shifted, self._scalar(0), self._scalar(6)])
            return self.op("Mul", [x, self.op("Div", [clipped, self._scalar(6)])])
        clipped = self.op("Min", [self.op("Max", [shifted, self._scalar(0)]), self._scalar(6)])
        return self.op("Mul", [self.op("Mul", [x, clipped]), self._scalar(1 / 6)])

    def _excite(self, x: str, channels: int) -> str:
        pooled = self._pool(x, 16)
        if self._how.excite == "Gemm":
            inner = self._relu(self._dense(self._flat(pooled, channels), channels, 8))
            gate = self._gate(self._dense(inner, 8, channels))
            return self.op("Mul", [x, self.op("Reshape", [gate, self._numbers([1, channels, 1, 1])])])
        inner = self._relu(self.conv(pooled, channels, 8, 1))
        return self.op("Mul", [x, self._gate(self.conv(inner, 8, channels, 1))])

    def _gate(self, x: str) -> str:
        if self._how.swish in ("HardSwish", "gate"):
            return self.op("HardSigmoid", [x], alpha=1 / 6, beta=0.5)
        clipped = self.op("Clip", [self.op("Add", [x, self._scalar(3)]), self._scalar(0), self._scalar(6)])
        return self.op("Div", [clipped, self._scalar(6)])

    def _pool(self, x: str, side: int) -> str:
        how = self._how
        if how.pool == "GlobalAveragePool":
            return self.op("GlobalAveragePool", [x])
        if how.pool == "AveragePool":
            return self.op("AveragePool", [x], kernel_shape=[side, side])
        axes = [-1, -2] if how.pool.endswith("-") else [2, 3]
        if how.opset >= 18:
            return self.op("ReduceMean", [x, self._numbers(axes)], keepdims=1)
        return self.op("ReduceMean", [x], axes=axes, keepdims=1)

    def _flat(self, x: str, channels: int) -> str:
        how = self._how.flat
        if how == "Flatten":
            return self.op("Flatten", [x])
        if how == "Squeeze":
            return self.op("Squeeze", [x, self._numbers([2, 3])])
        if how == "Shape":
            batch = self.op("Slice", [self.op("Shape", [x]), self._numbers([0]), self._numbers([1])])
            return self.op("Reshape", [x, self.op("Concat", [batch, self._numbers([channels])], axis=0)])
        return self.op("Reshape", [x, self._numbers([0, -1] if how == "Reshape 0" else [1, channels])])

    def _dense(self, x: str, ins: int, outs: int, factor: Any = 1, shift: Any = 0) -> str:
        weights = self.rng.normal(0, ins**-0.5, (outs, ins)) * np.reshape(factor, (-1, 1))
        bias = self.weight(f"b{len(self.nodes)}", self.rng.normal(0, 0.1, outs) * factor + shift)
        if self._how.dense == "Gemm":
            return self.op("Gemm", [x, self.weight(f"w{len(self.nodes)}", weights), bias], transB=1)
        turned = self.weight(f"w{len(self.nodes)}", weights.T)
        if self._how.dense == "Gemm N":
            return self.op("Gemm", [x, turned, bias])
        return self.op("Add", [self.op("MatMul", [x, turned]), bias])
