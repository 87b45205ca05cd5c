"""Labelled windows as arrays of bytes, cut as the device cuts them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.classes import Classes
from taktgate_prep.data.memory import allocate
from taktgate_prep.data.sample import Sample
from taktgate_prep.data.window import load_window


@dataclass(frozen=True)
class WindowSet:
    """pixels: uint8 [N, height, width, channels]; label: int64 [N]."""

    pixels: npt.NDArray[np.uint8]
    label: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.label)

    def digest(self) -> str:
        """SHA-256 over the windows and their labels."""
        sha = hashlib.sha256(repr((self.pixels.shape, self.label.tolist())).encode())
        for window in self.pixels:
            sha.update(window.data)
        return sha.hexdigest()


def cut_windows(
    samples: Sequence[Sample], contract: Contract, classes: Classes, progress: Callable[[int], None]
) -> WindowSet:
    """The windows of all samples, as the list has them."""
    shape = (len(samples), contract.height, contract.width, contract.channels_total)
    what = samples[0].source if samples else "windows"
    pixels = allocate(int(np.prod(shape)), what).reshape(shape)
    for done, i in enumerate(by_image(samples), 1):
        pixels[i] = load_window(samples[i], contract)
        progress(done)
    return WindowSet(pixels, labels_of(samples, classes))


def labels_of(samples: Sequence[Sample], classes: Classes) -> npt.NDArray[np.int64]:
    """Class numbers [N]."""
    return np.array([classes.index(sample.label or "") for sample in samples], np.int64)


def by_image(samples: Sequence[Sample]) -> Iterator[int]:
    """All indices, image by image, so that each is decoded once."""
    return iter(sorted(range(len(samples)), key=lambda i: (str(samples[i].image), i)))
