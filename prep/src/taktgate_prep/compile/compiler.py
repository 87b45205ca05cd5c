"""A quantised model (QDQ, batch 1) as a network of docs/int8.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from taktgate_prep.compile import affine, elementwise, layers
from taktgate_prep.compile.arithmetic import Arithmetic
from taktgate_prep.compile.builder import Builder
from taktgate_prep.compile.constants import attributes, dequantised_constant, quantised_constant
from taktgate_prep.compile.fuse import fused
from taktgate_prep.compile.inputs import Inputs
from taktgate_prep.compile.limits import check_whole
from taktgate_prep.compile.network import CODES, Codes, ExtraOutput, Network, to_bytes
from taktgate_prep.compile.operands import Operands
from taktgate_prep.compile.pads import zeros_around
from taktgate_prep.compile.reference import requantise
from taktgate_prep.compile.refusal import ON_ONNX_RUNTIME, OtherContractError, UnfitError, refusal
from taktgate_prep.compile.values import (
    PIXELS,
    Coded,
    Constant,
    Curve,
    Layer,
    Logits,
    Padded,
    Steps,
    Value,
    Winner,
    named,
)
from taktgate_prep.contract.contract import Contract
from taktgate_prep.contract.outputs import ExtraOutput as Output
from taktgate_prep.data.window import to_tensor
from taktgate_prep.errors import InputError
from taktgate_prep.model.foreign.fold import fold
from taktgate_prep.model.foreign.walk import drop_unused
from taktgate_prep.model.model_file import Model

_NEARLY_ONE = 1e-6  # of a scale, written as decimals and read again; as the device has it
_SAME_ORDER = ("Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose")


def compiled(model: Model, contract: Contract, note: Callable[[str], None] = lambda _: None) -> Network:
    """Refuses what has no place in the engine, with the node's name. `note` hears of what is rounded that the model has
    as floats."""
    if not model.quantised:
        raise InputError(
            f"{model.path}: expected an INT8 model (QuantizeLinear and DequantizeLinear), got a float one: quantise it "
            "first"
        )
    compiler = _Compiler(model, contract, note)
    network = compiler.network()
    try:
        check_whole(network, len(to_bytes(network)))
    except UnfitError as why:
        raise InputError(f"{model.path}: {why}{ON_ONNX_RUNTIME}") from None
    return network


class _Compiler:
    def __init__(self, model: Model, contract: Contract, note: Callable[[str], None]) -> None:
        self._where, self._contract, self._note = str(model.path), contract, note
        rules: dict[str, Callable[[Any], Value]] = {
            "ArgMax": self._arg_max,
            "AveragePool": self._mean,
            "BatchNormalization": self._batch_norm,
            "Constant": self._constant,
            "Conv": self._conv,
            "DequantizeLinear": self._dequantise,
            "Gather": self._gather,
            "Gemm": self._gemm,
            "GlobalAveragePool": self._mean,
            "MatMul": self._gemm,
            "Pad": self._pad,
            "QuantizeLinear": self._quantise,
            "ReduceMean": self._mean,
        }
        self._rules = {
            **dict.fromkeys(elementwise.OPERATORS, self._elementwise),
            **dict.fromkeys(_SAME_ORDER, self._reordered),
            **rules,
        }
        proto = onnx.ModelProto()
        proto.CopyFrom(model.proto)
        drop_unused(proto)
        if any(node.op_type not in self._rules for node in proto.graph.node):
            proto = fold(proto, self._where)
        self._graph = proto.graph
        self._inputs = Inputs(proto)
        self._builder = Builder()
        size = (contract.height, contract.width, contract.channels_total)
        self._operands = Operands(self._inputs, self._builder, size)
        self._arithmetic = Arithmetic(self._inputs, self._operands, lambda: not self._builder.tensors)
        self._inputs.values[contract.input_name] = self._pixels()

    def network(self) -> Network:
        """Goes through the nodes in order."""
        outputs = {output.name: output for output in self._contract.extra_outputs}
        kept: dict[str, int] = {}
        for node in self._graph.node:
            try:
                if node.op_type not in self._rules:
                    raise UnfitError("an operator that the INT8 engine has (docs/models.md)", node.op_type)
                value = self._rules[node.op_type](node)
                name = node.output[0]
                if name == self._contract.logits_name:
                    value = self._logits(value, len(self._contract.labels))
                if name in outputs:
                    kept[name] = self._kept(value, outputs[name])
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
            channels = self._operands.size(value.root)[2]
            if self._operands.size(value.root)[:2] != (1, 1):
                raise UnfitError("a vector as the logits", "a map")
            self._builder.scores(value.codes)
        else:
            raise UnfitError("logits of a fully connected layer, or of a DequantizeLinear", named(value))
        if channels != labels:
            raise UnfitError(f"a logit for each of {labels} labels", f"{channels}")
        return Logits()

    def _kept(self, value: Value, wanted: Output) -> int:
        if not isinstance(value, Coded) or value.root == PIXELS:
            raise UnfitError("codes as an extra output", named(value))
        scale, zero_point = float(value.steps.scale), value.steps.zero_point
        if zero_point != wanted.zero_point or abs(scale - wanted.scale) > _NEARLY_ONE * wanted.scale:
            raise OtherContractError(
                f"{self._where}: output {wanted.name!r}: expected the contract's scale {wanted.scale:g} and zero point "
                f"{wanted.zero_point}, got {scale:g} and {zero_point}: take the contract that belongs to this model"
            )
        return self._builder.tensor_of(value)

    def _constant(self, node: Any) -> Value:
        given = attributes(node)
        if "value" in given:
            return Constant(numpy_helper.to_array(given["value"]))
        for name, kind in (("value_float", np.float32), ("value_int", np.int64)):
            for one in (name, f"{name}s"):
                if one in given:
                    return Constant(np.asarray(given[one], kind))
        raise UnfitError("a constant tensor", ", ".join(given) or "nothing")

    def _dequantise(self, node: Any) -> Value:
        value = self._inputs.of(node, 0)
        if isinstance(value, Constant):
            return dequantised_constant(value.value, *self._inputs.stored_steps(node))
        inner = value.inner if isinstance(value, Padded) else value
        if not isinstance(inner, Coded):
            raise UnfitError("codes", named(value))
        steps = self._inputs.steps(node)
        coded = Coded(inner.root, inner.table, steps)
        curve = Curve(inner.root, elementwise.dequantised(inner.table, steps), coded)
        return replace(value, inner=curve) if isinstance(value, Padded) else curve

    def _quantise(self, node: Any) -> Value:
        value = self._inputs.of(node, 0)
        if isinstance(value, Constant):
            return quantised_constant(value.value, *self._inputs.stored_steps(node))
        steps = self._inputs.steps(node)
        if isinstance(value, Layer):
            return self._builder.layer(value, steps)
        curve = value.inner if isinstance(value, Padded) else value
        if not isinstance(curve, Curve):
            raise UnfitError("floats", named(value))
        table = _table(curve, steps)
        if isinstance(value, Padded):
            return replace(value, inner=Coded(curve.root, table, steps))
        if curve.root == PIXELS:
            return self._builder.input(table, self._operands.size(PIXELS), steps)
        return Coded(curve.root, table, steps)

    def _pad(self, node: Any) -> Value:
        value = self._inputs.of(node, 0)
        if not isinstance(value, Curve):
            raise UnfitError("dequantised codes", named(value))
        self._operands.coded(value)
        numbers = [self._inputs.numbers(node, k) for k in (1, 2, 3)]
        return Padded(value, zeros_around(attributes(node), *numbers))

    def _conv(self, node: Any) -> Value:
        value = self._inputs.of(node, 0)
        inner, pads = (value.inner, value.pads) if isinstance(value, Padded) else (value, (0, 0, 0, 0))
        operand = self._operands.of(inner, self._inputs.shape(node.input[0]), places=True, pads=pads)
        result = self._inputs.shape(node.output[0])
        return layers.convolution(
            operand, self._inputs.of(node, 1), self._inputs.optional(node, 2), attributes(node), result
        )

    def _gemm(self, node: Any) -> Value:
        first = self._operands.first(node, places=False)
        bias = self._inputs.optional(node, 2) if node.op_type == "Gemm" else None
        return layers.fully_connected(first.codes, first.size, self._inputs.of(node, 1), bias, attributes(node))

    def _batch_norm(self, node: Any) -> Value:
        numbers = [self._inputs.numbers(node, k) for k in range(1, 5)]
        norm = affine.of_batch_norm(numbers, float(attributes(node).get("epsilon", 1e-5)))
        value = self._inputs.of(node, 0)
        return (
            affine.after(value, *norm)
            if isinstance(value, Layer)
            else affine.scaled(self._operands.first(node, True), *norm)
        )

    def _mean(self, node: Any) -> Value:
        value, given = self._inputs.of(node, 0), attributes(node)
        if isinstance(value, Curve) and value.codes is None and value.root != PIXELS:
            value = self._rounded(node, value)
        first = self._operands.of(value, self._inputs.shape(node.input[0]), places=True)
        if node.op_type == "ReduceMean":
            numbers = self._inputs.numbers(node, 1)
            axes = given.get("axes") if numbers is None else numbers.ravel().tolist()
            if sorted(int(axis) % 4 for axis in axes or ()) != [2, 3]:
                raise UnfitError("a mean over height and width", f"axes {axes}")
        if node.op_type == "AveragePool" and (
            tuple(given["kernel_shape"]) != first.size[:2] or any(given.get("pads", ()))
        ):
            raise UnfitError(
                f"a mean over all {first.size[0]} x {first.size[1]} places, without pads",
                f"kernel {list(given['kernel_shape'])}, pads {list(given.get('pads', ()))}",
            )
        return layers.mean(first.codes, first.size[2])

    def _rounded(self, node: Any, curve: Curve) -> Curve:
        """Floats that have no QuantizeLinear before a mean get one: the finest that holds all 256 of them."""
        steps = elementwise.finest_steps(curve.values)
        self._note(
            f"node {node.name or node.output[0]!r} ({node.op_type}) takes floats: they are rounded to steps of "
            f"{steps.scale:.3g} first"
        )
        coded = Coded(curve.root, elementwise.quantised(curve.values, steps), steps)
        return Curve(curve.root, elementwise.dequantised(coded.table, steps), coded)

    def _elementwise(self, node: Any) -> Value:
        return self._arithmetic.value(node)

    def _reordered(self, node: Any) -> Value:
        """Of a vector the order stays, whatever its axes are called."""
        value = self._inputs.of(node, 0)
        if isinstance(value, Constant | Logits | Padded | Winner):
            raise UnfitError("codes or floats of the network", named(value))
        same = self._inputs.shape(node.input[0]) == self._inputs.shape(node.output[0]) and node.op_type != "Transpose"
        size = value.size if isinstance(value, Layer) else self._operands.size(value.root)
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
        size = self._operands.size(value.root)
        if size[2] != len(self._contract.labels):
            raise UnfitError(f"a map for each of {len(self._contract.labels)} labels", f"{size[2]}")
        return self._builder.select(value)


def _table(curve: Curve, steps: Steps) -> Codes:
    """The codes of a curve. A product of codes is rounded as a `gate` is, and as ONNX Runtime's QLinearMul does it."""
    if curve.factors is None:
        return elementwise.quantised(curve.values, steps)
    first, second = curve.factors
    products = np.ones(first.table.shape, np.int32)
    for coded in curve.factors:
        products = products * (coded.table.astype(np.int32) - coded.steps.zero_point)
    return requantise(products, first.steps.scale * second.steps.scale / steps.scale, steps.zero_point)
