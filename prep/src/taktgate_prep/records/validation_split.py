"""Whether the validation windows that were set aside are those that a model was made with (docs/formats.md, 1)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.classes import Classes
from taktgate_prep.data.sample import Sample, select
from taktgate_prep.data.window_set import cut_windows
from taktgate_prep.errors import InputError
from taktgate_prep.model.model_file import Model
from taktgate_prep.records.beside import validation_windows


def val_record(samples: Sequence[Sample], contract: Contract) -> dict[str, Any]:
    """Number and digest of the labelled validation windows, as the record of `train` has them."""
    val = [sample for sample in select(samples, "val") if sample.label]
    windows = cut_windows(val, contract, Classes(contract.label_names, contract.passing), lambda _: None)
    return {"windows": len(windows), "sha256": windows.digest()}


def check_set_aside(
    models: Sequence[Model],
    contract: Contract,
    samples: Sequence[Sample],
    data: Path,
    here: dict[str, Any] | None = None,
) -> None:
    """Refuses validation windows that were set aside from train where a record beside a model names other ones: the
    model may have been trained on these. A split that the data itself names is taken as it is. here: the record of
    these windows, where it has been made.
    """
    named = [(model, found) for model in models if (found := validation_windows(model)) is not None]
    if not named or not any(sample.set_aside for sample in samples):
        return
    here = here or val_record(samples, contract)
    for model, (record, digest) in named:
        if digest != here["sha256"]:
            raise InputError(
                f"{record}: expected the validation windows that {model.path.name} was made with (sha256 "
                f"{digest[:12]}), got {here['windows']} other ones set aside from {data} (sha256 "
                f"{here['sha256'][:12]}), which it may have been trained on: give the --data, --val-share and "
                "--bad-images of then, name the splits in the data, or train again"
            )
