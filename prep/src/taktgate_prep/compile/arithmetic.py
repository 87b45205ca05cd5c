"""Operators that give each place a number of its own: curves of one tensor, sums and products of two."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from taktgate_prep.compile import affine, elementwise, layers
from taktgate_prep.compile.constants import attributes
from taktgate_prep.compile.inputs import Inputs
from taktgate_prep.compile.network import Floats
from taktgate_prep.compile.operands import Operands
from taktgate_prep.compile.refusal import UnfitError
from taktgate_prep.compile.values import PIXELS, Constant, Curve, Layer, Value, named


class Arithmetic:
    """before_input: whether nothing is quantised yet."""

    def __init__(self, inputs: Inputs, operands: Operands, before_input: Callable[[], bool]) -> None:
        self._inputs, self._operands, self._before_input = inputs, operands, before_input

    def value(self, node: Any) -> Value:
        """What a node gives."""
        values = [None if not name else self._inputs.of(node, k) for k, name in enumerate(node.input)]
        layer = next((value for value in values if isinstance(value, Layer)), None)
        if layer is not None:
            scaled = self._by_channel(node, layer, values)
            return self._cut(node, layer, values) if scaled is None else scaled
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
            if isinstance(value, Curve) and math.prod(self._operands.size(value.root)) != 1
        ):
            raise UnfitError("operands of one shape", f"shapes that give {list(shape)}")
        scaled = self._by_channel(node, curves[0], values)
        if scaled is not None:
            return scaled
        operands = [self._values_of(value) for value in values]
        result = elementwise.computed(node.op_type, operands, attributes(node))
        codes = [curve.codes for curve in curves if curve.codes is not None]
        factors = (codes[0], codes[1]) if node.op_type == "Mul" and len(codes) == len(values) == 2 else None
        return Curve(curves[0].root, result, factors=factors)

    def _by_channel(self, node: Any, value: Curve | Layer, values: Sequence[Value | None]) -> Layer | None:
        """Arithmetic with a constant for each channel, or with any behind a layer; None: it is something else."""
        constant = next((other for other in values if isinstance(other, Constant)), None)
        if node.op_type not in affine.ARITHMETIC or constant is None:
            return None
        shape = self._inputs.shape(node.output[0])
        numbers = affine.by_channel(constant.value, shape)
        if numbers is None:
            return None
        scaling = affine.of_arithmetic(node.op_type, numbers, isinstance(values[0], Constant))
        if isinstance(value, Layer):
            return affine.after(value, *scaling)
        if value.root == PIXELS or value.codes is None or (numbers == numbers[0]).all():
            return None
        return affine.scaled(self._operands.of(value, shape, places=len(shape) == 4), *scaling)

    def _values_of(self, value: Value | None) -> Floats | None:
        """An operand by code: constants are one number for all channels, of pixels one for each channel."""
        if isinstance(value, Curve):
            return value.values
        if not isinstance(value, Constant):
            return None
        numbers = value.value.astype(np.float32)
        if numbers.size and (numbers == numbers.flat[0]).all():
            return np.asarray(numbers.flat[0], np.float32)
        channels = self._operands.size(PIXELS)[2]
        if self._before_input() and numbers.shape[-3:] == (channels, 1, 1) and numbers.size == channels:
            return numbers.reshape(channels, 1)
        raise UnfitError("one constant for all channels", f"a constant of shape {list(numbers.shape)}")

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
            layers.Operand(self._operands.coded(curve), self._operands.size(curve.root), self._inputs.shape(name))
            for curve, name in zip(curves, node.input, strict=True)
        ]
        return layers.added(operands) if node.op_type == "Add" else layers.gated(operands)
