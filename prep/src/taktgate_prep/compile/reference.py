"""What every operation of a compiled network gives, in NumPy: docs/int8.md, 2, word for word.

Floats are float32, every operation rounded on its own; np.rint rounds ties to even.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from taktgate_prep.compile.network import Codes, Floats, Kind, Network, Operation, Tensor, Window

_Whole = npt.NDArray[np.int32]


def requantise(sums: npt.NDArray[Any], multiplier: Floats | np.float32, zero_point: int) -> Codes:
    """sat(round(float(sums) * multiplier) + zero_point)."""
    return _saturate(np.rint(sums.astype(np.float32) * np.asarray(multiplier, np.float32)), zero_point)


class Reference:
    """Runs a network on many images at once; after `run` the codes of all tensors and the logits are there."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.codes: list[Codes] = []  # by tensor [images, height, width, channels]; zeros for that of the logits
        self.logits: Floats = np.zeros((0, 0), np.float32)  # [images, labels]

    def run(self, pixels: Codes) -> Floats:
        """pixels: [images, height, width, channels] of the network's input; returns the logits."""
        self.codes = [np.zeros((len(pixels), t.height, t.width, t.channels), np.uint8) for t in self._network.tensors]
        for operation in self._network.operations:
            if operation.kind == Kind.LOGITS:
                sums = self._convolve(operation, Window())
                self.logits = (sums.astype(np.float32) * operation.multipliers)[:, 0, 0]
            elif operation.kind == Kind.SCORES:
                self.logits = (self._centred(operation.first).astype(np.float32) * operation.multipliers[0])[:, 0, 0]
            else:
                codes = self._codes(operation, pixels)
                named = operation.table if operation.kind != Kind.INPUT else None
                self.codes[operation.result] = codes if named is None else named[codes]
        return self.logits

    def _codes(self, operation: Operation, pixels: Codes) -> Codes:
        """Before the table."""
        kind, zero_point = operation.kind, operation.zero_point
        if kind == Kind.INPUT:
            assert operation.table is not None
            return np.asarray(operation.table[np.arange(pixels.shape[3]), pixels])
        if kind in (Kind.CONV, Kind.DEPTHWISE):
            assert operation.window is not None
            sums = self._convolve(operation, operation.window)
            return requantise(sums, operation.multipliers, zero_point)
        if kind == Kind.ADD:
            left, right = (
                self._centred(tensor).astype(np.float32) * multiplier
                for tensor, multiplier in zip((operation.first, operation.second), operation.multipliers, strict=True)
            )
            return _saturate(np.rint(left + right), zero_point)
        if kind == Kind.MEAN:
            sums = self._centred(operation.first).sum(axis=(1, 2), keepdims=True, dtype=np.int64)
            return requantise(sums, operation.multipliers[0], zero_point)
        if kind == Kind.GATE:
            products = self._centred(operation.first) * self._centred(operation.second)
            return requantise(products, operation.multipliers[0], zero_point)
        if kind == Kind.SELECT:
            winner = self.logits.argmax(axis=1)  # of equal ones the first
            return np.take_along_axis(self.codes[operation.first], winner[:, None, None, None], axis=3)
        return self.codes[operation.first]

    def _convolve(self, operation: Operation, window: Window) -> npt.NDArray[np.int64]:
        """bias + sum of (x - z(x)) * w, for every place and channel of the result."""
        result = self._at(operation.result)
        x = _padded(self._centred(operation.first), window, result)
        total = np.zeros((len(x), result.height, result.width, result.channels), np.float64)
        for dy in range(window.kernel[0]):
            for dx in range(window.kernel[1]):
                seen = x[
                    :,
                    dy : dy + (result.height - 1) * window.stride[0] + 1 : window.stride[0],
                    dx : dx + (result.width - 1) * window.stride[1] + 1 : window.stride[1],
                ]
                weights = operation.weights[:, dy, dx].astype(np.float64)
                # Whole numbers below 2^31: float64 holds every one, in whichever order they are added.
                total += seen * weights if operation.kind == Kind.DEPTHWISE else seen.astype(np.float64) @ weights.T
        return total.astype(np.int64) + operation.biases

    def _centred(self, tensor: int) -> _Whole:
        """x - z(x)."""
        return self.codes[tensor].astype(np.int32) - self._at(tensor).zero_point

    def _at(self, tensor: int) -> Tensor:
        return self._network.tensors[tensor]


def _saturate(rounded: Floats, zero_point: int) -> Codes:
    return np.clip(rounded + np.float32(zero_point), 0, 255).astype(np.uint8)


def _padded(x: _Whole, window: Window, result: Tensor) -> _Whole:
    """With zeros around it as far as the result's places see."""
    sides = []
    for size, to, kernel, stride, pad in zip(
        x.shape[1:3], (result.height, result.width), window.kernel, window.stride, window.pad, strict=True
    ):
        sides.append((pad, max(0, (to - 1) * stride + kernel - pad - size)))
    return np.pad(x, ((0, 0), *sides, (0, 0)))
