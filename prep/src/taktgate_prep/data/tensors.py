"""Reading the windows of samples one after another, with progress."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.sample import Sample
from taktgate_prep.data.window import load_window, to_tensor
from taktgate_prep.terminal.progress import Progress, Rate, bar


def tensors(
    samples: Sequence[Sample], contract: Contract, title: str, progress: Progress
) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
    """(index, tensor [1, C, H, W]) of every sample; image by image, so that each is decoded once."""
    order = sorted(range(len(samples)), key=lambda i: (str(samples[i].image), i))
    rate = Rate(len(samples))
    for done, i in enumerate(order, 1):
        yield i, to_tensor(load_window(samples[i], contract)[None], contract)
        progress.status(f"{title} {bar(done / len(order))} {done}/{len(order)}, {rate.text(done)}")
