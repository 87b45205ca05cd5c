"""Conv, Gemm, MatMul and means over places, as layers of whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from taktgate_prep.compile.limits import check_window
from taktgate_prep.compile.network import Floats, Kind, Window
from taktgate_prep.compile.pads import pads_of
from taktgate_prep.compile.refusal import UnfitError
from taktgate_prep.compile.values import Coded, Constant, Layer, Steps, Stored, Value, named

_INT32 = np.iinfo(np.int32)

Size = tuple[int, int, int]  # height, width, channels


@dataclass(frozen=True, eq=False)
class Operand:
    """What an operator reads; shape: as ONNX has it; pads: zeros around it, at the top, left, bottom and right."""

    codes: Coded
    size: Size
    shape: tuple[int, ...]
    pads: tuple[int, ...] = (0, 0, 0, 0)


def convolution(
    first: Operand, weights: Value, bias: Value | None, given: dict[str, Any], result: Sequence[int]
) -> Layer:
    """first.shape: with the zeros that stand around its codes; result: the shape [1, channels, height, width] that ONNX
    gives it."""
    size = first.size
    stored = _weights(weights, 0)
    channels, depth, *kernel = stored.numbers.shape
    if stored.numbers.ndim != 4:
        raise UnfitError("a kernel of height and width", f"weights of shape {list(stored.numbers.shape)}")
    group = int(given.get("group", 1))
    depthwise = group > 1 and group == channels == size[2] and depth == 1
    if group > 1 and not depthwise:
        raise UnfitError(
            "a convolution of all channels, or one kernel for each channel",
            f"group {group} with {size[2]} channels in and {channels} out",
        )
    if any(step != 1 for step in given.get("dilations", ())):
        raise UnfitError("no dilation", f"dilations {list(given['dilations'])}")
    window = _window(first, (kernel[0], kernel[1]), given)
    if depthwise and (len(set(window.kernel)) > 1 or len(set(window.stride)) > 1):
        raise UnfitError(
            "a square kernel and one stride where each channel has its own kernel",
            f"kernel {list(window.kernel)}, strides {list(window.stride)}",
        )
    ordered = stored.numbers[:, 0] if depthwise else stored.numbers.transpose(0, 2, 3, 1)
    kind = Kind.DEPTHWISE if depthwise else Kind.CONV
    return summed(kind, first.codes, (result[2], result[3], channels), window, ordered, stored.scale, bias)


def fully_connected(first: Coded, size: Size, weights: Value, bias: Value | None, given: dict[str, Any]) -> Layer:
    """A Gemm, or a MatMul with a constant: a convolution of a vector."""
    transposed = bool(given.get("transB", 0))
    stored = _weights(weights, 0 if transposed else 1)
    factors = [float(given.get(name, 1)) for name in ("alpha", "beta")]
    if stored.numbers.ndim != 2 or given.get("transA", 0) or factors != [1, 1]:
        raise UnfitError(
            "weights of two axes, alpha and beta of 1, and no transA",
            f"weights of shape {list(stored.numbers.shape)}, alpha {factors[0]:g}, beta {factors[1]:g}, "
            f"transA {given.get('transA', 0)}",
        )
    matrix = stored.numbers if transposed else stored.numbers.T
    if matrix.shape[1] != size[2]:
        raise UnfitError(f"weights for {size[2]} channels", f"for {matrix.shape[1]}")
    ordered = np.ascontiguousarray(matrix)[:, None, None, :]
    return summed(Kind.CONV, first, (1, 1, len(matrix)), Window(), ordered, stored.scale, bias)


def mean(first: Coded, channels: int) -> Layer:
    """Over all places."""
    return Layer(Kind.MEAN, (first,), (1, 1, channels), np.array([first.steps.scale], np.float32))


def added(operands: Sequence[Operand]) -> Layer:
    """A sum of two tensors."""
    first, second = operands
    if first.shape != second.shape or first.size != second.size:
        raise UnfitError("a sum of two tensors of one shape", f"{list(first.shape)} and {list(second.shape)}")
    scales = np.array([operand.codes.steps.scale for operand in operands], np.float32)
    return Layer(Kind.ADD, (first.codes, second.codes), first.size, scales)


def gated(operands: Sequence[Operand]) -> Layer:
    """A map times a vector."""
    first, second = operands
    if first.size[:2] == (1, 1) and second.size[:2] != (1, 1):
        first, second = second, first
    channels = first.size[2]
    if second.size != (1, 1, channels) or second.shape not in ((1, channels, 1, 1), first.shape):
        raise UnfitError(
            "a product of a map and a vector of its channels", f"{list(first.shape)} and {list(second.shape)}"
        )
    scale = np.array([first.codes.steps.scale * second.codes.steps.scale], np.float32)
    return Layer(Kind.GATE, (first.codes, second.codes), first.size, scale)


def multipliers(layer: Layer, places: int, result: Steps) -> Floats:
    """From sums to codes, in the order in which ONNX Runtime computes them; places: of the input."""
    if layer.kind == Kind.MEAN:
        return layer.scale / (result.scale * np.float32(places))
    return layer.scale / result.scale


def summed(
    kind: Kind,
    first: Coded,
    size: Size,
    window: Window,
    weights: npt.NDArray[Any],
    scale: Floats,
    bias: Value | None,
) -> Layer:
    """Sums of codes times weights; scale: of the weights."""
    scale = np.broadcast_to(first.steps.scale * scale, size[2:]).astype(np.float32)
    biases = _biases(bias, scale)
    return Layer(kind, (first,), size, scale, window, np.ascontiguousarray(weights, np.int8), biases)


def _weights(value: Value, axis: int) -> Stored:
    """int8, symmetric, one scale or one for each output channel along `axis`."""
    stored = value.codes if isinstance(value, Constant) else None
    if stored is None:
        came = f"float weights of shape {list(value.value.shape)}" if isinstance(value, Constant) else named(value)
        raise UnfitError("constant int8 weights behind a DequantizeLinear", came)
    if stored.numbers.dtype != np.int8:
        raise UnfitError("int8 weights", f"{stored.numbers.dtype} weights")
    if stored.zero_point.any():
        raise UnfitError(
            "weights with zero point 0", f"zero point {stored.zero_point.ravel()[stored.zero_point.argmax()]}"
        )
    if (stored.numbers == -128).any():
        raise UnfitError("weights from -127 to 127", "a weight of -128")
    if stored.scale.size > 1 and stored.axis % stored.numbers.ndim != axis:
        raise UnfitError(f"one scale for each output channel (axis {axis})", f"scales along axis {stored.axis}")
    return stored


def _biases(value: Value | None, scale: Floats) -> npt.NDArray[np.int32]:
    """Whole numbers in steps of `scale`: as they are, where they were stored so."""
    if value is None:
        return np.zeros(scale.shape, np.int32)
    if not isinstance(value, Constant):
        raise UnfitError("a constant bias", named(value))
    if value.value.size not in (1, scale.size):
        raise UnfitError(f"a bias for each of {scale.size} channels", f"a bias of shape {list(value.value.shape)}")
    stored = value.codes
    if (
        stored is not None
        and stored.numbers.dtype == np.int32
        and not stored.zero_point.any()
        and np.array_equal(np.broadcast_to(stored.scale, scale.shape), scale)
    ):
        return np.array(np.broadcast_to(stored.numbers.ravel(), scale.shape), np.int32)
    whole = np.rint(value.value.astype(np.float64).ravel() / scale.astype(np.float64))
    if np.abs(whole).max(initial=0) > _INT32.max:
        raise UnfitError("biases that fit 32 bits in steps of input scale times weight scale", "larger ones")
    return np.array(np.broadcast_to(whole, scale.shape), np.int32)


def _window(first: Operand, kernel: tuple[int, int], given: dict[str, Any]) -> Window:
    stride = tuple(given.get("strides", (1, 1)))
    pad = [a + b for a, b in zip(first.pads, pads_of(first.shape[2:], kernel, stride, given), strict=True)]
    check_window(kernel, stride, pad)
    return Window(kernel, (stride[0], stride[1]), (pad[0], pad[1]))
