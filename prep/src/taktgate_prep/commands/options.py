"""Types of options that several subcommands share."""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.load import load_samples
from taktgate_prep.data.readable import LeftOut, leave_out_unreadable
from taktgate_prep.data.sample import Sample
from taktgate_prep.terminal import option_types
from taktgate_prep.terminal.progress import Progress


def add_parser(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    help_text: str,
    description: str,
    example: str,
) -> argparse.ArgumentParser:
    """A subcommand whose help ends with an example and the exit codes."""
    epilog = (
        f"example:\n  {example}\n\nexit: 0 done, 1 bad input, 2 wrong use, 70 a fault of this program, 130 interrupted"
    )
    return subparsers.add_parser(
        name,
        help=help_text,
        description=textwrap.fill(description, 100),
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_data(parser: argparse.ArgumentParser) -> None:
    """--data, --contract, --val-share and --bad-images."""
    parser.add_argument(
        "--data", type=Path, required=True, metavar="D", help="sample list (.tsv) or folder SPLIT/CLASS/image"
    )
    parser.add_argument("--contract", type=Path, metavar="C", help="contract of the model (default: the one beside it)")
    parser.add_argument(
        "--val-share",
        type=option_types.inner_share,
        default=0.15,
        metavar="X",
        help="share of the parts of train set aside where there is no val split; as in train (default 0.15)",
    )
    parser.add_argument(
        "--bad-images",
        choices=("refuse", "skip"),
        default="refuse",
        help="an image that cannot be read: an error, or left out and named (default refuse)",
    )


def read_samples(args: argparse.Namespace, contract: Contract, progress: Progress) -> tuple[list[Sample], LeftOut]:
    """The samples that `add_data` asks for, and what could not be read of them."""
    samples = load_samples(args.data, contract.label_names, args.val_share, progress.line)
    return leave_out_unreadable(samples, progress) if args.bad_images == "skip" else (samples, LeftOut())
