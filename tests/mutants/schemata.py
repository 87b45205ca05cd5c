"""All mutants of a file in one text: each is chosen by its number at run time."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from mutants.mutant import Mutant

_CONSTEXPR = re.compile(rb"\bconstexpr\b")


@dataclass(frozen=True)
class _Piece:
    """A text that is put in: `at` in the original, the mutant that it belongs to."""

    at: int
    order: tuple[int, ...]
    text: bytes
    number: int


@dataclass
class Mutated:
    """A file with its mutants in it. No line is added: line numbers stay."""

    text: bytes
    _spans: list[tuple[int, int, int, bool]] = field(default_factory=list)  # start, end, mutant, its own text

    def blamed(self, line: int, column: int) -> set[int]:
        """Give the mutant that an error of the compiler at this place is about; empty: none."""
        starts = [0, *(match.end() for match in re.finditer(rb"\n", self.text))]
        at = starts[line - 1] + column - 1
        own = [span for span in self._spans if span[3] and span[0] <= at < span[1]]
        around = [span for span in self._spans if not span[3] and span[0] <= at <= span[1]]
        if own or around:
            return {min(own or around, key=lambda span: span[1] - span[0])[2]}
        end = starts[bisect_right(starts, at)] if bisect_right(starts, at) < len(starts) else len(self.text)
        return {span[2] for span in self._spans if starts[line - 1] <= span[0] < end}


def mutate(original: bytes, mutants: Mapping[int, Mutant]) -> Mutated:
    """Put the mutants (by number) into the text."""
    pieces = []
    for number, mutant in mutants.items():
        before, after = mutant.around(number)
        end = mutant.end
        if mutant.form.name == "DELETE" and original[end - 1 : end] != b";":
            raise ValueError(f"{mutant.key.file}:{mutant.line}: expected a statement that ends with a semicolon")
        size = end - mutant.start
        # Around the same place the longer range is outside; of equal ranges the later number is.
        pieces.append(_Piece(mutant.start, (1, -size, -number), before.encode(), number))
        pieces.append(_Piece(end, (0, size, number), after.encode(), number))
    pieces.sort(key=lambda piece: (piece.at, piece.order))
    text, at = bytearray(), 0
    spans: list[tuple[int, int, int, bool]] = []
    opened: dict[int, int] = {}
    base = _without_constexpr(original, mutants)
    for piece in pieces:
        text += base[at : piece.at]
        at = piece.at
        spans.append((len(text), len(text) + len(piece.text), piece.number, True))
        if piece.number in opened:
            spans.append((opened[piece.number], len(text) + len(piece.text), piece.number, False))
        else:
            opened[piece.number] = len(text)
        text += piece.text
    text += base[at:]
    return Mutated(bytes(text), spans)


def _without_constexpr(original: bytes, mutants: Mapping[int, Mutant]) -> bytes:
    """Make const what is constexpr and has mutants; as long as before."""
    text = bytearray(original)
    for mutant in mutants.values():
        if not mutant.constant:
            continue
        declared = [match.start() for match in _CONSTEXPR.finditer(original, 0, mutant.start)]
        text[declared[-1] : declared[-1] + 9] = b"const    "
    return bytes(text)
