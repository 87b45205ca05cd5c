"""`taktgate-prep evaluate`: how right one or two models are, and what the second loses against the first."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from taktgate_prep import evaluation, evaluation_text, strict_json
from taktgate_prep.commands.options import add_data, add_parser, share
from taktgate_prep.contract import Contract, contract_path
from taktgate_prep.errors import InputError
from taktgate_prep.evaluation import Answers, Truth
from taktgate_prep.files import check_out, write_atomic
from taktgate_prep.judge import Thresholds
from taktgate_prep.model_file import Model, load_model
from taktgate_prep.samples import Sample, load_samples, select
from taktgate_prep.train.progress import Progress
from taktgate_prep.versions import versions


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers the subcommand."""
    parser = add_parser(
        subparsers, "evaluate", "measure one model, or an INT8 model against its float one",
        "Runs one or two models over the labelled windows of a split, one by one as the device does, and reports "
        "accuracy, recall, confusion and sizes; for two models also what the second loses (paired).",
        "taktgate-prep evaluate model.onnx model.int8.onnx --data boards.tsv --split test --json report.json")
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL.onnx", help="one model, or float and INT8")
    add_data(parser)
    parser.add_argument("--split", choices=("train", "val", "test", "all"), default="test", help="default test")
    parser.add_argument("--pass-at-most", type=share, default=0.5, metavar="X",
                        help="a defect score up to this passes (default 0.5)")
    parser.add_argument("--fail-at-least", type=share, default=0.5, metavar="Y",
                        help="a defect score from this on fails (default 0.5); between them: unknown")
    parser.add_argument("--json", type=Path, metavar="REPORT.json", help="write the report to this file")
    parser.add_argument("--scores", type=Path, metavar="SCORES.tsv",
                        help="write every window's answer (of the last model) to this file")
    parser.set_defaults(run=_run)


def thresholds_of(args: argparse.Namespace) -> Thresholds:
    """The two thresholds, in order."""
    if args.pass_at_most > args.fail_at_least:
        raise InputError(f"expected --pass-at-most up to --fail-at-least, got {args.pass_at_most:g} and "
                         f"{args.fail_at_least:g}: exchange them")
    return Thresholds(args.pass_at_most, args.fail_at_least)


def _run(args: argparse.Namespace) -> int:
    if len(args.models) > 2:
        raise InputError(f"expected one or two models, got {len(args.models)}: name the float model, then the INT8 one")
    for path, suffix, option in ((args.json, ".json", "--json"), (args.scores, ".tsv", "--scores")):
        if path is not None:
            check_out(path, suffix, option)
    thresholds, progress = thresholds_of(args), Progress()
    contract = _one_contract(args.models, args.contract)
    models = [load_model(path, contract) for path in args.models]
    chosen = select(load_samples(args.data, contract.label_names, args.val_share, args.seed), args.split)
    samples = evaluation.labelled(chosen, args.split)
    if len(samples) < len(chosen):
        progress.line(f"{len(chosen) - len(samples)} of {len(chosen)} rows have no label and are left out")
    answers, digest = evaluation.answer(models, contract, samples, thresholds, progress)
    report = _report(args, contract, models, samples, answers, digest)
    if args.json is not None:
        write_atomic(args.json, strict_json.dump(report))
    if args.scores is not None:
        write_atomic(args.scores, _scores(samples, answers[-1], contract))
    print("\n".join(evaluation_text.lines(report)))
    return 0


def _one_contract(models: Sequence[Path], given: Path | None) -> Contract:
    paths = [contract_path(model, given) for model in models]
    contracts = [Contract.load(path) for path in paths]
    if contracts[-1] != contracts[0]:
        raise InputError(f"{paths[-1]}: expected the contract of {paths[0]}, got another one: only models of one "
                         "contract can be compared")
    return contracts[0]


def _report(args: argparse.Namespace, contract: Contract, models: Sequence[Model], samples: Sequence[Sample],
            answers: Sequence[Answers], digest: str) -> dict[str, Any]:
    names = contract.label_names
    truth = Truth(np.array([names.index(sample.label or "") for sample in samples], np.int64), contract.passing)
    keys = ["fp32", "int8"] if len(models) == 2 else ["model"]
    counts = Counter(sample.label or "" for sample in samples)
    report: dict[str, Any] = {
        "schema": 1,
        "data": {"name": args.data.name, "split": args.split, "windows": len(samples),
                 "parts": len({sample.part for sample in samples}), "labels": list(names),
                 "per_label": [counts[name] for name in names], "sha256": digest},
        "thresholds": {"pass_at_most": args.pass_at_most, "fail_at_least": args.fail_at_least},
        **{key: {"file": model.path.name, "size": evaluation.sizes(model), **evaluation.figures(one, truth, names)}
           for key, model, one in zip(keys, models, answers, strict=True)},
    }
    if len(models) == 2:
        before, after = (report[key]["size"] for key in keys)
        report["paired"] = evaluation.compare(answers[0], answers[1], truth)
        report["size"] = {"cut_percent": 100 * (1 - after["bytes"] / before["bytes"]),
                          "zstd_cut_percent": 100 * (1 - after["zstd_bytes"] / before["bytes"])}
    report["versions"] = versions()
    return report


def _scores(samples: Sequence[Sample], answers: Answers, contract: Contract) -> bytes:
    lines = ["row\tlabel\tclass\tscore\tverdict\tlogits"]
    for sample, verdict, logits in zip(samples, answers.verdicts, answers.logits, strict=True):
        name = contract.label_names[verdict.class_index] if verdict.class_index >= 0 else ""
        lines.append("\t".join((str(sample.row), sample.label or "", name, repr(verdict.defect_score),
                                verdict.verdict, ",".join(f"{value:.9g}" for value in logits.tolist()))))
    return ("\n".join(lines) + "\n").encode("utf-8")
