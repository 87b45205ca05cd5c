"""What is printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from mutants.mutant import Mutant
from mutants.runs import End, Fate

_COLUMNS = ("mutants", "killed", "by time", "equivalent", "survived", "not built", "not run")


@dataclass(frozen=True)
class Line:
    """A mutant's line in the account."""

    mutant: Mutant
    column: str


def column_of(fate: Fate) -> str:
    """Say in which column a fate is counted."""
    return {End.KILLED: "killed", End.TIME: "by time"}.get(fate.end, "survived")


def table(lines: Iterable[Line]) -> str:
    """Give the account by file."""
    by_file: dict[str, Counter[str]] = {}
    for line in lines:
        counts = by_file.setdefault(line.mutant.key.file, Counter())
        counts["mutants"] += 1
        counts[line.column] += 1
    width = max(map(len, by_file), default=0) + 2
    total: Counter[str] = sum(by_file.values(), Counter())
    rows = [f"{'':<{width}}" + "".join(f"{name:>12}" for name in _COLUMNS)]
    for file, counts in [*sorted(by_file.items()), ("all", total)]:
        rows.append(f"{file:<{width}}" + "".join(f"{counts[name]:>12}" for name in _COLUMNS))
    return "\n".join(rows)


def survivor(mutant: Mutant, fate: Fate) -> str:
    """Say which mutant survived, and how it is run again."""
    reached = "no quick test comes by it" if fate.end is End.NOT_REACHED else "all tests passed"
    key = mutant.key
    return (
        f"src/{key.file}:{mutant.line}: {key.function}: survived ({reached}): make mutants ARGS='--only {mutant.id}'\n"
        f"  - {key.before}\n  + {key.after}"
    )
