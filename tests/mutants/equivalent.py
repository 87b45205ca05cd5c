"""The list of mutants that change nothing that anyone could see: equivalent.txt."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mutants.mutant import Key, Mutant

LIST = Path(__file__).resolve().with_name("equivalent.txt")
_HEADER = re.compile(r"(?P<file>\S+)(?: (?P<function>[^#\s].*?))?(?: #(?P<nth>[1-9]\d*))?")
_EXPECTED = "expected `file function` or `file function #2`, `- before`, `+ after`, `= why`"


class ListError(Exception):
    """The list does not say what it should."""


@dataclass(frozen=True)
class Entry:
    """One entry, and the line where it begins."""

    key: Key
    nth: int  # of the same key, in the order of the file; 0: there is one only
    why: str
    line: int


def read(path: Path = LIST) -> list[Entry]:
    """Read entries of four lines: `file function`, `- before`, `+ after`, `= why`."""
    entries: list[Entry] = []
    lines = [(number, line.rstrip()) for number, line in enumerate(path.read_text().splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith("#")]
    for at in range(0, len(lines), 4):
        number = lines[at][0]
        block = [line for _, line in lines[at : at + 4]]
        header = _HEADER.fullmatch(block[0])
        if header is None or [line[:2] for line in block[1:]] != ["- ", "+ ", "= "]:
            raise ListError(f"{path.name}:{number}: {_EXPECTED}")
        key = Key(header["file"], header["function"] or "", block[1][2:], block[2][2:])
        entries.append(Entry(key, int(header["nth"] or 0), block[3][2:], number))
    return entries


def match(entries: Iterable[Entry], mutants: Iterable[Mutant], files: Iterable[str]) -> dict[Mutant, Entry]:
    """Give the entries of these files by mutant; an entry that is not of exactly one is an error."""
    known, files = defaultdict[Key, list[Mutant]](list), set(files)
    for mutant in mutants:
        known[mutant.key].append(mutant)
    found: dict[Mutant, Entry] = {}
    for entry in entries:
        if entry.key.file not in files:
            continue
        mutant = _meant(entry, known.get(entry.key, []))
        if mutant in found:
            raise ListError(f"{LIST.name}:{entry.line}: stands there twice, see line {found[mutant].line}")
        found[mutant] = entry
    return found


def _meant(entry: Entry, alike: list[Mutant]) -> Mutant:
    """Give the one of these mutants, all of the entry's key, that the entry means."""
    meant = [mutant for mutant in alike if entry.nth in {0, mutant.nth}]
    if not meant:
        raise ListError(f"{LIST.name}:{entry.line}: no mutant of {entry.key.file} is this one; "
                          "has the source changed? Take the entry out or write it anew")  # fmt: skip
    if len(meant) > 1:
        header = f"{entry.key.file} {entry.key.function}".rstrip()
        which = ", ".join(f"`{header} #{mutant.nth}` is in line {mutant.line}" for mutant in meant)
        raise ListError(f"{LIST.name}:{entry.line}: {len(meant)} mutants are this one, say which: {which}")
    return meant[0]
