"""Leaving out images that cannot be read, where that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taktgate_prep.data.image import decoded
from taktgate_prep.data.sample import Sample, place, root_of
from taktgate_prep.errors import InputError
from taktgate_prep.terminal.progress import Progress, Rate

_MOST_NAMES = 20  # in a record


@dataclass(frozen=True)
class LeftOut:
    """Images that could not be read, by their path below the data, and how many samples went with them."""

    names: tuple[str, ...] = ()
    samples: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As a record has it: the first images by name."""
        return {"images": len(self.names), "samples": self.samples, "first": list(self.names[:_MOST_NAMES])}


def leave_out_unreadable(samples: Sequence[Sample], progress: Progress) -> tuple[list[Sample], LeftOut]:
    """The samples whose image and golden image can be decoded; every other one is named."""
    faults: dict[Path, str] = {}
    root = root_of(samples[0])
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
        progress.line(
            f"{len(faults)} of {len(files)} images cannot be read, {len(samples) - len(kept)} of "
            f"{len(samples)} samples are left out"
        )
    if not kept:
        raise InputError(
            f"{samples[0].source}: expected images that can be read, got none "
            f"({next(iter(faults.values()))}): check the data"
        )
    return kept, LeftOut(tuple(path.relative_to(root).as_posix() for path in faults), len(samples) - len(kept))
