"""What a runtime gives once it has loaded a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Opened:
    """show: makes one of the images the input. run: computes it; this is what is timed. logits: of the last run."""

    version: str
    show: Callable[[int], None]
    run: Callable[[], object]
    logits: Callable[[], np.ndarray]
