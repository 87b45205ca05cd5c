"""A strict ustar writer: regular files only, mode 0444, owner and time zero (docs/formats.md, 5)."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BLOCK = 512
_NAME = re.compile(r"[a-z0-9_./-]{1,96}")


def is_name(name: str) -> bool:
    """Whether a member may have this name."""
    return bool(_NAME.fullmatch(name)) and all(part not in ("", ".", "..") for part in name.split("/"))


def archive(members: Iterable[tuple[str, bytes]]) -> bytes:
    """The members in their order, padded with zeros, and two zero blocks at the end."""
    parts = []
    for name, data in members:
        parts += [_header(name, len(data)), data, bytes(-len(data) % _BLOCK)]
    return b"".join([*parts, bytes(2 * _BLOCK)])


def _header(name: str, size: int) -> bytes:
    if not is_name(name):
        raise ValueError(f"expected a member name of 1 to 96 of a-z, 0-9, _ . / -, got {name!r}")
    block = bytearray(_BLOCK)
    for at, field in (
        (0, name.encode("ascii")),
        (100, b"0000444"),
        (108, b"0000000"),
        (116, b"0000000"),
        (124, b"%011o" % size),
        (136, b"%011o" % 0),
        (148, b" " * 8),
        (156, b"0"),
        (257, b"ustar\x0000"),
        (329, b"0000000"),
        (337, b"0000000"),
    ):
        block[at : at + len(field)] = field
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)
