"""Where a training window may lie without making its label wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from taktgate_prep.data.sample import Box

JITTER = 1 / 8  # of the window's side, each way, where boxes say what must stay inside
RECIPE_JITTER = 1 / 32  # at a place of a recipe: what the alignment of the part may be off by
SMALL_JITTER = 1 / 64  # where nothing says where the defect is
_MARGIN = 1 / 32  # of the side, between a box and the border of its window
_CLEAR = 1 / 16  # of the side, between a good window and any box

Boxes = npt.NDArray[np.int64]  # [F, 4]: x, y, w, h
Places = npt.NDArray[np.int64]  # [T, 2]: x, y


@dataclass(frozen=True)
class Reach:
    """The places of one window: x and y from `low` to `high` (both inclusive), off the boxes in `avoid`.

    `own` is the place in the list, which is always allowed.
    """

    own: tuple[int, int]
    size: tuple[int, int]
    low: tuple[int, int]
    high: tuple[int, int]
    avoid: Boxes

    def text(self) -> str:
        """All fields, for a digest."""
        return f"{self.own} {self.size} {self.low} {self.high} {self.avoid.tolist()}"

    def draw(self, unit: npt.NDArray[np.float64]) -> Places:
        """The allowed ones of the places that `unit` ([T, 2], 0 to 1) stands for."""
        low, high = np.array(self.low), np.array(self.high)
        places = low + np.minimum((unit * (high - low + 1)).astype(np.int64), high - low)
        allowed: Places = places[~touched(places, self.size, self.avoid)]
        return allowed


def jitter_reach(window: Box, image: tuple[int, int], share: float, box: Box | None, others: Sequence[Box]) -> Reach:
    """A window that is moved by up to `share` of its side.

    It stays inside the image (width, height), keeps `box` as far inside as it is now, with a small margin where there
    is room, and takes in no box of `others` that it does not touch now.
    """
    limits = [_axis(window, image, share, box, axis) for axis in (0, 1)]
    low, high = (limits[0][0], limits[1][0]), (limits[0][1], limits[1][1])
    swept = (low[0], low[1], high[0] - low[0] + window[2], high[1] - low[1] + window[3])
    avoid = [other for other in others if not overlap(window, other) and overlap(swept, other)]
    return Reach(window[:2], window[2:], low, high, as_boxes(avoid))


def free_reach(window: Box, image: tuple[int, int], boxes: Sequence[Box]) -> Reach:
    """A window of the same size anywhere in the image, clear of every box."""
    clear = math.ceil(_CLEAR * max(window[2:]))
    grown = [(x - clear, y - clear, w + 2 * clear, h + 2 * clear) for x, y, w, h in boxes]
    return Reach(window[:2], window[2:], (0, 0), (image[0] - window[2], image[1] - window[3]), as_boxes(grown))


def touched(places: Places, size: tuple[int, int], boxes: Boxes) -> npt.NDArray[np.bool_]:
    """[T]: whether a window of `size` at each place overlaps any box."""
    if not len(boxes):
        return np.zeros(len(places), bool)
    x, y = places[:, :1], places[:, 1:]
    across = (x < boxes[:, 0] + boxes[:, 2]) & (boxes[:, 0] < x + size[0])
    down = (y < boxes[:, 1] + boxes[:, 3]) & (boxes[:, 1] < y + size[1])
    hit: npt.NDArray[np.bool_] = (across & down).any(axis=1)
    return hit


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes share a pixel."""
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def as_boxes(boxes: Sequence[Box]) -> Boxes:
    """[F, 4], also of none."""
    return np.array(boxes, np.int64).reshape(-1, 4)


def _axis(window: Box, image: tuple[int, int], share: float, box: Box | None, axis: int) -> tuple[int, int]:
    start, side = window[axis], window[axis + 2]
    reach = max(1, round(share * side))
    low, high = max(0, start - reach), min(image[axis] - side, start + reach)
    if box is None:
        return low, high
    first, last = max(box[axis], start), min(box[axis] + box[axis + 2], start + side)
    if first >= last:  # the box is outside: nothing to hold on to
        return start, start
    whole = (first, last) == (box[axis], box[axis] + box[axis + 2])
    for margin in (max(1, round(_MARGIN * side)), 0) if whole else (0,):
        inside = max(low, last + margin - side), min(high, first - margin)
        if inside[0] <= inside[1]:
            return inside
    return start, start
