"""Operators that give each place a number of its own, in float32: what tables are computed with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from taktgate_prep.compile.network import CODES, Codes, Floats
from taktgate_prep.compile.refusal import UnfitError
from taktgate_prep.compile.values import Steps

_ONE = np.float32(1)


def quantised(values: Floats, steps: Steps) -> Codes:
    """QuantizeLinear to uint8: a division, rounded to nearest, ties to even."""
    with np.errstate(over="ignore"):
        rounded = np.rint(values / steps.scale)
    return np.asarray(np.clip(rounded + np.float32(steps.zero_point), 0, 255), np.uint8)


def finest_steps(values: Floats) -> Steps:
    """That hold all these floats, and zero as a code."""
    low, high = np.minimum(values.min(), 0), np.maximum(values.max(), 0)
    scale = np.maximum(np.float32((high - low) / (CODES - 1)), np.finfo(np.float32).tiny)
    return Steps(scale, int(np.rint(-low / scale)))


def dequantised(codes: Codes, steps: Steps) -> Floats:
    """DequantizeLinear."""
    return (codes.astype(np.int32) - steps.zero_point).astype(np.float32) * steps.scale


def _hard_sigmoid(x: Floats, alpha: float = 0.2, beta: float = 0.5) -> Floats:
    return np.clip(np.float32(alpha) * x + np.float32(beta), np.float32(0), _ONE)


def _sigmoid(x: Floats) -> Floats:
    """In double, rounded once: the exponential function of float32 differs between CPUs."""
    return (1 / (1 + np.exp(-x.astype(np.float64)))).astype(np.float32)


def _leaky_relu(x: Floats, alpha: float = 0.01) -> Floats:
    return np.where(x >= 0, x, np.float32(alpha) * x)


_OF_ONE: dict[str, Callable[..., Floats]] = {
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": lambda x: x * _hard_sigmoid(x, 1 / 6, 0.5),
    "Identity": lambda x: x,
    "LeakyRelu": _leaky_relu,
    "Relu": lambda x: np.maximum(x, np.float32(0)),
    "Sigmoid": _sigmoid,
}
_OF_SOME: dict[str, Callable[[Floats, Floats], Floats]] = {
    "Add": np.add,
    "Div": np.divide,
    "Max": np.maximum,
    "Min": np.minimum,
    "Mul": np.multiply,
    "Sub": np.subtract,
}
OPERATORS = frozenset({*_OF_ONE, *_OF_SOME, "Clip"})
CUTTING = frozenset({"Relu", "Clip", "Identity"})  # a layer may pass through these before its QuantizeLinear


def computed(kind: str, inputs: list[Floats | None], attributes: dict[str, Any]) -> Floats:
    """What an operator makes of inputs whose shapes fit each other; None: an input that is left out."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        result = _computed(kind, inputs, attributes)
    if np.isnan(result).any():
        raise UnfitError("a number for every code", "none for some (0 / 0?)")
    return result.astype(np.float32)


def _computed(kind: str, inputs: list[Floats | None], attributes: dict[str, Any]) -> Floats:
    if kind == "Clip":
        low, high = limits(inputs[1:])
        first = inputs[0]
        assert first is not None
        return np.minimum(np.maximum(first, low), high)
    given = [value for value in inputs if value is not None]
    if kind in _OF_ONE:
        return _OF_ONE[kind](given[0], **attributes)
    result = given[0]
    for other in given[1:]:
        result = _OF_SOME[kind](result, other)
    return result


def limits(inputs: list[Floats | None]) -> tuple[np.float32, np.float32]:
    """The ends of a Clip."""
    low, high = [*inputs, None, None][:2]
    return (
        np.float32(-np.inf) if low is None else np.float32(low.item()),
        np.float32(np.inf) if high is None else np.float32(high.item()),
    )
