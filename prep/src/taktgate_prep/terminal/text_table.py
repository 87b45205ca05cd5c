"""Tables for people, on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_GAP = "  "


def columns(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> Iterator[str]:
    """One line a row; every column is as wide as its longest cell, so that no two touch. right: columns whose cells end
    together. The last cell of a short row may be as long as it likes."""
    widths: dict[int, int] = {}
    for row in rows:
        for i, cell in enumerate(row[:-1] if len(row) < max(map(len, rows)) else row):
            widths[i] = max(widths.get(i, 0), len(cell))
    for row in rows:
        yield _GAP.join(
            cell.rjust(widths.get(i, 0)) if i in right else cell.ljust(widths.get(i, 0)) for i, cell in enumerate(row)
        ).rstrip()
