"""What a compiled network gives for windows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from taktgate_prep.compile.network import Codes, Floats
from taktgate_prep.errors import InputError


@dataclass(frozen=True, eq=False)
class Answers:
    """logits: [windows, labels]; codes: of each extra output [windows, height, width, channels]."""

    logits: Floats
    codes: tuple[Codes, ...]


def check_pixels(pixels: Codes, size: tuple[int, int, int], where: str) -> None:
    """size: height, width, channels of a window."""
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[1:] != size:
        raise InputError(
            f"{where}: expected uint8 pixels of shape {['windows', *size]}, got {pixels.dtype} of shape "
            f"{list(pixels.shape)}: cut the windows as the contract says"
        )


def joined(parts: list[Answers]) -> Answers:
    """Those of one set of windows after another."""
    codes = zip(*(part.codes for part in parts), strict=True)
    return Answers(np.concatenate([part.logits for part in parts]), tuple(np.concatenate(each) for each in codes))
