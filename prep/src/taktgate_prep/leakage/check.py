"""The leakage check: shared parts, equal files, equal windows, near duplicates, as JSON values with one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.sample import Sample
from taktgate_prep.leakage.candidates import VARIANTS, find
from taktgate_prep.leakage.collect import Windows, collect
from taktgate_prep.leakage.verify import copies, left_over
from taktgate_prep.terminal.progress import Progress, Rate, bar

KINDS = ("same part", "same file", "same pixels", "near duplicate")
_CANDIDATES = 6
_MOST_LISTED = 200


@dataclass(frozen=True)
class Pair:
    """Tested window `tested` is, or may be, reference window `other`; kind: one of KINDS, the first that holds."""

    kind: str
    tested: int
    other: int


def check(
    tested: Sequence[Sample],
    reference: Sequence[Sample],
    files: dict[Path, str],
    contract: Contract,
    root: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Compares labelled samples of the tested split with those of the others; `files`: SHA-256 of the images."""
    windows = collect([*tested, *reference], contract, progress)
    count = len(tested)
    same = _same(tested, reference, files, windows)
    seen = {pair.tested for pair in same}
    compared = [i for i in range(count) if not windows.blank[i]]
    near = _near(windows, count, [i for i in compared if i not in seen], progress)
    pairs = _whole_images([*same, *near], tested, reference, compared)
    report = _report(pairs, tested, reference, int(windows.blank[:count].sum()), root)
    return {**report, "look_alikes": len(same) + len(near) - len(pairs)}


def _same(
    tested: Sequence[Sample], reference: Sequence[Sample], files: dict[Path, str], windows: Windows
) -> list[Pair]:
    """Pairs that are equal in part, file or pixels: for each window the first reference window of the first kind."""
    tables: list[tuple[str, dict[Any, int]]] = [(kind, {}) for kind in KINDS[:3]]
    for j in reversed(range(len(reference))):
        for (_, table), key in zip(tables, _keys(reference[j], files, windows, len(tested) + j), strict=True):
            table[key] = j
    pairs = []
    for i, sample in enumerate(tested):
        for (kind, table), key in zip(tables, _keys(sample, files, windows, i), strict=True):
            if key is not None and key in table:
                pairs.append(Pair(kind, i, table[key]))
                break
    return pairs


def _keys(sample: Sample, files: dict[Path, str], windows: Windows, place: int) -> tuple[Any, Any, Any]:
    """What two samples of one part, one file, one window share; a blank window is like any other blank one."""
    if windows.blank[place]:
        return sample.part, None, None
    return sample.part, files[sample.image], windows.pixels[place]


def _near(windows: Windows, count: int, asked: list[int], progress: Progress) -> list[Pair]:
    known = np.flatnonzero(~windows.blank[count:])
    if not asked or not len(known):
        return []
    reference = windows.grey[count:][known]
    chosen, variants = find(windows.grey[asked], reference, _CANDIDATES)
    rest, contrast = np.empty(chosen.shape), np.empty(len(asked))
    rate = Rate(len(asked))
    for done, (i, near, how) in enumerate(zip(asked, chosen, variants, strict=True)):
        rest[done], contrast[done] = left_over(windows.grey[i], reference[near], [VARIANTS[v] for v in how])
        progress.status(f"near duplicates {bar(done / len(asked))} {done}/{len(asked)}, {rate.text(done)}")
    return [
        Pair("near duplicate", i, int(known[near[place]]))
        for i, near, place in zip(asked, chosen, copies(rest, contrast), strict=True)
        if place >= 0
    ]


def _whole_images(
    pairs: Sequence[Pair], tested: Sequence[Sample], reference: Sequence[Sample], compared: Sequence[int]
) -> list[Pair]:
    """Without windows that are like a window of another image, but most windows of their own image are not.

    Simple windows, as a straight edge, look alike on parts that have nothing to do with each other; a copied photo
    brings all its windows along.
    """
    windows = Counter(tested[i].image for i in compared)
    alike = Counter((tested[pair.tested].image, reference[pair.other].image) for pair in pairs)
    kept = []
    for pair in pairs:
        image = tested[pair.tested].image
        if pair.kind in KINDS[:2] or 2 * alike[image, reference[pair.other].image] > windows[image]:
            kept.append(pair)
    return sorted(kept, key=lambda pair: (pair.tested, KINDS.index(pair.kind), pair.other))


def _report(
    pairs: Sequence[Pair], tested: Sequence[Sample], reference: Sequence[Sample], blank: int, root: Path
) -> dict[str, Any]:
    splits = sorted({sample.split or "" for sample in reference}, key=("train", "val", "test").index)
    per_split = {split: sum(reference[pair.other].split == split for pair in pairs) for split in splits}
    report = {
        "windows": len(tested),
        "against": {split: sum(sample.split == split for sample in reference) for split in splits},
        "blank": blank,
        "leaked": len(pairs),
        "leaked_per_split": per_split,
        "kinds": {kind: sum(pair.kind == kind for pair in pairs) for kind in KINDS},
        "pairs": [
            {
                "kind": pair.kind,
                "tested": _named(tested[pair.tested], root),
                "other": {"split": reference[pair.other].split, **_named(reference[pair.other], root)},
            }
            for pair in pairs[:_MOST_LISTED]
        ],
        "pairs_left_out": max(0, len(pairs) - _MOST_LISTED),
    }
    return {**report, "summary": _summary(report, tested), "sentence": _sentence(report, tested)}


def _named(sample: Sample, root: Path) -> dict[str, Any]:
    return {"image": sample.image.relative_to(root).as_posix(), "row": sample.row, "label": sample.label}


def _summary(report: dict[str, Any], tested: Sequence[Sample]) -> str | None:
    """What stands in the way of a proof, in a few words; None where nothing does."""
    found = {split: count for split, count in report["leaked_per_split"].items() if count}
    if not found:
        return None
    total, where = report["leaked"], " and ".join(found)
    return (
        f"{total:,} of {report['windows']:,} {tested[0].split} windows {'is' if total == 1 else 'are'} also in {where}"
    )


def _sentence(report: dict[str, Any], tested: Sequence[Sample]) -> str:
    if not report["against"]:
        return "No other split is in the data: whether the model has seen these windows cannot be checked."
    where = " and ".join(report["against"])
    blank = f" ({report['blank']:,} windows without content are not compared)" if report["blank"] else ""
    if not report["leaked"]:
        return (
            f"None of {report['windows']:,} {tested[0].split} windows is in {where}: no shared part, file or "
            f"window, no near duplicate{blank}."
        )
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in report["kinds"].items() if count)
    first = report["pairs"][0]
    named = (
        f"{first['tested']['image']} (row {first['tested']['row']}) and {first['other']['image']} "
        f"(row {first['other']['row']}, {first['other']['split']})"
    )
    return f"{_summary(report, tested)}: {kinds}; first {named}{blank}."
