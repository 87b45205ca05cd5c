"""The classes of a model, and which of them pass (docs/formats.md, 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from taktgate_prep.errors import InputError
from taktgate_prep.files import strict_json
from taktgate_prep.files.names import one_form


@dataclass(frozen=True)
class Label:
    """One class of the model; `passes` marks the classes of good parts."""

    name: str
    passes: bool


def read_labels(top: strict_json.Fields, where: str) -> tuple[Label, ...]:
    """The key `labels`: 2 to 64 unique names in the order of the logits."""
    labels = []
    for i, item in enumerate(top.items("labels", 2, 64)):
        fields = strict_json.Fields(item, f"{where}.labels[{i}]")
        labels.append(Label(one_form(fields.text("name")), fields.flag("pass")))
        fields.done()
    names = [label.name for label in labels]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{where}.labels: expected every name once, got {name!r} twice: rename one")
    return tuple(labels)


def labels_dict(labels: tuple[Label, ...]) -> list[dict[str, Any]]:
    """The JSON form of labels."""
    return [{"name": label.name, "pass": label.passes} for label in labels]
