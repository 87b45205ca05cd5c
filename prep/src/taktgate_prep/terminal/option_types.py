"""Types of the options of all commands: each reads a text, or says what was expected."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number from low to high."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"expected {low} to {high}, got {value}")
        return value

    return read


def number(low: float, high: float) -> Callable[[str], float]:
    """A number from low to high, both included."""

    def read(text: str) -> float:
        value = _real(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"expected {low:g} to {high:g}, got {text}")
        return value

    return read


positive = whole(1, 100_000)
seed = whole(0, 2**31 - 1)
share = number(0, 1)


def inner_share(text: str) -> float:
    """A share that is neither nothing nor all: above 0 and below 1."""
    value = _real(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"expected more than 0 and less than 1, got {text}")
    return value


def above_zero(text: str) -> float:
    """A finite number above 0."""
    value = _real(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text}")
    return value


def cost(text: str) -> tuple[float, float]:
    """MISS:REJECT, two numbers above 0."""
    try:
        miss, reject = (float(price) for price in text.split(":"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected MISS:REJECT as 50:1, got {text!r}") from None
    if not (0 < miss < 1e9 and 0 < reject < 1e9):
        raise argparse.ArgumentTypeError(f"expected two numbers above 0, got {text}")
    return miss, reject


def size(text: str) -> tuple[int, int]:
    """N or WxH, 32 to 320 pixels each."""
    parts = text.lower().split("x")
    if len(parts) > 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise argparse.ArgumentTypeError(f"expected N or WxH, got {text!r}")
    width, height = int(parts[0]), int(parts[-1])
    if not (32 <= width <= 320 and 32 <= height <= 320):
        raise argparse.ArgumentTypeError(f"expected 32 to 320 pixels, got {text}")
    return width, height


def _real(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, got {text!r}") from None
