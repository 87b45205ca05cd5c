"""Calibration and choice must not see the test images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from taktgate_prep.data.sample import Sample, place
from taktgate_prep.errors import InputError
from taktgate_prep.files.whole import read_bytes, sha256

_MAX_FILE = 64 << 20  # of an image


def refuse_test_images(seen: Sequence[Sample], test: Sequence[Sample]) -> None:
    """Refuses where the image file of a sample is, byte for byte, one of the test images; golden images may be."""
    sizes: dict[int, list[Sample]] = {}
    for sample in _once(test):
        sizes.setdefault(_size(sample.image), []).append(sample)
    digests: dict[Path, str] = {}

    def digest(path: Path) -> str:
        if path not in digests:
            digests[path] = sha256(read_bytes(path, _MAX_FILE, "an image"))
        return digests[path]

    for sample in _once(seen):
        for other in sizes.get(_size(sample.image), []):
            if sample.image == other.image or digest(sample.image) == digest(other.image):
                of_row = "" if other.in_folder else f" ({place(other)})"
                raise InputError(
                    f"{place(sample)}: expected images of split {sample.split} that are not in split test, got "
                    f"{sample.image}, the same bytes as {other.image}{of_row}: take one of them out of the "
                    "data, or what test shows is not true"
                )


def _once(samples: Sequence[Sample]) -> list[Sample]:
    """One sample per image."""
    return list({sample.image: sample for sample in reversed(samples)}.values())[::-1]


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1
