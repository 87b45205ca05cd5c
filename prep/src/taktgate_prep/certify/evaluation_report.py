"""The report of `evaluate`: everything that a certificate says, as JSON values. Only the key `time` may differ between
two runs on the same input."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from taktgate_prep.contract.contract import Contract
from taktgate_prep.contract.judge import Thresholds
from taktgate_prep.data.counts import per_split
from taktgate_prep.data.readable import LeftOut
from taktgate_prep.data.sample import Sample
from taktgate_prep.data.window import load_window
from taktgate_prep.engine.deciding import Decider
from taktgate_prep.figures import evaluation
from taktgate_prep.figures.evaluation import Answers, Truth, binary_right
from taktgate_prep.figures.floor import Side, floor_statement
from taktgate_prep.figures.groups import per_group
from taktgate_prep.figures.reliability import reliability
from taktgate_prep.figures.timing import time_models
from taktgate_prep.leakage import check as leakage
from taktgate_prep.leakage.collect import file_digests
from taktgate_prep.model.model_file import Model
from taktgate_prep.records.beside import quantisation_record, training_record
from taktgate_prep.records.invocation import command_line
from taktgate_prep.records.versions import versions
from taktgate_prep.terminal.progress import Progress

_MOST_ERRORS = 200
_ON_VALIDATION = "Measured on the validation split that chose the setting: optimistic."


@dataclass(frozen=True)
class Measured:
    """What was measured on what; the last model is the one that decides.

    data: every sample of every split; samples: the labelled ones of the tested split; digest: of their tensors;
    left_out: images that could not be read.
    """

    contract: Contract
    deciders: Sequence[Decider]
    data: Sequence[Sample]
    samples: Sequence[Sample]
    left_out: LeftOut
    answers: Sequence[Answers]
    digest: str
    thresholds: Thresholds
    root: Path

    @property
    def models(self) -> list[Model]:
        """What was measured."""
        return [decider.model for decider in self.deciders]

    @property
    def truth(self) -> Truth:
        """The labels as indices."""
        names = self.contract.label_names
        return Truth(
            np.array([names.index(sample.label or "") for sample in self.samples], np.int64), self.contract.passing
        )

    @property
    def keys(self) -> tuple[str, ...]:
        """Under which the models stand in the report."""
        return ("fp32", "int8") if len(self.models) == 2 else ("model",)


def assemble(
    args: argparse.Namespace,
    measured: Measured,
    origin: dict[str, Any] | None,
    groups: dict[str, str] | None,
    progress: Progress,
) -> dict[str, Any]:
    """The whole report; origin: where the thresholds are from, None for plain options."""
    names, truth = measured.contract.label_names, measured.truth
    files = file_digests(measured.data)
    leak = _leakage(args.split, measured, files, progress)
    report: dict[str, Any] = {
        "schema": 1,
        **({"caveat": _ON_VALIDATION} if args.split == "val" else {}),
        "data": _data(args, measured, files),
        "thresholds": {
            "pass_at_most": measured.thresholds.pass_at_most,
            "fail_at_least": measured.thresholds.fail_at_least,
        },
        **({"thresholds_from": origin} if origin is not None else {}),
        "floor": _floor(args.floor, measured, leak),
        "leakage": leak,
        **{
            key: _model(decider, one, truth, names)
            for key, decider, one in zip(measured.keys, measured.deciders, measured.answers, strict=True)
        },
    }
    if len(measured.models) == 2:
        before, after = (report[key]["size"] for key in measured.keys)
        report["paired"] = evaluation.compare(measured.answers[0], measured.answers[1], truth)
        report["size"] = {
            "cut_percent": 100 * (1 - after["bytes"] / before["bytes"]),
            "zstd_cut_percent": 100 * (1 - after["zstd_bytes"] / before["bytes"]),
        }
    if groups is not None:
        answers = dict(zip(measured.keys, measured.answers, strict=True))
        report["groups"] = per_group(groups, measured.samples, answers, truth, names)
    report["errors"] = _errors(measured)
    report.update(_records(measured))
    report.update(val_share=args.val_share, command=command_line(args.given), versions=versions())
    window = load_window(measured.samples[0], measured.contract)[None]
    report["time"] = dict(zip(measured.keys, time_models(measured.deciders, window), strict=True))
    return report


def _data(args: argparse.Namespace, measured: Measured, files: dict[Path, str]) -> dict[str, Any]:
    names, samples = measured.contract.label_names, measured.samples
    counts = Counter(sample.label or "" for sample in samples)
    tested = [sample for sample in measured.data if args.split in (sample.split, "all")]
    return {
        "name": args.data.name,
        "split": args.split,
        "windows": len(samples),
        "parts": len({sample.part for sample in samples}),
        "labels": list(names),
        "per_label": [counts[name] for name in names],
        "sha256": measured.digest,
        "unlabelled": len(tested) - len(samples),
        "left_out": measured.left_out.to_dict(),
        "splits": per_split(measured.data, names, files),
    }


def _model(decider: Decider, answers: Answers, truth: Truth, names: Sequence[str]) -> dict[str, Any]:
    found = {
        "file": decider.model.path.name,
        "runtime": decider.runtime.to_dict(),
        "size": evaluation.sizes(decider.model),
        **evaluation.figures(answers, truth, names),
    }
    if truth.judged:
        finite = np.array([verdict.class_index >= 0 for verdict in answers.verdicts])
        scores = np.array([verdict.defect_score for verdict in answers.verdicts])
        defect = ~np.array(truth.passing)[truth.label]
        found["reliability"] = reliability(scores[finite], defect[finite])
    return found


def _leakage(split: str, measured: Measured, files: dict[Path, str], progress: Progress) -> dict[str, Any]:
    """Against every other split that the model was made from; the tested split may be one of them itself."""
    if split in ("train", "all"):
        text = "the tested windows are those that the model was trained on"
        return {
            "windows": len(measured.samples),
            "against": {},
            "leaked": None,
            "summary": text,
            "sentence": f"{text[0].upper()}{text[1:]}: the figures say nothing about new parts.",
        }
    others = ("train",) if split == "val" else ("train", "val")
    reference = [sample for sample in measured.data if sample.split in others and sample.label is not None]
    return leakage.check(measured.samples, reference, files, measured.contract, measured.root, progress)


def _floor(floor: float, measured: Measured, leak: dict[str, Any]) -> dict[str, Any] | None:
    if not measured.truth.judged:
        return None
    truth = measured.truth
    correct = binary_right(measured.answers[-1], truth)
    good = np.array(truth.passing)[truth.label]
    sides = [
        Side(name, int(here.sum()), int((~correct & here).sum()))
        for name, here in (("defects", ~good), ("good windows", good))
    ]
    return floor_statement(sides, floor, leak["summary"])


def _errors(measured: Measured) -> dict[str, Any]:
    """Every missed defect and false reject of the model that decides, at most 200 each."""
    truth = measured.truth
    if not truth.judged:
        return {}
    wrong = np.flatnonzero(~binary_right(measured.answers[-1], truth))
    good = np.array(truth.passing)[truth.label]
    found: dict[str, Any] = {}
    for key, places in (("missed", wrong[~good[wrong]]), ("false_rejects", wrong[good[wrong]])):
        found[key] = [_error(measured, int(i)) for i in places[:_MOST_ERRORS]]
        found[f"{key}_left_out"] = max(0, len(places) - _MOST_ERRORS)
    return found


def _error(measured: Measured, i: int) -> dict[str, Any]:
    sample, verdict = measured.samples[i], measured.answers[-1].verdicts[i]
    answer = measured.contract.label_names[verdict.class_index] if verdict.class_index >= 0 else None
    return {
        "image": sample.image.relative_to(measured.root).as_posix(),
        "row": sample.row,
        "label": sample.label,
        "class": answer,
        "score": verdict.defect_score,
        "verdict": verdict.verdict,
    }


def _records(measured: Measured) -> dict[str, Any]:
    found = {"training": training_record(measured.models[0]), "quantisation": quantisation_record(measured.models[-1])}
    return {key: record[1] for key, record in found.items() if record is not None}
