"""Intervals and tests for counts of right and wrong answers."""

from __future__ import annotations

import math

from scipy import stats

_Z95 = 1.959963984540054


def clopper_pearson(hits: int, count: int, level: float = 0.95) -> tuple[float, float] | None:
    """Exact interval of a proportion (Clopper and Pearson, Biometrika 1934); None without observations."""
    if count == 0:
        return None
    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(stats.beta.ppf(tail, hits, count - hits + 1))
    high = 1.0 if hits == count else float(stats.beta.ppf(1 - tail, hits + 1, count - hits))
    return low, high


def upper_bound(hits: int, count: int, confidence: float = 0.95) -> float:
    """One-sided exact upper bound of a proportion (Clopper and Pearson); 1 without observations."""
    if hits >= count:
        return 1.0
    return float(stats.beta.ppf(confidence, hits + 1, count - hits))


def lower_bound(hits: int, count: int, confidence: float = 0.95) -> float:
    """One-sided exact lower bound of a proportion (Clopper and Pearson); 0 without observations."""
    return 1.0 - upper_bound(count - hits, count, confidence)


def most_hits(count: int, share: float, confidence: float = 0.95) -> int:
    """The most hits of `count` whose upper bound is still at most `share`; -1 where not even none is enough."""
    low, high = -1, count
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if upper_bound(middle, count, confidence) <= share else (low, middle)
    return low


def count_needed(hits: int, share: float, confidence: float = 0.95) -> int:
    """The smallest number of observations for which `hits` keep the upper bound at most `share`, in (0, 1)."""
    low, high = hits, hits + 1
    while upper_bound(hits, high, confidence) > share:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if upper_bound(hits, middle, confidence) > share else (low, middle)
    return high


def mcnemar_exact(lost: int, won: int) -> float:
    """Two-sided exact p that right->wrong and wrong->right are equally likely: the sign test of those that changed
    (McNemar, Psychometrika 1947)."""
    count = lost + won
    return float(stats.binomtest(lost, count, 0.5).pvalue) if count else 1.0


def paired_loss_interval(lost: int, won: int, count: int, z: float = _Z95) -> tuple[float, float] | None:
    """95 % score interval of (lost - won) / count, the loss in a paired comparison (Tango, Stat. Med. 1998)."""
    if count == 0:
        return None
    estimate = (lost - won) / count
    low = -1.0 if estimate <= -1 else _crossing(lost, won, count, -1.0, estimate, z)
    high = 1.0 if estimate >= 1 else _crossing(lost, won, count, 1.0, estimate, z)
    return low, high


def _crossing(lost: int, won: int, count: int, outer: float, inner: float, z: float) -> float:
    """Where the score statistic leaves [-z, z] between the estimate and the end of the range."""
    for _ in range(200):
        middle = (outer + inner) / 2
        if abs(_score(lost, won, count, middle)) > z:
            outer = middle
        else:
            inner = middle
    return (outer + inner) / 2


def _score(lost: int, won: int, count: int, delta: float) -> float:
    """Score statistic under the hypothesis that the loss is `delta`."""
    a = 2.0 * count
    b = -lost - won + (2 * count - lost + won) * delta
    c = -won * delta * (1 - delta)
    won_share = (math.sqrt(max(0.0, b * b - 4 * a * c)) - b) / (2 * a)
    variance = count * (2 * won_share + delta * (1 - delta))
    distance = lost - won - count * delta
    if variance <= 0:
        return 0.0 if distance == 0 else math.copysign(math.inf, distance)
    return distance / math.sqrt(variance)
