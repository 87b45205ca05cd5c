"""Scores -> verdict (docs/formats.md, 3): the twin of the device's judge, pure and total."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["pass", "fail", "unknown"]


@dataclass(frozen=True)
class Thresholds:
    """On the defect score, 0 <= pass_at_most <= fail_at_least <= 1; between them is unknown."""

    pass_at_most: float = 0.5
    fail_at_least: float = 0.5


@dataclass(frozen=True)
class WindowVerdict:
    """One window's answer; class_index -1: the logits were not finite."""

    verdict: Verdict
    class_index: int
    defect_score: float


def judge_window(logits: Sequence[float], passing: Sequence[bool], thresholds: Thresholds) -> WindowVerdict:
    """Any logits give an answer."""
    values = [float(value) for value in logits]
    if not values or len(values) != len(passing) or not all(map(math.isfinite, values)):
        return WindowVerdict("unknown", -1, 1.0)
    score = defect_score(values, passing)
    verdict: Verdict = "unknown"
    if score >= thresholds.fail_at_least:
        verdict = "fail"
    elif score <= thresholds.pass_at_most:
        verdict = "pass"
    return WindowVerdict(verdict, values.index(max(values)), score)


def defect_score(logits: Sequence[float], passing: Sequence[bool]) -> float:
    """1 - probability of the passing classes, as fail / (fail + pass) relative to the largest failing logit."""
    failing = [value for value, passes in zip(logits, passing, strict=True) if not passes]
    if not failing:
        return 0.0
    reference = max(failing)
    fail = good = 0.0
    for value, passes in zip(logits, passing, strict=True):
        weight = _exp(value - reference)
        if passes:
            good += weight
        else:
            fail += weight
    return fail / (fail + good)


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf
