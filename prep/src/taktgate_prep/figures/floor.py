"""Whether the promised accuracy is proved, likely or unproved at the number of windows that were tested."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from taktgate_prep.figures.statistics import count_needed, lower_bound, upper_bound

CONFIDENCE = 0.95  # one-sided
_MOST_ERRORS = 1 << 20  # beyond it, so many windows would be needed that nobody has them
_ORDER = ("unproved", "likely", "proved")
RULE = (
    "Proved: the one-sided exact 95 % lower bound of the share of right verdicts is at least the floor, over all "
    "windows and with defects and good windows in equal shares; each side has as many windows as prove the floor "
    "without an error; no side is shown to be below the floor; no tested window leaked. Likely: only the share "
    "itself is at least the floor. A set with few or no defects says nothing about parts that are missed."
)


@dataclass(frozen=True)
class Side:
    """The defects, or the good windows, among those that were tested."""

    name: str
    windows: int
    wrong: int


def why_silent(sides: Sequence[Side], floor: float) -> str | None:
    """Why a set cannot speak of the floor whatever its total says; None where it can.

    Each side must have as many windows as prove the floor without an error, and neither may be shown to be below it
    (one-sided exact upper bound): 800 good windows prove nothing about parts that are missed.
    """
    share = 1 - floor
    needed = count_needed(0, share, CONFIDENCE) if 0 < share < 1 else 1
    for side in sides:
        if side.windows < needed:
            return (
                f"there are only {side.windows:,} {side.name} among the windows; {needed:,} are needed before the "
                "set can speak of them"
            )
    for side in sides:
        if upper_bound(side.windows - side.wrong, side.windows, CONFIDENCE) < floor:
            return f"{side.wrong:,} of {side.windows:,} {side.name} are wrong, which is below the floor"
    return None


def equal_shares(sides: Sequence[Side]) -> tuple[int, int]:
    """(windows, wrong) as if every side had as many windows as the smallest, wrong ones rounded up: so that many good
    windows do not outvote a few defects. A balanced set stays as it is."""
    windows = min((side.windows for side in sides), default=0)
    if not windows:
        return 0, 0
    return windows * len(sides), math.ceil(sum(Fraction(windows * side.wrong, side.windows) for side in sides))


def floor_statement(sides: Sequence[Side], floor: float, leak: str | None = None) -> dict[str, Any]:
    """The statement about the windows of all sides against `floor` (0 to 1), as JSON values; RULE says when it is
    proved.

    `by_count` is the verdict of the total alone (Clopper and Pearson). `leak` says why the figures cannot count: then
    nothing is proved, and neither is it where `why_silent`.
    """
    count, wrong = sum(side.windows for side in sides), sum(side.wrong for side in sides)
    shared, shared_wrong = equal_shares(sides)
    by_count, by_share = _verdict(count, wrong, floor), _verdict(shared, shared_wrong, floor)
    outvoted = _ORDER.index(by_share) < _ORDER.index(by_count)
    rate = (shared_wrong / shared if shared else 0.0) if outvoted else wrong / count if count else 0.0
    silent = leak or why_silent(sides, floor)
    statement = {
        "floor": floor,
        "confidence": CONFIDENCE,
        "rule": RULE,
        "windows": count,
        "wrong": wrong,
        "lower_bound": lower_bound(count - wrong, count, CONFIDENCE),
        "by_count": by_count,
        "sides": [
            {
                "name": side.name,
                "windows": side.windows,
                "wrong": side.wrong,
                "lower_bound": lower_bound(side.windows - side.wrong, side.windows, CONFIDENCE),
            }
            for side in sides
        ],
        "equal_shares": {
            "windows": shared,
            "wrong": shared_wrong,
            "lower_bound": lower_bound(shared - shared_wrong, shared, CONFIDENCE),
        },
        "verdict": "unproved" if silent else min(by_count, by_share, key=_ORDER.index),
        "images_needed": images_needed(rate, floor),
    }
    return {**statement, "sentence": _sentence(statement, silent, outvoted)}


def _verdict(count: int, wrong: int, floor: float) -> str:
    """By the exact bound of one count alone."""
    if lower_bound(count - wrong, count, CONFIDENCE) >= floor:
        return "proved"
    return "likely" if count and (count - wrong) / count >= floor else "unproved"


def images_needed(error_rate: float, floor: float) -> int | None:
    """The fewest windows that prove the floor when errors come at this rate; None where no number does.

    With w errors `count_needed(w)` windows are enough; the first w for which that many windows bring at most w errors.
    """
    share = 1 - floor
    if not 0 < share < 1:
        return None
    low, high = -1, 0
    while error_rate * count_needed(high, share, CONFIDENCE) > high:
        low, high = high, max(1, 2 * high)
        if error_rate >= share or high > _MOST_ERRORS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        enough = error_rate * count_needed(middle, share, CONFIDENCE) <= middle
        low, high = (low, middle) if enough else (middle, high)
    return count_needed(high, share, CONFIDENCE)


def _sentence(statement: dict[str, Any], silent: str | None, outvoted: bool) -> str:
    floor, seen = f"{100 * statement['floor']:g} %", _seen(statement)
    if silent is not None:
        return f"{floor} is not proved while {silent} ({seen})."
    if statement["verdict"] == "proved":
        return f"{floor} is proved with 95 % confidence: {seen}."
    if outvoted:
        shares = _seen(statement["equal_shares"])
        seen += f"; as if there were as many defects as good windows: {shares}"
    needed = statement["images_needed"]
    more = (
        f"about {needed:,} windows{', half of them defects,' if outvoted else ''} at this error rate would prove it"
        if needed is not None
        else "no number of windows at this error rate would prove it"
    )
    likely = "likely but not proved" if statement["verdict"] == "likely" else "not proved"
    return f"{floor} is {likely}: {seen}; {more}."


def _seen(counts: dict[str, Any]) -> str:
    return (
        f"{counts['wrong']:,} of {counts['windows']:,} windows wrong, lower bound {rounded_down(counts['lower_bound'])}"
    )


def rounded_down(share: float) -> str:
    """Per cent with three decimals, never shown above what it is."""
    return f"{math.floor(1e5 * share) / 1e3:.3f} %"
