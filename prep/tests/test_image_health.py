"""Image health: the measures by hand, and limits that hold what they were made from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from taktgate_prep.data.image_health import HealthLimits, calibrate, measure
from taktgate_prep.data.sample import Sample
from taktgate_prep.errors import InputError


def frame(seed: int, gain: float = 1.0) -> np.ndarray:
    """A grey frame with texture, uint8 [60, 80, 1]."""
    random = np.random.default_rng(seed)
    coarse = np.kron(random.integers(40, 200, (15, 20)), np.ones((4, 4), int))
    fine = random.integers(-10, 11, (60, 80))
    return np.clip((coarse + fine) * gain, 0, 255).astype(np.uint8)[:, :, None]


def samples(folder: Path, count: int, window: tuple[int, int, int, int] | None = None) -> list[Sample]:
    made = []
    for i in range(count):
        path = folder / f"{i}.png"
        Image.fromarray(frame(i)[:, :, 0]).save(path)
        made.append(Sample(path, None, window, "good", str(i), "train", None, i + 1, "list"))
    return made


def holds(limits: HealthLimits, pixels: np.ndarray) -> bool:
    seen = measure(pixels)
    ranges = {"brightness": limits.brightness, "contrast": limits.contrast, "sharpness": limits.sharpness}
    return all(ranges[name].low <= value <= ranges[name].high for name, value in seen.items())


def test_measures_by_hand() -> None:
    stripes = np.tile(np.array([0, 0, 200, 200], np.uint8), (3, 2))[:, :, None]
    assert measure(stripes) == {"brightness": 100.0, "contrast": 100.0, "sharpness": 2.0}
    assert measure(np.full((5, 5, 1), 7, np.uint8)) == {"brightness": 7.0, "contrast": 0.0, "sharpness": 0.0}
    assert measure(np.full((1, 1, 1), 9, np.uint8))["brightness"] == 9.0
    tall = np.where(np.arange(1024)[:, None] % 4 == 0, 250, 3).astype(np.uint8) * np.ones((1, 8), np.uint8)
    assert measure(tall[:, :, None])["brightness"] == 250.0, "every fourth row of 1,024"


def test_limits_hold_other_frames_of_the_kind_and_no_broken_ones(tmp_path: Path) -> None:
    limits = calibrate(samples(tmp_path, 40))
    assert limits is not None
    assert all(holds(limits, frame(seed)) for seed in range(1000, 1200))
    assert holds(limits, frame(7, gain=0.9))
    dark, bright = np.zeros((60, 80, 1), np.uint8), np.full((60, 80, 1), 255, np.uint8)
    noise = np.random.default_rng(1).integers(0, 8, (60, 80, 1)).astype(np.uint8)
    for broken in (dark, bright, noise, frame(7, gain=0.2), frame(7, gain=3.0)):
        assert not holds(limits, broken)
    blurred = np.stack([np.convolve(row, np.ones(15) / 15, "same") for row in frame(7)[:, :, 0]])
    assert not holds(limits, blurred.astype(np.uint8)[:, :, None])


def test_needs_whole_frames_and_enough_of_them(tmp_path: Path) -> None:
    assert calibrate(samples(tmp_path, 19)) is None
    assert calibrate(samples(tmp_path, 40, window=(0, 0, 8, 8))) is None
    with pytest.raises(InputError, match="got none"):
        calibrate([replace(sample, image=tmp_path / f"x{sample.row}.png") for sample in samples(tmp_path, 20)])


def test_frames_that_are_all_alike_still_leave_room(tmp_path: Path) -> None:
    alike = samples(tmp_path, 20)
    for sample in alike:
        Image.fromarray(frame(3)[:, :, 0]).save(sample.image)
    limits = calibrate(alike)
    assert limits is not None
    assert holds(limits, frame(3, gain=0.95))
