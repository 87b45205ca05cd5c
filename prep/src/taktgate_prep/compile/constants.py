"""What is known before anything runs, and what the graph says about its tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper

from taktgate_prep.compile.values import Constant, Stored

_Numbers = npt.NDArray[Any]


def dequantised_constant(numbers: _Numbers, scale: _Numbers, zero_point: _Numbers | None, axis: int) -> Constant:
    """DequantizeLinear of a constant; keeps the whole numbers."""
    zero_point = np.zeros(1, numbers.dtype) if zero_point is None else zero_point
    shifted = numbers.astype(np.int64) - _along(zero_point, axis, numbers.ndim).astype(np.int64)
    steps = scale.astype(np.float32)
    values = shifted.astype(np.float32) * _along(steps, axis, numbers.ndim)
    return Constant(values, Stored(numbers, steps.ravel(), zero_point.ravel(), axis))


def quantised_constant(value: _Numbers, scale: _Numbers, zero_point: _Numbers | None, axis: int) -> Constant:
    """QuantizeLinear of a constant."""
    zero_point = np.zeros(1, np.uint8) if zero_point is None else zero_point
    ends = np.iinfo(zero_point.dtype)
    rounded = np.rint(value / _along(scale, axis, value.ndim)) + _along(zero_point, axis, value.ndim)
    return Constant(np.clip(rounded, ends.min, ends.max).astype(zero_point.dtype))


def tensor_shapes(proto: onnx.ModelProto) -> tuple[dict[str, tuple[int, ...]], dict[str, int]]:
    """Of every tensor for which it is known the shape, and the type of its numbers."""
    inferred = onnx.shape_inference.infer_shapes(proto, data_prop=True).graph
    shapes = {tensor.name: tuple(tensor.dims) for tensor in proto.graph.initializer}
    types: dict[str, int] = {}
    for value in (*inferred.input, *inferred.value_info, *inferred.output):
        kind = value.type.tensor_type
        types[value.name] = kind.elem_type
        if kind.HasField("shape") and all(dim.HasField("dim_value") for dim in kind.shape.dim):
            shapes[value.name] = tuple(dim.dim_value for dim in kind.shape.dim)
    return shapes, types


def attributes(node: Any) -> dict[str, Any]:
    """By name."""
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


def _along(numbers: _Numbers, axis: int, rank: int) -> _Numbers:
    """One number, or one for each index of an axis, so that it can be multiplied with a tensor of this rank."""
    if numbers.size == 1:
        return numbers.reshape(())
    return numbers.reshape([-1 if k == axis % rank else 1 for k in range(rank)])
