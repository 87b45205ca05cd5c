"""Where settings are tried, one after another, within the time budget."""

from __future__ import annotations

import time

from taktgate_prep.quantise.float_graph import FloatGraph
from taktgate_prep.quantise.plan import Plan
from taktgate_prep.quantise.trial import Reference, Setting, Trial, try_setting
from taktgate_prep.terminal.progress import Progress, bar, minutes


class OutOfTimeError(Exception):
    """The budget is spent."""


class Bench:
    """Keeps every trial in order. The budget in minutes counts from its making; the first trial is always run, and the
    budget decides about nothing but whether the next one is begun."""

    def __init__(self, against: Reference, budget: float, progress: Progress) -> None:
        self.against, self.progress = against, progress
        self.trials: list[Trial] = []
        self.notes: list[str] = []
        self.planned = 0
        self._budget, self._start = 60 * budget, time.monotonic()

    def try_(self, stage: str, setting: Setting, graph: FloatGraph, plan: Plan) -> Trial:
        """Raises OutOfTimeError where the budget is spent."""
        self.check_time()
        trial = try_setting(stage, setting, graph, plan, self.against)
        self.trials.append(trial)
        self.show(f"{stage}: {setting.calibrator}", len(self.trials) / max(self.planned, len(self.trials)))
        return trial

    def check_time(self) -> None:
        """Before anything long; the first trial always comes."""
        if self.trials and time.monotonic() - self._start > self._budget:
            raise OutOfTimeError

    def show(self, what: str, share: float) -> None:
        """The line that moves: candidates or a stage's own work, and the time against the budget."""
        spent = time.monotonic() - self._start
        self.progress.status(
            f"search {bar(share)} {len(self.trials)}/{self.planned} candidates, {minutes(spent)} of "
            f"{minutes(self._budget)}, {what}"
        )
