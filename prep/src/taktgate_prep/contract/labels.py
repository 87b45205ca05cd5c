"""The classes of a model, and which of them pass (docs/formats.md, 2)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from taktgate_prep.errors import InputError
from taktgate_prep.files import strict_json
from taktgate_prep.files.names import one_form

MOST_LABELS = 1000  # of a model: the classes of ImageNet


@dataclass(frozen=True)
class Label:
    """One class of the model; `passes` marks the classes of good parts."""

    name: str
    passes: bool


def read_labels(top: strict_json.Fields, where: str) -> tuple[Label, ...]:
    """The key `labels`: 2 to 1000 unique names in the order of the logits."""
    labels = []
    for i, item in enumerate(top.items("labels", 2, MOST_LABELS)):
        fields = strict_json.Fields(item, f"{where}.labels[{i}]")
        labels.append(Label(one_form(fields.text("name")), fields.flag("pass")))
        fields.done()
    for name, count in Counter(label.name for label in labels).items():
        if count > 1:
            raise InputError(f"{where}.labels: expected every name once, got {name!r} twice: rename one")
    return tuple(labels)


def labels_dict(labels: tuple[Label, ...]) -> list[dict[str, Any]]:
    """The JSON form of labels."""
    return [{"name": label.name, "pass": label.passes} for label in labels]
