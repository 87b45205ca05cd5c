"""The end of a classifier: logits from before a Softmax or Sigmoid, two logits where there is one, in a row.

softmax(-z/2, z/2) is sigmoid(z): a network with one output speaks for the second label against the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from taktgate_prep.model.foreign.walk import constants, drop_unused, nodes, rename

_NORMS = ("Softmax", "LogSoftmax", "Sigmoid")
_FORMING = ("Identity", "Dropout", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Cast")
_BEHIND_A_NORM = (*_FORMING, "Clip", "Log", "QuantizeLinear", "DequantizeLinear")
_HALVES = np.array([-0.5, 0.5])


def to_logits(model: onnx.ModelProto, name: str, labels: Sequence[str]) -> list[str]:
    """What was done to the output `name`, in words; nothing where the graph gives logits [1, labels] already."""
    notes: list[str] = []
    if name not in _maker(model):
        return notes
    norm = _norm_at_the_end(model, name)
    sizes = _sizes(model, name)
    if norm is not None:
        single = sizes is not None and _count(sizes) == 1
        if norm.op_type == "Sigmoid" and not single:
            notes.append(
                "ends in Sigmoid, one for each class: its logits are taken from before it and compared as "
                "those of a softmax; choose thresholds anew"
            )
        else:
            notes.append(f"ends in {norm.op_type}: its logits are taken from before it")
        _end_at(model, name, norm.input[0])
        sizes = _sizes(model, name)
    if sizes is None or not sizes or 0 in sizes:
        return notes
    if _count(sizes) == 1 and len(labels) == 2:
        _make_two(model, name)
        notes.append(f"has one logit: taken as that of {labels[1]!r} against {labels[0]!r}")
    elif _count(sizes) == len(labels) and sizes != [1, len(labels)]:
        _make_row(model, name, len(labels))
        notes.append(f"gives its logits as {sizes}: taken as a row")
    return notes


def last_operator(model: onnx.ModelProto, name: str) -> str:
    """What makes the output, past what only changes its form; empty where no node does."""
    node = _maker(model).get(name)
    while node is not None and node.op_type in _FORMING:
        node = _maker(model).get(node.input[0])
    return "" if node is None else str(node.op_type)


def _maker(model: onnx.ModelProto) -> dict[str, Any]:
    return {output: node for node in model.graph.node for output in node.output}


def _count(sizes: Sequence[int]) -> int:
    return int(np.prod(sizes))


def _norm_at_the_end(model: onnx.ModelProto, name: str) -> Any | None:
    """A Softmax, LogSoftmax or Sigmoid after which nothing computes."""
    maker = _maker(model)
    node = maker.get(name)
    while node is not None and node.op_type in _BEHIND_A_NORM:
        node = maker.get(node.input[0])
    return node if node is not None and node.op_type in _NORMS and node.input[0] in maker else None


def _end_at(model: onnx.ModelProto, name: str, tensor: str) -> None:
    """Makes an inner tensor the output `name`; its shape is inferred anew."""
    rename(model, name, f"{name}/before")
    rename(model, tensor, name)
    output = next(value for value in model.graph.output if value.name == name)
    output.CopyFrom(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    drop_unused(model)


def _sizes(model: onnx.ModelProto, name: str) -> list[int] | None:
    """The inferred shape of the output, 0 for what is not fixed; None where nothing is known."""
    try:
        inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    except onnx.shape_inference.InferenceError:
        return None
    shape = next(value for value in inferred.graph.output if value.name == name).type.tensor_type
    return [dim.dim_value for dim in shape.shape.dim] if shape.HasField("shape") else None


def _make_row(model: onnx.ModelProto, name: str, count: int) -> None:
    rename(model, name, f"{name}/formed")
    shape = numpy_helper.from_array(np.array([1, count], np.int64), f"{name}/shape")
    model.graph.initializer.append(shape)
    model.graph.node.append(helper.make_node("Reshape", [f"{name}/formed", shape.name], [name], name=f"{name}/row"))
    _declare(model, name, count)


def _make_two(model: onnx.ModelProto, name: str) -> None:
    """Inside the weights of a last Gemm, or of a MatMul with its Add; else by a Gemm more."""
    maker = _maker(model)
    last = maker[name]
    while last.op_type in _FORMING and last.input[0] in maker:
        last = maker[last.input[0]]
    if last.output[0] != name and len([n for n in nodes(model.graph.node) if last.output[0] in n.input]) == 1:
        _end_at(model, name, last.output[0])
    last = _maker(model)[name]
    layers = [last, *(_maker(model)[i] for i in last.input if last.op_type == "Add" and i in _maker(model))]
    if not _doubled(model, layers):
        rename(model, name, f"{name}/single")
        weights = [
            ("shape", np.array([1, 1], np.int64)),
            ("weights", _HALVES[None].astype(np.float32)),
            ("bias", np.zeros(2, np.float32)),
        ]
        model.graph.initializer.extend(numpy_helper.from_array(value, f"{name}/{key}") for key, value in weights)
        model.graph.node.extend(
            [
                helper.make_node(
                    "Reshape", [f"{name}/single", f"{name}/shape"], [f"{name}/alone"], name=f"{name}/alone"
                ),
                helper.make_node(
                    "Gemm", [f"{name}/alone", f"{name}/weights", f"{name}/bias"], [name], name=f"{name}/two"
                ),
            ]
        )
    _declare(model, name, 2)


def _doubled(model: onnx.ModelProto, layers: Sequence[Any]) -> bool:
    """Whether the layer's own weights could take both signs: Gemm, or MatMul and Add of a constant."""
    known = constants(model)
    kinds = [node.op_type for node in layers]
    if kinds not in (["Gemm"], ["MatMul"], ["Add", "MatMul"]) or layers[-1].input[1] not in known:
        return False
    given = {attribute.name: attribute.i for attribute in layers[-1].attribute if attribute.name == "transB"}
    names = [(layers[-1], 1)]
    if kinds == ["Gemm"] and len(layers[0].input) > 2:
        names.append((layers[0], 2))
    if kinds[0] == "Add":
        names.append((layers[0], 0 if layers[0].input[0] in known else 1))
    if any(node.input[i] not in known for node, i in names):
        return False
    for node, i in names:
        value = numpy_helper.to_array(known[node.input[i]]).astype(np.float64)
        rows = i == 1 and node.op_type in ("Gemm", "MatMul") and bool(given.get("transB", 0))
        pair = np.stack([value * half for half in _HALVES], axis=0)
        whole = pair.reshape(2, -1) if rows else pair.reshape(2, -1).T
        if not (i == 1 and node.op_type in ("Gemm", "MatMul")):
            whole = pair.reshape(-1)
        new = f"{node.input[i]}/two"
        model.graph.initializer.append(numpy_helper.from_array(whole.astype(np.float32), new))
        node.input[i] = new
    drop_unused(model)
    return True


def _declare(model: onnx.ModelProto, name: str, count: int) -> None:
    output = next(value for value in model.graph.output if value.name == name)
    output.CopyFrom(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, count]))
    del model.graph.value_info[:]
