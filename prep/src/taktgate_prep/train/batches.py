"""Windows -> tensors: cut anew, turned, askew, in other light; or plainly, as the device does it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.window_set import WindowSet
from taktgate_prep.train.augment import Light, askew, misfit
from taktgate_prep.train.trainset import TrainSet

_EVAL_BATCH = 128


class Batches:
    """Makes training batches of one set; one thread at a time, repeatable by its generator."""

    def __init__(self, windows: TrainSet, contract: Contract, turns: bool, rng: np.random.Generator) -> None:
        self._set = windows
        self._golden = contract.golden
        self._image_channels = contract.channels_total - int(contract.golden)
        self._scale, self._offset = (part.view(1, -1, 1, 1) for part in _scaling(contract))
        self._square = contract.width == contract.height
        self._turns = turns
        self._rng = rng
        self._light = Light(rng)

    def make(self, index: npt.NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
        """Images [B, C, H, W] (channels last in memory) and labels [B]."""
        pixels = self._set.cut(index, self._rng)
        if self._turns:
            self._turn(pixels)
        x = torch.from_numpy(pixels).float().permute(0, 3, 1, 2)
        still = np.flatnonzero(self._set.still[index])
        if len(still):
            x[still] = askew(x[still], self._rng)
        lit = self._light.apply(x[:, : self._image_channels], self._rng)
        if self._golden:
            lit = torch.cat([lit, misfit(x[:, self._image_channels :], self._rng)], dim=1)
        x = (lit * self._scale + self._offset).contiguous(memory_format=torch.channels_last)
        return x, torch.from_numpy(self._set.label[index])

    def _turn(self, pixels: npt.NDArray[np.uint8]) -> None:
        kinds = self._rng.integers(0, 8 if self._square else 4, len(pixels))
        for kind in range(1, 8 if self._square else 4):
            chosen = np.flatnonzero(kinds == kind)
            some = pixels[chosen]
            some = some[:, ::-1] if kind & 1 else some
            some = some[:, :, ::-1] if kind & 2 else some
            pixels[chosen] = some.transpose(0, 2, 1, 3) if kind & 4 else some


def plain_batches(windows: WindowSet, contract: Contract) -> Iterator[torch.Tensor]:
    """The whole set in its order, without any change but the contract's scaling."""
    scale, offset = _scaling(contract)
    for start in range(0, len(windows), _EVAL_BATCH):
        pixels = windows.pixels[start : start + _EVAL_BATCH]
        yield (torch.from_numpy(pixels).float() * scale + offset).permute(0, 3, 1, 2)


def _scaling(contract: Contract) -> tuple[torch.Tensor, torch.Tensor]:
    return (
        torch.tensor(contract.scale, dtype=torch.float32),
        torch.tensor(contract.offset, dtype=torch.float32),
    )
