"""Reading the windows of samples, some at a time, with progress."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.sample import Sample
from taktgate_prep.data.window import load_window
from taktgate_prep.terminal.progress import Progress, Rate, bar

_AT_ONCE = 64


def pixels(
    samples: Sequence[Sample], contract: Contract, title: str, progress: Progress
) -> Iterator[tuple[list[int], npt.NDArray[np.uint8]]]:
    """(indices, pixels [n, H, W, C]) of all samples, up to 64 at a time; image by image, so that each is decoded
    once."""
    order = sorted(range(len(samples)), key=lambda i: (str(samples[i].image), i))
    rate = Rate(len(samples))
    rows: list[int] = []
    windows: list[npt.NDArray[np.uint8]] = []
    for done, i in enumerate(order, 1):
        rows.append(i)
        windows.append(load_window(samples[i], contract))
        if len(rows) == _AT_ONCE or done == len(order):
            yield rows, np.stack(windows)
            rows, windows = [], []
        progress.status(f"{title} {bar(done / len(order))} {done}/{len(order)}, {rate.text(done)}")
