"""Figures of many rounds: what a run takes, and how it compares with another in the same rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
ALIKE = 0.8  # what computes the network is at least so similar to it


@dataclass(frozen=True)
class Times:
    """Of all runs, in ms."""

    runs: int
    least: float
    p50: float
    p99: float


@dataclass(frozen=True)
class Ratio:
    """How many times as long as the other one: the median over rounds of the least times' ratio, with the interval that
    holds 95 % of what other rounds of this kind would give; least: of the least times of all rounds."""

    median: float
    low: float
    high: float
    least: float


def times(rounds: Sequence[Sequence[int]]) -> Times:
    """rounds: nanoseconds by run."""
    every = np.concatenate([np.asarray(one, np.float64) for one in rounds]) / 1e6
    return Times(len(every), float(every.min()), *(float(q) for q in np.quantile(every, [0.5, 0.99], method="higher")))


def ratio(rounds: Sequence[Sequence[int]], others: Sequence[Sequence[int]]) -> Ratio:
    """Round k of one was near round k of the other in time. A run that was held up is not its round's least."""
    least, of_other = (np.array([min(one) for one in given], np.float64) for given in (rounds, others))
    each = least / of_other
    drawn = np.random.default_rng(1).integers(0, len(each), (RESAMPLES, len(each)))
    low, high = np.quantile(np.median(each[drawn], axis=1), [0.025, 0.975])
    return Ratio(float(np.median(each)), float(low), float(high), float(least.min() / of_other.min()))


def percent_of_peak(macs: int, milliseconds: float, peak: float | None) -> float | None:
    """peak: multiplications and additions a second that the core was seen to do."""
    return None if peak is None else 100 * macs / (milliseconds / 1e3) / peak


def similarity(logits: np.ndarray, reference: np.ndarray) -> float:
    """How alike two networks answer: 1 for the same answers up to a scale. What all images share does not count; 0 for
    an answer that is always the same."""
    ours, theirs = (values - values.mean(axis=0) for values in (logits.astype(np.float64), reference))
    lengths = float(np.sqrt((ours**2).sum() * (theirs**2).sum()))
    return float((ours * theirs).sum()) / lengths if lengths > 0 else 0.0


def rotated(names: Sequence[str], turn: int) -> list[str]:
    """Who goes first changes from round to round."""
    shift = turn % len(names)
    return [*names[shift:], *names[:shift]]
