"""The options of `taktgate-prep train` and their defaults; no torch here."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

SHIFT_LIMIT = 8

_EPILOG = """\
example:
  taktgate-prep train --data boards.tsv --size 64 --out model.onnx

Beside model.onnx it writes model.contract.json (how pixels become the tensor, and the labels),
model.checkpoint.pt (for --from) and model.train.json (figures per epoch, seed, versions, digests).
The class called `good` or `ok` passes unless --good says otherwise.

exit: 0 done, 1 bad input, 2 wrong use, 130 interrupted (what was best so far is kept and named)
"""


@dataclass(frozen=True)
class TrainOptions:
    """What one training run needs to know; the same options and data give the same model bytes."""

    data: Path
    out: Path
    width: int = 64
    height: int = 64
    arch: str = "small"
    channels: str = "auto"
    golden: str = "auto"
    resize: str = "area"
    good: tuple[str, ...] | None = None
    epochs: int = 16
    patience: int = 8
    batch: int = 64
    lr: float = 2e-3
    weight_decay: float = 0.02
    dropout: float = 0.2
    smoothing: float = 0.02
    balance: str = "verdict"
    shift: int = 2
    turns: bool = False
    seed: int = 0
    threads: int = 1
    val_share: float = 0.15
    start: Path | None = None
    time_limit: float | None = None


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
    _add_training_options(parser)
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
        type=_size,
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
    add("--resize", choices=("area", "bilinear"), default="area")
    add(
        "--good",
        nargs="+",
        action="extend",
        metavar="NAME",
        help="the classes that pass; `none`: no class passes (default: good or ok)",
    )
    add(
        "--val-share",
        type=_share,
        default=0.15,
        metavar="X",
        help="share of the parts set aside where there is no val split (default 0.15)",
    )


def _add_training_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--arch", choices=("small", "large"), default="small", help="MobileNetV3 (default small)")
    add("--epochs", type=_positive, default=16, metavar="N", help="default 16")
    add(
        "--patience",
        type=_positive,
        default=8,
        metavar="N",
        help="stop after N epochs without a better validation result (default 8)",
    )
    add("--batch", type=_batch, default=64, metavar="N", help="default 64")
    add(
        "--lr",
        type=_above_zero,
        default=2e-3,
        metavar="X",
        help="highest learning rate (default 0.002)",
    )
    add(
        "--balance",
        choices=("verdict", "class", "off"),
        default="verdict",
        help="draws: half from the passing classes, half from the others, classes equal within each half "
        "(verdict); all classes equal (class); as in the data (off)",
    )
    add(
        "--shift",
        type=_shift,
        default=2,
        metavar="PX",
        help="a window is cut anew up to PX tensor pixels aside, a known defect box stays inside; without "
        f"boxes in the list at most 1; 0 to {SHIFT_LIMIT} (default 2)",
    )
    add("--turns", action="store_true", help="also learn from mirrored and turned windows")
    add("--seed", type=_seed, default=0, metavar="N", help="default 0")
    add(
        "--threads",
        type=_positive,
        default=default_threads(),
        metavar="N",
        help="default: all cores but one, at most 8; another count gives slightly other weights",
    )
    add(
        "--from",
        dest="start",
        type=Path,
        metavar="CHECKPOINT.pt",
        help="start from these weights instead of random ones",
    )
    add(
        "--time-limit",
        type=_above_zero,
        metavar="MIN",
        help="be done in MIN minutes: the learning rate falls with the clock where that is faster, so a "
        "limit that bites makes the run not repeatable",
    )


def _run(args: argparse.Namespace) -> int:
    from taktgate_prep.train.run import run  # here, so that the other commands start without it

    return run(from_args(args))


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
        good=good,
        epochs=args.epochs,
        patience=args.patience,
        batch=args.batch,
        lr=args.lr,
        balance=args.balance,
        shift=args.shift,
        turns=args.turns,
        seed=args.seed,
        threads=args.threads,
        val_share=args.val_share,
        start=args.start,
        time_limit=args.time_limit,
    )


def default_threads() -> int:
    """All cores but one, 1 to 8: threads that wait for a core that others use are slower than one thread."""
    return max(1, min(8, len(os.sched_getaffinity(0)) - 1))


def _size(text: str) -> tuple[int, int]:
    parts = text.lower().split("x")
    if len(parts) > 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise argparse.ArgumentTypeError(f"expected N or WxH, got {text!r}")
    width, height = int(parts[0]), int(parts[-1])
    if not (32 <= width <= 320 and 32 <= height <= 320):
        raise argparse.ArgumentTypeError(f"expected 32 to 320 pixels, got {text}")
    return width, height


def _whole(text: str, low: int, high: int) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}") from None
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"expected {low} to {high}, got {value}")
    return value


def _positive(text: str) -> int:
    return _whole(text, 1, 100_000)


def _batch(text: str) -> int:
    return _whole(text, 4, 4096)


def _shift(text: str) -> int:
    return _whole(text, 0, SHIFT_LIMIT)


def _seed(text: str) -> int:
    return _whole(text, 0, 2**31 - 1)


def _real(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, got {text!r}") from None


def _above_zero(text: str) -> float:
    value = _real(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text}")
    return value


def _share(text: str) -> float:
    value = _real(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"expected a share between 0 and 1, got {text}")
    return value
