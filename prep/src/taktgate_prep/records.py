"""The records of train and quantize that lie beside the models of a report, and speak of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from taktgate_prep import strict_json
from taktgate_prep.errors import InputError
from taktgate_prep.files import read_bytes, sha256
from taktgate_prep.model_file import Model

_MAX_BYTES = 1 << 20
_TIMES = ("time", "time_ratio", "seconds", "resume")


def without_times(value: Any) -> Any:
    """Without what differs from run to run: the keys of measured times."""
    if isinstance(value, dict):
        return {key: without_times(entry) for key, entry in value.items() if key not in _TIMES}
    return [without_times(entry) for entry in value] if isinstance(value, list) else value


def training_record(model: Model) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """(the record, what a report keeps of it) of a float model; None where there is none of this very model."""
    found = _record(model, ".train.json", "model")
    if found is None:
        return None
    record, named = found
    epochs = record.get("epochs")
    kept: dict[str, Any] = {key: record[key] for key in ("best_epoch", "stopped_by", "val", "options") if key in record}
    return record, {**named, **kept, "epochs": len(epochs) if isinstance(epochs, list) else None}


def quantisation_record(model: Model) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """(the record, what a report keeps of it) of an INT8 model; None where there is none of this very model."""
    found = _record(model, ".quantize.json", "int8")
    if found is None:
        return None
    record, named = found
    kept: dict[str, Any] = {key: record[key] for key in ("settings", "calibration") if key in record}
    return record, {**named, **kept}


def check_same_split(models: Sequence[Model], val_share: float) -> None:
    """Refuses a share of set-aside parts that is not the one a model was made with: parts it has learned from would
    count as unseen. Models without a record of their own are taken as they are."""
    for model in models:
        found = training_record(model)
        options = found[0].get("options") if found else None
        made_with = options.get("val_share") if isinstance(options, dict) else None
        found = quantisation_record(model)
        calibration = found[0].get("calibration") if found else None
        if isinstance(calibration, dict):
            made_with = calibration.get("val_share", made_with)
        if made_with is not None and made_with != val_share:
            raise InputError(f"{model.path}: expected --val-share {made_with:g}, with which this model was made, got "
                             f"{val_share:g}: parts it has learned from would count as unseen; give the same share")


def _record(model: Model, suffix: str, key: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    path: Path = model.path.with_suffix(suffix)
    if not path.is_file():
        return None
    data = read_bytes(path, _MAX_BYTES, "a record")
    record = strict_json.parse(data, str(path))
    entry = record.get(key) if isinstance(record, dict) else None
    if not isinstance(entry, dict) or entry.get("sha256") != model.file_sha256:
        return None
    return record, {"file": path.name, "sha256": sha256(strict_json.dump(without_times(record)))}
