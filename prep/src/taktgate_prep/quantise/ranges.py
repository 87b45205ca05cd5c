"""From histograms to ranges: the calibrators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from taktgate_prep.quantise.float_graph import FloatGraph
from taktgate_prep.quantise.observe import BINS, Histogram, Observed
from taktgate_prep.quantise.plan import Floats, Range

CALIBRATORS = ("minmax", "percentile 99.9", "percentile 99.99", "percentile 99.999", "mse")
_LEVELS = 255
_SHARES = np.linspace(0.2, 1.0, 81)  # of an end of the range that `mse` tries


def ranges(graph: FloatGraph, observed: Observed, calibrator: str) -> dict[str, Range]:
    """Low and high end of every activation by one of CALIBRATORS; any percentile may stand after the word."""
    find = _calibrator(calibrator)
    return {name: find(clipped(histogram, graph.useful_range(name))) for name, histogram in observed.items()}


def clipped(histogram: Histogram, useful: Range) -> Histogram:
    """What is left when values outside the useful range stand at its ends."""
    if histogram.low >= useful[0] and histogram.high <= useful[1]:
        return histogram
    low, high = np.clip((histogram.low, histogram.high), *useful)
    ends = np.clip((np.array([low, high]) - histogram.start) / histogram.width, 0, BINS - 1).astype(int)
    places = np.clip(np.arange(BINS), *ends)
    counts = np.bincount(places, weights=histogram.counts, minlength=BINS).astype(np.int64)
    return replace(histogram, low=float(low), high=float(high), counts=counts)


def percentile_range(histogram: Histogram, percentile: float) -> Range:
    """Cuts half of what is outside at each end, to the bin."""
    cut = (1 - percentile / 100) / 2
    share = np.cumsum(histogram.counts) / max(1, int(histogram.counts.sum()))
    first = int(np.searchsorted(share, cut, side="right"))
    last = int(np.searchsorted(share, 1 - cut, side="left"))
    low = histogram.start + first * histogram.width
    high = histogram.start + (min(last, BINS - 1) + 1) * histogram.width
    return max(histogram.low, low), min(histogram.high, high)


def mse_range(histogram: Histogram) -> Range:
    """The ends with the least mean squared error of rounding and clipping, each a share of the smallest or largest
    value. Rounding adds step^2 / 12 to every value inside but those of the bin of zero, which is exact."""
    low, high = min(histogram.low, 0.0), max(histogram.high, 0.0)
    lows = _SHARES * low if low < 0 else np.zeros(1)
    highs = _SHARES * high if high > 0 else np.zeros(1)
    counts = histogram.counts.astype(np.float64)
    middles = histogram.start + (np.arange(BINS) + 0.5) * histogram.width
    below = np.array([(counts * np.square(np.minimum(middles - end, 0))).sum() for end in lows])
    above = np.array([(counts * np.square(np.maximum(middles - end, 0))).sum() for end in highs])
    counts[min(BINS - 1, int(-histogram.start / histogram.width))] = 0
    steps = (highs[None, :] - lows[:, None]) / _LEVELS
    rounding = counts.sum() * np.square(steps) / 12
    error: Floats = below[:, None] + above[None, :] + rounding
    best = np.unravel_index(int(np.argmin(error)), error.shape)
    return float(lows[best[0]]), float(highs[best[1]])


def _calibrator(name: str) -> Callable[[Histogram], Range]:
    word, _, number = name.partition(" ")
    if word == "percentile":
        return lambda histogram: percentile_range(histogram, float(number))
    return {"minmax": lambda histogram: (histogram.low, histogram.high), "mse": mse_range}[word]
