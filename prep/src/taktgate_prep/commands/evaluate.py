"""`taktgate-prep evaluate`: how right one or two models are, and what the second loses against the first."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from taktgate_prep.certify import evaluation_text
from taktgate_prep.certify.evaluation_report import Measured, assemble
from taktgate_prep.commands.options import add_data, add_parser, read_samples
from taktgate_prep.commands.threshold_options import add_thresholds, chosen_thresholds
from taktgate_prep.contract.contract import Contract, contract_path, files_of
from taktgate_prep.contract.judge import Thresholds
from taktgate_prep.data.sample import select
from taktgate_prep.engine.deciding import Decider, open_decider
from taktgate_prep.errors import InputError
from taktgate_prep.figures import evaluation
from taktgate_prep.figures.groups import read_groups
from taktgate_prep.files import strict_json
from taktgate_prep.files.names import utf8
from taktgate_prep.files.whole import check_out, keep_inputs, write_together
from taktgate_prep.model.model_file import Model, load_model
from taktgate_prep.records.validation_split import check_set_aside
from taktgate_prep.report import certificate_page
from taktgate_prep.terminal import option_types
from taktgate_prep.terminal.progress import Progress


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers the subcommand."""
    parser = add_parser(
        subparsers,
        "evaluate",
        "measure one model, or an INT8 model against its float one",
        "Runs one or two models over the labelled windows of a split, one by one as the device does, and certifies: "
        "accuracy, recall, confusion, sizes, times, whether the floor is proved, whether windows were seen in "
        "training; for two models also what the second loses (paired).",
        "taktgate-prep evaluate model.onnx model.int8.onnx --data boards.tsv --json report.json --html report.html",
    )
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL.onnx", help="one model, or float and INT8")
    add_data(parser)
    parser.add_argument("--split", choices=("train", "val", "test", "all"), default="test", help="default test")
    add_thresholds(parser, "0.5 and 0.5")
    parser.add_argument(
        "--floor",
        type=option_types.share,
        default=0.992,
        metavar="X",
        help="promised share of right verdicts: proved, likely or not? (default 0.992)",
    )
    parser.add_argument(
        "--groups", type=Path, metavar="GROUPS.tsv", help="list of `part<TAB>group`: figures for each group apart"
    )
    parser.add_argument("--json", type=Path, metavar="REPORT.json", help="write the report to this file")
    parser.add_argument("--html", type=Path, metavar="REPORT.html", help="write the report with pictures to this file")
    parser.add_argument(
        "--scores", type=Path, metavar="SCORES.tsv", help="write every window's answer (of the last model) to this file"
    )
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    if len(args.models) > 2:
        raise InputError(f"expected one or two models, got {len(args.models)}: name the float model, then the INT8 one")
    read = [file for model in args.models for file in files_of(model, args.contract)]
    for path, suffix, option in (
        (args.json, ".json", "--json"),
        (args.html, ".html", "--html"),
        (args.scores, ".tsv", "--scores"),
    ):
        if path is not None:
            check_out(path, suffix, option)
            keep_inputs(option, [path], [*read, args.data, args.thresholds, args.groups])
    progress = Progress()
    contracts = _contracts(args.models, args.contract)
    contract = replace(contracts[-1], extra_outputs=())
    models = [
        load_model(path, own, args.contract is not None, progress.line)
        for path, own in zip(args.models, contracts, strict=True)
    ]
    _check_order(models)
    chosen = chosen_thresholds(args, models[-1], Thresholds())
    groups = None if args.groups is None else read_groups(args.groups)
    deciders = [
        open_decider(model, own if args.contract is None else contract, progress.line)
        for model, own in zip(models, contracts, strict=True)
    ]
    for decider in (one for one in deciders if one.model.quantised):
        progress.line(f"{decider.model.path.name}: {decider.runtime.line()}")
    _warn_of_other_runtime(args, deciders[-1], chosen.origin, progress)
    measured = _measure(args, contract, deciders, chosen.thresholds, progress)
    report = assemble(args, measured, chosen.origin, groups, progress)
    files: dict[Path, bytes] = {}
    if args.json is not None:
        files[args.json] = strict_json.dump(report)
    if args.html is not None:
        files[args.html] = utf8(certificate_page.page(report, measured, chosen.curve))
    if args.scores is not None:
        files[args.scores] = _scores(measured)
    write_together(files)
    print("\n".join(evaluation_text.lines(report)))
    return 0


def _measure(
    args: argparse.Namespace,
    contract: Contract,
    deciders: Sequence[Decider],
    thresholds: Thresholds,
    progress: Progress,
) -> Measured:
    data, left_out = read_samples(args, contract, progress)
    if args.split == "val":
        check_set_aside([decider.model for decider in deciders], contract, data, args.data)
    chosen = select(data, args.split)
    samples = evaluation.labelled(chosen, args.split, args.data)
    if len(samples) < len(chosen):
        progress.line(f"{len(chosen) - len(samples)} of {len(chosen)} rows have no label and are left out")
    answers, digest = evaluation.answer(deciders, contract, samples, thresholds, progress)
    return Measured(
        contract,
        deciders,
        data,
        samples,
        left_out,
        answers,
        digest,
        thresholds,
        args.data if args.data.is_dir() else args.data.parent,
    )


def _warn_of_other_runtime(
    args: argparse.Namespace, decider: Decider, origin: dict[str, Any] | None, progress: Progress
) -> None:
    """Thresholds lie amid scores, and another runtime gives others."""
    chosen_on = origin.get("runtime") if origin is not None else None
    if isinstance(chosen_on, dict) and chosen_on.get("name") != decider.runtime.name:
        progress.line(
            f"warning: {args.thresholds}: chosen with answers of {chosen_on.get('name')}, measured with those of "
            f"{decider.runtime.name}; run taktgate-prep thresholds again"
        )


def _contracts(models: Sequence[Path], given: Path | None) -> list[Contract]:
    """One for each model; they may differ in what comes beside the logits, and in nothing else."""
    paths = [contract_path(model, given) for model in models]
    contracts = [Contract.load(path) for path in paths]
    first, last = (replace(contract, extra_outputs=()) for contract in (contracts[0], contracts[-1]))
    if first != last:
        raise InputError(
            f"{paths[-1]}: expected the contract of {paths[0]}, got another one: only models of one "
            "contract can be compared"
        )
    return contracts


def _check_order(models: Sequence[Model]) -> None:
    if len(models) == 2 and models[0].quantised:
        mend = "give the float one that it was made from" if models[1].quantised else "exchange them"
        raise InputError(
            f"{models[0].path}: expected the float model first, then the INT8 one, got an INT8 model first: {mend}"
        )


def _scores(measured: Measured) -> bytes:
    lines = ["row\tlabel\tclass\tscore\tverdict\tlogits"]
    answers, names = measured.answers[-1], measured.contract.label_names
    for sample, verdict, logits in zip(measured.samples, answers.verdicts, answers.logits, strict=True):
        name = names[verdict.class_index] if verdict.class_index >= 0 else ""
        lines.append(
            "\t".join(
                (
                    str(sample.row),
                    sample.label or "",
                    name,
                    repr(verdict.defect_score),
                    verdict.verdict,
                    ",".join(f"{value:.9g}" for value in logits.tolist()),
                )
            )
        )
    return ("\n".join(lines) + "\n").encode("utf-8")
