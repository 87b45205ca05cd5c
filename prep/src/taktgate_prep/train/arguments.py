"""The command line of `taktgate-prep train`; no torch here."""

from __future__ import annotations

import argparse
import os
import signal
from pathlib import Path

from taktgate_prep.terminal import option_types
from taktgate_prep.train.options import EPOCHS, FINETUNE_EPOCHS, FINETUNE_LR, LR, TrainOptions

_EPILOG = """\
example:
  taktgate-prep train --data boards.tsv --size 64 --out model.onnx

Beside model.onnx it writes model.contract.json (how pixels become the tensor, and the labels),
model.checkpoint.pt (for --from) and model.train.json (figures per epoch, seed, versions, digests).
The class called `good` or `ok` passes unless --good says otherwise.

Images are kept in memory, or in a file in TMPDIR where they do not fit. Windows whose list has boxes (bx by bw bh) are
cut anew in every epoch. A run that is stopped leaves model.resume.pt, and --resume goes on from it.

exit: 0 done, 1 bad input, 2 wrong use, 70 a fault of this program, 130 interrupted by Ctrl-C or SIGTERM (what was best
so far is kept and named)
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers the subcommand; the parsed arguments carry `run(args) -> exit code`."""
    parser = subparsers.add_parser(
        "train",
        help="train a MobileNetV3 on labelled images and write it as float ONNX",
        description="Trains a MobileNetV3 on labelled windows; writes the best weights as ONNX.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_data_options(parser)
    _add_tensor_options(parser)
    _add_training_options(parser)
    _add_variation_options(parser)
    _add_way_options(parser)
    parser.set_defaults(run=_run)


def _add_data_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--data",
        type=Path,
        required=True,
        metavar="D",
        help="sample list (.tsv) or folder SPLIT/CLASS/image",
    )
    add("--out", type=Path, required=True, metavar="MODEL.onnx", help="the model to write")
    add(
        "--size",
        type=option_types.size,
        default=(64, 64),
        metavar="N|WxH",
        help="width and height of the tensor, 32 to 320 (default 64)",
    )
    add(
        "--channels",
        choices=("auto", "grey", "rgb"),
        default="auto",
        help="auto: grey when the images have three equal channels",
    )
    add(
        "--golden",
        choices=("auto", "yes", "no"),
        default="auto",
        help="give the golden image as a further channel (auto: when the list names one)",
    )


def _add_tensor_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--resize", choices=("area", "bilinear", "antialias"), default="area")
    add(
        "--fit",
        choices=("stretch", "letterbox"),
        default="stretch",
        help="letterbox: windows keep their aspect, grey around (default stretch)",
    )
    add(
        "--good",
        nargs="+",
        action="extend",
        metavar="NAME",
        help="the classes that pass; `none`: no class passes (default: good or ok)",
    )
    add(
        "--val-share",
        type=option_types.inner_share,
        default=0.15,
        metavar="X",
        help="share of the parts set aside where there is no val split (default 0.15)",
    )
    add(
        "--bad-images",
        choices=("refuse", "skip"),
        default="refuse",
        help="an image that cannot be read: an error, or left out and named (default refuse)",
    )


def _add_training_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--arch", choices=("small", "large"), default="small", help="MobileNetV3 (default small)")
    add(
        "--epochs",
        type=option_types.positive,
        metavar="N",
        help=f"default {EPOCHS}, with --finetune-int8 {FINETUNE_EPOCHS}",
    )
    add(
        "--patience",
        type=option_types.positive,
        default=15,
        metavar="N",
        help="stop after N epochs of the second half without a better validation result (default 15)",
    )
    add("--batch", type=option_types.whole(4, 4096), default=64, metavar="N", help="default 64")
    add(
        "--lr",
        type=option_types.above_zero,
        metavar="X",
        help=f"highest learning rate (default {LR:g}, with --finetune-int8 {FINETUNE_LR:g})",
    )


def _add_variation_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--balance",
        choices=("verdict", "class", "off"),
        default="verdict",
        help="draws: half from the passing classes, half from the others, classes equal within each half "
        "(verdict); all classes equal (class); as in the data (off)",
    )
    add(
        "--turns",
        choices=("auto", "yes", "no"),
        default="auto",
        help="also learn from mirrored and turned windows (auto: where windows are cut from larger images and have "
        "a golden image, which turns with them)",
    )
    add("--seed", type=option_types.seed, default=0, metavar="N", help="default 0")
    add(
        "--threads",
        type=option_types.positive,
        default=default_threads(),
        metavar="N",
        help="default: all cores but one, at most 8; another count gives slightly other weights",
    )


def _add_way_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--from",
        dest="start",
        type=Path,
        metavar="CHECKPOINT.pt",
        help="start from these weights instead of random ones",
    )
    add(
        "--finetune-int8",
        action="store_true",
        help="last resort where quantisation loses too much: teach the network of --from to answer as it does now "
        "when its numbers are rounded to 8 bits",
    )
    add(
        "--resume",
        action="store_true",
        help="go on where a run with the same options was stopped; gives the same bytes as one that was not",
    )
    add(
        "--time-limit",
        type=option_types.above_zero,
        metavar="MIN",
        help="be done in MIN minutes: the learning rate falls with the clock where that is faster, so a "
        "limit that bites makes the run not repeatable",
    )


def _run(args: argparse.Namespace) -> int:
    from taktgate_prep.train.run import run  # here, so that the other commands start without it

    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return run(from_args(args), given=args.given)
    finally:
        signal.signal(signal.SIGTERM, before)


def from_args(args: argparse.Namespace) -> TrainOptions:
    """Turns parsed arguments into options."""
    good: tuple[str, ...] | None = None
    if args.good is not None:
        good = () if args.good == ["none"] else tuple(args.good)
    return TrainOptions(
        data=args.data,
        out=args.out,
        width=args.size[0],
        height=args.size[1],
        arch=args.arch,
        channels=args.channels,
        golden=args.golden,
        resize=args.resize,
        fit=args.fit,
        bad_images=args.bad_images,
        good=good,
        epochs=args.epochs or (FINETUNE_EPOCHS if args.finetune_int8 else EPOCHS),
        patience=args.patience,
        batch=args.batch,
        lr=args.lr or (FINETUNE_LR if args.finetune_int8 else LR),
        balance=args.balance,
        turns=args.turns,
        seed=args.seed,
        threads=args.threads,
        val_share=args.val_share,
        start=args.start,
        time_limit=args.time_limit,
        resume=args.resume,
        finetune_int8=args.finetune_int8,
    )


def default_threads() -> int:
    """All cores but one, 1 to 8: threads that wait for a core that others use are slower than one thread."""
    return max(1, min(8, len(os.sched_getaffinity(0)) - 1))
