"""The certificate of a release: what was measured, by what, on what. It is shown, not interpreted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from taktgate_prep.bundle.recipe import Recipe
from taktgate_prep.errors import InputError
from taktgate_prep.figures.evaluation import MODEL_KEYS
from taktgate_prep.files import strict_json
from taktgate_prep.files.whole import read_bytes
from taktgate_prep.model.model_file import Model
from taktgate_prep.records.beside import without_times
from taktgate_prep.records.versions import versions

_MOST_BYTES = 1 << 20  # docs/formats.md, 5
_LENGTHS = (200, 100, 50, 20, 10, 5)


def make_certificate(
    model: Model, recipe: Recipe, given: Path | None, origin: dict[str, Any] | None
) -> tuple[dict[str, Any], str]:
    """The certificate, and in words where its figures are from. No wall time: same input, same bytes.

    origin: what the file of the thresholds says of itself, None where they are from the recipe or an option.
    """
    stem = model.path.name.removesuffix(".onnx")
    if given is not None:
        evaluation: dict[str, Any] | None = _read(given)
        source = given.name
        if not _speaks_of(evaluation, model):
            raise InputError(
                f"{given}: expected a report about {model.path.name} (sha256 {model.file_sha256[:12]}), "
                "got one about another model: run evaluate again on this model"
            )
    else:
        evaluation, source = _find(model, (f"{stem}.report.json", "report.json"))
    quantisation, _ = _find(model, (f"{stem}.quantise.json",))
    certificate: dict[str, Any] = {
        "schema": 1,
        "model": {"file": model.path.name, "bytes": model.file_bytes, "sha256": model.file_sha256},
        "thresholds": recipe.to_dict()["thresholds"],
        **({"thresholds_from": origin} if origin is not None else {}),
        "packed_by": versions(),
    }
    if quantisation is not None:
        certificate["quantisation"] = without_times(quantisation)
    if evaluation is not None:
        certificate["evaluation"] = without_times(evaluation)
        if isinstance(evaluation.get("thresholds"), dict):
            certificate["thresholds_match"] = evaluation["thresholds"] == certificate["thresholds"]
    return shortened(certificate), source


def other_thresholds(certificate: dict[str, Any]) -> str | None:
    """A warning where the figures were measured at other thresholds than the release has."""
    if certificate.get("thresholds_match", True):
        return None
    first, second = (
        f"{entry.get('pass_at_most')} and {entry.get('fail_at_least')}"
        for entry in (certificate["evaluation"]["thresholds"], certificate["thresholds"])
    )
    return (
        f"the report was made at the thresholds {first}, the release has {second}: its figures are not those of "
        "the release"
    )


def other_runtime(certificate: dict[str, Any], deciding: str) -> str | None:
    """A warning where the INT8 figures were measured on another runtime than the release runs on (`deciding`)."""
    figures = certificate.get("evaluation", {}).get("int8", {})
    runtime = figures.get("runtime") if isinstance(figures, dict) else None
    measured = runtime.get("name") if isinstance(runtime, dict) else None
    if measured in (None, deciding):
        return None
    return f"the report was made with the answers of {measured}, the release runs on {deciding}"


def shortened(certificate: dict[str, Any]) -> dict[str, Any]:
    """As it is if it fits into a bundle; else every list of objects cut to the same length, with what was left out."""
    for most in _LENGTHS:
        if len(strict_json.dump(certificate)) <= _MOST_BYTES:
            break
        certificate = _cut(certificate, most)
    return certificate


def _cut(value: Any, most: int) -> Any:
    if isinstance(value, list):
        return [_cut(entry, most) for entry in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for key, entry in value.items():
        found[key] = _cut(entry, most)
        if isinstance(entry, list) and len(entry) > most and all(isinstance(one, dict) for one in entry):
            found[key] = found[key][:most]
            found[f"{key}_cut"] = value.get(f"{key}_cut", 0) + len(entry) - most
    return found


def _find(model: Model, names: tuple[str, ...]) -> tuple[dict[str, Any] | None, str]:
    """The first of these files beside the model that speaks of this very model."""
    for name in names:
        path = model.path.with_name(name)
        if path.is_file():
            found = _read(path)
            if _speaks_of(found, model):
                return found, name
    return None, "none"


def _read(path: Path) -> dict[str, Any]:
    most = strict_json.MOST_OF_RECORD
    value = strict_json.parse(read_bytes(path, most, "a report of evaluate"), str(path), most)
    if not isinstance(value, dict) or value.get("schema") != 1:
        raise InputError(f'{path}: expected a report of evaluate with "schema": 1, got another document: name another')
    return value


def _speaks_of(report: Any, model: Model) -> bool:
    """Whether the digest of the model stands in the report; a report without any digest is taken as it is."""
    digests = list(_digests(report))
    return not digests or model.file_sha256 in digests


def _digests(report: Any) -> list[str]:
    found = []
    for key in MODEL_KEYS:  # in a report of evaluate below `size`, in a record of quantise right there
        entry = report.get(key)
        for holder in (entry, entry.get("size")) if isinstance(entry, dict) else ():
            if isinstance(holder, dict) and isinstance(holder.get("sha256"), str):
                found.append(holder["sha256"])
    return found
