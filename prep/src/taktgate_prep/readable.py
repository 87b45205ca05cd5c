"""Leaving out images that cannot be read, where that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from taktgate_prep.errors import InputError
from taktgate_prep.image import decoded
from taktgate_prep.samples import Sample, place
from taktgate_prep.train.progress import Progress, Rate


def leave_out_unreadable(samples: Sequence[Sample], progress: Progress) -> list[Sample]:
    """The samples whose image and golden image can be decoded; every other one is named."""
    faults: dict[Path, str] = {}
    files = {path: place(sample) for sample in samples for path in (sample.image, sample.golden) if path is not None}
    rate = Rate(len(files))
    for done, (path, where) in enumerate(files.items(), 1):
        try:
            decoded(path, "grey", where)
        except InputError as error:
            faults[path] = str(error)
            progress.line(f"left out: {error}")
        progress.status(f"checking images {done}/{len(files)}, {rate.text(done)}")
    kept = [sample for sample in samples if not faults.keys() & {sample.image, sample.golden}]
    if faults:
        progress.line(f"{len(faults)} of {len(files)} images cannot be read, {len(samples) - len(kept)} of "
                      f"{len(samples)} samples are left out")
    if not kept:
        raise InputError(f"expected images that can be read, got none ({next(iter(faults.values()))}): check the data")
    return kept
