"""The NumPy reference where the library is not built: the same bytes, slowly."""

from __future__ import annotations

from taktgate_prep.compile.network import Codes
from taktgate_prep.compile.reader import from_bytes
from taktgate_prep.compile.reference import Reference
from taktgate_prep.engine.answers import Answers, check_pixels, joined

_AT_ONCE = 16  # windows: all maps of a network are held


class PlainEngine:
    """A compiled network, computed in NumPy. Threads: one."""

    words = "the NumPy reference of the INT8 engine, slow (setup/engine.sh builds the engine)"

    def __init__(self, network: bytes, where: str) -> None:
        self._network, self._where = from_bytes(network, where), where
        self._reference = Reference(self._network)

    def run(self, pixels: Codes) -> Answers:
        """pixels: [windows, height, width, channels] of any number."""
        size = self._network.input
        check_pixels(pixels, (size.height, size.width, size.channels), self._where)
        begins = range(0, max(1, len(pixels)), _AT_ONCE)
        return joined([self._run(pixels[begin : begin + _AT_ONCE]) for begin in begins])

    def _run(self, pixels: Codes) -> Answers:
        logits = self._reference.run(pixels)
        return Answers(logits, tuple(self._reference.codes[one.tensor] for one in self._network.extra_outputs))
