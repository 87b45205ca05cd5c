"""Image health: what a frame looks like before anybody looks for a part in it (docs/formats.md, 3).

The same integer sums as on the device, so the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from taktgate_prep.data.image import Pixels, decoded
from taktgate_prep.data.sample import Sample, place
from taktgate_prep.errors import InputError
from taktgate_prep.files import strict_json

FEWEST_FRAMES = 20
_MOST_FRAMES = 500
_ROWS = 256
_COLUMNS = 8192
_HIGHEST = {"brightness": 255.0, "contrast": 255.0, "sharpness": 4.0}
# The range that was seen is widened on both sides by half its width, and by no less than this.
_LEAST_MARGIN = {"brightness": 10.0, "contrast": 5.0}
_LEAST_SHARPNESS_SHARE = 0.25


@dataclass(frozen=True)
class Range:
    """Both ends belong to it."""

    low: float
    high: float


@dataclass(frozen=True)
class HealthLimits:
    """What the frames of a healthy camera keep to: mean and standard deviation in grey levels, and Brenner's focus
    measure by twice the variance."""

    brightness: Range
    contrast: Range
    sharpness: Range

    @classmethod
    def from_dict(cls, value: Any, where: str) -> HealthLimits:
        """Checks every field; unknown keys are errors."""
        fields = strict_json.Fields(value, where)
        ranges = {name: _range(fields.fields(name), highest) for name, highest in _HIGHEST.items()}
        fields.done()
        return cls(**ranges)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self)


def _range(fields: strict_json.Fields, highest: float) -> Range:
    found = Range(fields.number("low", 0, highest), fields.number("high", 0, highest))
    fields.done()
    if found.low > found.high:
        raise InputError(
            f"{fields.where}: expected low up to high, got {found.low:g} and {found.high:g}: exchange them"
        )
    return found


def measure(pixels: Pixels) -> dict[str, float]:
    """brightness, contrast and sharpness of grey pixels, uint8 [H, W, 1]."""
    rows = pixels[:: max(1, pixels.shape[0] // _ROWS), :_COLUMNS, 0].astype(np.int64)
    count, total, squares = rows.size, int(rows.sum()), int((rows * rows).sum())
    spread = count * squares - total * total
    steps = rows[:, 2:] - rows[:, :-2]
    sharpness = 0.0
    if steps.size and spread > 0:
        step = float(int((steps * steps).sum())) / float(steps.size)
        sharpness = step * count * count / (2 * float(spread))
    return {"brightness": total / count, "contrast": math.sqrt(float(spread)) / count, "sharpness": sharpness}


def calibrate(samples: Sequence[Sample]) -> HealthLimits | None:
    """Limits from the whole frames among `samples`, at most 500 of them, evenly chosen; None where fewer than 20."""
    frames: dict[Path, Sample] = {}
    for sample in samples:
        if sample.window is None:
            frames.setdefault(sample.image, sample)
    if len(frames) < FEWEST_FRAMES:
        return None
    chosen = list(frames.values())
    rows = np.unique(np.linspace(0, len(chosen) - 1, min(_MOST_FRAMES, len(chosen))).astype(int))
    seen = [measure(decoded(chosen[i].image, "grey", place(chosen[i]))) for i in rows]
    return HealthLimits(**{name: _widened(name, [one[name] for one in seen]) for name in _HIGHEST})


def _widened(name: str, values: Sequence[float]) -> Range:
    low, high = min(values), max(values)
    margin = max((high - low) / 2, _LEAST_MARGIN.get(name, _LEAST_SHARPNESS_SHARE * low))
    return Range(_rounded(max(low - margin, low / 4)), _rounded(min(high + margin, _HIGHEST[name])))


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
