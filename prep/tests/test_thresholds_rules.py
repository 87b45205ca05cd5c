"""The operating point against brute force over every threshold, and what it says where it proves nothing."""

from __future__ import annotations

import re

import numpy as np
import pytest

from taktgate_prep.contract.judge import Thresholds, WindowVerdict, judge_window
from taktgate_prep.errors import InputError
from taktgate_prep.figures.statistics import clopper_pearson, count_needed, most_hits, upper_bound
from taktgate_prep.operating_point.choose import Wanted, choose, expected_cost
from taktgate_prep.operating_point.record import describe
from taktgate_prep.operating_point.scored import Cuts, Scored, count, logit
from taktgate_prep.report.curves import threshold_curve


def scored_of(good: list[float], defects: list[float], unfinite: int = 0) -> Scored:
    score = np.array([*good, *defects, *[1.0] * unfinite])
    label = np.array([0] * len(good) + [1] * (len(defects) + unfinite))
    finite = np.arange(len(score)) < len(good) + len(defects)
    return Scored(score, finite, label == 1, label)


def random_scored(seed: int) -> Scored:
    """Overlapping scores, some of them equal, as INT8 gives them."""
    rng = np.random.default_rng(seed)
    steps = rng.integers(5, 60)
    good = np.round(rng.normal(-2, 1.5, rng.integers(20, 120)) * steps / 10) * 10 / steps
    defects = np.round(rng.normal(2, 1.5, rng.integers(20, 120)) * steps / 10) * 10 / steps
    return scored_of((1 / (1 + np.exp(-good))).tolist(), (1 / (1 + np.exp(-defects))).tolist())


def every_threshold(scored: Scored) -> list[float]:
    values = np.unique(scored.score)
    return [0.0, *((values[1:] + values[:-1]) / 2).tolist(), 1.0]


@pytest.mark.parametrize("seed", range(40))
def test_the_point_is_the_best_of_all_thresholds(seed: int) -> None:
    scored, wanted = random_scored(seed), Wanted(0.15, 0.9)
    point = choose(scored, wanted)
    found = count(scored, point.thresholds)
    allowed = []
    for threshold in every_threshold(scored):
        counts = count(scored, Thresholds(threshold, threshold))
        if upper_bound(counts.missed, scored.defects, 0.9) <= 0.15:
            allowed.append((counts.false_rejects, counts.missed))
    rejects, misses = min(allowed)
    if rejects < scored.good:
        assert point.proved
        assert (found.false_rejects, found.missed) == (rejects, misses)
    fails = [
        counts
        for counts in (
            count(scored, Thresholds(point.thresholds.pass_at_most, threshold))
            for threshold in [*every_threshold(scored), point.thresholds.pass_at_most]
            if threshold >= point.thresholds.pass_at_most
        )
        if upper_bound(counts.good_failed, scored.good, 0.9) <= 0.15
    ]
    if point.band_proved:
        assert found.unknown == min(counts.unknown for counts in fails)
        assert upper_bound(found.good_failed, scored.good, 0.9) <= 0.15


@pytest.mark.parametrize("seed", range(20))
def test_cheapest_point_against_brute_force(seed: int) -> None:
    scored = random_scored(seed)
    wanted = Wanted(0.01, 0.95, (50.0, 3.0), 0.02)
    point = choose(scored, wanted)
    found = count(scored, point.thresholds)
    costs = [
        float(expected_cost(counts.missed, counts.false_rejects, scored, wanted))
        for counts in (count(scored, Thresholds(value, value)) for value in every_threshold(scored))
    ]
    assert float(expected_cost(found.missed, found.false_rejects, scored, wanted)) == pytest.approx(min(costs))


def test_costs_move_the_point() -> None:
    scored = scored_of([0.1] * 50 + [0.6] * 10, [0.5] * 10 + [0.9] * 50)
    dear_miss = count(scored, choose(scored, Wanted(0.008, 0.95, (100, 1))).thresholds)
    dear_reject = count(scored, choose(scored, Wanted(0.008, 0.95, (1, 100))).thresholds)
    assert (dear_miss.missed, dear_miss.false_rejects) == (0, 10)
    assert (dear_reject.missed, dear_reject.false_rejects) == (10, 0)
    rare = choose(scored, Wanted(0.008, 0.95, (10, 1), 0.001))  # so rare that misses hardly cost
    assert count(scored, rare.thresholds).missed == 10


@pytest.mark.parametrize("seed", range(20))
def test_small_differences_between_devices_flip_nothing(seed: int) -> None:
    scored = random_scored(seed)
    point = choose(scored, Wanted(0.1, 0.9))
    before = count(scored, point.thresholds)
    for shift in (-4e-4, 4e-4):
        moved = 1 / (1 + np.exp(-(logit(scored.score) + shift)))
        assert count(Scored(moved, scored.finite, scored.defect, scored.label), point.thresholds) == before


