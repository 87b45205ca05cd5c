"""7-bit weights against 8-bit ones: twice as fast where a CPU has no dot product, and a model 3 points smaller."""

from __future__ import annotations

from dataclasses import dataclass, replace

from taktgate_prep.quantise import choose
from taktgate_prep.quantise.bench import Bench
from taktgate_prep.quantise.score import Paired, pair
from taktgate_prep.quantise.stages import CALIBRATING, Calibration, corrected, with_last_layer
from taktgate_prep.quantise.trial import Trial

STAGE = "7-bit weights"


@dataclass(frozen=True)
class WeightProof:
    """The 7-bit form of a trial against the trial itself, on the validation windows; draws: the same for each draw of
    the calibration windows, in sum; sqnr_change_db: of the logits."""

    paired: Paired
    draws: Paired
    sqnr_change_db: float
    taken: bool
    reason: str  # why it was not taken; empty where it was


def seven_bits(
    bench: Bench, plain: Trial, calibration: Calibration, max_loss: float, always: bool
) -> tuple[Trial, WeightProof]:
    """The trial with 7-bit weights, where choose.against_seven_bits has nothing against it or it is asked for; bias
    correction and last layer are made for them anew."""
    trial = _narrow(bench, plain, calibration)
    wide, narrow = [plain], [trial]
    for other in _other_draws(bench, plain):
        if plain.setting.refitted:
            plan = with_last_layer(other, other.plan, calibration) or other.plan
            other = bench.try_(STAGE, replace(other.setting, refitted=True), other.graph, plan)
        wide.append(other)
        narrow.append(_narrow(bench, other, calibration))
    pairs = [pair(one.right, two.right) for one, two in zip(wide, narrow, strict=True)]
    draws = Paired(sum(one.lost for one in pairs), sum(one.won for one in pairs), sum(one.count for one in pairs))
    reason = "a layer would stay in float" if trial.refused else ""
    if not reason and not always:
        reason = choose.against_seven_bits(trial, plain, choose.worse(wide, narrow), max_loss)
    return plain if reason else trial, WeightProof(pairs[0], draws, trial.sqnr_db - plain.sqnr_db, not reason, reason)


def _narrow(bench: Bench, wide: Trial, calibration: Calibration) -> Trial:
    plan = replace(wide.plan, weight_bits=7)
    if wide.setting.bias_correction:
        plan = corrected(bench, wide, plan, calibration) or plan
    if wide.setting.refitted:
        plan = with_last_layer(wide, plan, calibration) or plan
    return bench.try_(STAGE, replace(wide.setting, weight_bits=7), wide.graph, plan)


def _other_draws(bench: Bench, plain: Trial) -> list[Trial]:
    """The plain trials of the same method on the other draws; a bias correction, which takes long, is left out."""

    def fits(trial: Trial) -> bool:
        one, other = trial.setting, plain.setting
        same = (one.calibrator, one.equalised) == (other.calibrator, other.equalised)
        return trial.stage in CALIBRATING and same and one.draw != other.draw and not trial.refused

    return [trial for trial in bench.trials if fits(trial)]
