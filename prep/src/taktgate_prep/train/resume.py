"""The resume file: all that a run needs to go on after an epoch as if it had never been stopped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from taktgate_prep.errors import InputError
from taktgate_prep.files.whole import write_atomic
from taktgate_prep.train.files import options_record, saved
from taktgate_prep.train.options import TrainOptions

_FORMAT = "taktgate-resume-1"
_FREE = ("out", "resume")  # these may differ


class ResumeFile:
    """Of one run: its options and the digests of its data are written along and must be the same again."""

    def __init__(self, path: Path, options: TrainOptions, digests: dict[str, str]) -> None:
        self.path = path
        self.epochs = 0  # of this run that are in the file
        self._options = {key: value for key, value in options_record(options).items() if key not in _FREE}
        self._digests = digests

    def save(self, tensors: dict[str, Any], plain: dict[str, Any]) -> None:
        """Writes it whole or not at all. `tensors`: state dictionaries; `plain`: what JSON holds exactly, with the
        history of the epochs."""
        head = {"options": self._options, "digests": self._digests, "plain": plain}
        data = {"format": _FORMAT, "head": json.dumps(head), "tensors": tensors}
        write_atomic(self.path, saved(data))
        self.epochs = len(plain["history"])

    def load(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """(tensors, plain); refuses a file of other options or data."""
        if not self.path.is_file():
            raise InputError(
                f"--resume: expected {self.path}, which a run that was stopped leaves, got none: train without --resume"
            )
        try:
            data = torch.load(self.path, map_location="cpu", weights_only=True)
            if data["format"] != _FORMAT:
                raise ValueError(f"format {data['format']!r}")
            head = json.loads(data["head"])
        except Exception as error:  # whatever the unpickler makes of a foreign file
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise InputError(
                f"{self.path}: expected a resume file of `taktgate-prep train`, got: {reason}: "
                "remove it and train without --resume"
            ) from None
        self._check(head)
        self.epochs = len(head["plain"]["history"])
        return dict(data["tensors"]), dict(head["plain"])

    def remove(self) -> None:
        """After the run is done, or for want of room."""
        self.path.unlink(missing_ok=True)
        self.epochs = 0

    def _check(self, head: dict[str, Any]) -> None:
        now = json.loads(json.dumps(self._options))
        for key, value in now.items():
            if head["options"].get(key) != value:
                raise InputError(
                    f"--resume: expected the options of {self.path.name}, got {key} {value} instead of "
                    f"{head['options'].get(key)}: give the same options, or train without --resume"
                )
        for split, digest in self._digests.items():
            if head["digests"].get(split) != digest:
                raise InputError(
                    f"--resume: expected the {split} data that {self.path.name} was made with, got other images, "
                    "boxes or labels: bring the data back, or train without --resume"
                )
