"""Which classes there are, which of them pass, and whether each has enough samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from taktgate_prep.contract.labels import MOST_LABELS
from taktgate_prep.data.sample import Sample
from taktgate_prep.data.sample_folder import IMAGE_SUFFIXES, class_folders
from taktgate_prep.errors import InputError
from taktgate_prep.files.names import listed, one_form

_GOOD_NAMES = ("good", "ok")
MIN_SAMPLES = 2


@dataclass(frozen=True)
class Classes:
    """Class names in the order of the logits, passing ones first, each group in bytewise order."""

    names: tuple[str, ...]
    passing: tuple[bool, ...]

    def index(self, name: str) -> int:
        """The class number of a name."""
        return self.names.index(name)

    def to_labels(self) -> list[dict[str, object]]:
        """As the contract has them."""
        pairs = zip(self.names, self.passing, strict=True)
        return [{"name": name, "pass": passing} for name, passing in pairs]


def find_classes(samples: Iterable[Sample], good: Sequence[str] | None, data: Path) -> Classes:
    """Reads the classes off the labels of `data`; `good` pass, None: the one called good or ok."""
    names = sorted({s.label for s in samples if s.label}, key=str.encode)
    _refuse_twins(names, data)
    if not 2 <= len(names) <= MOST_LABELS:
        raise InputError(
            f"{data}: expected 2 to {MOST_LABELS} classes, got {len(names)} ({listed(names) or 'no label at all'}): "
            "label the samples, or put the images into one folder per class"
        )
    passing = _passing(names, good, data)
    names.sort(key=lambda name: (name not in passing, name.encode()))
    return Classes(tuple(names), tuple(name in passing for name in names))


def check_counts(classes: Classes, train: Sequence[Sample], val: Sequence[Sample], data: Path) -> None:
    """Refuses a class that cannot be learned, and a run that cannot be validated."""
    counts = Counter(sample.label for sample in train)
    for name in classes.names:
        if counts[name] < MIN_SAMPLES:
            raise InputError(
                f"{data}: expected at least {MIN_SAMPLES} training images of class {name!r}, got {counts[name]} "
                "(after setting parts aside for validation): add images or leave the class out"
            )
    if not val:
        raise InputError(
            f"{data}: expected at least one labelled sample for validation, got none: add a `val` split, or train on "
            "more parts so that some can be set aside"
        )


def missing_verdicts(classes: Classes, val: Sequence[Sample]) -> Iterator[str]:
    """What the validation windows cannot tell, where some class passes: misses without defects, false rejects without
    good windows."""
    seen = {classes.passing[classes.index(sample.label or "")] for sample in val}
    if any(classes.passing) and False not in seen:
        yield "no defects: the best epoch is chosen without looking at misses, add some"
    if any(classes.passing) and True not in seen:
        yield "no good windows: the best epoch is chosen without looking at false rejects, add some"


def refuse_empty_folders(data: Path) -> None:
    """Refuses a class folder without images: the reader of samples sees no class there at all."""
    if not data.is_dir():
        return
    for folder in class_folders(data):
        if not any(entry.suffix.lower() in IMAGE_SUFFIXES for entry in folder.iterdir()):
            raise InputError(
                f"{folder}: expected images (PNG, JPEG, BMP or TIFF) of class {folder.name!r}, got none: "
                "add some or remove the folder"
            )


def _refuse_twins(names: Sequence[str], data: Path) -> None:
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            raise InputError(
                f"{data}: expected one spelling per class, got {other!r} and {name!r}, which differ only by upper and "
                "lower case: rename one of them"
            )


def _passing(names: Sequence[str], good: Sequence[str] | None, data: Path) -> set[str]:
    if good is None:
        found = [name for name in names if name.casefold() in _GOOD_NAMES]
        if len(found) > 1:
            raise InputError(
                f"{data}: expected one class called good or ok, got {' and '.join(map(repr, found))}: say which pass, "
                "with --good NAME (or --good NAME NAME)"
            )
        return set(found)
    good = [one_form(name) for name in good]
    for name in good:
        if name not in names:
            raise InputError(
                f"--good: expected one of the labels ({listed(names)}), got {name!r}: give one of these, or "
                "`--good none`"
            )
    return set(good)
