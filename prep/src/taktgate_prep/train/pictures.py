"""Whole images that windows are cut from in every epoch: each is decoded once and kept as bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.image import Pixels, at, check_box, decoded
from taktgate_prep.data.memory import allocate
from taktgate_prep.data.sample import Sample, place

Key = tuple[Path, Path | None]  # image, golden image


class Pictures:
    """uint8 [H, W, channels_total] by image and golden image, the golden channel last."""

    def __init__(self, samples: Sequence[Sample], contract: Contract, progress: Callable[[int, int], None]) -> None:
        self._contract = contract
        first = {self.key(sample): sample for sample in reversed(samples)}
        sizes = {key: contract.channels_total * _area(sample) for key, sample in first.items()}
        block = allocate(sum(sizes.values()), samples[0].source)
        self._views: dict[Key, Pixels] = {}
        start = 0
        for done, (key, sample) in enumerate(sorted(first.items(), key=lambda item: str(item[0])), 1):
            pixels = self._read(sample)
            room = block[start : start + sizes[key]]
            start += sizes[key]
            if room.size == pixels.size:  # as its header said
                room.reshape(pixels.shape)[:] = pixels
                pixels = room.reshape(pixels.shape)
            self._views[key] = pixels
            progress(done, len(first))

    def key(self, sample: Sample) -> Key:
        """What its image is found by."""
        return sample.image, sample.golden if self._contract.golden else None

    def of(self, sample: Sample) -> Pixels:
        """The image of one of the samples."""
        return self._views[self.key(sample)]

    def digest(self) -> str:
        """SHA-256 over the pixels of all images."""
        sha = hashlib.sha256()
        for view in self._views.values():
            sha.update(repr(view.shape).encode())
            sha.update(view.data)
        return sha.hexdigest()

    def _read(self, sample: Sample) -> Pixels:
        where = place(sample)
        image = decoded(sample.image, self._contract.channels, where)
        if self._contract.golden and sample.golden is not None:
            return np.concatenate([image, decoded(sample.golden, "grey", where)], axis=2)
        return image


def check_marks(samples: Sequence[Sample], seen: Sequence[Sample]) -> None:
    """Rows without a label mark places in the images of `seen`: they must lie inside these."""
    images = {sample.image for sample in seen}
    for sample in samples:
        if sample.box is not None and sample.label is None and sample.image in images:
            check_box(sample.box, _size(sample), at(place(sample), sample.image))


def _size(sample: Sample) -> tuple[int, int]:
    pixels = decoded(sample.image, "grey", place(sample))
    return pixels.shape[1], pixels.shape[0]


def _area(sample: Sample) -> int:
    """Pixels by the header alone, turned or not; a file that has none is decoded, which says what is wrong with it."""
    try:
        with Image.open(sample.image) as image:
            return int(image.width * image.height)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        width, height = _size(sample)
        return width * height
