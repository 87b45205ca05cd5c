"""The stages of the search: calibrators and draws, then what may improve the best of them, then integer gates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from taktgate_prep.quantise import choose
from taktgate_prep.quantise.bench import Bench
from taktgate_prep.quantise.bias import bias_shifts
from taktgate_prep.quantise.float_graph import FloatGraph
from taktgate_prep.quantise.gates import Difference, compare_forms, time_ratio
from taktgate_prep.quantise.observe import observe
from taktgate_prep.quantise.plan import Plan
from taktgate_prep.quantise.qdq import write
from taktgate_prep.quantise.ranges import ranges
from taktgate_prep.quantise.refit import refit
from taktgate_prep.quantise.score import logits_of
from taktgate_prep.quantise.trial import Setting, Trial
from taktgate_prep.quantise.windows import Windows

_BIAS_WINDOWS = 256
_FIT_WINDOWS = 1024
_PROOF_WINDOWS = 64
CALIBRATING = ("calibrator", "equalisation")


@dataclass
class Calibration:
    """Training windows, and draws of their rows."""

    windows: Windows
    draws: Sequence[Sequence[int]]
    _logits: npt.NDArray[np.float32] | None = None

    def first(self, limit: int) -> Windows:
        """As many of the windows, of all draws."""
        return self.windows.take(range(min(limit, len(self.windows))))

    def float_logits(self, graph: FloatGraph) -> npt.NDArray[np.float32]:
        """What the float model, equalised or not, gives on the windows that the last layer is fitted on."""
        if self._logits is None:
            self._logits = logits_of(graph.proto.SerializeToString(), graph.path, self.first(_FIT_WINDOWS))
        return self._logits

    def outside(self, draw: int) -> list[int]:
        """Rows that the draw does not hold."""
        held = set(self.draws[draw])
        return [row for row in range(len(self.windows)) if row not in held]


@dataclass(frozen=True)
class GateProof:
    """The integer form of the gates against the float form of the same trial, on the validation windows."""

    difference: Difference
    time_ratio: float
    judged_otherwise: int
    largest_logit_difference: float
    taken: bool
    reason: str  # why it was not taken; empty where it was


def calibrate(
    bench: Bench, graph: FloatGraph, calibration: Calibration, calibrators: Sequence[str], equalised: bool = False
) -> None:
    """Every calibrator on every draw."""
    stage = CALIBRATING[equalised]
    observed = observe(
        graph,
        calibration.windows,
        calibration.draws,
        lambda share: bench.show(f"{stage}: observing activations", share),
    )
    for draw, found in enumerate(observed):
        for calibrator in calibrators:
            plan = Plan(ranges(graph, found, calibrator))
            bench.try_(stage, Setting(calibrator, draw, equalised=equalised), graph, plan)


def refitted(bench: Bench, calibration: Calibration) -> None:
    """The last layer fitted anew: of every method, for the draw with the cleanest logits."""
    cleanest: dict[tuple[str, bool], Trial] = {}
    for trial in bench.trials:
        method = (trial.setting.calibrator, trial.setting.equalised)
        if not trial.refused and (method not in cleanest or trial.sqnr_db > cleanest[method].sqnr_db):
            cleanest[method] = trial
    for base in cleanest.values():
        plan = with_last_layer(base, base.plan, calibration)
        if plan is None:
            bench.notes.append("the last layer is no Gemm with weights of its own: it was not fitted anew")
            return
        bench.try_("last layer", replace(base.setting, refitted=True), base.graph, plan)


def with_last_layer(base: Trial, plan: Plan, calibration: Calibration) -> Plan | None:
    """The plan with the last layer fitted to it; None where there is none to fit."""
    plan = replace(plan, refitted={})
    weights = refit(base.graph, plan, calibration.first(_FIT_WINDOWS), calibration.float_logits(base.graph))
    return replace(plan, refitted=weights) if weights else None


def bias_corrected(bench: Bench, plain: Trial, calibration: Calibration) -> Trial:
    """Bias correction of the best so far and of the best that clips nothing, since clipped tails are what makes it
    harmful; the last layer is fitted behind it."""
    full = [trial for trial in bench.trials if trial.setting.calibrator == "minmax" and not trial.refused]
    bases = [plain]
    if full and plain.setting.calibrator != "minmax":
        bases.append(max(full, key=lambda trial: trial.sqnr_db))
    best = plain
    for base in bases:
        plan = corrected(bench, base, base.plan, calibration)
        if plan is None:
            bench.notes.append("no bias correction: the calibration draw holds every training window")
            return best
        fitted = with_last_layer(base, plan, calibration) if base.setting.refitted else None
        setting = replace(base.setting, bias_correction=True)
        best = _better(bench.try_("bias correction", setting, base.graph, fitted or plan), best)
    return best


def corrected(bench: Bench, base: Trial, plan: Plan, calibration: Calibration) -> Plan | None:
    """The plan, its last layer not fitted, with biases corrected; None where no window is left to measure on."""
    rows = calibration.outside(base.setting.draw)[:_BIAS_WINDOWS]
    if not rows:
        return None
    plan = replace(plan, refitted={})
    shifts = bias_shifts(
        base.graph,
        plan,
        calibration.windows.take(rows),
        lambda share: bench.show("bias correction: measuring", share),
    )
    return replace(plan, bias_shifts=shifts)


def integer_gates(bench: Bench, plain: Trial, calibration: Calibration, always: bool) -> tuple[Trial, GateProof]:
    """The integer form of hard-swish and hard-sigmoid: taken where every hard-swish stays within one step, the trial is
    as accurate, or where it is asked for."""
    setting, plan = replace(plain.setting, integer_gates=True), replace(plain.plan, integer_gates=True)
    if plain.setting.refitted:
        plan = with_last_layer(plain, plan, calibration) or plan
    trial = bench.try_("hard-swish", setting, plain.graph, plan)
    windows = bench.against.validation.windows
    some = windows.take(range(min(_PROOF_WINDOWS, len(windows))))
    difference = compare_forms(plain.graph, plain.plan, some)
    candidate, reference = (bytes(write(plain.graph, form).SerializeToString()) for form in (plan, plain.plan))
    ratio = time_ratio(candidate, reference, windows)
    reason = _against_gates(trial, plain, difference)
    if trial.refused:
        reason = "a layer would stay in float"
    elif always:
        reason = ""
    proof = GateProof(
        difference,
        ratio,
        int((trial.right != plain.right).sum()),
        float(np.abs(trial.logits - plain.logits).max()),
        not reason,
        reason,
    )
    return plain if reason else trial, proof


def _against_gates(trial: Trial, plain: Trial, difference: Difference) -> str:
    """What speaks against the integer form; its time is reported and says nothing here."""
    reasons = [f"a gate differs by {difference.steps} steps, one is allowed"] if difference.steps > 1 else []
    if not trial.refused and not choose.as_accurate(trial, plain):
        change = trial.sqnr_db - plain.sqnr_db
        reasons.append(
            f"less accurate on validation: {trial.paired.lost} windows lost and {trial.paired.won} won, "
            f"with the float form {plain.paired.lost} and {plain.paired.won}; logits {change:+.1f} dB"
        )
    return "; ".join(reasons)


def _better(trial: Trial, best: Trial) -> Trial:
    return trial if choose.helps(trial, best) else best
