"""What the data holds: windows, parts and classes per split, with a digest of each."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from taktgate_prep.data.sample import Sample
from taktgate_prep.files.names import SPLITS


def per_split(samples: Sequence[Sample], names: Sequence[str], files: dict[Path, str]) -> dict[str, Any]:
    """Counts of every split, also of those that were not tested.

    sha256: over the rows in their order, each with the digest of its image file (`files`), its window and its label;
    it does not depend on names and folders.
    """
    return {
        split: _one([sample for sample in samples if sample.split == split], names, files)
        for split in SPLITS
        if any(sample.split == split for sample in samples)
    }


def _one(samples: Sequence[Sample], names: Sequence[str], files: dict[Path, str]) -> dict[str, Any]:
    counts = Counter(sample.label for sample in samples)
    digest = hashlib.sha256()
    for sample in samples:
        digest.update(f"{files[sample.image]}\t{sample.window}\t{sample.label}\n".encode())
    return {
        "windows": len(samples),
        "images": len({sample.image for sample in samples}),
        "parts": len({sample.part for sample in samples}),
        "unlabelled": counts[None],
        "per_label": [counts[name] for name in names],
        "sha256": digest.hexdigest(),
    }
