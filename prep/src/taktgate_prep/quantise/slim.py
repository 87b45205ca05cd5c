"""Making an ONNX file small without changing what it computes."""

from __future__ import annotations

import onnx
from onnx import TensorProto

_PRODUCER = "taktgate-prep"
_NUMBERS_FIRST = (TensorProto.FLOAT, TensorProto.INT32, TensorProto.UINT8, TensorProto.INT64, TensorProto.INT8)


def slim(model: onnx.ModelProto) -> dict[str, str]:
    """Equal weights once, short names, no texts; returns new node name -> old one. The graph computes the same."""
    old_names = {node.name: node.name for node in model.graph.node}
    if not _has_subgraphs(model.graph):  # their nodes may use outer names
        _share_weights(model.graph)
        old_names = _shorten(model.graph)
        _sort_weights(model.graph)
    for node in model.graph.node:
        node.doc_string = ""
    for tensor in model.graph.initializer:
        tensor.doc_string = ""
    for value in (*model.graph.input, *model.graph.output):
        value.doc_string = ""
    del model.graph.value_info[:]
    del model.metadata_props[:]
    model.graph.name, model.graph.doc_string = "main", ""
    model.producer_name, model.producer_version, model.domain = _PRODUCER, "", ""
    model.doc_string, model.model_version = "", 0
    return old_names


def _has_subgraphs(graph: onnx.GraphProto) -> bool:
    return any(attribute.HasField("g") or attribute.graphs for node in graph.node for attribute in node.attribute)


def _share_weights(graph: onnx.GraphProto) -> None:
    first: dict[tuple[int, tuple[int, ...], bytes], str] = {}
    replaced: dict[str, str] = {}
    kept = []
    for tensor in graph.initializer:
        array = onnx.numpy_helper.to_array(tensor)
        key = (tensor.data_type, tuple(tensor.dims), array.tobytes())
        # int8 zero points stay apart: ONNX Runtime, turning int8 weights into uint8, makes a new one from each by name.
        if key in first and tensor.data_type != TensorProto.INT8:
            replaced[tensor.name] = first[key]
            continue
        first[key] = tensor.name
        kept.append(onnx.numpy_helper.from_array(array, tensor.name))
    for node in graph.node:
        for i, name in enumerate(node.input):
            node.input[i] = replaced.get(name, name)
    used = {name for node in graph.node for name in node.input} | {value.name for value in graph.output}
    del graph.initializer[:]
    graph.initializer.extend(tensor for tensor in kept if tensor.name in used)
    weights = {tensor.name for tensor in kept} | set(replaced)
    fed = [value for value in graph.input if value.name not in weights]
    del graph.input[:]
    graph.input.extend(fed)


def _sort_weights(graph: onnx.GraphProto) -> None:
    """Tensors of one type side by side: what compresses alike stands together."""
    order = {kind: i for i, kind in enumerate(_NUMBERS_FIRST)}
    ordered = sorted(graph.initializer, key=lambda tensor: order.get(tensor.data_type, len(order)))
    del graph.initializer[:]
    graph.initializer.extend(ordered)


def _shorten(graph: onnx.GraphProto) -> dict[str, str]:
    fixed = {value.name for value in (*graph.input, *graph.output)}
    names: dict[str, str] = {name: name for name in fixed}
    names[""] = ""

    def short(name: str) -> str:
        if name not in names:
            candidate = f"{len(names):x}"
            names[name] = candidate if candidate not in fixed else f"_{candidate}"
        return names[name]

    old_names = {}
    for i, node in enumerate(graph.node):
        new = f"n{i:x}"
        old_names[new] = node.name or node.output[0]
        node.name = new
        for names_of in (node.input, node.output):
            for k, name in enumerate(names_of):
                names_of[k] = short(name)
    for tensor in graph.initializer:
        tensor.name = short(tensor.name)
    return old_names
