"""Proved, likely or unproved: the exact numbers of images, and what they mean in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from taktgate_prep.figures.floor import RULE, Side, equal_shares, floor_statement, images_needed, why_silent
from taktgate_prep.figures.reliability import reliability
from taktgate_prep.figures.statistics import lower_bound


def whole(right: int, count: int, floor: float, leak: str | None = None) -> dict[str, Any]:
    """The statement of a set that is not told apart by sides."""
    return floor_statement([Side("windows", count, count - right)], floor, leak)


@pytest.mark.parametrize(("wrong", "images"), [(0, 373), (2, 785), (5, 1312), (10, 2117), (29, 4938)])
def test_floor_is_proved_from_this_number_on(wrong: int, images: int) -> None:
    assert whole(images - wrong, images, 0.992)["verdict"] == "proved"
    assert whole(images - 1 - wrong, images - 1, 0.992)["verdict"] != "proved"
    assert lower_bound(images - wrong, images) >= 0.992


def test_likely_and_unproved() -> None:
    likely = whole(712, 714, 0.992)
    assert likely["verdict"] == "likely"
    assert "likely but not proved: 2 of 714 windows wrong" in likely["sentence"]
    unproved = whole(708, 714, 0.992)
    assert unproved["verdict"] == "unproved"
    assert unproved["images_needed"] is None
    assert "no number of windows" in unproved["sentence"]
    assert whole(0, 0, 0.992)["verdict"] == "unproved"


def test_the_bound_is_never_shown_as_more_than_it_is() -> None:
    assert "lower bound 99.197 %" in whole(372, 372, 0.992)["sentence"]


def test_a_leak_takes_the_proof_away() -> None:
    statement = whole(5000, 5000, 0.992, "3 of 5,000 test windows are also in train")
    assert (statement["verdict"], statement["by_count"]) == ("unproved", "proved")
    assert "not proved while 3 of 5,000 test windows are also in train" in statement["sentence"]


@pytest.mark.parametrize("rate", [0.0, 0.001, 2 / 714, 0.006, 0.0071])
def test_needed_images_prove_and_fewer_do_not(rate: float) -> None:
    needed = images_needed(rate, 0.992)
    assert needed is not None
    assert lower_bound(needed - int(rate * needed), needed) >= 0.992
    for fewer in (needed // 2, int(0.9 * needed)):
        assert lower_bound(fewer - round(rate * fewer + 0.499), fewer) < 0.992
    assert images_needed(0.008, 0.992) is None
    assert images_needed(0.0, 1.0) is None


def test_reliability_of_honest_and_of_sure_scores() -> None:
    rng = np.random.default_rng(0)
    score = rng.random(20000)
    honest = reliability(score, rng.random(20000) < score)
    assert honest["expected_calibration_error"] < 0.02
    assert sum(entry["count"] for entry in honest["bins"]) == 20000
    sure = reliability(np.ones(100), np.arange(100) < 70)
    assert sure["expected_calibration_error"] == pytest.approx(0.3)
    assert sure["bins"][9]["count"] == 100
    assert sure["bins"][0]["share_of_defects"] is None


def test_a_set_that_is_nearly_all_good_says_nothing_about_misses() -> None:
    few = why_silent([Side("defects", 2, 2), Side("good windows", 800, 0)], 0.992)
    assert few is not None
    assert "only 2 defects" in few
    assert "373 are needed" in few
    statement = floor_statement([Side("defects", 2, 2), Side("good windows", 800, 0)], 0.992)
    assert (statement["verdict"], statement["by_count"]) == ("unproved", "proved")
    assert why_silent([Side("defects", 0, 0), Side("good windows", 390, 0)], 0.992) is not None


def test_neither_side_may_be_shown_to_be_below_the_floor() -> None:
    assert why_silent([Side("defects", 2626, 15), Side("good windows", 2626, 3)], 0.992) is None
    assert why_silent([Side("defects", 400, 0), Side("good windows", 373, 0)], 0.992) is None
    said = why_silent([Side("defects", 400, 20), Side("good windows", 9600, 0)], 0.992)
    assert said is not None
    assert "20 of 400 defects are wrong" in said


def both(defects: int, missed: int, good: int, rejected: int) -> dict[str, Any]:
    return floor_statement([Side("defects", defects, missed), Side("good windows", good, rejected)], 0.992)


def test_a_balanced_set_is_judged_by_its_total() -> None:
    proved = both(2626, 15, 2626, 3)
    assert proved["verdict"] == "proved"
    assert proved["equal_shares"] == {"windows": 5252, "wrong": 18, "lower_bound": proved["lower_bound"]}
    assert [side["windows"] for side in proved["sides"]] == [2626, 2626]
    assert proved["sides"][0]["lower_bound"] == pytest.approx(0.9912, abs=1e-3)
    assert proved["sentence"] == (
        "99.2 % is proved with 95 % confidence: 18 of 5,252 windows wrong, lower bound 99.492 %."
    )
    assert proved["rule"] == RULE and "equal shares" in RULE
    assert both(568, 6, 775, 1)["verdict"] == "likely"


def test_many_good_windows_do_not_outvote_missed_defects() -> None:
    outvoted = both(500, 5, 9500, 0)
    assert (outvoted["by_count"], outvoted["verdict"]) == ("proved", "likely")
    assert "as if there were as many defects as good windows: 5 of 1,000 windows wrong" in outvoted["sentence"]
    assert "half of them defects, at this error rate would prove it" in outvoted["sentence"]
    assert both(500, 0, 9500, 0)["verdict"] == "proved"
    assert both(0, 0, 9500, 0)["verdict"] == both(372, 0, 9500, 0)["verdict"] == "unproved"
    assert "only 0 defects among the windows" in both(0, 0, 9500, 0)["sentence"]
    assert equal_shares([Side("a", 3, 1), Side("b", 9, 1)]) == (6, 2)
