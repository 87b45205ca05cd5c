"""Labelled windows as arrays of bytes: cut once, kept in memory, read in every epoch."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from taktgate_prep.contract import Contract, load_window
from taktgate_prep.errors import InputError
from taktgate_prep.samples import Box, Sample
from taktgate_prep.train.classes import Classes
from taktgate_prep.train.shifts import Room, find_room

_MAX_SIDE = 320  # of a contract; a window with room for shifts is cut through a larger one


@dataclass(frozen=True)
class WindowSet:
    """N windows, each with `margin` further pixels around it where its room allows, else zeros.

    pixels: uint8 [N, height + 2 margin, width + 2 margin, channels]; label: int64 [N];
    room: int64 [N, 4], how far each may be moved: left, up, right, down.
    """

    pixels: npt.NDArray[np.uint8]
    label: npt.NDArray[np.int64]
    room: npt.NDArray[np.int64]
    margin: int

    def __len__(self) -> int:
        return len(self.label)

    def centre(self) -> npt.NDArray[np.uint8]:
        """The windows as the list has them, a view [N, height, width, channels]."""
        m = self.margin
        return self.pixels[:, m : self.pixels.shape[1] - m, m : self.pixels.shape[2] - m]

    def digest(self) -> str:
        """SHA-256 over the windows and their labels."""
        sha = hashlib.sha256(repr((self.centre().shape, self.label.tolist())).encode())
        for window in self.centre():
            sha.update(np.ascontiguousarray(window).tobytes())
        return sha.hexdigest()


def cut_windows(
    samples: Sequence[Sample],
    contract: Contract,
    classes: Classes,
    shift: int,
    progress: Callable[[int], None],
) -> WindowSet:
    """Cuts every sample, with room for shifts of up to `shift` tensor pixels."""
    margin = _margin(samples, contract, shift)
    shape = (contract.height + 2 * margin, contract.width + 2 * margin, contract.channels_total)
    pixels = _allocate(len(samples), shape)
    rooms = np.zeros((len(samples), 4), np.int64)
    boxes = _boxes_by_image(samples)
    order = sorted(range(len(samples)), key=lambda i: (str(samples[i].image), i))
    for done, i in enumerate(order):  # by image, so that each is decoded once
        room = _room(samples[i], contract, margin, boxes)
        _cut_into(pixels[i], samples[i], contract, room, margin)
        rooms[i] = (room.left, room.up, room.right, room.down)
        progress(done + 1)
    label = np.array([classes.index(sample.label or "") for sample in samples], np.int64)
    return WindowSet(pixels, label, rooms, margin)


def _margin(samples: Sequence[Sample], contract: Contract, shift: int) -> int:
    if all(sample.window is None for sample in samples):
        return 0
    if all(sample.box is None for sample in samples):
        shift = min(shift, 1)  # nothing says where the defects are: stay close
    return max(0, min(shift, (_MAX_SIDE - max(contract.width, contract.height)) // 2))


def _allocate(count: int, shape: tuple[int, int, int]) -> npt.NDArray[np.uint8]:
    need, free = count * int(np.prod(shape)), _free_bytes()
    if free is not None and need > 0.8 * free:
        raise InputError(
            f"expected the windows to fit into memory, but {count} windows need {need >> 20} MiB and "
            f"{free >> 20} MiB are free: use a smaller --size or fewer samples"
        )
    return np.zeros((count, *shape), np.uint8)


def _free_bytes() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def _boxes_by_image(samples: Sequence[Sample]) -> dict[Path, set[Box]]:
    boxes: dict[Path, set[Box]] = defaultdict(set)
    for sample in samples:
        if sample.box is not None:
            boxes[sample.image].add(sample.box)
    return boxes


def _room(sample: Sample, contract: Contract, margin: int, boxes: dict[Path, set[Box]]) -> Room:
    if sample.window is None or margin == 0:
        return Room()
    foreign = boxes.get(sample.image, set()) - {sample.box}
    size = (contract.width, contract.height)
    return find_room(sample.window, size, _image_size(sample.image), margin, sample.box, foreign)


@lru_cache(maxsize=64)
def _image_size(path: Path) -> tuple[int, int]:
    try:
        with Image.open(path) as image:  # reads the header only
            width, height = image.size
            return width, height
    except (OSError, ValueError, Image.DecompressionBombError):
        return 0, 0  # no room to move; cutting the window then says what is wrong with the file


def _cut_into(canvas: npt.NDArray[np.uint8], sample: Sample, contract: Contract, room: Room, margin: int) -> None:
    if sample.window is not None and room != Room():
        window = room.expand(sample.window, (contract.width, contract.height))
        sample = dataclasses.replace(sample, window=window)
        contract = dataclasses.replace(
            contract,
            width=contract.width + room.left + room.right,
            height=contract.height + room.up + room.down,
        )
    top, left = margin - room.up, margin - room.left
    canvas[top : top + contract.height, left : left + contract.width] = load_window(sample, contract)
