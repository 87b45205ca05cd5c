"""All nodes and tensors of a graph, those inside of its nodes too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import onnx


def nodes(found: Iterable[Any]) -> Iterator[Any]:
    """The nodes, and those of graphs that they hold."""
    for node in found:
        yield node
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from nodes(inner.node)


def tensors(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    """Weights and constants."""
    yield from model.graph.initializer
    inside = (node for function in model.functions for node in function.node)
    for node in (*nodes(model.graph.node), *nodes(inside)):
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            for inner in (attribute.g, *attribute.graphs):
                yield from inner.initializer


def rename(model: onnx.ModelProto, old: str, new: str) -> None:
    """One tensor, wherever a node makes or reads it."""
    for node in nodes(model.graph.node):
        for names in (node.input, node.output):
            for i, name in enumerate(names):
                if name == old:
                    names[i] = new


def drop_unused(model: onnx.ModelProto) -> None:
    """Removes the nodes and weights that nothing reads any more."""
    graph = model.graph
    needed = {value.name for value in graph.output}
    kept = []
    for node in reversed(graph.node):
        if needed & set(node.output):
            kept.append(node)
            needed.update(name for one in nodes([node]) for name in one.input)
    del graph.node[:]
    graph.node.extend(reversed(kept))
    weights = [tensor for tensor in graph.initializer if tensor.name in needed]
    del graph.initializer[:], graph.value_info[:]
    graph.initializer.extend(weights)


def constants(model: onnx.ModelProto) -> dict[str, onnx.TensorProto]:
    """Weights by name, and what Constant nodes hold."""
    found = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            found[node.output[0]] = node.attribute[0].t
    return found
