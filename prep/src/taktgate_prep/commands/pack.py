"""`taktgate-prep pack`: a model and all that decides with it -> one bundle."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

from taktgate_prep.bundle.bundle import Bundle, Golden, Release, is_id, make_bundle
from taktgate_prep.bundle.fit import check_golden, check_labels, check_samples
from taktgate_prep.bundle.recipe import Recipe
from taktgate_prep.certify.certificate import make_certificate, other_runtime, other_thresholds
from taktgate_prep.commands.options import add_data, add_parser, read_samples
from taktgate_prep.commands.threshold_options import add_thresholds, chosen_thresholds
from taktgate_prep.contract.contract import Contract, contract_path
from taktgate_prep.data.decoder import decode
from taktgate_prep.data.image_health import FEWEST_FRAMES, calibrate
from taktgate_prep.data.sample import Sample, select
from taktgate_prep.engine.deciding import Runtime, decider_of, network_of
from taktgate_prep.errors import InputError
from taktgate_prep.files.whole import check_out, keep_inputs, read_bytes, write_atomic
from taktgate_prep.model.model_file import Model, load_model
from taktgate_prep.terminal.progress import Progress
from taktgate_prep.terminal.text_table import columns

_ENGINES = {"model": "ONNX Runtime", "network": "the INT8 engine"}  # by the role of what they take
_ENDINGS = {b"\x89PNG": "png", b"\xff\xd8": "jpg", b"BM": "bmp"}  # of a golden image, by how its file begins


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers the subcommand."""
    parser = add_parser(
        subparsers,
        "pack",
        "put model, contract, recipe, labels and certificate into one bundle",
        "Packs a release: the model, compiled for the INT8 engine, too, and all that decides about a part with it. A "
        "model that cannot be compiled runs on ONNX Runtime. The data is used to check that windows and golden image "
        "fit. Same input, same bytes.",
        "taktgate-prep pack model.int8.onnx --data boards.tsv --recipe recipe.json --out boards.tgb",
    )
    parser.add_argument("model", type=Path, metavar="MODEL.onnx")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.tgb", help="the bundle to write")
    add_data(parser)
    parser.add_argument(
        "--recipe",
        type=Path,
        metavar="RECIPE.json",
        help="windows, alignment, thresholds (default: the whole frame, 0.5 and 0.5)",
    )
    parser.add_argument(
        "--golden",
        type=Path,
        metavar="GOLDEN.png",
        help="golden image (default: the one that the recipe names, beside it)",
    )
    parser.add_argument("--name", metavar="N", help="name of the release (default: from --out)")
    parser.add_argument("--version", default="1", metavar="V", help="version of the release (default 1)")
    parser.add_argument(
        "--certificate",
        type=Path,
        metavar="REPORT.json",
        help="report of evaluate (default: MODEL.report.json or report.json beside the model, if it is "
        "about this model)",
    )
    parser.add_argument(
        "--engine-only",
        action="store_true",
        help="leave the ONNX model out: the release needs the INT8 engine, and is half as large",
    )
    add_thresholds(parser, "those of the recipe")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    check_out(args.out, ".tgb")
    keep_inputs(
        "--out",
        [args.out],
        [args.model, args.contract, args.data, args.recipe, args.golden, args.certificate, args.thresholds],
    )
    name = args.out.stem if args.name is None else args.name
    for option, text in (("--name", name), ("--version", args.version)):
        if not is_id(text):
            raise InputError(
                f"expected {option} of 1 to 64 letters, digits, `.`, `_` and `-`, got {text!r}: choose another"
            )
    where = contract_path(args.model, args.contract)
    contract = Contract.load(where)
    check_labels(contract, where)
    progress = Progress()
    model = load_model(args.model, contract, note=progress.line)
    network = _network(model, contract, args.engine_only, progress)
    recipe, golden_file = _recipe(args)
    chosen = chosen_thresholds(args, model, recipe.thresholds)
    recipe = recipe.with_thresholds(chosen.thresholds.pass_at_most, chosen.thresholds.fail_at_least)
    golden = None if golden_file is None else _golden(golden_file, recipe)
    if golden is not None:
        recipe = replace(recipe, golden=golden.member)
    samples, _ = read_samples(args, contract, progress)
    decider = decider_of(model, contract, network)
    tried = check_samples(select(samples, "test") or samples, decider, recipe, golden_file)
    recipe = _with_health(recipe, samples, progress)
    certificate, source = make_certificate(model, recipe, args.certificate, chosen.origin)
    for difference in (other_thresholds(certificate), other_runtime(certificate, decider.runtime.name)):
        if difference is not None:
            again = shlex.join(_evaluate_again(args, certificate, source, recipe))
            progress.line(f"warning: {source}: {difference}; run: {again}")
    onnx = None if args.engine_only else _onnx(args.model, model)
    bundle = make_bundle(Release(name, args.version, onnx, network, contract, recipe, golden, certificate))
    write_atomic(args.out, bundle.data)
    _report(args.out, bundle, tried, decider.runtime, source)
    return 0


