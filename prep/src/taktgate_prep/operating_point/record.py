"""thresholds.json: the point, what it misses and rejects, per class, and what other points would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from taktgate_prep.contract.judge import Thresholds
from taktgate_prep.figures.statistics import clopper_pearson, upper_bound
from taktgate_prep.operating_point.choose import Point, Wanted, expected_cost
from taktgate_prep.operating_point.scored import Counts, Cuts, Scored, count, judged, odds_times

_ODDS_FACTOR = 2.0  # of the what-if rows: the odds of a defect that a window may have and still pass
_MOST_CURVE_POINTS = 2048


def describe(scored: Scored, point: Point, wanted: Wanted, names: Sequence[str]) -> dict[str, Any]:
    """Everything of thresholds.json that follows from the scores, as JSON values."""
    return {
        "wanted": wanted_dict(wanted),
        "point": {
            "pass_at_most": point.thresholds.pass_at_most,
            "fail_at_least": point.thresholds.fail_at_least,
            "proved": point.proved,
            "useful": point.useful,
            "statement": point.statement,
            "band_proved": point.band_proved,
            "band_statement": point.band_statement,
            **_rates(scored, count(scored, point.thresholds), wanted),
        },
        "per_class": _per_class(scored, point.thresholds, wanted, names),
        "what_if": [
            {
                "point": title,
                "pass_at_most": thresholds.pass_at_most,
                "fail_at_least": thresholds.fail_at_least,
                **_rates(scored, count(scored, thresholds), wanted),
            }
            for title, thresholds in _others(point.thresholds)
        ],
        "curve": _curve(scored),
    }


def wanted_dict(wanted: Wanted) -> dict[str, Any]:
    """What was asked for."""
    asked: dict[str, Any] = {
        "rule": "miss rate" if wanted.cost is None else "least cost",
        "max_miss": wanted.max_miss,
        "confidence": wanted.confidence,
    }
    if wanted.cost is not None:
        asked.update(cost_of_miss=wanted.cost[0], cost_of_false_reject=wanted.cost[1], defect_share=wanted.defect_share)
    return asked


def _others(thresholds: Thresholds) -> list[tuple[str, Thresholds]]:
    """The point, twice the odds to both sides, and the thresholds that hold where none are chosen."""

    def moved(factor: float) -> Thresholds:
        return Thresholds(odds_times(thresholds.pass_at_most, factor), odds_times(thresholds.fail_at_least, factor))

    return [
        ("stricter", moved(1 / _ODDS_FACTOR)),
        ("as is", thresholds),
        ("looser", moved(_ODDS_FACTOR)),
        ("default", Thresholds()),
    ]


def _rates(scored: Scored, counts: Counts, wanted: Wanted) -> dict[str, Any]:
    rates: dict[str, Any] = {
        "missed": {
            **_share(counts.missed, scored.defects),
            "upper_bound": upper_bound(counts.missed, scored.defects, wanted.confidence),
        },
        "false_rejects": _share(counts.false_rejects, scored.good),
        "unknown": _share(counts.unknown, len(scored.defect)),
        "good_failed": {
            **_share(counts.good_failed, scored.good),
            "upper_bound": upper_bound(counts.good_failed, scored.good, wanted.confidence),
        },
    }
    if wanted.cost is not None:
        rates["cost_per_window"] = float(expected_cost(counts.missed, counts.false_rejects, scored, wanted))
    return rates


def _share(hits: int, total: int) -> dict[str, Any]:
    interval = clopper_pearson(hits, total)
    return {
        "count": hits,
        "of": total,
        "value": hits / total if total else None,
        "interval95": None if interval is None else list(interval),
    }


def _per_class(scored: Scored, thresholds: Thresholds, wanted: Wanted, names: Sequence[str]) -> list[dict[str, Any]]:
    """Missed of a class of defects, rejected of a class of good parts; classes without windows are left out."""
    passed, _ = judged(scored, thresholds)
    rows = []
    for i, name in enumerate(names):
        here = scored.label == i
        if not here.any():
            continue
        defect = bool(scored.defect[here][0])
        wrong, total = int((passed[here] == defect).sum()), int(here.sum())
        rows.append(
            {
                "label": name,
                "what": "missed" if defect else "rejected",
                "count": wrong,
                "of": total,
                "upper_bound": upper_bound(wrong, total, wanted.confidence),
            }
        )
    return rows


def _curve(scored: Scored) -> dict[str, list[float]]:
    """Miss rate and false-reject rate of a single threshold, each from the score on at which the rates change; of more
    than 2048 steps so many."""
    cuts = Cuts.of(scored)
    places = np.unique(np.linspace(0, len(cuts.threshold) - 1, _MOST_CURVE_POINTS).round().astype(np.int64))
    return {
        "threshold": cuts.begins[places].tolist(),
        "miss_rate": (cuts.missed[places] / scored.defects).tolist(),
        "false_reject_rate": ((scored.good - cuts.passed_good[places]) / scored.good).tolist(),
    }
