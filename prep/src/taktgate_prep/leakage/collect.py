"""The windows of samples as the leakage check compares them."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.image import convert
from taktgate_prep.data.sample import Sample
from taktgate_prep.data.window import load_window
from taktgate_prep.terminal.progress import Progress, Rate, bar

_LARGEST_SIDE = 96  # pixels: larger windows are compared as means over blocks
_BLANK_BYTES = 16  # a window that zlib keeps in so few bytes more than a constant one has nothing to compare


@dataclass(frozen=True)
class Windows:
    """grey: uint8 [N, h, w], at most 96 px a side; pixels: a digest of each whole window without golden channel."""

    grey: npt.NDArray[np.uint8]
    pixels: tuple[bytes, ...]
    blank: npt.NDArray[np.bool_]


def collect(samples: Sequence[Sample], contract: Contract, progress: Progress) -> Windows:
    """Reads all windows as the model sees them, image by image."""
    channels = contract.channels_total - int(contract.golden)
    down, across = (-(-size // _LARGEST_SIDE) for size in (contract.height, contract.width))
    shape = contract.height // down, contract.width // across
    grey = np.zeros((len(samples), *shape), np.uint8)
    pixels = [b""] * len(samples)
    blank = np.zeros(len(samples), np.bool_)
    rate = Rate(len(samples))
    for done, i in enumerate(sorted(range(len(samples)), key=lambda i: (str(samples[i].image), i)), 1):
        window = np.ascontiguousarray(load_window(samples[i], contract)[..., :channels])
        pixels[i] = hashlib.sha256(window.tobytes()).digest()
        blank[i] = _content(window) - _content(np.zeros_like(window)) < _BLANK_BYTES
        mean = (
            convert(window, "grey")[: shape[0] * down, : shape[1] * across]
            .reshape(shape[0], down, shape[1], across)
            .mean(axis=(1, 3), dtype=np.float64)
        )
        grey[i] = np.floor(mean + 0.5)
        progress.status(f"leakage {bar(done / len(samples))} {done}/{len(samples)}, {rate.text(done)}")
    return Windows(grey, tuple(pixels), blank)


def _content(window: npt.NDArray[np.uint8]) -> int:
    return len(zlib.compress(window.tobytes(), 6))


def file_digests(samples: Sequence[Sample]) -> dict[Path, str]:
    """SHA-256 of every image file, each read once; the images have been decoded before, so they can be read."""
    files = sorted({sample.image for sample in samples})
    found = {}
    for path in files:
        with path.open("rb") as file:
            found[path] = hashlib.file_digest(file, "sha256").hexdigest()
    return found
