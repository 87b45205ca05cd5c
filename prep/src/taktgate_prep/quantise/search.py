"""The search for a setting, on training windows (calibration) and validation windows (choice) alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taktgate_prep.errors import InputError
from taktgate_prep.quantise import choose, last_resort, stages
from taktgate_prep.quantise.bench import Bench
from taktgate_prep.quantise.equalise import equalise, groups
from taktgate_prep.quantise.float_graph import FloatGraph
from taktgate_prep.quantise.ranges import CALIBRATORS
from taktgate_prep.quantise.score import Validation
from taktgate_prep.quantise.stages import Calibration, GateProof
from taktgate_prep.quantise.trial import Trial, hard_swish_form, reference
from taktgate_prep.quantise.weight_bits import WeightProof, seven_bits
from taktgate_prep.terminal.progress import Progress

_CORRECTIONS = 2  # of biases, at most
_EQUALISING_WINDOWS = 256


@dataclass(frozen=True)
class Wish:
    """hard_swish: auto, float or integer; weight_bits: auto, 8 or 7; max_loss in points. With `fixed`, the one
    calibrator is taken as it is: nothing else is varied and no loss is too much."""

    hard_swish: str = "auto"
    weight_bits: str = "auto"
    max_loss: float = 0.3
    calibrators: Sequence[str] = CALIBRATORS
    fixed: bool = False


@dataclass(frozen=True)
class Found:
    """The chosen trial and how it was come by."""

    chosen: Trial
    trials: list[Trial]
    notes: list[str]
    gates: GateProof | None
    weights: WeightProof | None = None


def search(
    graph: FloatGraph, calibration: Calibration, validation: Validation, wish: Wish, progress: Progress
) -> Found:
    """Refuses a model that loses too much whatever is tried. No clock is asked: same input, same model, however busy
    the machine is; on another machine the same form."""
    bench = Bench(reference(graph, validation), progress)
    free = [] if wish.fixed else groups(graph)
    gated = hard_swish_form(graph, False) != "none" and wish.hard_swish != "float"
    methods = len(wish.calibrators) * (2 if free else 1)
    narrow = wish.weight_bits == "7" or (wish.weight_bits == "auto" and not wish.fixed)
    bench.planned = methods * len(calibration.draws) + gated
    bench.planned += 0 if wish.fixed else methods + _CORRECTIONS
    bench.planned += 2 * len(calibration.draws) - 1 if narrow else 0
    stages.calibrate(bench, graph, calibration, wish.calibrators)
    if free:
        level = equalise(graph, free, calibration.first(_EQUALISING_WINDOWS))
        stages.calibrate(bench, level, calibration, wish.calibrators, equalised=True)
    chosen = _best(bench.trials, graph)
    if not wish.fixed:
        chosen = _improve(bench, chosen, calibration)
        if choose.falls_short(chosen.paired, wish.max_loss):
            chosen = last_resort.rescue(bench, chosen, calibration, wish.max_loss)
    weights = None
    if narrow:
        chosen, weights = seven_bits(bench, chosen, calibration, wish.max_loss, wish.weight_bits == "7")
    proof = None
    if gated:
        chosen, proof = stages.integer_gates(bench, chosen, calibration, wish.hard_swish == "integer")
    return Found(chosen, bench.trials, bench.notes, proof, weights)


def _best(trials: Sequence[Trial], graph: FloatGraph) -> Trial:
    best = choose.best(trials)
    if best is None:
        raise InputError(trials[0].refused if trials else f"{graph.path}: expected at least one setting to try")
    return best


def _improve(bench: Bench, chosen: Trial, calibration: Calibration) -> Trial:
    """What may be better than the best calibrator alone."""
    stages.refitted(bench, calibration)
    fitted = [trial for trial in bench.trials if trial.setting.refitted]
    chosen = choose.cleanest_of_equals([chosen, *fitted])
    return stages.bias_corrected(bench, chosen, calibration)
