"""The certificate of a release: what was measured, by what, on what. It is shown, not interpreted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from taktgate_prep import strict_json
from taktgate_prep.errors import InputError
from taktgate_prep.evaluation import MODEL_KEYS
from taktgate_prep.files import read_bytes
from taktgate_prep.model_file import Model
from taktgate_prep.recipe import Recipe
from taktgate_prep.versions import versions


def make_certificate(model: Model, recipe: Recipe, given: Path | None) -> tuple[dict[str, Any], str]:
    """The certificate, and in words where its figures are from. No wall time: same input, same bytes."""
    stem = model.path.name.removesuffix(".onnx")
    if given is not None:
        evaluation: dict[str, Any] | None = _read(given)
        source = given.name
        if not _speaks_of(evaluation, model):
            raise InputError(f"{given}: expected a report about {model.path.name} (sha256 {model.file_sha256[:12]}), "
                             "got one about another model: run evaluate again on this model")
    else:
        evaluation, source = _find(model, (f"{stem}.report.json", "report.json"))
    quantisation, _ = _find(model, (f"{stem}.quantize.json",))
    certificate: dict[str, Any] = {
        "schema": 1,
        "model": {"file": model.path.name, "bytes": model.file_bytes, "sha256": model.file_sha256},
        "thresholds": recipe.to_dict()["thresholds"],
        "packed_by": versions(),
    }
    if quantisation is not None:
        certificate["quantisation"] = quantisation
    if evaluation is not None:
        certificate["evaluation"] = evaluation
    return certificate, source


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
    value = strict_json.parse(read_bytes(path, 1 << 20, "a report of evaluate"), str(path))
    if not isinstance(value, dict) or value.get("schema") != 1:
        raise InputError(f'{path}: expected a report of evaluate with "schema": 1, got another document: name another')
    return value


def _speaks_of(report: Any, model: Model) -> bool:
    """Whether the digest of the model stands in the report; a report without any digest is taken as it is."""
    digests = list(_digests(report))
    return not digests or model.file_sha256 in digests


def _digests(report: Any) -> list[str]:
    found = []
    for key in MODEL_KEYS:  # in a report of evaluate below `size`, in a record of quantize right there
        entry = report.get(key)
        for holder in (entry, entry.get("size")) if isinstance(entry, dict) else ():
            if isinstance(holder, dict) and isinstance(holder.get("sha256"), str):
                found.append(holder["sha256"])
    return found
