"""Windows held as pixels: a quarter of the room their tensors would take."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.pixels import pixels
from taktgate_prep.data.sample import Sample
from taktgate_prep.data.window import to_tensor
from taktgate_prep.terminal.progress import Progress

Result = TypeVar("Result")


@dataclass(frozen=True)
class Windows:
    """pixels uint8 [N, H, W, C]."""

    pixels: npt.NDArray[np.uint8]
    contract: Contract

    def __len__(self) -> int:
        return len(self.pixels)

    def tensor(self, i: int) -> npt.NDArray[np.float32]:
        """float32 [1, C, H, W] of one window."""
        return to_tensor(self.pixels[i : i + 1], self.contract)

    def tensors(self, limit: int) -> npt.NDArray[np.float32]:
        """float32 [n, C, H, W] of the first n <= limit windows."""
        return to_tensor(self.pixels[:limit], self.contract)

    def take(self, rows: Sequence[int]) -> Windows:
        """Some of the windows."""
        return Windows(self.pixels[list(rows)], self.contract)


def read(samples: Sequence[Sample], contract: Contract, title: str, progress: Progress) -> Windows:
    """The windows in the order of the samples; image by image, so that each is decoded once."""
    found = np.empty((len(samples), contract.height, contract.width, contract.channels_total), np.uint8)
    for rows, some in pixels(samples, contract, title, progress):
        found[rows] = some
    return Windows(found, contract)


def on_all_cores(task: Callable[[int], Result], count: int) -> list[Result]:
    """task(0) to task(count - 1) on threads, results in order: ONNX Runtime computes without Python's lock."""
    with ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
        return list(pool.map(task, range(count)))