def test_ties_stay_together() -> None:
    scored = scored_of([0.2] * 400 + [0.4], [0.4] * 3 + [0.8] * 600)
    point = choose(scored, Wanted(0.008, 0.95))
    assert 0.2 < point.thresholds.pass_at_most < 0.4  # three misses with the tie: one too many for 603
    assert most_hits(603, 0.008) == 1
    nearly = scored_of([0.2, 0.3], [0.3 + 1e-9, 0.8])
    assert not any(0.3 <= cut < 0.3 + 1e-8 for cut in Cuts.of(nearly).threshold)


def test_cut_is_the_middle_on_the_logit_scale() -> None:
    scored = scored_of([0.001] * 500, [0.9] * 500)
    assert logit(choose(scored, Wanted(0.008, 0.95)).thresholds.pass_at_most) == pytest.approx(
        (logit(0.001) + logit(0.9)) / 2
    )


def test_well_separated_scores_have_no_band_and_no_needless_miss() -> None:
    scored = scored_of([0.01] * 800, [0.3] + [0.95] * 799)  # one miss would be allowed, and gains nothing
    point = choose(scored, Wanted(0.008, 0.95))
    assert point.proved and point.band_proved
    assert 0.01 < point.thresholds.pass_at_most < 0.3
    assert point.thresholds.fail_at_least == point.thresholds.pass_at_most
    assert count(scored, point.thresholds).unknown == 0


def test_too_few_defects_are_said_so() -> None:
    scored = scored_of([0.1] * 100 + [0.7], [0.6] + [0.9] * 59)
    point = choose(scored, Wanted(0.008, 0.95))
    assert not point.proved
    assert "60 defects are too few" in point.statement
    assert "373 are needed" in point.statement
    counts = count(scored, point.thresholds)
    assert (counts.missed, counts.false_rejects) == (0, 1)
    assert point.thresholds.fail_at_least == point.thresholds.pass_at_most  # 101 good ones prove no band
    assert "cannot prove" in point.band_statement


def test_a_poor_model_gets_a_point_that_still_passes_half() -> None:
    rng = np.random.default_rng(0)
    scored = scored_of([0.1 + 0.4 * value for value in rng.random(500)], [0.09, *(0.3 * rng.random(20))] + [0.4] * 400)
    point = choose(scored, Wanted(0.008, 0.95))
    assert not point.proved
    assert count(scored, point.thresholds).false_rejects <= 250
    assert "no threshold keeps the miss rate" in point.statement


@pytest.mark.parametrize(("good", "defects"), [([0.3] * 9, [0.3] * 9), ([0.6] * 9, [0.2] * 9)])
def test_scores_that_tell_nothing_apart_are_refused(good: list[float], defects: list[float]) -> None:
    with pytest.raises(InputError, match="defects pass as often as good windows"):
        choose(scored_of(good, defects), Wanted(0.008, 0.95))


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_saturated_scores_do_not_crash(score: float) -> None:
    scored = scored_of([score] * 5, [score] * 5)
    if score == 1.0:
        assert count(scored, choose(scored, Wanted(0.008, 0.95)).thresholds).missed == 0
    else:
        with pytest.raises(InputError, match="defects pass as often"):
            choose(scored, Wanted(0.008, 0.95))


def test_strict_point_that_rejects_most_good_windows_is_a_warning() -> None:
    point = choose(scored_of([0.1] * 40 + [0.5] * 60, [0.3] * 400), Wanted(0.008, 0.95))
    assert point.proved and not point.useful
    assert "But 60 of 100 good windows are rejected" in point.statement


def test_logits_that_are_not_finite_never_pass() -> None:
    scored = scored_of([0.1] * 400, [0.9] * 400, unfinite=5)
    counts = count(scored, choose(scored, Wanted(0.008, 0.95)).thresholds)
    assert counts.unknown == 5
    assert counts.missed == 0


def test_one_class_alone_is_refused() -> None:
    verdicts = [WindowVerdict("pass", 0, 0.1)] * 3
    with pytest.raises(InputError, match="got 3 good and 0 defects"):
        Scored.of(verdicts, np.zeros(3, np.int64), (True, False), "data")


@pytest.mark.parametrize(("low", "high"), [(0.2, 0.7), (0.5, 0.5), (0.0, 1.0)])
def test_counts_follow_the_judge(low: float, high: float) -> None:
    rng = np.random.default_rng(3)
    logits = np.concatenate([rng.normal(0, 3, (200, 2)), [[np.nan, 0.0]], [[-800, 800]], [[800, -800]]])
    thresholds = Thresholds(low, high)
    verdicts = [judge_window(row, (True, False), thresholds) for row in logits.tolist()]
    label = rng.integers(0, 2, len(logits))
    counts = count(Scored.of(verdicts, label, (True, False), "data"), thresholds)
    said = np.array([verdict.verdict for verdict in verdicts])
    assert counts.missed == ((said == "pass") & (label == 1)).sum()
    assert counts.false_rejects == ((said != "pass") & (label == 0)).sum()
    assert counts.unknown == (said == "unknown").sum()


