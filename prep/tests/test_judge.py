"""Scores -> verdict: the rules of docs/formats.md, 3."""

from __future__ import annotations

import math
import random

import pytest

from taktgate_prep.contract.judge import Thresholds, defect_score, judge_window

GOOD_FIRST = (True, False, False)
HALF = Thresholds()


def softmax_score(logits: list[float], passing: tuple[bool, ...]) -> float:
    top = max(logits)
    weights = [math.exp(value - top) for value in logits]
    return 1 - sum(weight for weight, passes in zip(weights, passing, strict=True) if passes) / sum(weights)


def test_score_is_one_minus_the_passing_probability() -> None:
    source = random.Random(1)
    for _ in range(1000):
        logits = [source.uniform(-12, 12) for _ in range(3)]
        assert defect_score(logits, GOOD_FIRST) == pytest.approx(softmax_score(logits, GOOD_FIRST), abs=1e-12)


@pytest.mark.parametrize(
    ("logits", "verdict", "index"),
    [
        ([3.0, 0.0, 0.0], "pass", 0),
        ([0.0, 3.0, 0.0], "fail", 1),
        ([0.0, 0.0, 3.0], "fail", 2),
        ([0.6, 0.0, 0.0], "fail", 0),  # the two defects together outweigh the good class
        ([0.0, 0.0, -100.0], "fail", 0),  # score exactly 0.5: a tie is fail; class: the first
    ],
)
def test_verdicts(logits: list[float], verdict: str, index: int) -> None:
    answer = judge_window(logits, GOOD_FIRST, HALF)
    assert (answer.verdict, answer.class_index) == (verdict, index)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_non_finite_is_unknown(bad: float) -> None:
    for place in range(3):
        logits = [1.0, 2.0, 3.0]
        logits[place] = bad
        answer = judge_window(logits, GOOD_FIRST, Thresholds(1.0, 1.0))
        assert (answer.verdict, answer.class_index, answer.defect_score) == ("unknown", -1, 1.0)
    assert judge_window([], [], HALF).verdict == "unknown"
    assert judge_window([1.0], GOOD_FIRST, HALF).verdict == "unknown"


def test_band_between_the_thresholds_is_unknown() -> None:
    band = Thresholds(0.2, 0.8)
    for score, verdict in ((0.1, "pass"), (0.5, "unknown"), (0.9, "fail")):
        logits = [0.0, math.log(score / (1 - score))]
        assert judge_window(logits, (True, False), band).verdict == verdict


def test_huge_logits_and_no_passing_class() -> None:
    assert judge_window([3e38, -3e38], (True, False), HALF).verdict == "pass"
    assert judge_window([-3e38, 3e38], (True, False), HALF).verdict == "fail"
    answer = judge_window([5.0, -5.0], (False, False), HALF)
    assert (answer.verdict, answer.defect_score) == ("fail", 1.0)
    assert judge_window([5.0, -5.0], (True, True), HALF).defect_score == 0.0


def test_a_higher_good_logit_never_raises_the_score() -> None:
    source = random.Random(2)
    for _ in range(1000):
        logits = [source.uniform(-30, 30) for _ in range(3)]
        higher = [logits[0] + source.uniform(0, 5), *logits[1:]]
        assert defect_score(higher, GOOD_FIRST) <= defect_score(logits, GOOD_FIRST)
