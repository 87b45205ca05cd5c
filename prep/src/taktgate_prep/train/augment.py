"""What a line does to an image, as one batch: the part lies askew, the focus, the lamp and the sensor differ.

Images are float32 [B, C, H, W] in grey levels. Strengths hold for windows of 32 to 320 px: lengths are shares of the
side. A golden image moves with its image, but has no lamp of its own.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

SHIFT = 0.06  # of the side, each way
TURN = math.radians(6.0)
ZOOM = 0.08  # nearer or farther
MISFIT = 1 / 96  # of the side: how far an aligned image may still be off its golden one
GAIN = 0.1  # the lamp: pixel * (1 +- 0.1) +- 10
OFFSET = 10.0
COLOUR = 0.05  # the white balance, each colour by itself
NOISE = 4.0  # largest standard deviation, grey levels
MISFIT_SHARE = 0.25  # of the windows; the others fit exactly
BLUR_SHARE = 0.25  # of the windows; the others stay sharp
_NOISE_BANK = 1 << 22


class Light:
    """Blur, gain, offset and noise, for image channels only; its noise is drawn once and reused from random places."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._noise = torch.from_numpy(rng.standard_normal(_NOISE_BANK, np.float32))

    def apply(self, lit: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
        """A changed copy of [B, C, H, W], clamped to 0 to 255."""
        count, size = len(lit), lit[0].numel()
        lit = blur(lit, rng)
        draw = torch.from_numpy(rng.uniform(-1.0, 1.0, (3, count, 1, 1, 1)).astype(np.float32))
        starts = rng.integers(0, _NOISE_BANK - size, count).tolist()
        noise = torch.stack([self._noise[start : start + size] for start in starts])
        noise = noise.view(count, *lit.permute(0, 2, 3, 1).shape[1:]).permute(0, 3, 1, 2)  # as the images lie in memory
        gain = 1.0 + GAIN * draw[0]
        if lit.shape[1] > 1:
            gain = gain + COLOUR * torch.from_numpy(rng.uniform(-1.0, 1.0, (count, lit.shape[1], 1, 1))).float()
        lit = lit * gain + OFFSET * draw[1] + NOISE * draw[2].abs() * noise
        return lit.clamp_(0.0, 255.0)


def blur(images: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Some of the images softened, each by its own amount; edges are continued."""
    chosen = np.flatnonzero(rng.random(len(images)) < BLUR_SHARE)
    amount = rng.random(len(images))[chosen].astype(np.float32)
    if not len(chosen):
        return images
    part = images[chosen]
    padded = functional.pad(part, (1, 1, 1, 1), mode="replicate")
    soft = (padded[..., :-2] + 2.0 * padded[..., 1:-1] + padded[..., 2:]) / 4.0
    soft = (soft[..., :-2, :] + 2.0 * soft[..., 1:-1, :] + soft[..., 2:, :]) / 4.0
    images = images.clone()
    images[chosen] = part + torch.from_numpy(amount)[:, None, None, None] * (soft - part)
    return images


def askew(images: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Each image shifted, turned and zoomed a little about its middle; what comes in from outside is mirrored."""
    count, _, height, width = images.shape
    draw = rng.uniform(-1.0, 1.0, (4, count)).astype(np.float32)
    angle, zoom = TURN * draw[0], 1.0 + ZOOM * draw[3]
    cos, sin = np.cos(angle) * zoom, np.sin(angle) * zoom
    theta = np.zeros((count, 2, 3), np.float32)  # in units of half a side, so that rows and columns differ
    theta[:, 0, 0], theta[:, 0, 1] = cos, -sin * height / width
    theta[:, 1, 0], theta[:, 1, 1] = sin * width / height, cos
    theta[:, :, 2] = 2.0 * SHIFT * draw[1:3].T
    return resample(images, theta)


def misfit(golden: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Some of the golden images [B, 1, H, W] shifted by part of a pixel, or little more."""
    chosen = np.flatnonzero(rng.random(len(golden)) < MISFIT_SHARE)
    draw = rng.uniform(-1.0, 1.0, (len(golden), 2))[chosen].astype(np.float32)
    if not len(chosen):
        return golden
    theta = np.zeros((len(chosen), 2, 3), np.float32)
    theta[:, 0, 0] = theta[:, 1, 1] = 1.0
    theta[:, :, 2] = 2.0 * MISFIT * draw
    golden = golden.clone()
    golden[chosen] = resample(golden[chosen], theta)
    return golden


def resample(images: torch.Tensor, theta: npt.NDArray[np.float32]) -> torch.Tensor:
    """Bilinear, by the affine maps `theta` [B, 2, 3] from places of the result to places of the image."""
    grid = functional.affine_grid(torch.from_numpy(theta), list(images.shape), align_corners=False)
    moved: torch.Tensor = functional.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
    return moved
