"""What a tensor of the graph is to the compiler."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from taktgate_prep.compile.network import Codes, Floats, Kind, Window

PIXELS = -1  # the root of what depends on the image itself


@dataclass(frozen=True)
class Steps:
    """A code q stands for (q - zero_point) * scale."""

    scale: np.float32
    zero_point: int


@dataclass(frozen=True, eq=False)
class Constant:
    """Known before anything runs; codes: the whole numbers and their steps, where it was stored so."""

    value: npt.NDArray[Any]
    codes: Stored | None = None


@dataclass(frozen=True, eq=False)
class Stored:
    """The whole numbers behind a DequantizeLinear; scale: one, or one for each index of `axis`."""

    numbers: npt.NDArray[Any]
    scale: Floats
    zero_point: npt.NDArray[Any]
    axis: int


@dataclass(frozen=True, eq=False)
class Coded:
    """Codes that depend on one tensor of the network, `root`, code by code; table: [256], of pixels [channels, 256]."""

    root: int
    table: Codes
    steps: Steps


@dataclass(frozen=True, eq=False)
class Curve:
    """Floats that depend on one tensor, code by code: `values` as the table of `Coded`. codes: what was dequantised, if
    nothing else was done to it; factors: what was dequantised and multiplied, if nothing else was done to them."""

    root: int
    values: Floats
    codes: Coded | None = None
    factors: tuple[Coded, Coded] | None = None


@dataclass(frozen=True, eq=False)
class Padded:
    """Codes, or floats, with zeros around them, which only a convolution takes; pads: top, left, bottom, right."""

    inner: Coded | Curve
    pads: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Layer:
    """What an operation of the network gives before its QuantizeLinear; inputs: the codes that it reads, scale: of each
    sum (one, or one for each channel), or of each input of an `add`; low, high: where a ReLU or Clip has cut it."""

    kind: Kind
    inputs: Sequence[Coded]
    size: tuple[int, int, int]  # height, width, channels
    scale: Floats
    window: Window | None = None
    weights: npt.NDArray[np.int8] | None = None
    biases: npt.NDArray[np.int32] | None = None
    low: float = -math.inf
    high: float = math.inf

    @property
    def is_cut(self) -> bool:
        """Whether a ReLU or Clip has cut it."""
        return math.isfinite(self.low) or math.isfinite(self.high)


@dataclass(frozen=True)
class Logits:
    """The floats that are the model's first output."""


@dataclass(frozen=True)
class Winner:
    """Which logit is the largest."""


Value = Constant | Coded | Curve | Padded | Layer | Logits | Winner


def named(value: Value) -> str:
    """For messages."""
    if isinstance(value, Constant):
        return "a constant"
    if isinstance(value, Coded):
        return "codes"
    if isinstance(value, Curve):
        return "dequantised codes" if value.codes is not None else "floats that no QuantizeLinear follows"
    if isinstance(value, Padded):
        return f"{named(value.inner)} with zeros around them, which only a Conv takes"
    if isinstance(value, Layer):
        behind = "with a Relu or Clip behind it" if value.is_cut else "without a QuantizeLinear behind it"
        return f"the float result of a {value.kind.name.lower()} {behind}"
    return "the logits" if isinstance(value, Logits) else "the largest logit's place"
