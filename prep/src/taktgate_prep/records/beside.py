"""The records of train and quantise that lie beside the models of a report, and speak of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from taktgate_prep.files import strict_json
from taktgate_prep.files.whole import read_bytes, sha256
from taktgate_prep.model.model_file import Model

_TIMES = ("time", "seconds")


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
    names = ("command", "versions", "best_epoch", "stopped_by", "val", "options", "left_out")
    kept: dict[str, Any] = {key: record[key] for key in names if key in record}
    return record, {**named, **kept, "epochs": len(epochs) if isinstance(epochs, list) else None}


def quantisation_record(model: Model) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """(the record, what a report keeps of it) of an INT8 model; None where there is none of this very model."""
    found = _record(model, ".quantise.json", "int8")
    if found is None:
        return None
    record, named = found
    names = ("command", "versions", "settings", "calibration", "left_out")
    kept: dict[str, Any] = {key: record[key] for key in names if key in record}
    return record, {**named, **kept}


def validation_windows(model: Model) -> tuple[Path, str] | None:
    """The record beside a model that says which windows it was validated or chosen with, and their digest."""
    for suffix, key in ((".train.json", "model"), (".quantise.json", "int8")):
        found = _record(model, suffix, key)
        if found is None:
            continue
        windows = found[0].get("windows")
        entry = found[0].get("validation") if key == "int8" else windows.get("val") if isinstance(windows, dict) else {}
        if isinstance(entry, dict) and isinstance(entry.get("sha256"), str):
            return model.path.with_suffix(suffix), entry["sha256"]
    return None


def _record(model: Model, suffix: str, key: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The digest is over the record without its times, so that it repeats like the model."""
    path: Path = model.path.with_suffix(suffix)
    if not path.is_file():
        return None
    most = strict_json.MOST_OF_RECORD
    record = strict_json.parse(read_bytes(path, most, "a record"), str(path), most)
    entry = record.get(key) if isinstance(record, dict) else None
    if not isinstance(entry, dict) or entry.get("sha256") != model.file_sha256:
        return None
    return record, {"file": path.name, "sha256": sha256(strict_json.dump(without_times(record)))}
