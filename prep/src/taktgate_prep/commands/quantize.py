"""`taktgate-prep quantize`: a float ONNX classifier in, an INT8 one out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from taktgate_prep import calibration, strict_json
from taktgate_prep.commands.options import add_data, add_parser, whole
from taktgate_prep.contract import Contract, contract_path
from taktgate_prep.files import check_out, sha256, write_atomic
from taktgate_prep.model_file import Model, load_model
from taktgate_prep.quantize import Quantised, Settings, quantise
from taktgate_prep.samples import load_samples, select
from taktgate_prep.train.progress import Progress
from taktgate_prep.versions import versions


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers the subcommand."""
    parser = add_parser(
        subparsers, "quantize", "turn a float ONNX classifier into an INT8 one",
        "Quantises a classifier to INT8 (uint8 activations, int8 weights per channel), calibrated on the train split, "
        "and proves that no Conv, Gemm or MatMul stayed float in ONNX Runtime. Beside the model it writes its contract "
        "and a record (.quantize.json).",
        "taktgate-prep quantize model.onnx --data boards.tsv --out model.int8.onnx")
    parser.add_argument("model", type=Path, metavar="MODEL.onnx", help="float model, 1 to 4 channels, 32 to 320 px")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.onnx", help="the model to write")
    add_data(parser)
    parser.add_argument("--calibration-samples", type=whole(1, 100_000), default=512, metavar="N",
                        help="windows of the train split, classes balanced (default 512)")
    parser.add_argument("--method", choices=("percentile", "minmax"), default="percentile",
                        help="how the range of an activation is found (default percentile)")
    parser.add_argument("--percentile", type=_percentile, default=99.999, metavar="P",
                        help="part of the values inside the range, %% (default 99.999)")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    check_out(args.out, ".onnx")
    source_contract = contract_path(args.model, args.contract)
    contract = Contract.load(source_contract)
    model = load_model(args.model, contract)
    progress = Progress()
    for note in model.notes:
        progress.line(f"{args.model}: {note}")
    samples = select(load_samples(args.data, contract.label_names, args.val_share, args.seed), "train")
    chosen = calibration.draw(samples, contract, args.calibration_samples, args.seed)
    data = calibration.read(chosen, contract, progress)
    progress.line(f"calibrating on {len(chosen)} of {len(samples)} windows of split train")
    settings = Settings(args.method, args.percentile)
    result = quantise(model, data, settings)
    record = {
        "schema": 1, "fp32": {"bytes": model.file_bytes, "sha256": model.file_sha256},
        "int8": {"bytes": len(result.model), "sha256": sha256(result.model)},
        "settings": {"activations": "uint8", "weights": "int8 per channel", "method": settings.method,
                     **({"percentile": settings.percentile} if settings.method == "percentile" else {})},
        "calibration": {"windows": len(chosen), "seed": args.seed, "sha256": calibration.digest(chosen, data)},
        "nodes": {"float": result.counts.float_model, "optimised": result.counts.optimised},
        "versions": versions(),
    }
    contract.save(args.out.with_suffix(".contract.json"))
    write_atomic(args.out.with_suffix(".quantize.json"), strict_json.dump(record))
    write_atomic(args.out, result.model)
    _report(model, result, args.out)
    return 0


def _report(model: Model, result: Quantised, out: Path) -> None:
    floats, after = result.counts.float_model, result.counts.optimised
    print("operator           float model   after optimisation")
    pairs = [("Conv", "QLinearConv"), ("Gemm, MatMul", "QGemm, QLinearMatMul")]
    for old, new in pairs:
        before = sum(floats.get(name, 0) for name in old.split(", "))
        now = sum(after.get(name, 0) for name in new.split(", "))
        print(f"{old:<18} {before:>11}   {now} {new}, 0 float")
    rest = {name: count for name, count in after.items() if name not in ("QLinearConv", "QGemm", "QLinearMatMul")}
    print(f"{'others':<18} {sum(floats.values()) - sum(floats.get(n, 0) for n in ('Conv', 'Gemm', 'MatMul')):>11}   "
          + ", ".join(f"{count} {name}" for name, count in rest.items()))
    if result.hard_swish:
        print(f"HardSwish: {result.hard_swish} written as HardSigmoid (float) and Mul (integer)")
    size = len(result.model)
    print(f"size: {model.file_bytes:,} -> {size:,} bytes ({100 * (size / model.file_bytes - 1):+.1f} %)")
    print(f"wrote {out}, {out.with_suffix('.contract.json').name}, {out.with_suffix('.quantize.json').name}")
    sys.stdout.flush()


def _percentile(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, got {text!r}") from None
    if not 90 <= value <= 100:
        raise argparse.ArgumentTypeError(f"expected 90 to 100, got {text}")
    return value
