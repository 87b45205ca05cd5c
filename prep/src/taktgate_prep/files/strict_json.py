"""Strict JSON (docs/formats.md): no duplicate or unknown keys, no NaN, nesting at most 8."""

from __future__ import annotations

import json
import math
from typing import Any

from taktgate_prep.errors import InputError
from taktgate_prep.files.names import utf8
from taktgate_prep.files.plain_text import decoded

_MAX_DEPTH = 8
_MAX_BYTES = 1 << 20
MOST_OF_RECORD = 16 << 20  # what is measured of each of 1000 classes


def parse(data: bytes, where: str, most: int = _MAX_BYTES) -> Any:
    """Parses one document; `where` names it in messages."""
    if len(data) > most:
        raise InputError(f"{where}: expected JSON of at most {most} bytes, got {len(data)}: check the file")
    text = decoded(data, where)
    _check_depth(text, where)

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            names = [name for name, _ in items]
            twice = next(name for name in names if names.count(name) > 1)
            raise InputError(f"{where}: expected every key once, got {twice!r} twice: remove one")
        return found

    def constant(name: str) -> Any:
        raise InputError(f"{where}: expected a finite number, got {name}: JSON has none, write a number")

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate is no text
    except json.JSONDecodeError as error:
        raise InputError(
            f"{where}: expected JSON, got a mistake at line {error.lineno} column {error.colno} ({error.msg}): mend it"
        ) from None
    except UnicodeEncodeError:
        raise InputError(f"{where}: expected valid Unicode text, got half a surrogate pair: mend the escape") from None
    except ValueError as error:  # whole numbers of thousands of digits
        raise InputError(f"{where}: expected sensible numbers, got: {error}") from None
    return value


def dump(value: Any) -> bytes:
    """The one way this package writes JSON: indented, key order kept, newline at the end."""
    return utf8(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def _check_depth(text: str, where: str) -> None:
    depth, in_string, escaped = 0, False, False
    for char in text:
        if in_string:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                in_string = False
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            if depth > _MAX_DEPTH:
                raise InputError(f"{where}: expected nesting of at most {_MAX_DEPTH}, got more: this is no such file")
        elif char in "]}":
            depth -= 1


class Fields:
    """Reads the keys of one JSON object, each with its type and limits; `done` refuses what is left."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise InputError(f"{where}: expected an object, got {shown(value)}")
        self._left = dict(value)
        self._where = where

    @property
    def where(self) -> str:
        """Where this object stands, for messages."""
        return self._where

    def take(self, key: str) -> Any:
        """The value of a key that must be there."""
        if key not in self._left:
            raise InputError(f"{self._where}: expected the key {key!r}, got none: add it")
        return self._left.pop(key)

    def has(self, key: str) -> bool:
        """Whether the key is there, whatever its value."""
        return key in self._left

    def optional(self, key: str, default: Any) -> Any:
        """The value of a key that may be absent."""
        return self._left.pop(key, default)

    def whole(self, key: str, low: int, high: int) -> int:
        value = self.take(key)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise InputError(f"{self._where}.{key}: expected a whole number from {low} to {high}, got {shown(value)}")
        return value

    def number(self, key: str, low: float, high: float) -> float:
        return number(self.take(key), f"{self._where}.{key}", low, high)

    def flag(self, key: str) -> bool:
        value = self.take(key)
        if not isinstance(value, bool):
            raise InputError(f"{self._where}.{key}: expected true or false, got {shown(value)}")
        return value

    def text(self, key: str, limit: int = 128) -> str:
        value = self.take(key)
        if not isinstance(value, str) or not is_plain(value, limit):
            raise InputError(
                f"{self._where}.{key}: expected text of 1 to {limit} printable characters, got {shown(value)}"
            )
        return value

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        value = self.take(key)
        if value not in choices:
            raise InputError(f"{self._where}.{key}: expected {' or '.join(choices)}, got {shown(value)}")
        return str(value)

    def items(self, key: str, low: int, high: int) -> list[Any]:
        value = self.take(key)
        if not isinstance(value, list) or not low <= len(value) <= high:
            came = f"{len(value)} entries" if isinstance(value, list) else shown(value)
            raise InputError(f"{self._where}.{key}: expected a list of {low} to {high} entries, got {came}")
        return value

    def fields(self, key: str) -> Fields:
        return Fields(self.take(key), f"{self._where}.{key}")

    def done(self) -> None:
        if self._left:
            raise InputError(
                f"{self._where}: expected no other key, got {min(self._left)!r}: check its spelling or remove it"
            )


def number(value: Any, where: str, low: float = -math.inf, high: float = math.inf) -> float:
    """A finite number inside its limits."""
    good = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        good = good and math.isfinite(value) and low <= value <= high
    except OverflowError:
        good = False
    if not good:
        limits = "" if math.isinf(low) and math.isinf(high) else f" from {low:g} to {high:g}"
        raise InputError(f"{where}: expected a finite number{limits}, got {shown(value)}")
    return float(value)


def is_plain(text: str, limit: int) -> bool:
    """Whether `text` is 1 to `limit` bytes of UTF-8 without control characters."""
    return 1 <= len(text.encode("utf-8", "replace")) <= limit and all(ord(c) >= 32 and ord(c) != 127 for c in text)


def shown(value: Any) -> str:
    """A value for a message, cut short."""
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 60 else text[:57] + "..."
