"""The network while it is put together: tensors, and the operations that make them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from taktgate_prep.compile.elementwise import quantised
from taktgate_prep.compile.layers import Size, multipliers
from taktgate_prep.compile.limits import check
from taktgate_prep.compile.network import CODES, Codes, ExtraOutput, Floats, Kind, Network, Operation, Tensor
from taktgate_prep.compile.refusal import UnfitError
from taktgate_prep.compile.values import Coded, Layer, Steps

_ALL = np.arange(CODES, dtype=np.uint8)


class Builder:
    """What is added raises UnfitError where the file's limits are in the way."""

    def __init__(self) -> None:
        self.tensors: list[Tensor] = []
        self._operations: list[Operation] = []
        self._tables: dict[tuple[int, bytes, int], int] = {}
        self._input: Codes | None = None

    def network(self, extra_outputs: Sequence[ExtraOutput]) -> Network:
        """Tables still stand by themselves."""
        return Network(self.tensors, self._operations, extra_outputs)

    def size(self, root: int) -> Size:
        """Height, width and channels of a tensor."""
        tensor = self.tensors[root]
        return tensor.height, tensor.width, tensor.channels

    def input(self, table: Codes, size: Size, steps: Steps) -> Coded:
        """Codes of the pixels; table: [channels, 256]."""
        if self._input is None:
            self._input = table
            self._add(Operation(Kind.INPUT, self._tensor(size, steps), table=table))
        if not np.array_equal(self._input, table) or self.tensors[0].zero_point != steps.zero_point:
            raise UnfitError("one QuantizeLinear of the input", "another one with other steps")
        return Coded(0, _ALL, steps)

    def layer(self, layer: Layer, steps: Steps) -> Coded:
        """A layer and its QuantizeLinear; a ReLU or Clip between them is a table on the codes: quantising keeps the
        order of numbers."""
        inputs = [self.tensor_of(coded) for coded in layer.inputs]
        height, width, _ = self.size(inputs[0])
        result = self._tensor(layer.size, steps)
        self._add(self._operation(layer, layer.kind, inputs, result, multipliers(layer, height * width, steps)))
        low, high = quantised(np.array([layer.low, layer.high], np.float32), steps)
        return Coded(result, np.clip(_ALL, low, high), steps)

    def logits(self, layer: Layer) -> None:
        """A fully connected layer whose floats are the logits."""
        if layer.kind != Kind.CONV or layer.window is None or layer.window.kernel != (1, 1) or layer.size[:2] != (1, 1):
            raise UnfitError(
                "logits of a fully connected layer, or of a DequantizeLinear",
                f"the float result of a {layer.kind.name.lower()}",
            )
        if layer.is_cut:
            raise UnfitError("logits as the last layer gives them", "a Relu or Clip behind it")
        inputs = [self.tensor_of(coded) for coded in layer.inputs]
        if not self.tensors[inputs[0]].is_vector:
            raise UnfitError("a vector before the logits", "a map")
        result = self._tensor(layer.size, Steps(np.float32(1), 0))
        self._add(self._operation(layer, Kind.LOGITS, inputs, result, layer.scale))

    def scores(self, coded: Coded) -> None:
        """A vector of codes whose numbers are the logits."""
        first = self.tensor_of(coded)
        result = self._tensor(self.size(first), Steps(np.float32(1), 0))
        multiplier = np.array([coded.steps.scale], np.float32)
        self._add(Operation(Kind.SCORES, result, first, multipliers=multiplier))

    def select(self, coded: Coded) -> Coded:
        """Of a map the channel whose logit is the largest."""
        first = self.tensor_of(coded)
        height, width, _ = self.size(first)
        result = self._tensor((height, width, 1), coded.steps)
        self._add(Operation(Kind.SELECT, result, first))
        return Coded(result, _ALL, coded.steps)

    def tensor_of(self, coded: Coded) -> int:
        """The tensor that holds these codes, with this zero point."""
        root = self.tensors[coded.root]
        if np.array_equal(coded.table, _ALL) and coded.steps.zero_point == root.zero_point:
            return coded.root
        key = (coded.root, coded.table.tobytes(), coded.steps.zero_point)
        if key not in self._tables:
            self._tables[key] = self._tensor(self.size(coded.root), coded.steps)
            self._add(Operation(Kind.TABLE, self._tables[key], coded.root, table=coded.table))
        return self._tables[key]

    def _operation(self, layer: Layer, kind: Kind, inputs: list[int], result: int, numbers: Floats) -> Operation:
        second = inputs[1] if len(inputs) > 1 else -1
        zero_point = 0 if kind == Kind.LOGITS else self.tensors[result].zero_point
        operation = Operation(kind, result, inputs[0], second, zero_point, multipliers=numbers.astype(np.float32))
        if layer.weights is None or layer.biases is None:
            return operation
        window = None if kind == Kind.LOGITS else layer.window
        return replace(operation, window=window, weights=layer.weights, biases=layer.biases)

    def _tensor(self, size: Size, steps: Steps) -> int:
        self.tensors.append(Tensor(*size, steps.zero_point, float(steps.scale)))
        return len(self.tensors) - 1

    def _add(self, operation: Operation) -> None:
        check(operation, self.tensors)
        self._operations.append(operation)
