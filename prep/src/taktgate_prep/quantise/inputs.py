"""The windows that `quantise` looks at: draws of train to calibrate on, val to choose on, never test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.readable import LeftOut
from taktgate_prep.data.sample import Sample, windows_of
from taktgate_prep.errors import InputError
from taktgate_prep.files.names import listed
from taktgate_prep.quantise.draws import digest, draws, missing_classes
from taktgate_prep.quantise.overlap import refuse_test_images
from taktgate_prep.quantise.score import Validation, label_indices
from taktgate_prep.quantise.stages import Calibration
from taktgate_prep.quantise.windows import read
from taktgate_prep.records.validation_split import val_record
from taktgate_prep.terminal.progress import Progress

_DRAWS = 4
_MOST_VALIDATION = 2000


@dataclass(frozen=True)
class Inputs:
    """calibration_samples stand beside the windows; notes: what the user should know about the data;
    validation_record: number and digest of all labelled validation windows, chosen or not."""

    calibration: Calibration
    validation: Validation
    calibration_samples: list[Sample]
    train_windows: int
    notes: list[str]
    validation_record: dict[str, Any]
    left_out: LeftOut = field(default_factory=LeftOut)

    def digest(self) -> str:
        """SHA-256 over all windows that were calibrated on."""
        return digest(self.calibration_samples, self.calibration.windows)


def read_inputs(
    samples: Sequence[Sample], contract: Contract, size: int, seed: int, fixed: bool, progress: Progress
) -> Inputs:
    """`size` windows in each of four draws; one draw where the setting is fixed. Without validation windows only a
    fixed setting is possible: the calibration windows stand in, without labels."""
    train, val, test = (windows_of(samples, split) for split in ("train", "val", "test"))
    drawn = draws(train, contract, size, 1 if fixed else _DRAWS, seed)
    rows = sorted({row for one in drawn for row in one})
    place = {row: i for i, row in enumerate(rows)}
    seen = [train[row] for row in rows]
    if not val and not fixed:
        raise InputError(
            f"{samples[0].source}: expected windows of split val to choose a setting on, got none: mark "
            "some parts as val, raise --val-share, or fix the setting with --method"
        )
    chosen = _some(val, seed)
    refuse_test_images([*seen, *chosen], test)
    windows = read(seen, contract, "reading train", progress)
    validation = (
        Validation(
            read(chosen, contract, "reading val", progress),
            label_indices([sample.label for sample in chosen], contract.label_names),
        )
        if chosen
        else Validation(windows, np.full(len(windows), -1, np.int64))
    )
    calibration = Calibration(windows, [[place[row] for row in one] for one in drawn])
    return Inputs(
        calibration, validation, seen, len(train), list(_notes(train, val, contract)), val_record(samples, contract)
    )


def _some(val: Sequence[Sample], seed: int) -> list[Sample]:
    """All, or as many as are enough, at random and in their order."""
    if len(val) <= _MOST_VALIDATION:
        return list(val)
    rows = np.random.default_rng((seed, len(val))).permutation(len(val))[:_MOST_VALIDATION]
    return [val[int(row)] for row in sorted(rows)]


def _notes(train: Sequence[Sample], val: Sequence[Sample], contract: Contract) -> list[str]:
    notes = []
    for split, samples in (("train", train), ("val", val)):
        missing = missing_classes(samples, contract)
        if missing and samples:
            notes.append(
                f"split {split} holds no window of {listed(missing)}: what the model does with them was "
                + ("not calibrated" if split == "train" else "not looked at in the choice")
            )
    if not val:
        notes.append("no windows of split val: the setting is taken as given, figures are of calibration windows")
    elif len(val) > _MOST_VALIDATION:
        notes.append(f"{_MOST_VALIDATION} of {len(val)} validation windows are used, at random")
    return notes


def record_of(inputs: Inputs, draw: int, seed: int) -> dict[str, object]:
    """The key `calibration` of the record."""
    return {
        "windows": len(inputs.calibration.draws[draw]),
        "draw": draw,
        "draws": len(inputs.calibration.draws),
        "windows_of_all_draws": len(inputs.calibration.windows),
        "seed": seed,
        "sha256": inputs.digest(),
    }
