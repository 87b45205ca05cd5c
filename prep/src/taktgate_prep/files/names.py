"""Names as people and systems leave them (docs/formats.md, 1): forms of Unicode, names of splits, litter of archives.

The twin of `src/bundle/names.h`.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Sequence

SPLITS = ("train", "val", "test")
_MOST_LISTED = 20
_ALSO = {"training": "train", "valid": "val", "validation": "val", "testing": "test"}
_LITTER = ("__macosx", "thumbs.db", "desktop.ini", "@eadir")


def one_form(text: str) -> str:
    """What looks the same is the same: Unicode's composed form (NFC)."""
    return unicodedata.normalize("NFC", text)


def listed(names: Sequence[str]) -> str:
    """For a message: all of a few names, the first of many."""
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more


def split_named(name: str) -> str | None:
    """train, val or test, where a folder or a field calls one of them by a usual name, capitals aside."""
    folded = "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in name)
    return folded if folded in SPLITS else _ALSO.get(folded)


def is_litter(name: str) -> bool:
    """Whether a file or folder is hidden, or what systems and archives leave beside the files of a person."""
    return name.startswith(".") or name.lower() in _LITTER


def other_forms(name: str) -> tuple[str, ...]:
    """The same name as another system may have written it."""
    return tuple(form for form in (unicodedata.normalize(kind, name) for kind in ("NFC", "NFD")) if form != name)


def is_text(name: str) -> bool:
    """Whether a file name was UTF-8 on the disk; Python keeps other bytes as half surrogate pairs."""
    return not any("\ud800" <= c <= "\udfff" for c in name)


def escaped(name: str) -> str:
    """For a message: bytes that were no UTF-8 as \\xfc."""
    return name.encode("utf-8", ESCAPED).decode("utf-8")


def utf8(text: str) -> bytes:
    """For a file: bytes of a file name that were no UTF-8 become U+FFFD, as in what the device prints."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").encode("utf-8")


def _escaped(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    shown = []
    for c in error.object[error.start : error.end]:
        code = ord(c) - 0xDC00 if 0xDC80 <= ord(c) <= 0xDCFF else ord(c)
        shown.append(f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 1 << 16 else f"\\U{code:08x}")
    return "".join(shown), error.end


ESCAPED = "taktgate-escaped"  # as a text stream's `errors`: what it cannot show stands there as \xfc or \u03bc
codecs.register_error(ESCAPED, _escaped)
