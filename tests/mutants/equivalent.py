"""The list of mutants that change nothing that anyone could see: equivalent.txt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mutants.mutant import Key, Mutant

LIST = Path(__file__).resolve().with_name("equivalent.txt")


class ListError(Exception):
    """The list does not say what it should."""


@dataclass(frozen=True)
class Entry:
    """One entry, and the line where it begins."""

    key: Key
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
        marks = [line[:2] for line in block[1:]]
        if marks != ["- ", "+ ", "= "]:
            raise ListError(f"{path.name}:{number}: expected `file function`, `- before`, `+ after`, `= why`")
        file, _, function = block[0].partition(" ")
        entries.append(Entry(Key(file, function, block[1][2:], block[2][2:]), block[3][2:], number))
    return entries


def match(entries: Iterable[Entry], mutants: Iterable[Mutant], files: Iterable[str]) -> dict[Key, Entry]:
    """Give the entries of these files by key; an entry without a mutant is an error."""
    known, files = {mutant.key for mutant in mutants}, set(files)
    found: dict[Key, Entry] = {}
    for entry in entries:
        if entry.key.file not in files:
            continue
        if entry.key not in known:
            raise ListError(f"{LIST.name}:{entry.line}: no mutant of {entry.key.file} is this one; "
                              "has the source changed? Take the entry out or write it anew")  # fmt: skip
        if entry.key in found:
            raise ListError(f"{LIST.name}:{entry.line}: stands there twice, see line {found[entry.key].line}")
        found[entry.key] = entry
    return found
