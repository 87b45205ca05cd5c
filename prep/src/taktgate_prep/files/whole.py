"""Reading and writing whole files: limits, digests, and writing that leaves the old or the new file."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from taktgate_prep.errors import InputError


def read_bytes(path: Path, limit: int, what: str) -> bytes:
    """The file's bytes, at most `limit`."""
    try:
        if not path.is_file():
            raise InputError(f"{path}: expected {what}, got {instead_of_file(path)}: check the path")
        size = path.stat().st_size
        if size > limit:
            raise InputError(f"{path}: expected {what} of at most {limit} bytes, got {size}: check the file")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: expected to read {what}, got: {error.strerror}: check the file") from None


def instead_of_file(path: Path) -> str:
    """What is there and is no file."""
    if path.is_dir():
        return "a folder"
    return "a device or a pipe" if path.exists() else "no such file"


def write_atomic(path: Path, data: bytes) -> None:
    """Writes beside the place, syncs, then renames: never half a file under this name."""
    write_together({path: data})


def write_together(files: Mapping[Path, bytes]) -> None:
    """All of them or none: each is written beside its place and synced before the first gets its name. What stood there
    is replaced in the order given."""
    temporary = {path: path.with_name(f".{path.name}.{os.getpid()}.tmp") for path in files}
    at, new = Path(), []
    try:
        for at, data in files.items():
            _write_synced(temporary[at], data)
        for at in files:
            new += [] if at.exists() else [at]
            temporary[at].replace(at)
        for folder in dict.fromkeys(path.parent for path in files):
            _sync_folder(folder)
    except OSError as error:
        _remove(new)
        raise InputError(
            f"{at}: expected to write {len(files[at])} bytes, got: {error.strerror}: make room or choose another place"
        ) from None
    finally:
        _remove(temporary.values())


def check_out(path: Path, suffix: str, option: str = "--out") -> None:
    """Refuses a place that cannot be written, before the work is done."""
    if path.suffix != suffix:
        raise InputError(f"{option}: expected a name that ends in {suffix}, got {path}: rename it")
    if not path.parent.is_dir():
        raise InputError(f"{option} {path}: expected the folder {path.parent}, got none: make it first")
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise InputError(f"{option} {path}: expected a file in a folder that can be written: choose another place")


def keep_inputs(option: str, outputs: Iterable[Path], inputs: Iterable[Path | None]) -> None:
    """Refuses a place that would overwrite what is read, also by another name of it."""
    read = [path for path in inputs if path is not None and path.exists()]
    for output in outputs:
        for path in read:
            if output.exists() and output.samefile(path):
                raise InputError(
                    f"{output}: expected an output that overwrites no input, got a file that this command "
                    f"reads: choose another {option}"
                )


def sha256(data: bytes) -> str:
    """Lower-case hex digest."""
    return hashlib.sha256(data).hexdigest()


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):  # why it cannot be written is said; a folder in its place stays
            path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
