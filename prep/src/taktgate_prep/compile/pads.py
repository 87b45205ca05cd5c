"""The zeros around a map: what a Conv says of them, and a Pad before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from taktgate_prep.compile.refusal import UnfitError

_RANK = 4  # NCHW


def pads_of(sides: Sequence[int], kernel: tuple[int, int], stride: Sequence[int], given: dict[str, Any]) -> list[int]:
    """Of a Conv: top, left, bottom, right."""
    automatic = given.get("auto_pad", b"NOTSET").decode()
    if automatic == "NOTSET":
        return list(given.get("pads", (0, 0, 0, 0)))
    if automatic == "VALID":
        return [0, 0, 0, 0]
    begin, end = [], []
    for side, window, step in zip(sides, kernel, stride, strict=True):
        total = max(0, (-(-side // step) - 1) * step + window - side)
        begin.append(total // 2 if automatic == "SAME_UPPER" else total - total // 2)
        end.append(total - begin[-1])
    return [*begin, *end]


def zeros_around(
    given: dict[str, Any],
    pads: npt.NDArray[Any] | None,
    fill: npt.NDArray[Any] | None,
    axes: npt.NDArray[Any] | None,
) -> tuple[int, ...]:
    """Of a Pad: top, left, bottom, right."""
    mode = given.get("mode", b"constant").decode()
    if mode != "constant" or (fill is not None and np.any(fill != 0)):
        raise UnfitError("zeros around a map", f"mode {mode}, value {0 if fill is None else fill.item():g}")
    named = list(range(_RANK)) if axes is None else [int(axis) % _RANK for axis in axes.ravel()]
    ends = np.zeros((2, _RANK), np.int64)
    if pads is not None:
        ends[:, named] = pads.reshape(2, -1)
    if ends[:, :2].any() or ends.min() < 0 or pads is None:
        raise UnfitError("zeros above, below and beside a map", f"pads {'none' if pads is None else pads.tolist()}")
    return tuple(ends[:, 2:].ravel().tolist())
