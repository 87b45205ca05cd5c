"""The options --thresholds, --pass-at-most and --fail-at-least, which evaluate and pack share."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from taktgate_prep.contract.judge import Thresholds
from taktgate_prep.errors import InputError
from taktgate_prep.model.model_file import Model
from taktgate_prep.operating_point.file import ChosenThresholds, load_thresholds
from taktgate_prep.terminal import option_types


def add_thresholds(parser: argparse.ArgumentParser, otherwise: str) -> None:
    """`otherwise`: which thresholds hold without these options."""
    parser.add_argument(
        "--thresholds",
        type=Path,
        metavar="THRESHOLDS.json",
        help=f"what taktgate-prep thresholds chose for this model (default: {otherwise})",
    )
    parser.add_argument(
        "--pass-at-most",
        type=option_types.share,
        metavar="X",
        help="a defect score up to this passes; instead of the chosen one",
    )
    parser.add_argument(
        "--fail-at-least",
        type=option_types.share,
        metavar="Y",
        help="a defect score from this on fails, between them: unknown; instead of the chosen one",
    )


def chosen_thresholds(args: argparse.Namespace, model: Model, otherwise: Thresholds) -> ChosenThresholds:
    """The thresholds that hold."""
    chosen = ChosenThresholds(otherwise) if args.thresholds is None else load_thresholds(args.thresholds, model)
    low = chosen.thresholds.pass_at_most if args.pass_at_most is None else args.pass_at_most
    high = chosen.thresholds.fail_at_least if args.fail_at_least is None else args.fail_at_least
    if low > high:
        raise InputError(
            f"expected --pass-at-most up to --fail-at-least, got {low:g} and {high:g}: exchange them, or give both"
        )
    thresholds = Thresholds(low, high)
    return replace(chosen, thresholds=thresholds, origin=chosen.origin if thresholds == chosen.thresholds else None)
