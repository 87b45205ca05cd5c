"""`taktgate-prep`: parses the command line, runs one subcommand, turns errors into one line and an exit code."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from taktgate_prep import __version__
from taktgate_prep.errors import InputError
from taktgate_prep.files.names import ESCAPED
from taktgate_prep.train import add_parser as add_train

EXIT_BAD_INPUT = 1
EXIT_FAULT = 70  # a bug of ours, as in `taktgate`
EXIT_INTERRUPTED = 130


def build_parser() -> argparse.ArgumentParser:
    """All subcommands."""
    from taktgate_prep.commands import compile, evaluate, pack, quantise, thresholds

    parser = argparse.ArgumentParser(
        prog="taktgate-prep",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="From labelled images to a release for taktgate.",
        epilog="example:\n"
        "  taktgate-prep train    --data boards.tsv --size 64 --out model.onnx\n"
        "  taktgate-prep quantise model.onnx --data boards.tsv --out model.int8.onnx\n"
        "  taktgate-prep thresholds model.int8.onnx --data boards.tsv --out thresholds.json\n"
        "  taktgate-prep evaluate model.onnx model.int8.onnx --data boards.tsv --thresholds thresholds.json \\\n"
        "                         --json report.json --html report.html\n"
        "  taktgate-prep pack     model.int8.onnx --data boards.tsv --thresholds thresholds.json \\\n"
        "                         --out boards.tgb\n"
        "  taktgate-prep compile  model.int8.onnx --out model.tgn\n\n"
        "exit: 0 done, 1 bad input, 2 wrong use, 70 a fault of this program, 130 interrupted",
    )
    parser.add_argument("--version", action="version", version=f"taktgate-prep {__version__}")
    subparsers = parser.add_subparsers(title="commands", dest="command", required=True, metavar="COMMAND")
    add_train(subparsers)
    for command in (quantise, thresholds, evaluate, pack, compile):
        command.add(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit code; wrong use exits 2 by itself."""
    _make_streams_safe()
    try:
        given = sys.argv[1:] if argv is None else list(argv)
        args = build_parser().parse_args(given)
        args.given = given  # a certificate names the command line that made it
        code = int(args.run(args))
        sys.stdout.flush()
        return code
    except InputError as error:
        return _end(str(error), EXIT_BAD_INPUT)
    except KeyboardInterrupt:
        return _end("interrupted", EXIT_INTERRUPTED)
    except BrokenPipeError:  # the reader of our output went away
        _drop_output()
        return EXIT_BAD_INPUT
    except ImportError as error:
        return _end(
            f"expected its Python packages, got: {error}: install those of prep/requirements.lock", EXIT_BAD_INPUT
        )
    except MemoryError:
        return _end("expected more memory than this machine has left: use fewer or smaller images", EXIT_BAD_INPUT)
    except OSError as error:
        _drop_output()
        return _end(
            f"{error.filename or 'output'}: expected to read or write it, got: {error.strerror}: make room, or "
            "check the place",
            EXIT_BAD_INPUT,
        )
    except Exception as error:  # the last catch: a person gets a line and not our stack
        return _end(_fault(error), EXIT_FAULT)


def _make_streams_safe() -> None:
    """A character that a terminal or pipe cannot show stands there escaped; a stream that is closed takes nothing."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            nothing = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, os.fdopen(nothing, "w", encoding="utf-8"))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ESCAPED)


def _drop_output() -> None:
    """What cannot be written now must not be tried again when the process ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _end(text: str, code: int) -> int:
    with contextlib.suppress(OSError, ValueError):  # nobody may be there to hear it
        print("taktgate-prep: " + " ".join(text.splitlines()), file=sys.stderr, flush=True)
    return code


def _fault(error: Exception) -> str:
    """What happened and where in this package, as one line."""
    here = Path(__file__).parent
    places = [
        f"{Path(frame.filename).relative_to(here).as_posix()}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(here)
    ]
    return (
        f"a fault of this program, not of your data: {type(error).__name__}: {error} (at {places[-1]}, version "
        f"{__version__}): report this line and the command as an issue of taktgate"
    )


if __name__ == "__main__":
    sys.exit(main())
