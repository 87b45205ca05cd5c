"""`taktgate-prep thresholds`: where to pass and where to fail, from validation scores."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from taktgate_prep.commands.options import add_data, add_parser, read_samples
from taktgate_prep.contract.contract import Contract, contract_path, files_of
from taktgate_prep.contract.judge import Thresholds
from taktgate_prep.data.sample import Sample, select
from taktgate_prep.engine.deciding import Decider, open_decider
from taktgate_prep.errors import InputError
from taktgate_prep.figures import evaluation
from taktgate_prep.files import strict_json
from taktgate_prep.files.names import utf8
from taktgate_prep.files.whole import check_out, keep_inputs, write_together
from taktgate_prep.model.model_file import load_model
from taktgate_prep.operating_point import text
from taktgate_prep.operating_point.choose import Wanted, choose
from taktgate_prep.operating_point.record import describe
from taktgate_prep.operating_point.scored import Scored
from taktgate_prep.records.invocation import command_line
from taktgate_prep.records.validation_split import check_set_aside
from taktgate_prep.records.versions import versions
from taktgate_prep.report import thresholds_page
from taktgate_prep.terminal import option_types
from taktgate_prep.terminal.progress import Progress


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers the subcommand."""
    parser = add_parser(
        subparsers,
        "thresholds",
        "choose the thresholds from validation scores",
        "Runs a model over the labelled windows of a split and chooses the two thresholds on the defect score: as many "
        "good windows pass as a wanted miss rate allows with confidence, or as costs the least.",
        "taktgate-prep thresholds model.int8.onnx --data boards.tsv --max-miss 0.008 --out thresholds.json",
    )
    parser.add_argument("model", type=Path, metavar="MODEL.onnx", help="the model that will be released")
    parser.add_argument("--out", type=Path, required=True, metavar="THRESHOLDS.json", help="the file to write")
    add_data(parser)
    parser.add_argument(
        "--split",
        choices=("train", "val", "test", "all"),
        default="val",
        help="default val: on test the certificate would measure what was chosen there",
    )
    parser.add_argument(
        "--max-miss",
        type=option_types.inner_share,
        default=0.008,
        metavar="X",
        help="share of the defects that may pass (default 0.008)",
    )
    parser.add_argument(
        "--confidence",
        type=option_types.inner_share,
        default=0.95,
        metavar="X",
        help="of the one-sided exact bound of that share (default 0.95)",
    )
    parser.add_argument(
        "--cost",
        type=option_types.cost,
        metavar="MISS:REJECT",
        help="what a missed defect and a false reject cost, as 50:1: take the least expected cost",
    )
    parser.add_argument(
        "--defect-share",
        type=option_types.inner_share,
        metavar="X",
        help="with --cost: share of defects on the line (default: as in the split)",
    )
    parser.add_argument("--html", type=Path, metavar="PAGE.html", help="write the curve as a page to this file")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    for path, suffix, option in ((args.out, ".json", "--out"), (args.html, ".html", "--html")):
        if path is not None:
            check_out(path, suffix, option)
            keep_inputs(option, [path], [*files_of(args.model, args.contract), args.data])
    if args.defect_share is not None and args.cost is None:
        raise InputError(
            "expected --defect-share together with --cost, got it alone: a wanted miss rate does not "
            "depend on it, leave it out or add --cost"
        )
    contract = Contract.load(contract_path(args.model, args.contract))
    if not any(contract.passing) or all(contract.passing):
        raise InputError(
            f"{args.model}: expected a contract with labels that pass and labels that do not, got "
            f"{'only' if all(contract.passing) else 'no'} passing ones: thresholds need both"
        )
    progress = Progress()
    model = load_model(args.model, contract, args.contract is not None, progress.line)
    data, left_out = read_samples(args, contract, progress)
    if args.split == "val":
        check_set_aside([model], contract, data, args.data)
    chosen = select(data, args.split)
    samples = evaluation.labelled(chosen, args.split, args.data)
    if len(samples) < len(chosen):
        progress.line(f"{len(chosen) - len(samples)} of {len(chosen)} rows have no label and are left out")
    counts = {"unlabelled": len(chosen) - len(samples), "left_out": left_out.to_dict()}
    own = contract if args.contract is None else replace(contract, extra_outputs=())
    decider = open_decider(model, own, progress.line)
    if model.quantised:
        progress.line(f"{args.model.name}: {decider.runtime.line()}")
    document = _document(args, contract, decider, samples, counts, progress)
    files = {args.out: strict_json.dump(document)}
    if args.html is not None:
        files[args.html] = utf8(thresholds_page.page(document))
    write_together(files)
    print("\n".join(text.lines(document)))
    print(f"wrote {args.out}" + (f", {args.html}" if args.html is not None else ""))
    return 0


def _document(
    args: argparse.Namespace,
    contract: Contract,
    decider: Decider,
    samples: Sequence[Sample],
    counts: dict[str, Any],
    progress: Progress,
) -> dict[str, Any]:
    answers, digest = evaluation.answer([decider], contract, samples, Thresholds(), progress)
    model, names = decider.model, contract.label_names
    label = np.array([names.index(sample.label or "") for sample in samples], np.int64)
    scored = Scored.of(answers[0].verdicts, label, contract.passing, str(args.data))
    wanted = Wanted(args.max_miss, args.confidence, args.cost, args.defect_share)
    return {
        "schema": 1,
        "model": {"file": model.path.name, "bytes": model.file_bytes, "sha256": model.file_sha256},
        "runtime": decider.runtime.to_dict(),
        "data": {
            "name": args.data.name,
            "split": args.split,
            "windows": len(samples),
            "good": scored.good,
            "defects": scored.defects,
            **counts,
            "sha256": digest,
        },
        **describe(scored, choose(scored, wanted), wanted, names),
        "command": command_line(args.given),
        "versions": versions(),
    }
