"""Text files as any editor saves them: UTF-8 with or without a byte order mark, lines that end in \\n or \\r\\n."""

from __future__ import annotations

import codecs

from taktgate_prep.errors import InputError


def lines_of(data: bytes, where: str) -> list[str]:
    """The lines of a text; what follows the last line end is a line only if there is anything."""
    text = decoded(data, where)
    for bad, name in (("\r", "a carriage return alone"), ("\0", "a zero byte")):
        if bad in text:
            line = text.count("\n", 0, text.index(bad)) + 1
            raise InputError(
                f"{where}:{line}: expected lines that end in \\n or \\r\\n, got {name}: save it as plain text"
            )
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines


def decoded(data: bytes, where: str) -> str:
    """The text, with \\n for every \\r\\n."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(f"{where}: expected UTF-8 text, got UTF-16: save it as UTF-8")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{where}:{line}: expected UTF-8 text, got byte 0x{data[error.start]:02x}: save it as UTF-8"
        ) from None
