"""Whether the promised accuracy is proved, likely or unproved at the number of windows that were tested."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from taktgate_prep.statistics import count_needed, lower_bound, upper_bound

CONFIDENCE = 0.95  # one-sided
_MOST_ERRORS = 1 << 20  # beyond it, so many windows would be needed that nobody has them


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
            return (f"there are only {side.windows:,} {side.name} among the windows; {needed:,} are needed before the "
                    "set can speak of them")
    for side in sides:
        if upper_bound(side.windows - side.wrong, side.windows, CONFIDENCE) < floor:
            return f"{side.wrong:,} of {side.windows:,} {side.name} are wrong, which is below the floor"
    return None


def floor_statement(right: int, count: int, floor: float, leak: str | None = None) -> dict[str, Any]:
    """The statement about `right` of `count` windows against `floor` (0 to 1), as JSON values.

    proved: the one-sided exact lower bound (Clopper and Pearson) is at least the floor; likely: only the share itself
    is; else unproved. `leak` says why the figures cannot count (a leak between the splits, or `why_silent`): then
    nothing is proved.
    """
    wrong = count - right
    bound = lower_bound(right, count, CONFIDENCE)
    by_count = "proved" if bound >= floor else "likely" if count and right / count >= floor else "unproved"
    needed = images_needed(wrong / count if count else 0.0, floor)
    statement = {"floor": floor, "confidence": CONFIDENCE, "windows": count, "wrong": wrong, "lower_bound": bound,
                 "by_count": by_count, "verdict": by_count if leak is None else "unproved", "images_needed": needed}
    return {**statement, "sentence": _sentence(statement, leak)}


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


def _sentence(statement: dict[str, Any], leak: str | None) -> str:
    count, wrong, floor = statement["windows"], statement["wrong"], f"{100 * statement['floor']:g} %"
    seen = f"{wrong:,} of {count:,} windows wrong, lower bound {_rounded_down(statement['lower_bound'])}"
    if leak is not None:
        return f"{floor} is not proved while {leak} ({seen})."
    needed = statement["images_needed"]
    more = (f"about {needed:,} windows at this error rate would prove it" if needed is not None
            else "no number of windows at this error rate would prove it")
    if statement["verdict"] == "proved":
        return f"{floor} is proved with 95 % confidence: {seen}."
    if statement["verdict"] == "likely":
        return f"{floor} is likely but not proved: {seen}; {more}."
    return f"{floor} is not proved: {seen}; {more}."


def _rounded_down(share: float) -> str:
    """Per cent with three decimals, never shown above what it is."""
    return f"{math.floor(1e5 * share) / 1e3:.3f} %"
