"""Where settings are tried, one after another."""

from __future__ import annotations

import time

from taktgate_prep.quantise.float_graph import FloatGraph
from taktgate_prep.quantise.plan import Plan
from taktgate_prep.quantise.trial import Reference, Setting, Trial, try_setting
from taktgate_prep.terminal.progress import Progress, bar, minutes


class Bench:
    """Keeps every trial in order. The clock is for the line that moves and decides nothing; planned: so many trials are
    expected at least."""

    def __init__(self, against: Reference, progress: Progress) -> None:
        self.against, self.progress = against, progress
        self.trials: list[Trial] = []
        self.notes: list[str] = []
        self.planned = 0
        self._start = time.monotonic()

    def try_(self, stage: str, setting: Setting, graph: FloatGraph, plan: Plan) -> Trial:
        """One more trial."""
        trial = try_setting(stage, setting, graph, plan, self.against)
        self.trials.append(trial)
        self.show(f"{stage}: {setting.calibrator}", len(self.trials) / max(self.planned, len(self.trials)))
        return trial

    def show(self, what: str, share: float) -> None:
        """The line that moves: candidates or a stage's own work, and the time so far."""
        spent = minutes(time.monotonic() - self._start)
        count = f"{len(self.trials)}/{max(self.planned, len(self.trials))}"
        self.progress.status(f"search {bar(share)} {count} candidates, {spent}, {what}")
