"""The sample list: a strict TSV reader (docs/formats.md, 1)."""

from __future__ import annotations

import re
from pathlib import Path

from taktgate_prep.data.sample import Box, Sample
from taktgate_prep.errors import InputError
from taktgate_prep.files.names import SPLITS, one_form, other_forms, split_named
from taktgate_prep.files.plain_text import lines_of
from taktgate_prep.files.strict_json import is_plain
from taktgate_prep.files.whole import read_bytes

_WINDOW = ("x", "y", "w", "h")
_BOX = ("bx", "by", "bw", "bh")
_COLUMNS = ("image", "golden", *_WINDOW, "label", "part", "split", *_BOX)
_NUMBER = re.compile(r"0|[1-9][0-9]{0,3}")
_MAX_SIDE = 8192
_MAX_BYTES = 256 << 20


def read_list(path: Path) -> list[Sample]:
    """All rows in their order; every image that is named exists."""
    lines = _lines(path)
    header = lines[0].split("\t")
    _check_header(path, header)
    reader = _RowReader(path, header)
    samples = [reader.read(line, number) for number, line in enumerate(lines[1:], 2)]
    if not samples:
        raise InputError(f"{path}: expected rows below the header line, got none: add samples")
    _check_folders(path, samples)
    return samples


def _check_folders(path: Path, samples: list[Sample]) -> None:
    """An image in a folder named after one class is not called another one by the list."""
    labels = {sample.label for sample in samples}
    for sample in samples:
        folder = one_form(sample.image.parent.name)
        if sample.label is not None and folder in labels and folder != sample.label:
            raise InputError(
                f"{path}:{sample.row + 1}: expected the label {folder!r} of the folder that the image "
                f"{sample.image.name} lies in, got {sample.label!r}: correct the label, or move the image"
            )


def _lines(path: Path) -> list[str]:
    lines = lines_of(read_bytes(path, _MAX_BYTES, "a sample list"), str(path))
    if not lines:
        raise InputError(f"{path}: expected a header line with the column image, got an empty file: write one")
    return lines


def _check_header(path: Path, header: list[str]) -> None:
    where = f"{path}:1"
    for name in header:
        if name not in _COLUMNS:
            raise InputError(
                f"{where}: expected the columns {', '.join(_COLUMNS)}, separated by tabs, got {name!r}: "
                "check its spelling or remove it"
            )
        if header.count(name) > 1:
            raise InputError(f"{where}: expected every column once, got {name!r} twice: remove one")
    if "image" not in header:
        raise InputError(f"{where}: expected the column image, got {', '.join(header)}: add it")
    for group in (_WINDOW, _BOX):
        missing = [name for name in group if name not in header]
        if 0 < len(missing) < len(group):
            raise InputError(f"{where}: expected all of {', '.join(group)} or none, got no {missing[0]!r}: add it")


class _RowReader:
    """Reads the rows of one list."""

    def __init__(self, path: Path, header: list[str]) -> None:
        self._path = path
        self._header = header
        self._folder = path.parent
        self._exists: dict[str, Path] = {}  # by the name in the list

    def read(self, line: str, number: int) -> Sample:
        where = f"{self._path}:{number}"
        fields = line.split("\t")
        if len(fields) != len(self._header):
            raise InputError(
                f"{where}: expected {len(self._header)} fields as in the header, got {len(fields)}: "
                "check the tabs of this line"
            )
        row = dict(zip(self._header, fields, strict=True))
        label, part, told = (one_form(row.get(name, "")) for name in ("label", "part", "split"))
        split = split_named(told)
        if told and split is None:
            raise InputError(f"{where}: expected split {', '.join(SPLITS)} or nothing, got {told!r}: correct it")
        for name, text in (("label", label), ("part", part)):
            if text and not is_plain(text, 256):
                raise InputError(
                    f"{where}: expected a {name} of at most 256 printable characters, got {text[:60]!r}: shorten it"
                )
        return Sample(
            image=self._file(row["image"], "image", where),
            golden=self._file(row["golden"], "golden", where) if row.get("golden") else None,
            window=_box(row, _WINDOW, where),
            label=label or None,
            part=part or row["image"],
            split=split,
            box=_box(row, _BOX, where),
            row=number - 1,
            source=str(self._path),
        )

    def _file(self, name: str, column: str, where: str) -> Path:
        parts = name.split("/")
        if name.startswith("/") or ".." in parts or not name:
            raise InputError(
                f"{where}: expected {column} as a path inside the list's folder, got {name!r}: "
                "write it relative to the list, without `..`"
            )
        if name not in self._exists:
            forms = [form for form in (name, *other_forms(name)) if (self._folder / form).is_file()]
            if not forms:
                raise InputError(
                    f"{where}: expected the {column} file {name!r} beside the list, got none: check the path"
                )
            self._exists[name] = self._folder / forms[0]
        return self._exists[name]


def _box(row: dict[str, str], names: tuple[str, ...], where: str) -> Box | None:
    texts = [row.get(name, "") for name in names]
    if not any(texts):
        return None
    values = []
    for name, text in zip(names, texts, strict=True):
        least = 1 if name.endswith(("w", "h")) else 0
        if not _NUMBER.fullmatch(text) or not least <= int(text) <= _MAX_SIDE:
            raise InputError(
                f"{where}: expected {name} as a whole number from {least} to {_MAX_SIDE} (or all of "
                f"{' '.join(names)} empty), got {text!r}: correct it"
            )
        values.append(int(text))
    return values[0], values[1], values[2], values[3]
