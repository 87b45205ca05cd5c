"""Bias correction (Nagel et al., 2019), layer after layer: the mean that quantisation moves is put back.

For every Conv and Gemm in order, the means of its output channels before the activation are compared with those of the
float model over the given windows; the difference goes into the bias, and the next layer is measured with it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from taktgate_prep.model.runtime import open_session
from taktgate_prep.quantise.float_graph import FloatGraph
from taktgate_prep.quantise.observe import Report
from taktgate_prep.quantise.plan import Floats, Plan
from taktgate_prep.quantise.qdq import write
from taktgate_prep.quantise.windows import Windows, on_all_cores


def bias_shifts(graph: FloatGraph, plan: Plan, windows: Windows, report: Report) -> dict[str, Floats]:
    """What to add to each bias, by node name; the plan's own shifts are not looked at."""
    nodes = [node for node in graph.heavy if node.op_type != "MatMul" and node.name not in plan.left_float]
    wanted = _means(graph.proto, [node.output[0] for node in nodes], graph, windows)
    zeros = {node.name: np.zeros_like(mean) for node, mean in zip(nodes, wanted, strict=True)}
    model = write(graph, replace(plan, integer_gates=False, bias_shifts=zeros))
    written = {node.name: node for node in model.graph.node}
    shifts: dict[str, Floats] = {}
    for i, (node, mean) in enumerate(zip(nodes, wanted, strict=True)):
        came = _means(model, [written[node.name].output[0]], graph, windows)[0]
        shifts[node.name] = mean - came
        _shift(model, f"{node.name}/bias", mean - came)
        report((i + 1) / len(nodes))
    return shifts


def upto(model: onnx.ModelProto, tensors: list[str]) -> onnx.ModelProto:
    """The part of a model that makes these tensors, with these as its outputs."""
    maker = {name: node for node in model.graph.node for name in node.output}
    needed: set[str] = set()
    open_names = list(tensors)
    while open_names:
        name = open_names.pop()
        if name not in needed:
            needed.add(name)
            open_names += list(maker[name].input) if name in maker else []
    part = onnx.ModelProto()
    part.CopyFrom(model)
    for field, kept in (
        (part.graph.node, [n for n in model.graph.node if needed & set(n.output)]),
        (part.graph.initializer, [t for t in model.graph.initializer if t.name in needed]),
    ):
        del field[:]
        field.extend(kept)
    del part.graph.output[:], part.graph.value_info[:]
    part.graph.output.extend(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in tensors)
    return part


def _means(model: onnx.ModelProto, tensors: list[str], graph: FloatGraph, windows: Windows) -> list[Floats]:
    """Mean over windows and places of each tensor [1, C, H, W] or [1, C], as [C]."""
    part = upto(model, tensors)
    outputs = [_pooled(part, name, graph) for name in tensors]
    del part.graph.output[:]
    part.graph.output.extend(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in outputs)
    session = open_session(part.SerializeToString(), graph.path)

    def run(i: int) -> list[Floats]:
        return [
            value.astype(np.float64).ravel() for value in session.run(outputs, {graph.input_name: windows.tensor(i)})
        ]

    rows = on_all_cores(run, len(windows))
    return [np.mean([row[k] for row in rows], axis=0) for k in range(len(tensors))]


def _pooled(part: onnx.ModelProto, tensor: str, graph: FloatGraph) -> str:
    """Adds the mean over places inside the graph, where the tensor has places."""
    shape = graph.shapes.get(tensor, ())
    if len(shape) != 4:
        return tensor
    name = f"{tensor}/mean"
    part.graph.node.append(helper.make_node("GlobalAveragePool", [tensor], [name], name=name))
    return name


def _shift(model: onnx.ModelProto, name: str, shift: Floats) -> None:
    """Adds to an int32 bias of the QDQ model."""
    tensors: dict[str, Any] = {tensor.name: tensor for tensor in model.graph.initializer}
    steps = numpy_helper.to_array(tensors[f"{name}_scale"]).astype(np.float64)
    tensor = tensors[f"{name}_quantised"]
    whole = numpy_helper.to_array(tensor).astype(np.float64) + np.rint(shift / steps)
    tensor.CopyFrom(numpy_helper.from_array(whole.astype(np.int32), f"{name}_quantised"))
