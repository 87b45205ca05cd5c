"""Samples: the rows of a sample list, or the images of a folder SPLIT/CLASS/image (docs/formats.md, 1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from taktgate_prep.errors import InputError
from taktgate_prep.names import SPLITS, one_form

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


def load_samples(data: Path, labels: Sequence[str] | None = None, val_share: float = 0.15,
                 note: Callable[[str], None] | None = None) -> list[Sample]:
    """Reads a list or folder, strictly, in its order.

    With `labels`, a row of another class is an error. Rows without a split belong to the split of their part, or to
    train. Where there is no val split, `val_share` of train is set aside by part, always the same parts.
    note: takes what the user should know about files that are left out.
    """
    from taktgate_prep.sample_folder import read_folder
    from taktgate_prep.sample_list import read_list

    if data.is_dir():
        samples = read_folder(data, note)
    elif data.is_file():
        samples = read_list(data)
    else:
        raise InputError(f"{data}: expected a sample list (.tsv) or a folder SPLIT/CLASS/image, got no such file: "
                         "check the path")
    if labels is not None:
        _check_labels(samples, labels)
    _refuse_case_twins(samples)
    samples = _complete_splits(samples)
    if all(sample.split != "val" for sample in samples):
        samples = _set_aside(samples, val_share)
    return samples


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


def _refuse_case_twins(samples: Sequence[Sample]) -> None:
    first: dict[str, Sample] = {}
    for sample in samples:
        if sample.label is None:
            continue
        other = first.setdefault(sample.label.casefold(), sample)
        if other.label != sample.label:
            raise InputError(f"{place(sample)}: expected the label {other.label!r} as "
                             f"{f'of {other.part}' if other.in_folder else f'in row {other.row}'}, got "
                             f"{sample.label!r}: labels that differ only by upper and lower case are one class, "
                             "write it one way")


def _check_labels(samples: Sequence[Sample], labels: Sequence[str]) -> None:
    known = {one_form(label) for label in labels}
    for sample in samples:
        if sample.label is not None and sample.label not in known:
            raise InputError(f"{place(sample)}: expected a label of the contract ({', '.join(labels)}), got "
                             f"{sample.label!r}: correct the label or use the contract of this data")


def _complete_splits(samples: list[Sample]) -> list[Sample]:
    of_part: dict[str, Sample] = {}
    for sample in samples:
        if sample.split is None:
            continue
        first = of_part.setdefault(sample.part, sample)
        if first.split != sample.split:
            raise InputError(f"{place(sample)}: expected part {sample.part!r} in split {first.split} as in row "
                             f"{first.row}, got {sample.split}: rows of one part belong to one split")
    return [sample if sample.split is not None
            else replace(sample, split=of_part[sample.part].split if sample.part in of_part else "train")
            for sample in samples]


def _set_aside(samples: list[Sample], share: float) -> list[Sample]:
    """Moves whole parts from train to val until every class has its share; none loses its last part.

    In the order of the digests of their names: every command, whatever its --seed, sets the same parts aside.
    """
    from taktgate_prep.files import sha256

    rows_of: dict[str, list[str]] = {}  # part -> labels of its rows
    for sample in samples:
        if sample.split == "train":
            rows_of.setdefault(sample.part, []).append(sample.label or "")
    order = sorted(rows_of, key=lambda part: sha256(f"0/{part}".encode("utf-8", "surrogateescape")))
    rows: dict[str, int] = {}
    parts: dict[str, int] = {}
    for labels in rows_of.values():
        for label in labels:
            rows[label] = rows.get(label, 0) + 1
        for label in set(labels):
            parts[label] = parts.get(label, 0) + 1
    moved: set[str] = set()
    have = dict.fromkeys(rows, 0)
    for label in sorted(rows, key=lambda name: (rows[name], name)):  # rare classes first
        for part in order:
            if have[label] >= share * rows[label]:
                break
            labels = rows_of[part]
            if label not in labels or part in moved or any(parts[other] < 2 for other in set(labels)):
                continue
            moved.add(part)
            for other in labels:
                have[other] += 1
            for other in set(labels):
                parts[other] -= 1
    return [replace(sample, split="val", set_aside=True) if sample.split == "train" and sample.part in moved else sample
            for sample in samples]
