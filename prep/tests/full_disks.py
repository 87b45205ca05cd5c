"""Disks without room: a real one, where this process may mount it, and a limit on the size of files everywhere."""

from __future__ import annotations

import contextlib
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGE = 4096


@contextlib.contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Writing beyond `size` bytes fails in this process."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextlib.contextmanager
def disk(folder: Path, size: int) -> Iterator[Path]:
    """A disk of `size` bytes at `folder`; skips the test where it cannot be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("needs the program mount")
    if done.returncode:
        pytest.skip(f"needs the right to mount a disk: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def pages(*files: Path) -> int:
    """What they take of such a disk."""
    return sum(-(-file.stat().st_size // PAGE) * PAGE for file in files)


def fill(folder: Path, room: int) -> None:
    """Leaves so many bytes of the disk free."""
    free = (
        int(
            subprocess.run(
                ["stat", "-f", "-c", "%a %S", str(folder)], capture_output=True, text=True, check=True
            ).stdout.split()[0]
        )
        * PAGE
    )
    (folder / "other").write_bytes(bytes(free - room))
