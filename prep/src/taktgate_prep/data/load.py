"""Reading samples: the rows of a sample list, or the images of a folder SPLIT/CLASS/image (docs/formats.md, 1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from taktgate_prep.data.sample import Sample, place
from taktgate_prep.data.sample_folder import read_folder
from taktgate_prep.data.sample_list import read_list
from taktgate_prep.data.set_aside import set_aside
from taktgate_prep.errors import InputError
from taktgate_prep.files.names import listed, one_form
from taktgate_prep.files.whole import instead_of_file


def load_samples(
    data: Path, labels: Sequence[str] | None = None, val_share: float = 0.15, note: Callable[[str], None] | None = None
) -> list[Sample]:
    """Reads a list or folder, strictly, in its order.

    With `labels`, a row of another class is an error. Rows without a split belong to the split of their part, or to
    train. Where there is no val split, `val_share` of train is set aside by part, always the same parts.
    note: takes what the user should know about files that are left out.
    """
    if data.is_dir():
        samples = read_folder(data, note)
    elif data.is_file():
        samples = read_list(data)
    else:
        raise InputError(
            f"{data}: expected a sample list (.tsv) or a folder SPLIT/CLASS/image, got {instead_of_file(data)}: check "
            "the path"
        )
    if labels is not None:
        _check_labels(samples, labels)
    _refuse_case_twins(samples)
    samples = _complete_splits(samples)
    if all(sample.split != "val" for sample in samples):
        samples = set_aside(samples, val_share)
    return samples


def _refuse_case_twins(samples: Sequence[Sample]) -> None:
    first: dict[str, Sample] = {}
    for sample in samples:
        if sample.label is None:
            continue
        other = first.setdefault(sample.label.casefold(), sample)
        if other.label != sample.label:
            raise InputError(
                f"{place(sample)}: expected the label {other.label!r} as "
                f"{f'of {other.part}' if other.in_folder else f'in row {other.row}'}, got "
                f"{sample.label!r}: labels that differ only by upper and lower case are one class, "
                "write it one way"
            )


def _check_labels(samples: Sequence[Sample], labels: Sequence[str]) -> None:
    known = {one_form(label) for label in labels}
    for sample in samples:
        if sample.label is not None and sample.label not in known:
            raise InputError(
                f"{place(sample)}: expected a label of the contract ({listed(labels)}), got "
                f"{sample.label!r}: correct the label or use the contract of this data"
            )


def _complete_splits(samples: list[Sample]) -> list[Sample]:
    of_part: dict[str, Sample] = {}
    for sample in samples:
        if sample.split is None:
            continue
        first = of_part.setdefault(sample.part, sample)
        if first.split != sample.split:
            raise InputError(
                f"{place(sample)}: expected part {sample.part!r} in split {first.split} as in row "
                f"{first.row}, got {sample.split}: rows of one part belong to one split"
            )
    return [
        sample
        if sample.split is not None
        else replace(sample, split=of_part[sample.part].split if sample.part in of_part else "train")
        for sample in samples
    ]
