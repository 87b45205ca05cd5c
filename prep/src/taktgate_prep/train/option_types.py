"""Types of the options of `train`: each reads a text or says what was expected."""

from __future__ import annotations

import argparse


def size(text: str) -> tuple[int, int]:
    """N or WxH, 32 to 320 each."""
    parts = text.lower().split("x")
    if len(parts) > 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise argparse.ArgumentTypeError(f"expected N or WxH, got {text!r}")
    width, height = int(parts[0]), int(parts[-1])
    if not (32 <= width <= 320 and 32 <= height <= 320):
        raise argparse.ArgumentTypeError(f"expected 32 to 320 pixels, got {text}")
    return width, height


def _whole(text: str, low: int, high: int) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}") from None
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"expected {low} to {high}, got {value}")
    return value


def positive(text: str) -> int:
    """1 and more."""
    return _whole(text, 1, 100_000)


def batch(text: str) -> int:
    """4 to 4096."""
    return _whole(text, 4, 4096)


def seed(text: str) -> int:
    """0 to 2^31 - 1."""
    return _whole(text, 0, 2**31 - 1)


def _real(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, got {text!r}") from None


def above_zero(text: str) -> float:
    """A finite number above 0."""
    value = _real(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text}")
    return value


def share(text: str) -> float:
    """Above 0 and below 1."""
    value = _real(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"expected a share between 0 and 1, got {text}")
    return value