def test_record_what_if_and_classes() -> None:
    scored = random_scored(1)
    wanted = Wanted(0.15, 0.9)
    point = choose(scored, wanted)
    found = describe(scored, point, wanted, ("good", "dot", "empty"))
    rows = {row["point"]: row for row in found["what_if"]}
    assert list(rows) == ["stricter", "as is", "looser", "default"]
    assert rows["stricter"]["missed"]["count"] <= rows["as is"]["missed"]["count"] <= rows["looser"]["missed"]["count"]
    assert rows["stricter"]["false_rejects"]["count"] >= rows["looser"]["false_rejects"]["count"]
    assert (rows["default"]["pass_at_most"], rows["default"]["fail_at_least"]) == (0.5, 0.5)
    for row in rows.values():
        for key in ("missed", "false_rejects", "unknown"):
            assert row[key]["interval95"] == list(clopper_pearson(row[key]["count"], row[key]["of"]) or ())
    assert rows["as is"]["missed"] == found["point"]["missed"]
    assert [row["label"] for row in found["per_class"]] == ["good", "dot"]  # nothing is said of an empty class
    assert found["per_class"][1]["count"] == found["point"]["missed"]["count"]
    assert len(found["curve"]["threshold"]) == len(found["curve"]["miss_rate"]) <= 2048
    assert found["curve"]["miss_rate"][-1] == 1.0
    assert found["curve"]["false_reject_rate"][0] == 1.0


def test_bounds_are_one_sided_and_exact() -> None:
    for hits, total in ((0, 373), (2, 785), (5, 1312), (10, 2117)):
        assert count_needed(hits, 0.008) == total
        assert upper_bound(hits, total) <= 0.008 < upper_bound(hits, total - 1)
        assert most_hits(total, 0.008) == hits
        assert most_hits(total - 1, 0.008) == hits - 1


def test_the_drawn_curve_steps_at_the_scores() -> None:
    scored = random_scored(3)
    curve = describe(scored, choose(scored, Wanted(0.15, 0.9)), Wanted(0.15, 0.9), ("good", "dot"))["curve"]
    steps = np.array(curve["threshold"])
    assert (np.diff(steps) > 0).all()
    for threshold in np.random.default_rng(4).uniform(0.01, 0.99, 200):
        if np.abs(logit(scored.score) - logit(float(threshold))).min() < 0.002:
            continue  # scores nearer than this count as one
        held = int(np.searchsorted(steps, threshold, side="right")) - 1
        there = count(scored, Thresholds(float(threshold), 1.0))
        assert curve["miss_rate"][held] == there.missed / scored.defects
        assert curve["false_reject_rate"][held] == there.false_rejects / scored.good


def drawn(curve: dict[str, list[float]]) -> list[list[tuple[float, float]]]:
    """The corners of both lines on the page, in pixels: misses, then false rejects."""
    lines = re.findall(r'<polyline points="([^"]*)"', threshold_curve(curve, 0.5, 0.5))
    return [[(float(x), float(y)) for x, y in (corner.split(",") for corner in line.split())] for line in lines]


def test_a_value_read_off_the_picture_is_the_counted_rate() -> None:
    """Along each line: what is drawn at a threshold stands at the height of the rate that is counted there."""
    scored = random_scored(5)
    curve = describe(scored, choose(scored, Wanted(0.15, 0.9)), Wanted(0.15, 0.9), ("good", "dot"))["curve"]
    lines = drawn(curve)
    inner = [float(logit(value)) for value in curve["threshold"] if 0 < value < 1]
    low, high = min(-4.0, *inner) - 1, max(4.0, *inner) + 1
    bottom = np.log10(0.001) - 0.3
    for threshold in np.random.default_rng(4).uniform(0.001, 0.999, 200):
        at = 62 + (float(logit(float(threshold))) - low) / (high - low) * (760 - 14 - 62)
        if min(abs(x - at) for line in lines for x, _ in line) < 0.2:
            continue  # at a step
        there = count(scored, Thresholds(float(threshold), 1.0))
        for line, rate in zip(lines, (there.missed / scored.defects, there.false_rejects / scored.good), strict=True):
            seen = [y for x, y in line if x <= at][-1]
            assert line[0][0] == 62 and line[-1][0] == 746  # from edge to edge
            wanted = (np.log10(rate) if rate else bottom) / -bottom
            assert seen == pytest.approx(340 - 42 - (1 + wanted) * (340 - 42 - 12), abs=0.06)
