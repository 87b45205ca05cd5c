"""Brings torch in, with one clear message where it is missing, and makes it repeatable."""

from __future__ import annotations

import ctypes
import os

import numpy as np

from taktgate_prep.errors import InputError

_HOW = (
    "install Debian's packages (apt-get install python3-torch python3-torchvision, and a virtual environment "
    "made with --system-site-packages by /usr/bin/python3), or the [train] extra of taktgate-prep"
)


def keep_freed_memory() -> None:
    """Lets the process keep what it frees; glibc only.

    Large tensors are otherwise mapped and faulted in again at every step, which took up to half of the time.
    """
    trim_threshold, mmap_max = -1, -4  # malloc.h: M_TRIM_THRESHOLD, M_MMAP_MAX
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(trim_threshold, 2**31 - 1)
        mallopt(mmap_max, 0)


def check_torch() -> None:
    """Raises InputError where torch or torchvision cannot be used; imports them for the first time."""
    # waiting threads soon sleep: long spinning makes a run tens of times slower beside other work
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    keep_freed_memory()
    try:
        import torch
        import torchvision  # noqa: F401
    except ImportError as error:
        raise InputError(f"`train` expected torch and torchvision, got: {error}; {_HOW}") from None
    try:
        torch.from_numpy(np.zeros(1, np.float32))
    except RuntimeError as error:  # torch before 2.3 is blind to numpy 2
        raise InputError(
            f"torch {torch.__version__} expected an older numpy, got {np.__version__} ({error}): install "
            "numpy 1.24.2 into this environment"
        ) from None


def make_repeatable(seed: int, threads: int) -> None:
    """Seeds torch, fixes its threads and asks for deterministic kernels."""
    import torch

    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True, warn_only=True)


def torch_versions() -> dict[str, str]:
    """What else made the weights."""
    import torch
    import torchvision

    return {"torch": str(torch.__version__), "torchvision": str(torchvision.__version__)}
