"""The float model in the form that is quantised: batch norm folded, hard-swish written out, every node named."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from taktgate_prep.errors import InputError
from taktgate_prep.model.foreign.fold import fold
from taktgate_prep.model.foreign.kind import quantised_by
from taktgate_prep.model.foreign.walk import drop_unused
from taktgate_prep.model.model_file import Model
from taktgate_prep.quantise.integer_forms import use_integer_forms
from taktgate_prep.quantise.shapes import float_shapes

HEAVY = ("Conv", "Gemm", "MatMul")
# Graphs of these alone stay as they are; in others there may be something to fold.
_PLAIN = {
    *HEAVY,
    "Add",
    "Mul",
    "Relu",
    "Clip",
    "LeakyRelu",
    "Sigmoid",
    "HardSigmoid",
    "HardSwish",
    "AveragePool",
    "GlobalAveragePool",
    "MaxPool",
    "Concat",
    "Flatten",
}
_SATURATING = {*HEAVY, "Add", "Mul", "AveragePool", "GlobalAveragePool"}  # an integer form that ends in a clamp


@dataclass(frozen=True)
class Gate:
    """clip(alpha * x + beta, 0, 1), as HardSigmoid has it."""

    alpha: float
    beta: float


class FloatGraph:
    """A prepared model and what its nodes say about each other; read only."""

    def __init__(self, proto: onnx.ModelProto, path: str, hard_swish: int) -> None:
        self.proto, self.path, self.hard_swish = proto, path, hard_swish
        self.weights: dict[str, npt.NDArray[Any]] = {
            tensor.name: numpy_helper.to_array(tensor) for tensor in proto.graph.initializer
        }
        self.maker = {name: node for node in proto.graph.node for name in node.output}
        self.users: dict[str, list[Any]] = {}
        for node in proto.graph.node:
            for name in node.input:
                self.users.setdefault(name, []).append(node)
        self.input_name: str = next(value.name for value in proto.graph.input if value.name not in self.weights)
        self.logits_name: str = proto.graph.output[0].name
        self.shapes = float_shapes(proto, path)
        self.clamped = {node.input[0]: node.output[0] for node in proto.graph.node if self._clamps(node)}

    @property
    def heavy(self) -> list[Any]:
        """The nodes that hold nearly all the work and all the weights, in order."""
        return [node for node in self.proto.graph.node if self.is_heavy(node)]

    def is_heavy(self, node: Any) -> bool:
        """Conv, Gemm or MatMul with constant weights, and a constant bias if any."""
        return node.op_type in HEAVY and all(name in self.weights for name in node.input[1:] if name)

    def activations(self) -> list[str]:
        """The float tensors that are quantised: every one but what a ReLU behind it clamps, and logits of a Gemm, which
        ONNX Runtime's QGemm gives as floats."""
        return [name for name in self.shapes if name not in self.clamped and not self.is_float_output(name)]

    def is_float_output(self, name: str) -> bool:
        """Whether the tensor is the logits, straight from a Gemm."""
        return bool(name == self.logits_name and self.maker[name].op_type == "Gemm" and name not in self.users)

    def result_of(self, node: Any) -> str:
        """The tensor that is quantised behind a node: its own, or that of the ReLU that follows."""
        return str(self.clamped.get(node.output[0], node.output[0]))

    def useful_range(self, name: str) -> tuple[float, float]:
        """Outside of it a tensor may be clipped and nothing changes: a gate is 0 to 1; what a gate alone reads matters
        where the gate rises; what a hard-swish reads matters from where its gate opens."""
        maker, users = self.maker.get(name), self.users.get(name, [])
        if maker is not None and maker.op_type == "HardSigmoid":
            return 0.0, 1.0
        gates = [user for user in users if user.op_type == "HardSigmoid"]
        products = [
            user for user in users if user.op_type == "Mul" and any(gate.output[0] in user.input for gate in gates)
        ]
        if not gates or len(gates) + len(products) < len(users):
            return -math.inf, math.inf
        ends = [
            (-gate.beta / gate.alpha, math.inf if products else (1 - gate.beta) / gate.alpha)
            for gate in map(gate_of, gates)
            if gate.alpha > 0
        ]
        return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else (-math.inf, math.inf)

    def _clamps(self, node: Any) -> bool:
        """A ReLU, or Clip from 0 up, that saturation to uint8 does on the way: it alone uses what an integer operator
        makes."""
        if node.op_type == "Clip":
            low = self.weights.get(node.input[1]) if len(node.input) > 1 else None
            if low is None or float(low) != 0:
                return False
        elif node.op_type != "Relu":
            return False
        before = self.maker.get(node.input[0])
        return (
            before is not None
            and before.op_type in _SATURATING
            and len(self.users[node.input[0]]) == 1
            and node.input[0] != self.logits_name
        )


def prepare(model: Model) -> FloatGraph:
    """Refuses a model that is quantised already; the given one stays as it is."""
    if model.quantised:
        raise InputError(
            f"{model.path}: expected a float model, got {quantised_by(model.proto)}: give the model that "
            "it was made from, or go on with this one: thresholds, evaluate and pack take it"
        )
    source = onnx.ModelProto()
    source.CopyFrom(model.proto)
    if any(node.op_type not in _PLAIN for node in source.graph.node):
        source = fold(source, str(model.path))
    inner = next((node for node in source.graph.node if any(one.HasField("g") for one in node.attribute)), None)
    if inner is not None:
        raise InputError(
            f"{model.path}: expected a graph without branches or loops, got {inner.op_type} "
            f"({inner.name or inner.output[0]!r}): export it for a fixed size and batch 1"
        )
    if use_integer_forms(source, float_shapes(source, str(model.path))):
        drop_unused(source)
    split = split_hard_swish(source)
    name_nodes(source)
    return FloatGraph(source, str(model.path), split)


def gate_of(node: Any) -> Gate:
    """The numbers of a HardSigmoid node."""
    given = {attribute.name: attribute.f for attribute in node.attribute}
    return Gate(given.get("alpha", 0.2), given.get("beta", 0.5))


def split_hard_swish(model: onnx.ModelProto) -> int:
    """HardSwish(x) -> x * HardSigmoid(x, 1/6, 1/2), so that the product can be quantised; returns how many."""
    nodes: list[Any] = []
    count = 0
    for node in model.graph.node:
        if not _is(node, "HardSwish"):
            nodes.append(node)
            continue
        count += 1
        gate, name = f"{node.output[0]}/gate", node.name or node.output[0]
        nodes.append(
            helper.make_node("HardSigmoid", [node.input[0]], [gate], name=f"{name}/gate", alpha=1.0 / 6.0, beta=0.5)
        )
        nodes.append(helper.make_node("Mul", [node.input[0], gate], [node.output[0]], name=f"{name}/mul"))
    if count:
        del model.graph.node[:]
        model.graph.node.extend(nodes)
    return count


def name_nodes(model: onnx.ModelProto) -> None:
    """Every node gets a name of its own, so that messages can say which one is meant."""
    seen: set[str] = set()
    for node in model.graph.node:
        name = node.name or f"{node.op_type} -> {node.output[0]}"
        while name in seen:
            name += "'"
        node.name = name
        seen.add(name)


def _is(node: Any, kind: str) -> bool:
    return bool(node.op_type == kind and node.domain in ("", "ai.onnx"))
