"""`taktgate-prep`: parses the command line, runs one subcommand, turns errors into one line and an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from taktgate_prep import __version__
from taktgate_prep.errors import InputError
from taktgate_prep.train import add_parser as add_train

EXIT_BAD_INPUT = 1
EXIT_INTERRUPTED = 130


def build_parser() -> argparse.ArgumentParser:
    """All subcommands."""
    from taktgate_prep.commands import evaluate, pack, quantize, thresholds

    parser = argparse.ArgumentParser(
        prog="taktgate-prep", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="From labelled images to a release for taktgate.",
        epilog="example:\n"
               "  taktgate-prep train    --data boards.tsv --size 64 --out model.onnx\n"
               "  taktgate-prep quantize model.onnx --data boards.tsv --out model.int8.onnx\n"
               "  taktgate-prep thresholds model.int8.onnx --data boards.tsv --out thresholds.json\n"
               "  taktgate-prep evaluate model.onnx model.int8.onnx --data boards.tsv --thresholds thresholds.json \\\n"
               "                         --json report.json --html report.html\n"
               "  taktgate-prep pack     model.int8.onnx --data boards.tsv --thresholds thresholds.json \\\n"
               "                         --out boards.tgb\n\n"
               "exit: 0 done, 1 bad input, 2 wrong use, 130 interrupted")
    parser.add_argument("--version", action="version", version=f"taktgate-prep {__version__}")
    subparsers = parser.add_subparsers(title="commands", dest="command", required=True, metavar="COMMAND")
    add_train(subparsers)
    for command in (quantize, thresholds, evaluate, pack):
        command.add(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit code; wrong use exits 2 by itself."""
    try:
        given = sys.argv[1:] if argv is None else list(argv)
        args = build_parser().parse_args(given)
        args.given = given  # a certificate names the command line that made it
        return int(args.run(args))
    except InputError as error:
        print(f"taktgate-prep: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        print("taktgate-prep: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
