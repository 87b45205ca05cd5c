"""What is tried when the chosen setting loses too much, and what is said when that fails too."""

from __future__ import annotations

from dataclasses import replace

from taktgate_prep.errors import InputError
from taktgate_prep.quantise import choose
from taktgate_prep.quantise.bench import Bench
from taktgate_prep.quantise.layers import costly_layers, float_unit
from taktgate_prep.quantise.refine import refine_ranges
from taktgate_prep.quantise.stages import CALIBRATING, Calibration, with_last_layer
from taktgate_prep.quantise.trial import Trial

_REFINE_WINDOWS = 128
_RANK_WINDOWS = 256
_LAYERS = (1, 2, 4, 8)  # so many of the costliest stay in float, one try after another
_NAMED = 4


def rescue(bench: Bench, best: Trial, calibration: Calibration, max_loss: float) -> Trial:
    """In this order: another trial that loses little enough; ranges chosen tensor by tensor; layers left in float. A
    model for which nothing helps is refused with the layers that cost most."""
    other = choose.least_noise_within(bench.trials, max_loss)
    if other is not None:
        bench.notes.append(
            f"the best method loses more than {max_loss:g} points; of the settings that do not, the one "
            "with the cleanest logits was taken"
        )
        return other
    best = _refined(bench, best, calibration)
    other = choose.least_noise_within(bench.trials, max_loss)
    return _leave_in_float(bench, best, max_loss) if other is None else other


def _refined(bench: Bench, best: Trial, calibration: Calibration) -> Trial:
    setting = best.setting
    others = [
        trial.plan.ranges
        for trial in bench.trials
        if trial.graph is best.graph and trial.setting.draw == setting.draw and trial.stage in CALIBRATING
    ]

    def report(share: float) -> None:
        bench.show("last resort: ranges tensor by tensor", share)

    rows = (calibration.outside(setting.draw) or list(range(len(calibration.windows))))[:_REFINE_WINDOWS]
    plan = replace(best.plan, bias_shifts={}, refitted={})
    plan = replace(plan, ranges=refine_ranges(best.graph, plan, others, calibration.windows.take(rows), report))
    fitted = with_last_layer(best, plan, calibration)
    setting = replace(setting, calibrator="tensor by tensor", bias_correction=False, refitted=fitted is not None)
    return bench.try_("last resort", setting, best.graph, fitted or plan)


def _leave_in_float(bench: Bench, best: Trial, max_loss: float) -> Trial:
    windows = bench.against.validation.windows
    some = windows.take(range(min(_RANK_WINDOWS, len(windows))))
    costly = costly_layers(best.graph, best.plan, some, lambda share: bench.show("last resort: ranking layers", share))
    for count in _LAYERS:
        if count > len(costly) // 2:
            break
        names: frozenset[str] = frozenset().union(*(float_unit(best.graph, name) for name, _ in costly[:count]))
        heavy = [node.name for node in best.graph.heavy if node.name in names]
        setting = replace(best.setting, left_float=len(heavy))
        trial = bench.try_("last resort", setting, best.graph, replace(best.plan, left_float=names))
        if not trial.refused and not choose.falls_short(trial.paired, max_loss):
            bench.notes.append(
                f"{len(heavy)} layers stay in float, since no setting without kept the loss within "
                f"{max_loss:g} points: {', '.join(heavy)}"
            )
            return trial
    raise InputError(_refusal(bench, best, max_loss, costly))


def _refusal(bench: Bench, best: Trial, max_loss: float, costly: list[tuple[str, float]]) -> str:
    paired = best.paired
    named = ", ".join(f"{name} ({ratio:.1f} dB)" for name, ratio in costly[:_NAMED])
    few = ", or one window net where it weighs more," if choose.few(paired.count, max_loss) else ","
    return (
        f"{best.graph.path}: expected a setting that loses at most {max_loss:g} points{few} the best of "
        f"{len(bench.trials)} loses {paired.points:.2f} on {paired.count} validation windows ({paired.lost} lost, "
        f"{paired.won} won): no file was written; the layers that cost most, with the signal-to-noise ratio of the "
        f"logits when each alone is quantised: {named}: train again, for longer or on more "
        "images, or allow more with --max-loss"
    )
