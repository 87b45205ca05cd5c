"""Writing a float graph as QDQ: every activation behind QuantizeLinear and DequantizeLinear, weights as int8."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from taktgate_prep.quantise.float_graph import FloatGraph, Gate, gate_of
from taktgate_prep.quantise.plan import (
    LARGEST_WEIGHT,
    SMALLEST_STEP,
    Floats,
    Plan,
    Steps,
    activation_steps,
    weight_steps,
    wide_enough,
)

# Their output has the steps of their input.
_SAME_VALUES = {
    "Flatten",
    "Reshape",
    "Squeeze",
    "Unsqueeze",
    "Transpose",
    "MaxPool",
    "Slice",
    "Split",
    "Gather",
    "Expand",
    "Tile",
    "DepthToSpace",
    "SpaceToDepth",
    "Identity",
}

_MEAN_FRACTIONS = 128  # parts of what a mean can differ by


def quantised_name(tensor: str) -> str:
    """The uint8 side of an activation."""
    return f"{tensor}_QuantizeLinear_Output"


def dequantised_name(tensor: str) -> str:
    """The float side that the operators behind it read."""
    return f"{tensor}_DequantizeLinear_Output"


def foldable_gates(graph: FloatGraph, left_float: frozenset[str] = frozenset()) -> dict[str, Gate]:
    """Tensors that a Conv or Gemm makes for a HardSigmoid alone, and what that computes: it fits into the weights."""
    found = {}
    for node in graph.proto.graph.node:
        name = node.input[0] if node.op_type == "HardSigmoid" else ""
        before = graph.maker.get(name)
        if (
            before is not None
            and before.op_type in ("Conv", "Gemm")
            and graph.is_heavy(before)
            and not {before.name, node.name} & left_float
            and len(graph.users[name]) == 1
            and gate_of(node).alpha > 0
        ):
            found[name] = gate_of(node)
    return found


def write(graph: FloatGraph, plan: Plan) -> onnx.ModelProto:
    """The QDQ model; node names and, with a suffix, tensor names are those of the float graph."""
    return _Writer(graph, plan).model()


class _Writer:
    def __init__(self, graph: FloatGraph, plan: Plan) -> None:
        self._graph, self._plan = graph, plan
        self._nodes: list[Any] = []
        self._weights: list[onnx.TensorProto] = []
        self._made: set[str] = set()
        self._steps: dict[str, Steps] = {}
        self._quantised = {name for name in graph.activations() if not self._between_floats(name)}
        self._folded = foldable_gates(graph, plan.left_float) if plan.integer_gates else {}

    def model(self) -> onnx.ModelProto:
        graph = self._graph
        if graph.input_name in self._quantised:
            self._quantise(graph.input_name)
        for node in graph.proto.graph.node:
            self._write(node)
        source = graph.proto
        fed = [value for value in source.graph.input if value.name == graph.input_name]
        body = helper.make_graph(self._nodes, source.graph.name, fed, [source.graph.output[0]], self._weights)
        opset = max(entry.version for entry in source.opset_import if entry.domain in ("", "ai.onnx"))
        return helper.make_model(
            body, opset_imports=[helper.make_opsetid("", opset)], ir_version=max(source.ir_version, 8)
        )

    def _write(self, node: Any) -> None:
        first = node.input[0] if node.input else ""
        if not self._is_float(node) and (first in self._graph.clamped or (first in self._folded)):
            return  # saturation does it; a folded gate is in the weights of the node before
        gate = self._folded.get(node.output[0])
        if gate is not None:
            output = self._graph.users[node.output[0]][0].output[0]
        else:
            output = node.output[0] if self._is_float(node) else self._graph.result_of(node)
        if node.op_type == "HardSigmoid" and self._plan.integer_gates and not self._is_float(node):
            written = helper.make_node("Add", self._viewed(node), [output], name=node.name)
        else:
            written = onnx.NodeProto()
            written.CopyFrom(node)
            inputs = self._inputs(node, gate)
            del written.input[:]
            written.input.extend(inputs)
            written.output[0] = output
        self._nodes.append(written)
        for made in (output, *node.output[1:]):
            if made in self._quantised:
                self._quantise(made, first if node.op_type in _SAME_VALUES else "", self._finest(node))

    def _finest(self, node: Any) -> float:
        """The finest step of what a node gives. Means of uint8 values differ by a step of theirs over their number, so
        a finer one says nothing, and ONNX Runtime refuses one 256 times as fine."""
        given = self._steps.get(node.input[0]) if node.op_type == "GlobalAveragePool" else None
        if given is None:
            return SMALLEST_STEP
        return given.scale / (math.prod(self._graph.shapes[node.input[0]][2:]) * _MEAN_FRACTIONS)

    def _is_float(self, node: Any) -> bool:
        before = node.input[0] if node.input else ""
        if before in self._graph.clamped:  # a ReLU that goes with the node before it
            node = self._graph.maker[before]
        return node.name in self._plan.left_float

    def _between_floats(self, tensor: str) -> bool:
        maker = self._graph.maker.get(tensor)
        users = self._graph.users.get(tensor, [])
        return (
            (maker is None or self._is_float(maker))
            and all(self._is_float(user) for user in users)
            and bool(self._plan.left_float)
        )

    def _inputs(self, node: Any, gate: Gate | None) -> list[str]:
        if self._graph.is_heavy(node) and not self._is_float(node):
            return self._heavy_inputs(node, gate or Gate(1, 0))
        return [self._operand(name, node) for name in node.input]

    def _operand(self, name: str, node: Any) -> str:
        """An input of a node as it reads it: an activation, dequantised or raw, or a constant, perhaps with steps."""
        value = self._graph.weights.get(name)
        if value is not None:
            stepped = node.op_type in ("Add", "Mul", "Sub", "Div", "Concat") and value.dtype == np.float32
            return self._constant(name, value) if stepped and not self._is_float(node) else self._weight(name, value)
        maker = self._graph.maker.get(name)
        raw = self._is_float(node) and (maker is None or self._is_float(maker))
        return dequantised_name(name) if name in self._quantised and not raw else name

    def _heavy_inputs(self, node: Any, gate: Gate) -> list[str]:
        """Input, int8 weights and int32 bias; the bias has input scale * weight scale."""
        source = {**self._graph.weights, **self._plan.refitted}
        given = self._steps[node.input[0]]
        weights = source[node.input[1]].astype(np.float32)
        axis = _output_axis(node, weights)
        biased = len(node.input) > 2 and bool(node.input[2])
        bias = source[node.input[2]].astype(np.float64).ravel() if biased else np.zeros(weights.shape[axis])
        bias = bias + self._plan.bias_shifts.get(node.name, 0.0)
        bits = self._weight_bits(node)
        steps = wide_enough(weight_steps(weights, axis, bits), bias, given.scale)
        shape = [1] * weights.ndim
        shape[axis] = -1
        largest = LARGEST_WEIGHT[bits]
        values = np.clip(np.rint(weights.astype(np.float64) / steps.reshape(shape)), -largest, largest).astype(np.int8)
        steps, bias = gate.alpha * steps, gate.alpha * bias + gate.beta  # the integers stay those of the float form
        inputs = [dequantised_name(node.input[0]), self._dequantised(f"{node.name}/weights", values, steps, axis)]
        if node.op_type != "MatMul" and (biased or node.name in self._plan.bias_shifts or gate.beta):
            product = (np.float32(given.scale) * steps.astype(np.float32)).astype(np.float32)
            whole = np.rint(bias / product.astype(np.float64)).astype(np.int32)
            inputs.append(self._dequantised(f"{node.name}/bias", whole, product, 0))
        return inputs

    def _weight_bits(self, node: Any) -> int:
        """6 instead of 7 for a fully connected layer before the last: of MobileNetV3-Small it holds 39 % of the
        weights, and so coarse ones change its result by very little."""
        hidden = node.op_type in ("Gemm", "MatMul") and node.output[0] != self._graph.logits_name
        return 6 if hidden and self._plan.weight_bits == 7 else self._plan.weight_bits

    def _viewed(self, node: Any) -> list[str]:
        """The same uint8 tensor read as alpha * x, and the constant beta: an Add that saturates is the gate."""
        gate, given = gate_of(node), self._steps[node.input[0]]
        view = f"{node.name}/view"
        scale = self._weight(f"{view}_scale", np.array(np.float32(given.scale * gate.alpha)))
        zero_point = self._weight(f"{view}_zero_point", np.array(given.zero_point, np.uint8))
        self._nodes.append(
            helper.make_node("DequantizeLinear", [quantised_name(node.input[0]), scale, zero_point], [view], name=view)
        )
        return [view, self._constant(f"{node.name}/half", np.array(gate.beta, np.float32))]

    def _quantise(self, tensor: str, like: str = "", finest: float = SMALLEST_STEP) -> None:
        """QuantizeLinear and DequantizeLinear behind a tensor, with the steps of the tensor `like` if that has any."""
        steps = self._steps[like] if like in self._steps else activation_steps(*self._plan.ranges[tensor], finest)
        self._steps[tensor] = steps
        numbers = self._numbers(tensor, steps)
        value, dequantised = tensor, dequantised_name(tensor)
        if tensor == self._graph.logits_name:
            value, dequantised = f"{tensor}/float", tensor
            self._nodes[-1].output[0] = value
        self._nodes.append(
            helper.make_node(
                "QuantizeLinear", [value, *numbers], [quantised_name(tensor)], name=f"{tensor}_QuantizeLinear"
            )
        )
        self._nodes.append(
            helper.make_node(
                "DequantizeLinear", [quantised_name(tensor), *numbers], [dequantised], name=f"{tensor}_DequantizeLinear"
            )
        )

    def _numbers(self, tensor: str, steps: Steps) -> list[str]:
        return [
            self._weight(f"{tensor}_scale", np.array(steps.scale, np.float32)),
            self._weight(f"{tensor}_zero_point", np.array(steps.zero_point, np.uint8)),
        ]

    def _constant(self, name: str, value: npt.NDArray[np.float32]) -> str:
        """A constant operand as uint8."""
        steps = activation_steps(float(value.min()), float(value.max()))
        if dequantised_name(name) not in self._made:
            self._made.add(dequantised_name(name))
            whole = np.clip(np.rint(value.astype(np.float64) / steps.scale) + steps.zero_point, 0, 255)
            self._weight(f"{name}_quantised", whole.astype(np.uint8))
            self._nodes.append(
                helper.make_node(
                    "DequantizeLinear",
                    [f"{name}_quantised", *self._numbers(name, steps)],
                    [dequantised_name(name)],
                    name=f"{name}_DequantizeLinear",
                )
            )
        return dequantised_name(name)

    def _dequantised(
        self, name: str, values: npt.NDArray[Any], steps: Floats | npt.NDArray[np.float32], axis: int
    ) -> str:
        """A constant of int8 or int32 with its steps along `axis`. Zero points are 0; without that of int8 weights ONNX
        Runtime leaves a Gemm in float."""
        inputs = [
            self._weight(f"{name}_quantised", values),
            self._weight(f"{name}_scale", np.asarray(steps, np.float32)),
        ]
        if values.dtype == np.int8:
            inputs.append(self._weight(f"{name}_zero_point", np.zeros(np.shape(steps), np.int8)))
        self._nodes.append(helper.make_node("DequantizeLinear", inputs, [name], name=name, axis=axis))
        return name

    def _weight(self, name: str, value: npt.NDArray[Any]) -> str:
        if name not in self._made:
            self._made.add(name)
            self._weights.append(numpy_helper.from_array(np.ascontiguousarray(value).reshape(value.shape), name))
        return name


def _output_axis(node: Any, weights: npt.NDArray[np.float32]) -> int:
    """The axis of the weights that runs over output channels."""
    if node.op_type == "Conv":
        return 0
    transposed = any(attribute.name == "transB" and attribute.i for attribute in node.attribute)
    return 0 if transposed else weights.ndim - 1
