"""Windows -> tensors: cut aside, turned, other lamp, noise; or plainly, as the device does it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch

from taktgate_prep.contract import Contract
from taktgate_prep.train.windows import WindowSet

_GAIN = 0.1  # the lamp: pixel * (1 +- 0.1) +- 10
_OFFSET = 10.0
_NOISE = 4.0  # largest standard deviation, grey levels
_NOISE_BANK = 1 << 22
_EVAL_BATCH = 128


class Batches:
    """Makes training batches of one set; one thread, repeatable by its generator."""

    def __init__(self, windows: WindowSet, contract: Contract, turns: bool, rng: np.random.Generator) -> None:
        self._set = windows
        self._image_channels = contract.channels_total - int(contract.golden)  # the golden image has no lamp
        self._scale, self._offset = _scaling(contract)
        self._square = contract.width == contract.height
        self._turns = turns
        self._rng = rng
        self._noise = torch.from_numpy(rng.standard_normal(_NOISE_BANK, np.float32))

    def make(self, index: npt.NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
        """Images [B, C, H, W] (channels last in memory) and labels [B]."""
        pixels = self._shifted(index)
        if self._turns:
            self._turn(pixels)
        x = self._relight(torch.from_numpy(pixels).float())
        x = x * self._scale + self._offset
        return x.permute(0, 3, 1, 2), torch.from_numpy(self._set.label[index])

    def _shifted(self, index: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        margin, room = self._set.margin, self._set.room[index]
        height = self._set.pixels.shape[1] - 2 * margin
        width = self._set.pixels.shape[2] - 2 * margin
        left = margin + self._rng.integers(-room[:, 0], room[:, 2], endpoint=True)
        top = margin + self._rng.integers(-room[:, 1], room[:, 3], endpoint=True)
        rows = (top[:, None] + np.arange(height))[:, :, None]
        columns = (left[:, None] + np.arange(width))[:, None, :]
        pixels: npt.NDArray[np.uint8] = self._set.pixels[index[:, None, None], rows, columns]
        return pixels

    def _turn(self, pixels: npt.NDArray[np.uint8]) -> None:
        kinds = self._rng.integers(0, 8 if self._square else 4, len(pixels))
        for i, kind in enumerate(kinds):
            one = pixels[i]
            one = one[::-1] if kind & 1 else one
            one = one[:, ::-1] if kind & 2 else one
            one = one.transpose(1, 0, 2) if kind & 4 else one
            pixels[i] = one.copy()

    def _relight(self, x: torch.Tensor) -> torch.Tensor:
        count = x.shape[0]
        draw = torch.from_numpy(self._rng.uniform(-1.0, 1.0, (3, count, 1, 1, 1)).astype(np.float32))
        lit = x[..., : self._image_channels]
        size = lit[0].numel()
        starts = self._rng.integers(0, _NOISE_BANK - size, count).tolist()
        noise = torch.stack([self._noise[start : start + size] for start in starts]).view_as(lit)
        lit = lit * (1.0 + _GAIN * draw[0]) + _OFFSET * draw[1] + _NOISE * draw[2].abs() * noise
        return torch.cat([lit.clamp_(0.0, 255.0), x[..., self._image_channels :]], dim=3)


def plain_batches(windows: WindowSet, contract: Contract) -> Iterator[torch.Tensor]:
    """The whole set in its order, without any change but the contract's scaling."""
    scale, offset = _scaling(contract)
    centre = windows.centre()
    for start in range(0, len(windows), _EVAL_BATCH):
        pixels = np.ascontiguousarray(centre[start : start + _EVAL_BATCH])
        yield (torch.from_numpy(pixels).float() * scale + offset).permute(0, 3, 1, 2)


def _scaling(contract: Contract) -> tuple[torch.Tensor, torch.Tensor]:
    return (
        torch.tensor(contract.scale, dtype=torch.float32),
        torch.tensor(contract.offset, dtype=torch.float32),
    )
