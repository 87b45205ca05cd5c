"""What a node reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from taktgate_prep.compile.constants import attributes, tensor_shapes
from taktgate_prep.compile.refusal import UnfitError
from taktgate_prep.compile.values import Constant, Steps, Value, named

_OF_INT8 = 128  # an int8 code, and its zero point, plus this is the uint8 code


class Inputs:
    """The values of all tensors so far, and their shapes; raises UnfitError where a node reads something else."""

    def __init__(self, proto: onnx.ModelProto) -> None:
        self._shapes, self._types = tensor_shapes(proto)
        self.values: dict[str, Value] = {
            tensor.name: Constant(numpy_helper.to_array(tensor)) for tensor in proto.graph.initializer
        }

    def of(self, node: Any, k: int) -> Value:
        """Input k, which is there."""
        return self.values[node.input[k]]

    def optional(self, node: Any, k: int) -> Value | None:
        """None: it is left out."""
        return self.of(node, k) if len(node.input) > k and node.input[k] else None

    def numbers(self, node: Any, k: int) -> npt.NDArray[Any] | None:
        """A constant; None where it is left out."""
        value = self.optional(node, k)
        if value is None:
            return None
        if not isinstance(value, Constant):
            raise UnfitError(f"a constant as input {k}", named(value))
        return value.value

    def shape(self, name: str) -> tuple[int, ...]:
        """Of a tensor of the graph."""
        if name not in self._shapes:
            raise UnfitError("fixed shapes", f"no shape of {name!r}")
        return self._shapes[name]

    def steps(self, node: Any) -> Steps:
        """One scale and zero point, as of uint8; a zero point that is left out is zero."""
        scale, zero_point = self.numbers(node, 1), self.numbers(node, 2)
        if zero_point is None:
            zero_point = np.zeros(1, self._code_type(node))
        if scale is None or scale.size != 1 or zero_point.size != 1:
            raise UnfitError("one scale and zero point for all channels", "several")
        if zero_point.dtype not in (np.uint8, np.int8):
            raise UnfitError("codes of uint8 or int8", f"{zero_point.dtype}")
        if scale.dtype != np.float32 or not np.isfinite(scale).all() or scale.item() <= 0:
            raise UnfitError("a float32 scale above 0", f"{scale.item():g} ({scale.dtype})")
        shift = _OF_INT8 if zero_point.dtype == np.int8 else 0
        return Steps(np.float32(scale.item()), int(zero_point.item()) + shift)

    def _code_type(self, node: Any) -> np.dtype[Any]:
        """Of the codes that a node makes or reads."""
        codes = node.output[0] if node.op_type == "QuantizeLinear" else node.input[0]
        return np.dtype(onnx.helper.tensor_dtype_to_np_dtype(self._types.get(codes) or onnx.TensorProto.UINT8))

    def stored_steps(self, node: Any) -> tuple[npt.NDArray[Any], npt.NDArray[Any] | None, int]:
        """Scale, zero point and axis of a constant."""
        scale = self.numbers(node, 1)
        if scale is None:
            raise UnfitError("a scale", "none")
        return scale, self.numbers(node, 2), int(attributes(node).get("axis", 1))
