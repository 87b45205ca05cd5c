"""What an operator reads, as the layers of the network take it."""

from __future__ import annotations

from typing import Any

from taktgate_prep.compile.builder import Builder
from taktgate_prep.compile.inputs import Inputs
from taktgate_prep.compile.layers import Operand, Size
from taktgate_prep.compile.refusal import UnfitError
from taktgate_prep.compile.values import PIXELS, Coded, Curve, Value, named

_NO_PADS = (0, 0, 0, 0)


class Operands:
    """Raises UnfitError where a node reads something else."""

    def __init__(self, inputs: Inputs, builder: Builder, pixels: Size) -> None:
        self._inputs, self._builder, self._pixels = inputs, builder, pixels

    def first(self, node: Any, places: bool) -> Operand:
        """What a node reads first."""
        return self.of(self._inputs.of(node, 0), self._inputs.shape(node.input[0]), places)

    def of(self, value: Value, shape: tuple[int, ...], places: bool, pads: tuple[int, ...] = _NO_PADS) -> Operand:
        """Dequantised codes as [1, channels, height, width] or as [1, channels]."""
        if not isinstance(value, Curve):
            raise UnfitError("dequantised codes", named(value))
        codes, size = self.coded(value), self.size(value.root)
        sides = (size[0] + pads[0] + pads[2], size[1] + pads[1] + pads[3])
        wanted = (1, size[2], *sides) if places else (1, size[2])
        if shape != wanted:
            raise UnfitError(f"an input of shape {list(wanted)}", f"shape {list(shape)}")
        return Operand(codes, size, shape, pads)

    def coded(self, curve: Curve) -> Coded:
        """The codes that were dequantised."""
        if curve.root == PIXELS:
            raise UnfitError("a QuantizeLinear of the input first", "floats of the pixels")
        if curve.codes is None:
            raise UnfitError("dequantised codes", named(curve))
        return curve.codes

    def size(self, root: int) -> Size:
        """Height, width and channels."""
        return self._pixels if root == PIXELS else self._builder.size(root)
