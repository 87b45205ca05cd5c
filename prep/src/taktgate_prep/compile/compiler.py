"""A quantised model (QDQ, batch 1) as a network of docs/int8.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from taktgate_prep.compile import elementwise, layers
from taktgate_prep.compile.builder import Builder
from taktgate_prep.compile.constants import attributes, dequantised_constant, quantised_constant
from taktgate_prep.compile.fuse import fused
from taktgate_prep.compile.inputs import Inputs
from taktgate_prep.compile.layers import Size
from taktgate_prep.compile.limits import check_whole
from taktgate_prep.compile.network import CODES, Codes, ExtraOutput, Floats, Network, to_bytes
from taktgate_prep.compile.reference import requantise
from taktgate_prep.compile.refusal import ON_ONNX_RUNTIME, UnfitError, refusal
from taktgate_prep.compile.values import (
    PIXELS,
    Coded,
    Constant,
    Curve,
    Layer,
    Logits,
    Steps,
    Value,
    Winner,
    named,
)
from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.window import to_tensor
from taktgate_prep.errors import InputError
from taktgate_prep.model.foreign.walk import drop_unused
from taktgate_prep.model.model_file import Model

_SAME_ORDER = ("Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose")


def compiled(model: Model, contract: Contract) -> Network:
    """Refuses what has no place in the engine, with the node's name."""
    if not model.quantised:
        raise InputError(
            f"{model.path}: expected an INT8 model (QuantizeLinear and DequantizeLinear), got a float one: quantise it "
            "first"
        )
    network = _Compiler(model, contract).network()
    try:
        check_whole(network, len(to_bytes(network)))
    except UnfitError as why:
        raise InputError(f"{model.path}: {why}{ON_ONNX_RUNTIME}") from None
    return network


