"""How far a window may be moved in its image without making its label wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from taktgate_prep.samples import Box


@dataclass(frozen=True)
class Room:
    """Largest shift of a window in each direction, in tensor pixels."""

    left: int = 0
    up: int = 0
    right: int = 0
    down: int = 0

    def expand(self, window: Box, size: tuple[int, int]) -> Box:
        """The window grown by the room, in pixels of the image; `size` is that of the tensor."""
        x, y, w, h = window
        left, right = _pixels(self.left, w, size[0]), _pixels(self.right, w, size[0])
        up, down = _pixels(self.up, h, size[1]), _pixels(self.down, h, size[1])
        return x - left, y - up, w + left + right, h + up + down


def find_room(
    window: Box,
    size: tuple[int, int],
    image: tuple[int, int],
    limit: int,
    box: Box | None,
    foreign: Iterable[Box],
) -> Room:
    """Room of at most `limit` tensor pixels in which the label stays true.

    The window stays inside the image, `box` (the defect the label speaks of) keeps inside the
    window as far as it
    is now, and no box of `foreign` (other defects of the image) that is outside now comes in.
    """
    outside = [other for other in foreign if not _touch(window, other)]
    for allowed in range(limit, 0, -1):
        columns = _axis(window[0], window[2], size[0], image[0], allowed, _span(box, 0))
        rows = _axis(window[1], window[3], size[1], image[1], allowed, _span(box, 1))
        room = Room(columns[0], rows[0], columns[1], rows[1])
        grown = room.expand(window, size)
        if not any(_touch(grown, other) for other in outside):
            return room
    return Room()


def _axis(start: int, length: int, target: int, image: int, limit: int, box: tuple[int, int] | None) -> tuple[int, int]:
    before = after = limit
    while before and start - _pixels(before, length, target) < 0:
        before -= 1
    while after and start + length + _pixels(after, length, target) > image:
        after -= 1
    if box is not None:  # moving the window back loses pixels at its far end, and the other way round
        before = min(before, max(0, start + length - box[1]) * target // length)
        after = min(after, max(0, box[0] - start) * target // length)
    return before, after


def _pixels(shift: int, length: int, target: int) -> int:
    return (2 * shift * length + target) // (2 * target)


def _span(box: Box | None, axis: int) -> tuple[int, int] | None:
    return None if box is None else (box[axis], box[axis] + box[axis + 2])


def _touch(a: Box, b: Box) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
