"""Changes of an ONNX graph that keep its meaning: before quantisation, and to make the file small."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import onnx
import onnxruntime as ort
from onnx import helper

_TO_FOLD = {"BatchNormalization", "Identity", "Dropout", "Constant"}
_PRODUCER = "taktgate-prep"


def fold(model: onnx.ModelProto) -> onnx.ModelProto:
    """Folds batch norm, constants and identities, where there are any, with ONNX Runtime's basic optimiser."""
    if not any(node.op_type in _TO_FOLD for node in model.graph.node):
        return model
    with tempfile.TemporaryDirectory(prefix="taktgate-prep.") as folder:
        target = Path(folder) / "folded.onnx"
        options = ort.SessionOptions()
        options.log_severity_level = 3
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(target)
        ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        folded = onnx.load(str(target))
    used = {node.domain for node in folded.graph.node}
    keep = [entry for entry in folded.opset_import if entry.domain == "" or entry.domain in used]
    del folded.opset_import[:]
    folded.opset_import.extend(keep)
    return folded


def split_hard_swish(model: onnx.ModelProto) -> int:
    """HardSwish(x) -> x * HardSigmoid(x, 1/6, 1/2), so that the product can be quantised; returns how many."""
    nodes: list[Any] = []
    count = 0
    for node in model.graph.node:
        if node.op_type != "HardSwish" or node.domain not in ("", "ai.onnx"):
            nodes.append(node)
            continue
        count += 1
        gate = f"{node.output[0]}/gate"
        name = node.name or node.output[0]
        nodes.append(helper.make_node("HardSigmoid", [node.input[0]], [gate], name=f"{name}/gate",
                                      alpha=1.0 / 6.0, beta=0.5))
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


def slim(model: onnx.ModelProto) -> dict[str, str]:
    """Equal weights once, short names, no texts; returns new node name -> old one. The graph computes the same."""
    old_names = {node.name: node.name for node in model.graph.node}
    if not _has_subgraphs(model.graph):  # their nodes may use outer names
        _share_weights(model.graph)
        old_names = _shorten(model.graph)
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
        if key in first and tensor.data_type != onnx.TensorProto.INT8:
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
