"""`taktgate-prep quantise`: a float ONNX classifier in, an INT8 one out."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from taktgate_prep.commands.options import add_data, add_parser, read_samples
from taktgate_prep.contract.contract import Contract, contract_path, files_of
from taktgate_prep.engine.library import why_missing
from taktgate_prep.files import strict_json
from taktgate_prep.files.whole import check_out, keep_inputs, write_together
from taktgate_prep.model.model_file import Model, load_model
from taktgate_prep.quantise import report
from taktgate_prep.quantise.extra_outputs import Extended, add_extra_outputs
from taktgate_prep.quantise.finish import Finished, finish, measure
from taktgate_prep.quantise.float_graph import prepare
from taktgate_prep.quantise.inputs import Inputs, read_inputs, record_of
from taktgate_prep.quantise.layers import layer_noise
from taktgate_prep.quantise.qdq import write
from taktgate_prep.quantise.record import make_record
from taktgate_prep.quantise.search import Found, Wish, search
from taktgate_prep.records.invocation import command_line
from taktgate_prep.records.validation_split import check_set_aside
from taktgate_prep.terminal import option_types
from taktgate_prep.terminal.progress import Progress

_LAYER_WINDOWS = 128  # that the noise of every layer is measured on


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers the subcommand."""
    parser = add_parser(
        subparsers,
        "quantise",
        "turn a float ONNX classifier into an INT8 one",
        "Quantises a classifier to INT8 (uint8 activations, int8 weights). It finds the setting itself: candidates are "
        "calibrated on the train split and chosen on the val split; test is not looked at. It proves that no Conv, "
        "Gemm or MatMul stayed float in ONNX Runtime by accident. Beside the model it writes its contract and a record "
        "(.quantise.json).",
        "taktgate-prep quantise model.onnx --data boards.tsv --out model.int8.onnx",
    )
    parser.add_argument("model", type=Path, metavar="MODEL.onnx", help="float model, 1 to 4 channels, 32 to 320 px")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.onnx", help="the model to write")
    add_data(parser)
    parser.add_argument(
        "--calibration-samples",
        type=option_types.positive,
        default=512,
        metavar="N",
        help="windows of the train split in a draw, classes balanced (default 512)",
    )
    parser.add_argument(
        "--seed", type=option_types.seed, default=0, metavar="N", help="of the draws, not of the split (default 0)"
    )
    parser.add_argument(
        "--max-loss",
        type=option_types.number(0, 100),
        default=0.3,
        metavar="POINTS",
        help="per cent of the validation windows that may be lost (default 0.3)",
    )
    parser.add_argument(
        "--hard-swish",
        choices=("auto", "float", "integer"),
        default="auto",
        help="how hard-swish and hard-sigmoid are computed; auto: as integers where that is as accurate (default auto)",
    )
    parser.add_argument(
        "--weight-bits",
        choices=("auto", "8", "7"),
        default="auto",
        help="weights up to 127 or up to 64 in size; auto: 7 bits where validation shows no loss (default auto)",
    )
    parser.add_argument(
        "--method", choices=("percentile", "minmax", "mse"), help="no search: find the range of an activation this way"
    )
    parser.add_argument(
        "--percentile",
        type=option_types.number(90, 100),
        metavar="P",
        help="no search: part of the values inside the range, %% (with --method percentile: 99.999)",
    )
    parser.add_argument(
        "--extra-outputs",
        choices=("all", "none"),
        default="all",
        help="embedding, channel means and class map, for drift and pages (default all)",
    )
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    check_out(args.out, ".onnx")
    keep_inputs("--out", _outputs(args.out), [*files_of(args.model, args.contract), args.data])
    wish = _wish(args)
    contract = Contract.load(contract_path(args.model, args.contract))
    progress = Progress()
    model = load_model(args.model, contract, note=progress.line)
    keep_inputs("--out", _outputs(args.out), model.beside)
    graph = prepare(model)
    samples, left_out = read_samples(args, contract, progress)
    inputs = read_inputs(samples, contract, args.calibration_samples, args.seed, wish.fixed, progress)
    check_set_aside([model], contract, samples, args.data, inputs.validation_record)
    inputs = replace(inputs, left_out=left_out)
    for note in inputs.notes:
        progress.line(note)
    progress.line(
        f"calibrating on {len(inputs.calibration.draws)} x {len(inputs.calibration.draws[0])} of "
        f"{inputs.train_windows} windows of split train, choosing on {len(inputs.validation.windows)}"
    )
    missing = why_missing()
    if missing:
        progress.line(f"no INT8 engine ({missing}): its NumPy reference answers, slowly: setup/engine.sh builds it")
    found = search(graph, inputs.calibration, inputs.validation, wish, progress)
    chosen = found.chosen
    plain = finish(write(chosen.graph, chosen.plan), chosen.graph, chosen.plan.left_float)
    extra = None
    if args.extra_outputs == "all":
        extra = add_extra_outputs(chosen, plain, inputs.calibration, inputs.validation.windows)
    _write(args, contract, model, plain, extra, (found, wish, inputs))
    return 0


def _write(
    args: argparse.Namespace,
    contract: Contract,
    model: Model,
    plain: Finished,
    extra: Extended | None,
    choice: tuple[Found, Wish, Inputs],
) -> None:
    found, wish, inputs = choice
    chosen, windows = found.chosen, inputs.validation.windows
    finished = plain if extra is None else replace(extra.finished, counts=plain.counts)
    contract = replace(contract, extra_outputs=() if extra is None else extra.outputs)
    sizes = measure(model.disk_bytes(), finished)
    layers = layer_noise(chosen.graph, chosen.plan, windows.take(range(min(_LAYER_WINDOWS, len(windows)))))
    record = make_record(model, finished, sizes, found, wish, layers, record_of(inputs, chosen.setting.draw, args.seed))
    record["command"] = command_line(args.given)
    record["validation"] = inputs.validation_record
    record["left_out"] = inputs.left_out.to_dict()
    if extra is not None:
        record["extra_outputs"] = extra.to_dict()
        record.setdefault("time", {})["extra_outputs_ratio"] = round(extra.time_ratio, 3)
    out, out_contract, out_record = _outputs(args.out)
    write_together({out_contract: contract.to_bytes(), out_record: strict_json.dump(record), out: finished.model})
    for lines in (
        report.search_table(found, wish),
        report.nodes_table(finished),
        report.weight_bits_line(found),
        report.hard_swish_line(found),
        () if extra is None else extra.lines(),
        report.size_lines(sizes),
    ):
        for line in lines:
            print(line)
    print(f"wrote {out}, {out_contract.name}, {out_record.name}")
    sys.stdout.flush()


def _outputs(out: Path) -> tuple[Path, Path, Path]:
    """The model, its contract and its record."""
    return out, out.with_suffix(".contract.json"), out.with_suffix(".quantise.json")


def _wish(args: argparse.Namespace) -> Wish:
    fixed = args.method is not None or args.percentile is not None
    if not fixed:
        return Wish(args.hard_swish, args.weight_bits, args.max_loss)
    percentile = 99.999 if args.percentile is None else args.percentile
    calibrator = args.method if args.method in ("minmax", "mse") else f"percentile {percentile:g}"
    return Wish(args.hard_swish, args.weight_bits, args.max_loss, (calibrator,), fixed=True)
