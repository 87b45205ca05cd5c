"""The command line of a run, as a record may carry it: as given, but no path tells where a machine keeps its files."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import PurePath


def command_line(given: Sequence[str]) -> str:
    """`taktgate-prep` and its arguments, quoted for a shell; of an absolute path or one with `..` only the name."""
    return shlex.join(["taktgate-prep", *map(_without_place, given)])


def _without_place(argument: str) -> str:
    option, equals, value = argument.partition("=") if argument.startswith("--") else ("", "", argument)
    path = PurePath(value)
    return f"{option}{equals}{path.name if path.is_absolute() or '..' in path.parts else value}"
