"""A factor and a shift for each channel: batch norms and arithmetic with constants that stand behind a QuantizeLinear.

They become a depthwise convolution of one place. Its multipliers hold the factors; how the weights are chosen, below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from taktgate_prep.compile.layers import Operand, summed
from taktgate_prep.compile.network import Kind, Window
from taktgate_prep.compile.refusal import UnfitError
from taktgate_prep.compile.values import Constant, Layer, named

_Numbers = npt.NDArray[np.float64]
ARITHMETIC = ("Add", "Sub", "Mul", "Div")
_WEIGHTS = np.arange(33, 65)  # of 7 bits
_MOST_SHIFT = 2.0**30


def of_batch_norm(numbers: Sequence[npt.NDArray[Any] | None], epsilon: float) -> tuple[_Numbers, _Numbers]:
    """Factor and shift; numbers: scale, bias, mean, variance."""
    scale, bias, mean, variance = (np.asarray(one, np.float64).ravel() for one in numbers)
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = scale / np.sqrt(variance + epsilon)
    return factor, bias - mean * factor


def of_arithmetic(kind: str, constant: npt.NDArray[Any], first: bool) -> tuple[_Numbers, _Numbers]:
    """Factor and shift of Add, Sub, Mul or Div with a constant for each channel; first: the constant is the first."""
    number = constant.astype(np.float64)
    one, none = np.ones_like(number), np.zeros_like(number)
    if kind == "Add":
        return one, number
    if kind == "Sub":
        return (-one, number) if first else (one, -number)
    if kind == "Mul":
        return number, none
    if first or not number.all():
        raise UnfitError("a tensor divided by constants that are not zero", "another division")
    return 1 / number, none


def by_channel(constant: npt.NDArray[Any], shape: Sequence[int]) -> npt.NDArray[Any] | None:
    """What a constant is for each channel of a tensor [1, channels, ...]; None: it depends on the place too."""
    try:
        spread = np.broadcast_to(constant, shape).reshape(shape[1], -1)
    except ValueError:
        return None
    return spread[:, 0] if (spread == spread[:, :1]).all() else None


def scaled(first: Operand, factor: _Numbers, shift: _Numbers) -> Layer:
    """A factor and a shift for each channel of a map or vector."""
    _check(factor, shift, first.size[2])
    weights, steps = _weights(factor, shift / float(first.codes.steps.scale))
    bias = Constant(shift.astype(np.float32))
    return summed(Kind.DEPTHWISE, first.codes, first.size, Window(), weights[:, None, None], steps, bias)


def after(layer: Layer, factor: _Numbers, shift: _Numbers) -> Layer:
    """The same of what a layer gives: inside its weights and biases."""
    if layer.weights is None or layer.biases is None or layer.is_cut:
        raise UnfitError("codes, or what a Conv, Gemm or MatMul gives", named(layer))
    _check(factor, shift, layer.size[2])
    scale = np.maximum(np.where(factor == 0, 1, np.abs(factor)) * layer.scale, np.abs(shift) / _MOST_SHIFT)
    sign = np.sign(factor).astype(np.int8)
    biases = np.rint(layer.biases.astype(np.float64) * sign + shift / scale)
    if np.abs(biases).max() > np.iinfo(np.int32).max:
        raise UnfitError("biases that fit 32 bits in steps of input scale times weight scale", "larger ones")
    weights = layer.weights * sign.reshape(-1, *[1] * (layer.weights.ndim - 1))
    return replace(layer, weights=weights, biases=biases.astype(np.int32), scale=scale.astype(np.float32))


def _check(factor: _Numbers, shift: _Numbers, channels: int) -> None:
    wanted = f"finite numbers for each of {channels} channels"
    if factor.shape != (channels,) or shift.shape != (channels,):
        raise UnfitError(wanted, f"{factor.size}")
    if not np.isfinite([factor, shift]).all():
        raise UnfitError(wanted, "some that are not")


def _weights(factor: _Numbers, shift: _Numbers) -> tuple[npt.NDArray[Any], npt.NDArray[np.float32]]:
    """Of each channel the weight under which the shift is nearest to a whole number of steps of factor / weight."""
    steps = np.abs(factor)[:, None] / _WEIGHTS
    steps = np.maximum(steps, np.maximum(np.abs(shift)[:, None] / _MOST_SHIFT, np.finfo(np.float32).tiny))
    off = np.abs(shift[:, None] / steps - np.rint(shift[:, None] / steps)) * steps
    best = steps[np.arange(len(factor)), off.argmin(axis=1)]
    return np.rint(factor / best), best.astype(np.float32)
