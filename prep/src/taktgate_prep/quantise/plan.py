"""What is free to choose when a float graph is written as INT8."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Range = tuple[float, float]
_LEVELS = 255
_ACTIVATION_BITS, _WEIGHT_BITS = 16, 8  # that count, of a step
LARGEST_WEIGHT = {8: 127, 7: 64, 6: 32}  # by bits; with 64 a sum of two products with uint8 fits int16
SMALLEST_STEP = 2.0**-60


@dataclass(frozen=True)
class Plan:
    """Ranges by activation, and how weights and gates are written.

    bias_shifts: by node name, one number per output channel, added to the bias; refitted: weights and
    biases by initialiser, instead of the graph's own; left_float: names of nodes that stay
    float, with every tensor between two of them; weight_bits: 8 or 7, of which a hidden fully connected
    layer has 6.
    """

    ranges: Mapping[str, Range]
    integer_gates: bool = False
    bias_shifts: Mapping[str, Floats] = field(default_factory=dict)
    refitted: Mapping[str, Floats] = field(default_factory=dict)
    left_float: frozenset[str] = frozenset()
    weight_bits: int = 8


@dataclass(frozen=True)
class Steps:
    """uint8 values q stand for (q - zero_point) * scale."""

    scale: float
    zero_point: int


def activation_steps(low: float, high: float, finest: float = SMALLEST_STEP) -> Steps:
    """From low to high, zero included and exact, in steps of at least `finest`; a range without negative values starts
    at 0."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = _round_up(max((high - low) / _LEVELS, finest), _ACTIVATION_BITS)
    return Steps(scale, int(np.clip(round(-low / scale), 0, _LEVELS)))


def weight_steps(weights: npt.NDArray[np.float32], axis: int, bits: int = 8) -> Floats:
    """Steps of int8 weights, symmetric, as large as the bits allow: one per slice along `axis`.

    Rounded up to 8 significant bits: the product with an activation's 16 bits is exact in float32, so a bias has
    exactly the scale that ONNX Runtime wants, and the scales compress.
    """
    largest = np.abs(weights.astype(np.float64))
    over = largest.max(axis=tuple(i for i in range(weights.ndim) if i != axis))
    return np.asarray(_round_up_all(np.maximum(over / LARGEST_WEIGHT[bits], SMALLEST_STEP), _WEIGHT_BITS))


def wide_enough(steps: Floats, bias: Floats, input_scale: float) -> Floats:
    """Weight steps under which the bias fits int32 with room for the sum: for channels with tiny weights."""
    return np.asarray(_round_up_all(np.maximum(steps, np.abs(bias) / (input_scale * 2.0**30)), _WEIGHT_BITS))


def _round_up(value: float, bits: int) -> float:
    return float(_round_up_all(np.asarray(value, np.float64), bits))


def _round_up_all(values: Floats, bits: int) -> Floats:
    """To the next number of so many significant bits."""
    mantissa, exponent = np.frexp(values)
    return np.asarray(np.ldexp(np.ceil(np.ldexp(mantissa, bits)), exponent - bits))
