"""One block of bytes for many images: in memory while it fits, else in a temporary file."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from taktgate_prep.errors import InputError

_SHARE = 0.6  # of the free memory


def allocate(size: int, what: str) -> npt.NDArray[np.uint8]:
    """`size` zero bytes; `what` names them where neither memory nor the disk holds them."""
    free = _free_bytes()
    if size == 0 or free is None or size <= _SHARE * free:
        return np.zeros(size, np.uint8)
    disk = shutil.disk_usage(tempfile.gettempdir()).free
    if size > _SHARE * disk:
        raise InputError(
            f"{what}: expected {size >> 20} MiB free in memory or in {tempfile.gettempdir()}, got {free >> 20} and "
            f"{disk >> 20} MiB: set TMPDIR to a larger disk, use smaller images or fewer samples"
        )
    try:
        with tempfile.TemporaryFile() as file:  # has no name: nothing is left behind
            os.posix_fallocate(file.fileno(), 0, size)  # or a disk that fills up later ends the process by a signal
            return np.memmap(file, np.uint8, "r+", shape=(size,))
    except OSError as error:
        raise InputError(
            f"{what}: expected {size >> 20} MiB in {tempfile.gettempdir()}, got: {error.strerror}: set TMPDIR to a "
            "larger disk"
        ) from None


def _free_bytes() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None
