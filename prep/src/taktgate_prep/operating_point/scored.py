"""Validation scores, and what a pair of thresholds makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from taktgate_prep.contract.judge import Thresholds, WindowVerdict
from taktgate_prep.errors import InputError

_LARGEST_LOGIT = 20.0  # scores beyond it (2e-9 from 0 or 1) are taken as equal: their digits are rounding noise
_LEAST_GAP = 1e-3  # of logits: what float32 and int8 arithmetic of two devices may differ by, with room to spare

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Scored:
    """Labelled windows with their defect scores; finite False: the logits were not, the window is always unknown."""

    score: npt.NDArray[np.float64]
    finite: Flags
    defect: Flags
    label: npt.NDArray[np.int64]

    @classmethod
    def of(
        cls, verdicts: Sequence[WindowVerdict], label: npt.NDArray[np.int64], passing: Sequence[bool], data: str
    ) -> Scored:
        """From the answers of a model; both good windows and defects are needed. data: where they are from."""
        scored = cls(
            np.array([verdict.defect_score for verdict in verdicts], np.float64),
            np.array([verdict.class_index >= 0 for verdict in verdicts], np.bool_),
            ~np.array(passing, np.bool_)[label],
            label,
        )
        if not scored.defects or not scored.good:
            raise InputError(
                f"{data}: expected good windows and defects to choose thresholds between, got "
                f"{scored.good} good and {scored.defects} defects: choose another --split, or label more"
            )
        return scored

    @property
    def defects(self) -> int:
        """How many windows are defects."""
        return int(self.defect.sum())

    @property
    def good(self) -> int:
        """How many windows are good."""
        return len(self.defect) - self.defects


@dataclass(frozen=True)
class Counts:
    """What two thresholds do to the windows; a good window that is not passed is a false reject."""

    missed: int
    false_rejects: int
    unknown: int
    good_failed: int


def judged(scored: Scored, thresholds: Thresholds) -> tuple[Flags, Flags]:
    """(passed, failed), by the rule of judge.py."""
    failed = scored.finite & (scored.score >= thresholds.fail_at_least)
    passed = scored.finite & ~failed & (scored.score <= thresholds.pass_at_most)
    return passed, failed


def count(scored: Scored, thresholds: Thresholds) -> Counts:
    """Counts at two thresholds."""
    passed, failed = judged(scored, thresholds)
    return Counts(
        int((passed & scored.defect).sum()),
        int((~passed & ~scored.defect).sum()),
        int((~passed & ~failed).sum()),
        int((failed & ~scored.defect).sum()),
    )


def logit(score: npt.NDArray[np.float64] | float) -> npt.NDArray[np.float64]:
    """log(score / (1 - score)), kept within +-20."""
    inside = np.clip(np.asarray(score, np.float64), 1e-300, None)
    with np.errstate(divide="ignore"):
        value = np.log(inside) - np.log1p(-np.minimum(inside, 1.0))
    return np.asarray(np.clip(value, -_LARGEST_LOGIT, _LARGEST_LOGIT), np.float64)


def odds_times(threshold: float, factor: float) -> float:
    """The threshold whose odds are `factor` times as large; 0 and 1 stay."""
    if threshold in (0.0, 1.0):
        return threshold
    return float(1 / (1 + np.exp(-(logit(threshold) + np.log(factor)))))


@dataclass(frozen=True)
class Cuts:
    """Every place where a threshold may stand, ascending, with what lies at or below it.

    A cut is the middle, on the logit scale, of a gap between neighbouring scores. Scores less than 0.001 apart there
    count as one, so that the small differences between two devices' arithmetic change no verdict. 0 stands below all
    scores and 1 above all, where no score is as good as 0 or 1.
    """

    threshold: npt.NDArray[np.float64]
    begins: npt.NDArray[np.float64]  # the score from which on a threshold gives the same counts
    missed: npt.NDArray[np.int64]  # defects at or below the cut
    passed_good: npt.NDArray[np.int64]  # good windows at or below the cut

    @classmethod
    def of(cls, scored: Scored) -> Cuts:
        """All cuts of the finite scores."""
        order = np.argsort(scored.score[scored.finite], kind="stable")
        places = logit(scored.score[scored.finite][order])
        defect = scored.defect[scored.finite][order]
        below = np.flatnonzero(np.diff(places) >= _LEAST_GAP) + 1  # how many scores lie below each gap
        middles = 1 / (1 + np.exp(-(places[below - 1] + places[below]) / 2))
        ends_below = [0] if len(places) and places[0] > -_LARGEST_LOGIT else []
        ends_above = [len(places)] if len(places) and places[-1] < _LARGEST_LOGIT else []
        counts = np.concatenate([ends_below, below, ends_above]).astype(np.int64)
        missed = np.concatenate([[0], np.cumsum(defect)]).astype(np.int64)[counts]
        thresholds = np.concatenate([[0.0] * len(ends_below), middles, [1.0] * len(ends_above)])
        scores = np.concatenate([[0.0], scored.score[scored.finite][order]])
        return cls(thresholds, scores[counts], missed, counts - missed)