class _Compiler:
    def __init__(self, model: Model, contract: Contract) -> None:
        self._where, self._contract = str(model.path), contract
        proto = onnx.ModelProto()
        proto.CopyFrom(model.proto)
        drop_unused(proto)
        self._graph = proto.graph
        self._inputs = Inputs(proto)
        self._builder = Builder()
        self._inputs.values[contract.input_name] = self._pixels()
        rules: dict[str, Callable[[Any], Value]] = {
            "ArgMax": self._arg_max,
            "Constant": self._constant,
            "Conv": self._conv,
            "DequantizeLinear": self._dequantise,
            "Gather": self._gather,
            "Gemm": self._gemm,
            "GlobalAveragePool": self._mean,
            "MatMul": self._gemm,
            "QuantizeLinear": self._quantise,
            "ReduceMean": self._mean,
        }
        self._rules = {
            **dict.fromkeys(elementwise.OPERATORS, self._elementwise),
            **dict.fromkeys(_SAME_ORDER, self._reordered),
            **rules,
        }

    def network(self) -> Network:
        """Goes through the nodes in order."""
        outputs = {output.name: output for output in self._contract.extra_outputs}
        kept: dict[str, int] = {}
        for node in self._graph.node:
            try:
                if node.op_type not in self._rules:
                    raise UnfitError("an operator that the INT8 engine has", node.op_type)
                value = self._rules[node.op_type](node)
                name = node.output[0]
                if name == self._contract.logits_name:
                    value = self._logits(value, len(self._contract.labels))
                if name in outputs:
                    kept[name] = self._kept(value, outputs[name].zero_point)
            except UnfitError as why:
                raise refusal(self._where, node, why) from None
            self._inputs.values[name] = value
        extra = [ExtraOutput(kept[name], output.role) for name, output in outputs.items()]
        return fused(self._builder.network(extra))

    def _pixels(self) -> Curve:
        """What the contract makes of each pixel, for each channel."""
        channels = self._contract.channels_total
        levels = np.arange(CODES, dtype=np.uint8)[None, :, None, None]
        values = to_tensor(np.broadcast_to(levels, (1, CODES, 1, channels)), self._contract)
        return Curve(PIXELS, values[0, :, :, 0])

    def _logits(self, value: Value, labels: int) -> Value:
        if isinstance(value, Layer):
            channels = value.size[2]
            self._builder.logits(value)
        elif isinstance(value, Curve) and value.codes is not None:
            channels = self._size(value.root)[2]
            if self._size(value.root)[:2] != (1, 1):
                raise UnfitError("a vector as the logits", "a map")
            self._builder.scores(value.codes)
        else:
            raise UnfitError("logits of a fully connected layer, or of a DequantizeLinear", named(value))
        if channels != labels:
            raise UnfitError(f"a logit for each of {labels} labels", f"{channels}")
        return Logits()

    def _kept(self, value: Value, zero_point: int) -> int:
        if not isinstance(value, Coded) or value.root == PIXELS:
            raise UnfitError("codes as an extra output", named(value))
        if value.steps.zero_point != zero_point:
            raise UnfitError(f"the contract's zero point {zero_point}", str(value.steps.zero_point))
        return self._builder.tensor_of(value)

    def _constant(self, node: Any) -> Value:
        given = attributes(node)
        if "value" not in given:
            raise UnfitError("a constant tensor", ", ".join(given) or "nothing")
        return Constant(numpy_helper.to_array(given["value"]))

    def _dequantise(self, node: Any) -> Value:
        value = self._inputs.of(node, 0)
        if isinstance(value, Constant):
            return dequantised_constant(value.value, *self._inputs.stored_steps(node))
        if not isinstance(value, Coded):
            raise UnfitError("codes", named(value))
        steps = self._inputs.steps(node)
        coded = Coded(value.root, value.table, steps)
        return Curve(value.root, elementwise.dequantised(value.table, steps), coded)

    def _quantise(self, node: Any) -> Value:
        value = self._inputs.of(node, 0)
        if isinstance(value, Constant):
            return quantised_constant(value.value, *self._inputs.stored_steps(node))
        steps = self._inputs.steps(node)
        if isinstance(value, Layer):
            return self._builder.layer(value, steps)
        if not isinstance(value, Curve):
            raise UnfitError("floats", named(value))
        table = _table(value, steps)
        if value.root == PIXELS:
            contract = self._contract
            return self._builder.input(table, (contract.height, contract.width, contract.channels_total), steps)
        return Coded(value.root, table, steps)

    def _conv(self, node: Any) -> Value:
        coded, size = self._operand(node, 0, places=True)
        result = self._inputs.shape(node.output[0])
        return layers.convolution(
            coded, size, self._inputs.of(node, 1), self._inputs.optional(node, 2), attributes(node), result
        )

    def _gemm(self, node: Any) -> Value:
        coded, size = self._operand(node, 0, places=False)
        bias = self._inputs.optional(node, 2) if node.op_type == "Gemm" else None
        return layers.fully_connected(coded, size, self._inputs.of(node, 1), bias, attributes(node))

    def _mean(self, node: Any) -> Value:
        coded, size = self._operand(node, 0, places=True)
        if node.op_type == "ReduceMean":
            given = self._inputs.numbers(node, 1)
            axes = attributes(node).get("axes") if given is None else given.ravel().tolist()
            if sorted(int(axis) % 4 for axis in axes or ()) != [2, 3]:
                raise UnfitError("a mean over height and width", f"axes {axes}")
        return layers.mean(coded, size[2])

    def _elementwise(self, node: Any) -> Value:
        values = [None if not name else self._inputs.of(node, k) for k, name in enumerate(node.input)]
        first = values[0]
        if isinstance(first, Layer):
            return self._cut(node, first, values)
        curves = [value for value in values if isinstance(value, Curve)]
        other = next((value for value in values if not isinstance(value, Curve | Constant | None)), None)
        if other is not None:
            raise UnfitError(
                f"dequantised codes before {node.op_type}: a QuantizeLinear behind each layer", named(other)
            )
        if not curves:
            raise UnfitError("an operator on what the network computes", "constants alone")
        if len({curve.root for curve in curves}) > 1:
            return self._of_two(node, curves)
        if node.op_type == "Identity":
            return curves[0]
        shape = self._inputs.shape(node.output[0])
        if any(
            self._inputs.shape(name) != shape
            for name, value in zip(node.input, values, strict=True)
            if isinstance(value, Curve) and self._count(value.root) != 1
        ):
            raise UnfitError("operands of one shape", f"shapes that give {list(shape)}")
        operands = [self._values_of(value) for value in values]
        result = elementwise.computed(node.op_type, operands, attributes(node))
        codes = [curve.codes for curve in curves if curve.codes is not None]
        factors = (codes[0], codes[1]) if node.op_type == "Mul" and len(codes) == len(values) == 2 else None
        return Curve(curves[0].root, result, factors=factors)

    def _values_of(self, value: Value | None) -> Floats | None:
        """An operand by code: constants are one number for all channels, of pixels one for each channel."""
        if isinstance(value, Curve):
            return value.values
        if not isinstance(value, Constant):
            return None
        numbers = value.value.astype(np.float32)
        if numbers.size and (numbers == numbers.flat[0]).all():
            return np.asarray(numbers.flat[0], np.float32)
        channels = self._contract.channels_total
        if self._before_input and numbers.shape[-3:] == (channels, 1, 1) and numbers.size == channels:
            return numbers.reshape(channels, 1)
        raise UnfitError("one constant for all channels", f"a constant of shape {list(numbers.shape)}")

    @property
    def _before_input(self) -> bool:
        return not self._builder.tensors

    def _cut(self, node: Any, layer: Layer, values: Sequence[Value | None]) -> Layer:
        """A Relu or Clip between a layer and its QuantizeLinear."""
        if node.op_type not in elementwise.CUTTING or not all(
            isinstance(value, Constant | None) for value in values[1:]
        ):
            raise UnfitError(
                f"dequantised codes before {node.op_type}: a QuantizeLinear behind each layer", named(layer)
            )
        ends = [layer.low, layer.high]
        numbers = [self._values_of(value) for value in values[1:]]
        low, high = (
            np.asarray(elementwise.computed(node.op_type, [np.asarray(end, np.float32), *numbers], attributes(node)))
            for end in ends
        )
        return replace(layer, low=float(low), high=float(high))

    def _of_two(self, node: Any, curves: Sequence[Curve]) -> Layer:
        """Two tensors of the network."""
        if len(curves) != 2 or len(node.input) != 2 or node.op_type not in ("Add", "Mul"):
            raise UnfitError("Add or Mul of two tensors", f"{node.op_type} of {len(node.input)}")
        operands = [
            layers.Operand(self._coded(curve), self._size(curve.root), self._inputs.shape(name))
            for curve, name in zip(curves, node.input, strict=True)
        ]
        return layers.added(operands) if node.op_type == "Add" else layers.gated(operands)

    def _reordered(self, node: Any) -> Value:
        """Of a vector the order stays, whatever its axes are called."""
        value = self._inputs.of(node, 0)
        if isinstance(value, Constant | Logits | Winner):
            raise UnfitError("codes or floats of the network", named(value))
        same = self._inputs.shape(node.input[0]) == self._inputs.shape(node.output[0]) and node.op_type != "Transpose"
        size = value.size if isinstance(value, Layer) else self._size(value.root)
        if size[:2] != (1, 1) and not same:
            raise UnfitError("a vector", f"a map of {size[0]} x {size[1]} x {size[2]}")
        return value

    def _arg_max(self, node: Any) -> Value:
        given = attributes(node)
        if not isinstance(self._inputs.of(node, 0), Logits) or given.get("axis", 0) not in (1, -1):
            raise UnfitError("the largest of the logits", named(self._inputs.of(node, 0)))
        if given.get("select_last_index", 0) or given.get("keepdims", 1):
            raise UnfitError("the first of equal logits, without an axis of its own", "another setting")
        return Winner()

    def _gather(self, node: Any) -> Value:
        value, index = self._inputs.of(node, 0), self._inputs.of(node, 1)
        axis = attributes(node).get("axis", 0)
        if not isinstance(value, Coded) or not isinstance(index, Winner) or axis != 1:
            raise UnfitError(
                "codes of maps, and the place of the largest logit", f"{named(value)} and {named(index)}, axis {axis}"
            )
        size = self._size(value.root)
        if size[2] != len(self._contract.labels):
            raise UnfitError(f"a map for each of {len(self._contract.labels)} labels", f"{size[2]}")
        return self._builder.select(value)

    def _operand(self, node: Any, k: int, places: bool) -> tuple[Coded, Size]:
        """The dequantised codes that a layer reads, as [1, channels, height, width] or as [1, channels]."""
        value, shape = self._inputs.of(node, k), self._inputs.shape(node.input[k])
        if not isinstance(value, Curve):
            raise UnfitError("dequantised codes", named(value))
        coded = self._coded(value)
        size = self._size(value.root)
        wanted = (1, size[2], *size[:2]) if places else (1, size[2])
        if shape != wanted:
            raise UnfitError(f"an input of shape {list(wanted)}", f"shape {list(shape)}")
        return coded, size

    def _coded(self, curve: Curve) -> Coded:
        if curve.root == PIXELS:
            raise UnfitError("a QuantizeLinear of the input first", "floats of the pixels")
        if curve.codes is None:
            raise UnfitError("dequantised codes", named(curve))
        return curve.codes

    def _size(self, root: int) -> Size:
        if root == PIXELS:
            return self._contract.height, self._contract.width, self._contract.channels_total
        return self._builder.size(root)

    def _count(self, root: int) -> int:
        return int(np.prod(self._size(root)))


def _table(curve: Curve, steps: Steps) -> Codes:
    """The codes of a curve. A product of codes is rounded as a `gate` is, and as ONNX Runtime's QLinearMul does it."""
    if curve.factors is None:
        return elementwise.quantised(curve.values, steps)
    first, second = curve.factors
    products = np.ones(first.table.shape, np.int32)
    for coded in curve.factors:
        products = products * (coded.table.astype(np.int32) - coded.steps.zero_point)
    return requantise(products, first.steps.scale * second.steps.scale / steps.scale, steps.zero_point)
