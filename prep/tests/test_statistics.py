"""Intervals and tests against published values and independent computation."""

from __future__ import annotations

import math

import pytest
from scipy import optimize, stats

from taktgate_prep.figures.statistics import clopper_pearson, mcnemar_exact, paired_loss_interval


def test_clopper_pearson_known_values() -> None:
    # one of ten: 0.25 % to 44.50 %; none of ten: 0 to 30.85 %; the rule of three for n = 100
    assert clopper_pearson(1, 10) == pytest.approx((0.0025286, 0.4450161), abs=1e-6)
    assert clopper_pearson(0, 10) == pytest.approx((0.0, 0.3084971), abs=1e-6)
    assert clopper_pearson(100, 100) == pytest.approx((0.9637833, 1.0), abs=1e-6)
    assert clopper_pearson(0, 0) is None


@pytest.mark.parametrize(("hits", "count"), [(0, 7), (3, 7), (7, 7), (5212, 5252)])
def test_clopper_pearson_has_its_tails(hits: int, count: int) -> None:
    interval = clopper_pearson(hits, count)
    assert interval is not None
    low, high = interval
    if hits:
        assert stats.binom.sf(hits - 1, count, low) == pytest.approx(0.025, rel=1e-6)
    if hits < count:
        assert stats.binom.cdf(hits, count, high) == pytest.approx(0.025, rel=1e-6)


@pytest.mark.parametrize(
    ("lost", "won", "p"), [(0, 0, 1.0), (2, 1, 1.0), (7, 7, 1.0), (5, 0, 0.0625), (0, 6, 0.03125), (12, 3, 0.03515625)]
)
def test_mcnemar_known_values(lost: int, won: int, p: float) -> None:
    assert mcnemar_exact(lost, won) == pytest.approx(p, rel=1e-12)


def test_mcnemar_is_twice_the_smaller_tail() -> None:
    """Against whole numbers, without a rounding before the last; and the two directions are alike."""
    for lost in range(30):
        for won in range(30):
            count = lost + won
            tail = sum(math.comb(count, k) for k in range(min(lost, won) + 1))
            assert mcnemar_exact(lost, won) == pytest.approx(min(1.0, 2 * tail / 2**count), rel=1e-12)
            assert mcnemar_exact(lost, won) == mcnemar_exact(won, lost)


def score_by_search(lost: int, won: int, count: int, delta: float) -> float:
    """Tango's statistic with the restricted maximum likelihood found by search instead of his closed form."""

    def unlikely(won_share: float) -> float:
        lost_share = won_share + delta
        rest = 1 - won_share - lost_share
        total = 0.0
        for seen, share in ((lost, lost_share), (won, won_share), (count - lost - won, rest)):
            total -= seen * math.log(max(share, 1e-300)) if seen else 0.0
        return total

    low, high = max(0.0, -delta), (1 - delta) / 2
    won_share = optimize.minimize_scalar(unlikely, bounds=(low, high), method="bounded", options={"xatol": 1e-13}).x
    variance = (2 * won_share + delta - delta * delta) / count
    return ((lost - won) / count - delta) / math.sqrt(variance)


@pytest.mark.parametrize(("lost", "won", "count"), [(2, 5, 200), (9, 2, 60), (0, 4, 50), (12, 3, 5252), (6, 6, 40)])
def test_paired_interval_ends_where_the_score_says(lost: int, won: int, count: int) -> None:
    interval = paired_loss_interval(lost, won, count)
    assert interval is not None
    low, high = interval
    assert low <= (lost - won) / count <= high
    assert score_by_search(lost, won, count, low) == pytest.approx(1.959964, abs=2e-3)
    assert score_by_search(lost, won, count, high) == pytest.approx(-1.959964, abs=2e-3)


def test_paired_interval_at_the_borders() -> None:
    assert paired_loss_interval(0, 0, 0) is None
    low, high = paired_loss_interval(0, 0, 1000) or (0, 0)
    assert low == pytest.approx(-high)
    assert 0 < high < 0.005  # no loss seen in 1,000: below 0.5 points
    low, high = paired_loss_interval(10, 0, 10) or (0, 0)
    assert high == 1.0
    assert 0.4 < low < 0.9
    flipped = paired_loss_interval(2, 9, 60)
    assert paired_loss_interval(9, 2, 60) == pytest.approx(tuple(-end for end in reversed(flipped or ())))
