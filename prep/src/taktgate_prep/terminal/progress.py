"""What the user sees while training: one line that moves on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TextIO

_REDRAW_SECONDS = 0.2


class Progress:
    """Prints to `stream`; not thread-safe. Nothing once the terminal or pipe is gone."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._live = self._stream.isatty()
        self._gone = False
        self._width = 0
        self._drawn = 0.0

    def line(self, text: str) -> None:
        """A line that stays."""
        clear = "\r" + " " * self._width + "\r" if self._width else ""
        self._width = 0
        self._write(f"{clear}{text}\n")

    def status(self, text: str) -> None:
        """A line that the next one replaces; nothing where there is no terminal."""
        now = time.monotonic()
        if not self._live or now - self._drawn < _REDRAW_SECONDS:
            return
        self._drawn = now
        self._write("\r" + text.ljust(self._width))
        self._width = len(text)

    def _write(self, text: str) -> None:
        if self._gone:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # a pipe without a reader, a closed file
            self._gone = True


class Rate:
    """Speed and time left of a job of `total` items."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._start = time.monotonic()

    def text(self, done: int) -> str:
        seconds = max(1e-6, time.monotonic() - self._start)
        rate = done / seconds
        return f"{rate:,.0f}/s, {minutes((self._total - done) / max(rate, 1e-6))} left"


def minutes(seconds: float) -> str:
    """Seconds as m:ss."""
    whole = round(min(seconds, 359_999.0))
    return f"{whole // 60}:{whole % 60:02d}"


def bar(share: float, width: int = 20) -> str:
    """A bar of `width` characters, filled by `share` of 0 to 1."""
    full = int(min(1.0, max(0.0, share)) * width)
    return "[" + "#" * full + "." * (width - full) + "]"
