"""The operating point: which windows pass, which fail, and whether the wanted miss rate is proved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from taktgate_prep.contract.judge import Thresholds
from taktgate_prep.errors import InputError
from taktgate_prep.figures.statistics import count_needed, most_hits, upper_bound
from taktgate_prep.operating_point.scored import Cuts, Scored, count

_USEFUL_SHARE = 0.5  # of the good windows must pass, or a gate is of no use


@dataclass(frozen=True)
class Wanted:
    """At most `max_miss` (0 to 1) of the defects pass, with this one-sided confidence.

    cost: None, or what one miss and one false reject cost; then the point with the least expected cost is taken, at
    `defect_share` defects among the parts (None: as many as among the windows).
    """

    max_miss: float
    confidence: float
    cost: tuple[float, float] | None = None
    defect_share: float | None = None


@dataclass(frozen=True)
class Point:
    """Two thresholds; proved: the wanted miss rate holds by the exact bound; useful: most good windows pass."""

    thresholds: Thresholds
    proved: bool
    useful: bool
    band_proved: bool
    statement: str
    band_statement: str


def choose(scored: Scored, wanted: Wanted) -> Point:
    """The point for the wanted miss rate, or with the least cost.

    By miss rate: n defects allow k misses, the largest k whose exact upper bound is at most the wanted rate. Of the
    cuts with at most k misses the one that rejects the fewest good windows is taken, then the lowest. k does not
    depend on the scores, so the bound also holds for the chosen cut: it is a tolerance limit (Wilks, Ann. Math. Stat.
    1941), and every lower cut keeps it. Too few defects for any k: no miss, as few false rejects as that allows.
    """
    cuts = Cuts.of(scored)
    allowed = most_hits(scored.defects, wanted.max_miss, wanted.confidence)
    at = _place(cuts, scored, wanted, allowed)
    if cuts.missed[at] * scored.good >= cuts.passed_good[at] * scored.defects > 0:
        raise InputError(
            "expected scores that tell good windows from defects, got some by which defects pass as often "
            "as good windows: check the labels, or train the model again"
        )
    fail_at_least, band_proved = _fail_cut(cuts, scored, at, wanted)
    thresholds = Thresholds(float(cuts.threshold[at]), fail_at_least)
    proved = int(cuts.missed[at]) <= allowed
    useful = int(cuts.passed_good[at]) >= _USEFUL_SHARE * scored.good
    return Point(
        thresholds,
        proved,
        useful,
        band_proved,
        _statement(scored, thresholds, wanted, allowed),
        _band_statement(scored, thresholds, wanted, band_proved),
    )


def _place(cuts: Cuts, scored: Scored, wanted: Wanted, allowed: int) -> int:
    """The cut that is taken for pass_at_most."""
    if not len(cuts.threshold):
        raise InputError("expected finite logits, got none for any window: train the model again")
    if wanted.cost is not None:
        return _cheapest(cuts, scored, wanted)
    within = _within(cuts, cuts.missed <= allowed)
    return within if within is not None and cuts.passed_good[within] else _safest(cuts, scored)


def expected_cost(
    missed: npt.NDArray[np.int64] | int, false_rejects: npt.NDArray[np.int64] | int, scored: Scored, wanted: Wanted
) -> npt.NDArray[np.float64]:
    """Cost per window when defects come at the wanted share; misses and false rejects at their rates on the windows."""
    miss, reject = wanted.cost or (0.0, 0.0)
    share = scored.defects / len(scored.defect) if wanted.defect_share is None else wanted.defect_share
    cost = (
        share * miss * np.asarray(missed) / scored.defects
        + (1 - share) * reject * np.asarray(false_rejects) / scored.good
    )
    return np.asarray(cost, np.float64)


def _within(cuts: Cuts, allowed: npt.NDArray[np.bool_]) -> int | None:
    """The allowed cut that passes the most good windows, then the lowest."""
    places = np.flatnonzero(allowed)
    return int(places[np.argmax(cuts.passed_good[places])]) if len(places) else None


def _safest(cuts: Cuts, scored: Scored) -> int:
    """Fewest misses, then fewest false rejects, of the cuts that pass half of the good windows (else of all)."""
    useful = cuts.passed_good >= _USEFUL_SHARE * scored.good
    places = np.flatnonzero(useful) if useful.any() else np.flatnonzero(cuts.passed_good == cuts.passed_good.max())
    return int(min(places, key=lambda i: (cuts.missed[i], -cuts.passed_good[i], cuts.threshold[i])))


def _cheapest(cuts: Cuts, scored: Scored, wanted: Wanted) -> int:
    """Least expected cost; of equal ones the fewest misses."""
    cost = np.round(expected_cost(cuts.missed, scored.good - cuts.passed_good, scored, wanted), 12)
    return int(np.lexsort((cuts.threshold, cuts.missed, cost))[0])


def _fail_cut(cuts: Cuts, scored: Scored, at: int, wanted: Wanted) -> tuple[float, bool]:
    """The lowest cut from `at` on above which so few good windows lie that the bound on their share holds.

    The share is of the good windows, as a miss rate is of the defects: so it does not hang on how many defects the
    validation set happens to hold. Where too few good windows prove nothing, the band is empty.
    """
    allowed = most_hits(scored.good, wanted.max_miss, wanted.confidence)
    finite_good = int((scored.finite & ~scored.defect).sum())
    places = np.flatnonzero(finite_good - cuts.passed_good[at:] <= allowed)
    if allowed < 0 or not len(places):
        return float(cuts.threshold[at]), False
    return float(cuts.threshold[at + places[0]]), True


def _statement(scored: Scored, thresholds: Thresholds, wanted: Wanted, allowed: int) -> str:
    missed = count(scored, thresholds).missed
    bound = upper_bound(missed, scored.defects, wanted.confidence)
    rate, sure = f"{100 * wanted.max_miss:g} %", f"{100 * wanted.confidence:g} %"
    seen = f"{missed} of {scored.defects} defects passed, upper bound {100 * bound:.2f} %"
    if missed <= allowed:
        return f"Proved: at most {rate} of defects pass, with {sure} confidence ({seen}).{_price(scored, thresholds)}"
    if allowed < 0:
        needed = count_needed(0, wanted.max_miss, wanted.confidence)
        return (
            f"Unproved: {scored.defects} defects are too few to prove a miss rate of at most {rate} with {sure} "
            f"confidence; {needed} are needed if none of them passes ({seen})."
        )
    if wanted.cost is not None:
        return f"Unproved: at the least cost the miss rate may be above {rate} ({seen})."
    return (
        f"Unproved: no threshold keeps the miss rate within {rate} with {sure} confidence and lets good windows "
        f"pass ({seen})."
    )


def _price(scored: Scored, thresholds: Thresholds) -> str:
    """A warning where a gate with this point would reject most of what it sees."""
    rejected = count(scored, thresholds).false_rejects
    if scored.good - rejected >= _USEFUL_SHARE * scored.good:
        return ""
    return (
        f" But {rejected} of {scored.good} good windows are rejected: this model cannot be that strict; train it "
        "further, or wish for less with --max-miss."
    )


def _band_statement(scored: Scored, thresholds: Thresholds, wanted: Wanted, proved: bool) -> str:
    counts = count(scored, thresholds)
    if not proved:
        needed = count_needed(counts.good_failed, wanted.max_miss, wanted.confidence)
        return (
            f"The band of unknown is empty: {scored.good} good windows cannot prove that at most "
            f"{100 * wanted.max_miss:g} % of the good ones fail ({needed} would)."
        )
    bound = upper_bound(counts.good_failed, scored.good, wanted.confidence)
    band = (
        "The band of unknown is empty"
        if thresholds.fail_at_least == thresholds.pass_at_most
        else f"Between the thresholds {counts.unknown} windows are unknown"
    )
    return f"{band}: above it {counts.good_failed} of {scored.good} good windows fail, upper bound {100 * bound:.2f} %."
