"""Exact resizing in whole numbers: the twin of the device's (docs/formats.md, 2.3)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

MAX_SIDE = 8192
_ANTIALIAS = 1 << 14


def resize(pixels: npt.NDArray[np.uint8], width: int, height: int, method: str) -> npt.NDArray[np.uint8]:
    """uint8 [H, W, C] -> uint8 [height, width, C]; `method` is area, bilinear or antialias. Ties round up."""
    if pixels.shape[:2] == (height, width):
        return pixels
    rows, row_sum = _weights(pixels.shape[0], height, method)
    columns, column_sum = _weights(pixels.shape[1], width, method)
    total = row_sum * column_sum
    # Doubles hold these whole numbers exactly: the largest, 255 * total, is below 2^36.
    sums = np.matmul(rows, np.moveaxis(pixels, 2, 0).astype(np.float64))
    if method == "antialias":
        sums = np.floor((sums + 32) / 64)  # the device holds columns in 16 bits
        total //= 64
    sums = np.matmul(sums, columns.T).astype(np.int64)
    return np.ascontiguousarray(np.moveaxis((sums + total // 2) // total, 0, 2).astype(np.uint8))


@lru_cache(maxsize=256)
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
