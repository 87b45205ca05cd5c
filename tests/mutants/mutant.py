"""One mutant: what is changed where, and the text that chooses it at run time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum

CHOSEN = "::taktgate_mutants::Alive"  # ahead.h


class Form(Enum):
    """How the change is chosen at run time, around the original text."""

    REPLACE = "replace"  # (chosen ? (new) : (old))
    DELETE = "delete"  # { if (!chosen) { old } }
    NEVER = "never"  # ((old) && !chosen)
    ALWAYS = "always"  # ((old) || chosen)
    NEVER_DECLARED = "never_declared"  # if (auto x = old; static_cast<bool>(x) && !chosen)


@dataclass(frozen=True)
class Key:
    """What a mutant is known by, without any number of a line."""

    file: str
    function: str
    before: str
    after: str


@dataclass(frozen=True)
class Mutant:
    """A change of the bytes [start, end) of a file."""

    key: Key
    nth: int  # of the same key, in the order of the file
    operator: str
    form: Form
    start: int
    end: int
    line: int
    new: str = ""  # the text that a REPLACE puts in, the name that a NEVER_DECLARED tests
    constant: str = ""  # the constexpr variable that must become a const one for it

    @property
    def id(self) -> str:
        """Give the name by which it is run again; the same as long as its statement and function are."""
        words = (self.key.file, self.key.function, self.key.before, self.key.after, str(self.nth))
        return hashlib.sha256("\n".join(words).encode()).hexdigest()[:8]

    def around(self, number: int) -> tuple[str, str]:
        """Give what goes before and after the original text; no line break."""
        chosen = f"{CHOSEN}({number})"
        if self.form is Form.REPLACE:
            return f"({chosen} ? ({self.new}) : (", "))"
        if self.form is Form.DELETE:
            return f"{{ if (!{chosen}) {{ ", " } }"
        if self.form is Form.NEVER:
            return "((", f") && !{chosen})"
        if self.form is Form.ALWAYS:
            return "((", f") || {chosen})"
        return "", f"; static_cast<bool>({self.new}) && !{chosen}"
