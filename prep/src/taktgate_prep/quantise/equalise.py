"""Cross-layer equalisation: channels that use little of their tensor's range are made larger, and read smaller.

Tensors between layers form groups in which channel c may be divided by s_c > 0 without changing the function: the
layers that make them divide their weights and biases, those that read them multiply (Nagel et al., Data-Free
Quantization, ICCV 2019). ReLU, pooling, residual sums and products with a gate pass such a factor on; hard-swish does
not, and ends a group's freedom. As s_c serves the root of channel c's share of the largest value that was seen: between
the activations, which then are all alike, and the weights that read them (Xiao et al., SmoothQuant, ICML 2023).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from taktgate_prep.quantise.float_graph import FloatGraph
from taktgate_prep.quantise.observe import watch
from taktgate_prep.quantise.plan import Floats
from taktgate_prep.quantise.windows import Windows, on_all_cores

_SMALLEST = 1 / 32  # that a factor may be
_PASSING = ("Relu", "Add", "GlobalAveragePool", "AveragePool", "MaxPool")
_GATES = ("HardSigmoid", "Sigmoid")


@dataclass
class Group:
    """Tensors that share their factors, the layers that make them and those that read them."""

    tensors: list[str]
    makers: list[Any] = field(default_factory=list)
    readers: list[Any] = field(default_factory=list)


def groups(graph: FloatGraph) -> list[Group]:
    """Every group whose factors are free."""
    leader = {name: name for name in graph.shapes}

    def find(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    fixed = {graph.input_name, graph.logits_name}
    found: dict[str, Group] = {}
    makers, readers = [], []
    for node in graph.proto.graph.node:
        floats = [name for name in (*node.input, *node.output) if name in leader]
        if _scalable(graph, node):
            makers.append((node.output[0], node))
            readers.append((node.input[0], node))
            continue
        linked = _linked(graph, node)
        fixed.update(name for name in floats if name not in linked)
        for name in linked[1:]:
            leader[find(name)] = find(linked[0])
    stuck = {find(name) for name in fixed if name in leader}
    for name in graph.shapes:
        if find(name) not in stuck:
            found.setdefault(find(name), Group([])).tensors.append(name)
    for name, node in makers:
        if find(name) in found:
            found[find(name)].makers.append(node)
    for name, node in readers:
        if find(name) in found:
            found[find(name)].readers.append(node)
    return [group for group in found.values() if group.makers and group.readers and _one_width(graph, group)]


def equalise(graph: FloatGraph, found: list[Group], windows: Windows) -> FloatGraph:
    """The graph with the channels of the groups made alike, judged on the windows; it computes the same function."""
    names = [name for group in found for name in group.tensors]
    run = watch(graph, names)

    def largest(i: int) -> list[Floats]:
        return [
            np.abs(value).reshape(value.shape[1], -1).max(axis=1).astype(np.float64) for value in run(windows.tensor(i))
        ]

    rows = on_all_cores(largest, len(windows))
    seen = {name: np.max([row[k] for row in rows], axis=0) for k, name in enumerate(names)}
    weights: dict[str, npt.NDArray[np.float64]] = {}
    for group in found:
        share = np.max([seen[name] / max(seen[name].max(), 1e-30) for name in group.tensors], axis=0)
        _scale(graph, group, np.clip(np.sqrt(share), _SMALLEST, 1.0), weights)
    proto = onnx.ModelProto()
    proto.CopyFrom(graph.proto)
    for tensor in proto.graph.initializer:
        if tensor.name in weights:
            tensor.CopyFrom(numpy_helper.from_array(weights[tensor.name].astype(np.float32), tensor.name))
    return FloatGraph(proto, graph.path, graph.hard_swish)


def _linked(graph: FloatGraph, node: Any) -> list[str]:
    """The tensors of a node that have one and the same factor."""
    floats = [name for name in (*node.input, *node.output) if name in graph.shapes]
    if node.op_type in _PASSING and not any(name in graph.weights for name in node.input):
        return floats
    if node.op_type == "Flatten" and all(side == 1 for side in graph.shapes.get(node.input[0], (0, 0, 0))[2:]):
        return floats
    if node.op_type == "Mul" and len(floats) == 3:
        return [name for name in floats if name not in graph.maker or graph.maker[name].op_type not in _GATES]
    return []


def _scalable(graph: FloatGraph, node: Any) -> bool:
    """A Conv or Gemm whose weights are its own, with one filter per channel or with all channels in every filter."""
    names = [name for name in node.input[1:] if name]
    if (
        not graph.is_heavy(node)
        or node.op_type == "MatMul"
        or any(name not in graph.weights or len(graph.users[name]) != 1 for name in names)
    ):
        return False
    given = {attribute.name: attribute for attribute in node.attribute}
    if node.op_type == "Gemm":
        return "transA" not in given or not given["transA"].i
    group = given["group"].i if "group" in given else 1
    return group == 1 or (graph.weights[node.input[1]].shape[1] == 1 and group == len(graph.weights[node.input[1]]))


def _one_width(graph: FloatGraph, group: Group) -> bool:
    return len({graph.shapes[name][1] if len(graph.shapes[name]) > 1 else 0 for name in group.tensors}) == 1


def _scale(graph: FloatGraph, group: Group, factors: Floats, weights: dict[str, npt.NDArray[np.float64]]) -> None:
    """Divides in the makers and multiplies in the readers."""
    for node in group.makers:
        for name in (name for name in node.input[1:] if name):
            value = weights.setdefault(name, graph.weights[name].astype(np.float64))
            _along(value, 0 if value.ndim == 1 else _axes(node)[0], 1 / factors)
    for node in group.readers:
        name = node.input[1]
        _along(weights.setdefault(name, graph.weights[name].astype(np.float64)), _axes(node)[1], factors)


def _along(value: npt.NDArray[np.float64], axis: int, factors: Floats) -> None:
    shape = [1] * value.ndim
    shape[axis] = -1
    value *= factors.reshape(shape)


def _axes(node: Any) -> tuple[int, int]:
    """Of the weights: the axis over outputs and that over inputs."""
    given = {attribute.name: attribute.i for attribute in node.attribute}
    if node.op_type == "Gemm":
        return (0, 1) if given.get("transB", 0) else (1, 0)
    return (0, 0) if given.get("group", 1) > 1 else (0, 1)
