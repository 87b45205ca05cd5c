"""Parts that are set aside to validate with, where the data names no split val."""

from __future__ import annotations

from dataclasses import replace

from taktgate_prep.data.sample import Sample
from taktgate_prep.files.whole import sha256


def set_aside(samples: list[Sample], share: float) -> list[Sample]:
    """Moves whole parts from train to val until every class has its share; none loses its last part.

    In the order of the digests of their names: every command, whatever its --seed, sets the same parts aside.
    """
    rows_of: dict[str, list[str]] = {}  # part -> labels of its rows
    for sample in samples:
        if sample.split == "train":
            rows_of.setdefault(sample.part, []).append(sample.label or "")
    order = sorted(rows_of, key=lambda part: sha256(f"0/{part}".encode("utf-8", "surrogateescape")))
    rows: dict[str, int] = {}
    parts: dict[str, int] = {}
    for labels in rows_of.values():
        for label in labels:
            rows[label] = rows.get(label, 0) + 1
        for label in set(labels):
            parts[label] = parts.get(label, 0) + 1
    moved: set[str] = set()
    have = dict.fromkeys(rows, 0)
    for label in sorted(rows, key=lambda name: (rows[name], name)):  # rare classes first
        for part in order:
            if have[label] >= share * rows[label]:
                break
            labels = rows_of[part]
            if label not in labels or part in moved or any(parts[other] < 2 for other in set(labels)):
                continue
            moved.add(part)
            for other in labels:
                have[other] += 1
            for other in set(labels):
                parts[other] -= 1
    return [
        replace(sample, split="val", set_aside=True) if sample.split == "train" and sample.part in moved else sample
        for sample in samples
    ]
