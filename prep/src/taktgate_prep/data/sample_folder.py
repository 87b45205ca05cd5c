"""A folder SPLIT/CLASS/image instead of a sample list (docs/formats.md, 1)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from taktgate_prep.data.sample import Sample
from taktgate_prep.errors import InputError
from taktgate_prep.files.names import SPLITS, escaped, is_litter, is_text, one_form, split_named

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")
_MOST_NAMES = 20


def read_folder(folder: Path, note: Callable[[str], None] | None = None) -> list[Sample]:
    """All images, ordered by path, bytewise; CLASS/image without splits is split train. Other files are named to
    `note`."""
    files = [
        (path.relative_to(folder).as_posix(), path, split, _label(root, name))
        for split, root in _splits(folder)
        for name in _folders(root)
        for path in _files(root / name)
    ]
    found = [item for item in files if item[1].suffix.lower() in IMAGE_SUFFIXES]
    if not found:
        raise InputError(
            f"{folder}: expected images as SPLIT/CLASS/image.png (or .jpg, .bmp, .tif), got none: check the folder"
        )
    found.sort(key=lambda item: os.fsencode(item[0]))
    if note is not None and len(found) < len(files):
        _name_others(folder, sorted({item[0] for item in files} - {item[0] for item in found}, key=os.fsencode), note)
    return [
        Sample(
            image=path,
            golden=None,
            window=None,
            label=label,
            part=name,
            split=split,
            box=None,
            row=row,
            source=str(folder),
            in_folder=True,
        )
        for row, (name, path, split, label) in enumerate(found, 1)
    ]


def class_folders(folder: Path) -> list[Path]:
    """Every folder that is named after a class."""
    return [root / name for _, root in _splits(folder) for name in _folders(root)]


def _splits(folder: Path) -> list[tuple[str, Path]]:
    """(split, its folder); the folder itself is split train where it holds classes."""
    names = _folders(folder)
    found: dict[str, str] = {}
    for name in names:
        split = split_named(name)
        if split is None or (name not in SPLITS and not _holds_folders(folder / name)):
            continue  # parts may be called `valid` and `invalid`
        if split in found:
            raise InputError(
                f"{folder}: expected one folder of split {split}, got {found[split]!r} and {name!r}: put "
                "their classes together"
            )
        found[split] = name
    other = next((name for name in names if name not in found.values()), None)
    if found and other is not None:
        raise InputError(
            f"{folder}: expected folders {', '.join(SPLITS)} only, or classes only, got {other!r} beside "
            f"{next(iter(found.values()))!r}: move it"
        )
    return [(split, folder / name) for split, name in found.items()] or [("train", folder)]


def _holds_folders(folder: Path) -> bool:
    return any(entry.is_dir() for entry in folder.iterdir() if not is_litter(entry.name))


def _label(folder: Path, name: str) -> str:
    """The class that a folder is named after."""
    if not is_text(name):
        raise InputError(
            f"{folder}: expected class folders named in UTF-8, got '{escaped(name)}', as an old "
            "archive leaves it: rename the folder"
        )
    return one_form(name)


def _folders(folder: Path) -> list[str]:
    try:
        entries = sorted((entry for entry in folder.iterdir() if not is_litter(entry.name)), key=os.fsencode)
    except OSError as error:
        raise InputError(f"{folder}: expected a folder that can be read, got: {error.strerror}") from None
    for entry in entries:
        if entry.is_file() and entry.suffix.lower() in IMAGE_SUFFIXES:
            raise InputError(
                f"{folder}: expected folders named after the classes, got the image {entry.name!r}: "
                "move it into the folder of its class"
            )
    return [entry.name for entry in entries if entry.is_dir()]


def _name_others(folder: Path, names: list[str], note: Callable[[str], None]) -> None:
    files = "1 file that is" if len(names) == 1 else f"{len(names)} files that are"
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    note(f"{folder}: left out {files} no PNG, JPEG, BMP or TIFF: {', '.join(names[:_MOST_NAMES])}{more}")


def _files(folder: Path) -> list[Path]:
    found = []
    for entry in folder.iterdir():
        if is_litter(entry.name):
            continue
        if entry.is_dir():
            raise InputError(f"{folder}: expected images, got the folder {entry.name!r}: use SPLIT/CLASS/image")
        found.append(entry)
    return found
