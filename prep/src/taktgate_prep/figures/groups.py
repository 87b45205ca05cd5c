"""Figures for groups of parts apart: a list PART<TAB>GROUP beside the data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from taktgate_prep.data.sample import Sample
from taktgate_prep.errors import InputError
from taktgate_prep.figures.evaluation import Answers, Truth, figures
from taktgate_prep.files.names import one_form
from taktgate_prep.files.plain_text import lines_of
from taktgate_prep.files.strict_json import is_plain
from taktgate_prep.files.whole import read_bytes

_MAX_BYTES = 64 << 20
_MOST_GROUPS = 64
_NO_GROUP = "(no group)"


def read_groups(path: Path) -> dict[str, str]:
    """Part -> group; the first line is `part<TAB>group`."""
    lines = [one_form(line) for line in lines_of(read_bytes(path, _MAX_BYTES, "a list of groups"), str(path))] or [""]
    if lines[0].split("\t") != ["part", "group"]:
        raise InputError(
            f"{path}:1: expected the columns part and group, separated by a tab, got {lines[0][:60]!r}: "
            "write this header line"
        )
    groups: dict[str, str] = {}
    for number, line in enumerate(lines[1:], 2):
        if not line:
            continue
        fields = line.split("\t")
        if len(fields) != 2 or not all(is_plain(field, 256) for field in fields):
            raise InputError(
                f"{path}:{number}: expected a part and a group, separated by a tab, got {line[:60]!r}: correct the line"
            )
        if groups.setdefault(*fields) != fields[1]:
            raise InputError(
                f"{path}:{number}: expected part {fields[0]!r} in one group, got it in "
                f"{groups[fields[0]]!r} and {fields[1]!r}: remove one"
            )
    if len(set(groups.values())) > _MOST_GROUPS:
        raise InputError(f"{path}: expected at most {_MOST_GROUPS} groups, got {len(set(groups.values()))}: join some")
    return groups


def per_group(
    groups: dict[str, str], samples: Sequence[Sample], answers: dict[str, Answers], truth: Truth, names: Sequence[str]
) -> list[dict[str, Any]]:
    """Accuracy by verdict and class of every group; parts that the list does not name are a group of their own."""
    of_sample = np.array([groups.get(sample.part, _NO_GROUP) for sample in samples])
    rows = []
    for group in sorted(set(of_sample.tolist())):
        here = np.flatnonzero(of_sample == group)
        row: dict[str, Any] = {"group": group, "windows": len(here), "parts": len({samples[i].part for i in here})}
        for key, given in answers.items():
            part = Answers(given.logits[here], tuple(given.verdicts[i] for i in here))
            found = figures(part, Truth(truth.label[here], truth.passing), names)
            row[key] = {name: found[name] for name in ("binary", "classes", "missed", "false_rejects")}
        rows.append(row)
    return rows
