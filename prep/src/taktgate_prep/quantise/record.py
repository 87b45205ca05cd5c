"""OUT.quantise.json: what was tried, what was taken and what it is worth. No wall time but below the key `time`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from taktgate_prep.files.whole import sha256
from taktgate_prep.model.model_file import Model
from taktgate_prep.quantise import choose
from taktgate_prep.quantise.finish import Finished, Sizes
from taktgate_prep.quantise.search import Found, Wish
from taktgate_prep.quantise.stages import GateProof
from taktgate_prep.quantise.trial import Trial, hard_swish_form
from taktgate_prep.quantise.weight_bits import WeightProof
from taktgate_prep.records.versions import versions


def make_record(
    model: Model,
    finished: Finished,
    sizes: Sizes,
    found: Found,
    wish: Wish,
    layers: list[dict[str, Any]],
    calibration: dict[str, Any],
) -> dict[str, Any]:
    """Plain JSON values."""
    record: dict[str, Any] = {
        "schema": 1,
        "fp32": {"bytes": model.file_bytes, "sha256": model.file_sha256, "changed": list(model.notes)},
        "int8": {"bytes": len(finished.model), "sha256": sha256(finished.model)},
        "runtime": found.chosen.runtime.to_dict(),
        "settings": _settings(found.chosen),
        "calibration": calibration,
        "choice": _choice(found, wish),
        "search": [trial.row(trial is found.chosen) for trial in found.trials],
        "weight_bits": _weight_bits(found.weights),
        "hard_swish": _hard_swish(found.chosen, found.gates),
        "layers": layers,
        "sizes": {**asdict(sizes), "cut_percent": {name: round(cut, 2) for name, cut in sizes.cuts.items()}},
        "nodes": {
            "float": finished.counts.float_model,
            "optimised": finished.counts.optimised,
            "computing_float": [f"{kind} {name}" for kind, name in finished.counts.computing_float],
        },
        "versions": versions(),
    }
    if found.gates is not None:
        record["time"] = {"hard_swish_ratio": round(found.gates.time_ratio, 3)}
    return record


def _settings(chosen: Trial) -> dict[str, Any]:
    setting = chosen.setting
    percentile = setting.calibrator.removeprefix("percentile ")
    by_share = percentile != setting.calibrator  # else "minmax", "mse" or "tensor by tensor"
    return {
        "activations": "uint8",
        "weights": "int8 per channel",
        "weight_bits": setting.weight_bits,
        "method": "percentile" if by_share else setting.calibrator,
        **({"percentile": float(percentile)} if by_share else {}),
        "bias_correction": setting.bias_correction,
        "last_layer_refitted": setting.refitted,
        "equalised": setting.equalised,
        "left_float": [node.name for node in chosen.graph.heavy if node.name in chosen.plan.left_float],
    }


def _choice(found: Found, wish: Wish) -> dict[str, Any]:
    count = found.chosen.paired.count
    return {
        "labelled_validation_windows": count,
        "few_windows": choose.few(count, wish.max_loss),
        "fixed": wish.fixed,
        "max_loss_points": wish.max_loss,
        "tried": len(found.trials),
        "notes": found.notes,
    }


def _weight_bits(weights: WeightProof | None) -> dict[str, Any]:
    """7-bit weights against 8-bit ones on the validation windows; draws: in sum."""
    if weights is None:
        return {"taken": 8, "compared": False}
    return {
        "taken": 7 if weights.taken else 8,
        "compared": True,
        "not_taken_because": weights.reason or None,
        "lost": weights.paired.lost,
        "won": weights.paired.won,
        "draws": {"lost": weights.draws.lost, "won": weights.draws.won, "windows": weights.draws.count},
        "sqnr_change_db": round(weights.sqnr_change_db, 2),
    }


def _hard_swish(chosen: Trial, gates: GateProof | None) -> dict[str, Any]:
    """Integer against float form: steps of the output over all 256 codes, and what changed on validation."""
    form = hard_swish_form(chosen.graph, chosen.setting.integer_gates)
    if gates is None:
        return {"form": form, "largest_difference_steps": None}
    difference = gates.difference
    return {
        "form": form,
        "not_taken_because": gates.reason or None,
        "largest_difference_steps": difference.steps,
        "compared": difference.swishes,
        "folded_gates": difference.folded,
        "folded_error_steps": {
            "integer": round(difference.folded_error[0], 3),
            "float": round(difference.folded_error[1], 3),
        },
        "judged_otherwise": gates.judged_otherwise,
        "largest_logit_difference": round(gates.largest_logit_difference, 4),
    }
