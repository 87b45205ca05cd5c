"""Reading thresholds.json where a model is measured or packed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taktgate_prep.contract.judge import Thresholds
from taktgate_prep.errors import InputError
from taktgate_prep.files import strict_json
from taktgate_prep.files.strict_json import shown
from taktgate_prep.files.whole import read_bytes, sha256
from taktgate_prep.model.model_file import Model

_MAX_BYTES = 1 << 20


@dataclass(frozen=True)
class ChosenThresholds:
    """Thresholds, and of the file that they are from what it says of itself (None: no file, or overruled by an option)
    and its curve (None: no file, or one without)."""

    thresholds: Thresholds
    origin: dict[str, Any] | None = None
    curve: dict[str, Any] | None = None


def load_thresholds(path: Path, model: Model) -> ChosenThresholds:
    """The thresholds that were chosen for this very model; those of another one are refused."""
    data = read_bytes(path, _MAX_BYTES, "thresholds of taktgate-prep thresholds")
    document = strict_json.parse(data, str(path))
    if not isinstance(document, dict) or document.get("schema") != 1 or "point" not in document:
        raise InputError(
            f'{path}: expected a file of taktgate-prep thresholds with "schema": 1 and "point", got '
            "another document: name another"
        )
    digest = _entry(document, "model", path).get("sha256")
    if digest != model.file_sha256:
        raise InputError(
            f"{path}: expected thresholds chosen for {model.path.name} (sha256 {model.file_sha256[:12]}), "
            f"got some chosen for a model with sha256 {shown(digest)[1:13]}: run taktgate-prep thresholds "
            f"on {model.path.name}"
        )
    point = _entry(document, "point", path)
    low, high = (
        strict_json.number(point.get(key), f"{path}.point.{key}", 0, 1) for key in ("pass_at_most", "fail_at_least")
    )
    if low > high:
        raise InputError(
            f"{path}.point: expected pass_at_most up to fail_at_least, got {low:g} and {high:g}: choose "
            "the thresholds again"
        )
    origin = {
        "file": path.name,
        "sha256": sha256(data),
        "proved": point.get("proved") is True,
        "wanted": document.get("wanted"),
        **({"runtime": document["runtime"]} if "runtime" in document else {}),
        "statement": str(point.get("statement", "")),
    }
    return ChosenThresholds(Thresholds(low, high), origin, _curve(document, path))


def _curve(document: dict[str, Any], path: Path) -> dict[str, Any] | None:
    """The rates by threshold, with the split that they were counted on."""
    if "curve" not in document:
        return None
    given = _entry(document, "curve", path)
    found: dict[str, Any] = {}
    for key in ("threshold", "miss_rate", "false_reject_rate"):
        values = given.get(key)
        if not isinstance(values, list) or not values or len(values) != len(given["threshold"]):
            raise InputError(
                f"{path}.curve.{key}: expected as many numbers as thresholds, got {shown(values)}: choose "
                "the thresholds again"
            )
        found[key] = [strict_json.number(value, f"{path}.curve.{key}", 0, 1) for value in values]
    data = document.get("data")
    return {**found, "split": str(data.get("split", "")) if isinstance(data, dict) else ""}


def _entry(document: dict[str, Any], key: str, path: Path) -> dict[str, Any]:
    value = document.get(key)
    if not isinstance(value, dict):
        raise InputError(f"{path}.{key}: expected an object, got {shown(value)}: choose the thresholds again")
    return value