def _network(model: Model, contract: Contract, engine_only: bool, progress: Progress) -> bytes | None:
    """The compiled network; None where the compiler refuses the model, and the reason has been said."""
    network, why = network_of(model, contract, progress.line)
    if network is None:
        if engine_only:
            raise InputError(f"{model.path}: {why}; --engine-only then leaves nothing that runs: pack without it")
        progress.line(f"not compiled: {model.path}: {why}; the release runs on ONNX Runtime")
    return network


def _onnx(path: Path, model: Model) -> bytes:
    """The file itself, unless something had to be changed."""
    return model.to_bytes() if model.notes else read_bytes(path, model.file_bytes, "an ONNX model")


def _evaluate_again(args: argparse.Namespace, certificate: dict[str, Any], source: str, recipe: Recipe) -> list[str]:
    """The command that makes the report at the release's thresholds."""
    report, chosen = certificate["evaluation"], recipe.thresholds
    first, data = (entry if isinstance(entry, dict) else {} for entry in (report.get("fp32"), report.get("data")))
    models = [args.model]
    if "int8" in report and isinstance(first.get("file"), str):
        models.insert(0, args.model.with_name(first["file"]))
    split = data.get("split", "test")
    more = ["--contract", str(args.contract)] if args.contract is not None else []
    more += ["--split", str(split)] if split != "test" else []
    more += (
        ["--thresholds", str(args.thresholds)]
        if "thresholds_from" in certificate
        else ["--pass-at-most", repr(chosen.pass_at_most), "--fail-at-least", repr(chosen.fail_at_least)]
    )
    out = args.model.with_name(source) if args.certificate is None else args.certificate
    return ["taktgate-prep", "evaluate", *map(str, models), "--data", str(args.data), *more, "--json", str(out)]


def _recipe(args: argparse.Namespace) -> tuple[Recipe, Path | None]:
    """The recipe, and the golden image's file."""
    recipe = Recipe() if args.recipe is None else Recipe.load(args.recipe)
    golden: Path | None = args.golden
    if golden is None and recipe.golden is not None:
        golden = args.recipe.parent / recipe.golden
        if not golden.is_file():
            raise InputError(
                f"{args.recipe}: expected the golden image {recipe.golden!r} beside the recipe, got "
                "none: put it there or name it with --golden"
            )
    return recipe, golden


def _golden(path: Path, recipe: Recipe) -> Golden:
    data = read_bytes(path, 64 << 20, "the golden image")
    height, width = decode(data, str(path)).shape[:2]
    check_golden((width, height), recipe)
    ending = next((ending for start, ending in _ENDINGS.items() if data.startswith(start)), "tif")
    return Golden(f"golden.{ending}", data)


def _with_health(recipe: Recipe, samples: list[Sample], progress: Progress) -> Recipe:
    """With limits for the look of a frame, from the frames that are no test images; a recipe that names some, or null,
    keeps them."""
    if recipe.health_named:
        return recipe
    health = calibrate([sample for sample in samples if sample.split != "test"])
    if health is None:
        progress.line(f"image health is not checked on the line: fewer than {FEWEST_FRAMES} whole frames to train")
        return recipe
    told = ", ".join(f"{name} {value['low']:g} to {value['high']:g}" for name, value in health.to_dict().items())
    progress.line(f'image health: {told}; other frames are unknown (write "health": null into the recipe for none)')
    return replace(recipe, health=health)


def _report(out: Path, bundle: Bundle, tried: int, runtime: Runtime, source: str) -> None:
    rows = [
        ("member", "role", "bytes"),
        *((member["name"], member["role"], f"{member['size']:,}") for member in bundle.manifest["files"]),
    ]
    print("\n".join(columns(rows, right=(2,))))
    print(f"checked on {tried} windows, with answers of {runtime.words}; figures of the certificate from: {source}")
    engines = " or ".join(_ENGINES[member["role"]] for member in bundle.manifest["files"] if member["role"] in _ENGINES)
    print(f"runs on {engines}")
    print(f"wrote {out}: {len(bundle.data):,} bytes, release {bundle.release_id}")
