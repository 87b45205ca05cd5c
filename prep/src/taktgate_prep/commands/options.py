"""Types of options that several subcommands share."""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path

from taktgate_prep.contract import Contract
from taktgate_prep.readable import LeftOut, leave_out_unreadable
from taktgate_prep.samples import Sample, load_samples
from taktgate_prep.train.progress import Progress


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser], name: str, help_text: str,
               description: str, example: str) -> argparse.ArgumentParser:
    """A subcommand whose help ends with an example and the exit codes."""
    epilog = (f"example:\n  {example}\n\n"
              "exit: 0 done, 1 bad input, 2 wrong use, 70 a fault of this program, 130 interrupted")
    return subparsers.add_parser(name, help=help_text, description=textwrap.fill(description, 100), epilog=epilog,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)


def add_data(parser: argparse.ArgumentParser) -> None:
    """--data, --contract, --val-share and --bad-images."""
    parser.add_argument("--data", type=Path, required=True, metavar="D",
                        help="sample list (.tsv) or folder SPLIT/CLASS/image")
    parser.add_argument("--contract", type=Path, metavar="C",
                        help="contract of the model (default: the one beside it)")
    parser.add_argument("--val-share", type=share, default=0.15, metavar="X",
                        help="share of the parts of train set aside where there is no val split; as in train "
                             "(default 0.15)")
    parser.add_argument("--bad-images", choices=("refuse", "skip"), default="refuse",
                        help="an image that cannot be read: an error, or left out and named (default refuse)")


def read_samples(args: argparse.Namespace, contract: Contract, progress: Progress) -> tuple[list[Sample], LeftOut]:
    """The samples that `add_data` asks for, and what could not be read of them."""
    samples = load_samples(args.data, contract.label_names, args.val_share, progress.line)
    return leave_out_unreadable(samples, progress) if args.bad_images == "skip" else (samples, LeftOut())


class whole:  # noqa: N801  (an argparse type: its name is read by users)
    """A whole number from low to high."""

    def __init__(self, low: int, high: int) -> None:
        self._low, self._high = low, high

    def __call__(self, text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}") from None
        if not self._low <= value <= self._high:
            raise argparse.ArgumentTypeError(f"expected {self._low} to {self._high}, got {value}")
        return value


def share(text: str) -> float:
    """A number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, got {text!r}") from None
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"expected 0 to 1, got {text}")
    return value
