"""A sample: one row of a sample list, or one image of a folder (docs/formats.md, 1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from taktgate_prep.errors import InputError
from taktgate_prep.files.names import SPLITS

Box = tuple[int, int, int, int]  # x, y, w, h in pixels of the image


@dataclass(frozen=True)
class Sample:
    """One row: a window of an image, or (window None) a whole frame.

    row: number of the row, the first one is 1 (the header line does not count); source: the list or folder;
    in_folder: of a folder, where `part` is the image's path in it; set_aside: taken from train to validate with,
    because the data names no split val.
    """

    image: Path
    golden: Path | None
    window: Box | None
    label: str | None
    part: str
    split: str | None
    box: Box | None
    row: int
    source: str
    in_folder: bool = False
    set_aside: bool = False


def select(samples: Iterable[Sample], split: str) -> list[Sample]:
    """The samples of one split, or of `all`."""
    if split not in (*SPLITS, "all"):
        raise InputError(f"expected split {', '.join(SPLITS)} or all, got {split!r}")
    return [sample for sample in samples if split in (sample.split, "all")]


def windows_of(samples: Iterable[Sample], split: str) -> list[Sample]:
    """The samples of a split that are there to be looked at: not those that only mark a place that is not good."""
    return [sample for sample in select(samples, split) if sample.label is not None or sample.box is None]


def place(sample: Sample) -> str:
    """Where a sample comes from, for messages: its row in the list, or the image itself in a folder."""
    return str(sample.image) if sample.in_folder else f"{sample.source}: row {sample.row}"


def root_of(sample: Sample) -> Path:
    """The folder that the images of its list, or of its folder, lie in."""
    return Path(sample.source) if sample.in_folder else Path(sample.source).parent
