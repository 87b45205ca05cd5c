"""Exact resizing in whole numbers: the twin of the device's (docs/formats.md, 2.3)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

MAX_SIDE = 8192
_ANTIALIAS = 1 << 14
_EXACT_FLOAT32 = 1 << 24
Taps = tuple[tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]], ...]


def resize(pixels: npt.NDArray[np.uint8], width: int, height: int, method: str) -> npt.NDArray[np.uint8]:
    """uint8 [..., H, W, C] -> uint8 [..., height, width, C], many images of one size at once; `method` is area,
    bilinear or antialias. Ties round up.

    All sums are whole numbers that their floats hold exactly, so that their order does not matter: 255 times a sum of
    weights is below 2^23 along rows and below 2^36 in all. A quotient that is no whole number is at least 2^-28 away
    from the next one, far more than a double rounds by.
    """
    if pixels.shape[-3:-1] == (height, width):
        return pixels
    rows, row_sum = _taps(pixels.shape[-3], height, method)
    columns, column_sum = _taps(pixels.shape[-2], width, method)
    total = row_sum * column_sum
    sums = _along(pixels, rows, -3, np.float32)
    if method == "antialias":
        sums = np.floor((sums + 32) / 64)  # the device holds columns in 16 bits
        total //= 64
    sums = _along(sums, columns, -2, np.float32 if 255 * total < _EXACT_FLOAT32 else np.float64)
    resized: npt.NDArray[np.uint8] = np.floor((sums.astype(np.float64) + total // 2) / total).astype(np.uint8)
    return resized


def _along(values: npt.NDArray[Any], taps: Taps, axis: int, kind: type[np.floating[Any]]) -> npt.NDArray[Any]:
    """Weighted sums along one axis."""
    shape = [1] * values.ndim
    shape[axis] = -1
    sums: npt.NDArray[Any] = np.zeros(1, kind)
    for index, weights in taps:
        sums = sums + np.take(values, index, axis=axis) * weights.astype(kind).reshape(shape)
    return sums


@lru_cache(maxsize=256)
def _taps(source: int, target: int, method: str) -> tuple[Taps, int]:
    """The k-th place that each pixel of the target takes in, with its weight; and the sum of weights of a pixel."""
    weights, total = _weights(source, target, method)
    first = (weights != 0).argmax(axis=1)
    last = source - 1 - (weights != 0)[:, ::-1].argmax(axis=1)
    taps = []
    for k in range(int((last - first).max()) + 1):
        index = np.minimum(first + k, source - 1)
        inside = np.where(first + k <= last, weights[np.arange(target), index], 0.0)
        taps.append((index, inside))
    return tuple(taps), total


def _weights(source: int, target: int, method: str) -> tuple[npt.NDArray[np.float64], int]:
    """Weights [target, source] of one axis as whole numbers, and their sum per row."""
    if not (1 <= source <= MAX_SIDE and 1 <= target <= MAX_SIDE):
        raise ValueError(f"expected sides of 1 to {MAX_SIDE} px, got {source} to {target}")
    i = np.arange(target, dtype=np.int64)
    if method == "area":
        j = np.arange(source, dtype=np.int64)
        ends = np.minimum.outer((i + 1) * source, (j + 1) * target)
        starts = np.maximum.outer(i * source, j * target)
        return np.maximum(ends - starts, 0).astype(np.float64), source
    if method == "antialias":
        return _triangles(source, target), _ANTIALIAS
    if method != "bilinear":
        raise ValueError(f"expected area, bilinear or antialias, got {method}")
    weights = np.zeros((target, source), np.int64)
    n = (2 * i + 1) * source - target
    j = n // (2 * target)  # floor, also below zero
    r = n - 2 * target * j
    np.add.at(weights, (i, np.clip(j, 0, source - 1)), 2 * target - r)
    np.add.at(weights, (i, np.clip(j + 1, 0, source - 1)), r)
    return weights.astype(np.float64), 2 * target


def _triangles(source: int, target: int) -> npt.NDArray[np.float64]:
    """A triangle as wide as the target's pixels (the source's, where these are wider), rounded by its running sum."""
    i, j = np.arange(target, dtype=np.int64), np.arange(source, dtype=np.int64)
    distance = np.abs(np.subtract.outer(-(2 * i + 1) * source, -(2 * j + 1) * target))
    running = np.cumsum(np.maximum(2 * max(source, target) - distance, 0), axis=1)
    total = running[:, -1:]
    return np.diff((2 * _ANTIALIAS * running + total) // (2 * total), axis=1, prepend=0).astype(np.float64)
