"""Layer by layer: how much noise quantisation puts into each, and which layers cost the logits most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from taktgate_prep.model.runtime import open_session
from taktgate_prep.quantise.float_graph import FloatGraph
from taktgate_prep.quantise.observe import Report, watch
from taktgate_prep.quantise.plan import Plan
from taktgate_prep.quantise.qdq import foldable_gates, quantised_name, write
from taktgate_prep.quantise.score import decibel, logits_of
from taktgate_prep.quantise.windows import Windows, on_all_cores


def layer_noise(graph: FloatGraph, plan: Plan, windows: Windows) -> list[dict[str, Any]]:
    """For every Conv, Gemm and MatMul, in order: name, op and the signal-to-noise ratio in dB of what it gives (behind
    its ReLU or folded gate) in the INT8 model against the float one."""
    folded = foldable_gates(graph, plan.left_float) if plan.integer_gates else {}
    model = write(graph, plan)
    made = _made(model)
    layers = []
    for node in graph.heavy:
        tensor = graph.users[node.output[0]][0].output[0] if node.output[0] in folded else graph.result_of(node)
        if quantised_name(tensor) in made or tensor in made:
            layers.append((node, tensor))
    tensors = list(dict.fromkeys(tensor for _, tensor in layers))
    wanted, came = watch(graph, tensors), watch_quantised(model, tensors, graph)

    def energies(i: int) -> list[tuple[float, float]]:
        pairs = zip(wanted(windows.tensor(i)), came(windows.tensor(i)), strict=True)
        return [(float(np.square(a, dtype=np.float64).sum()), float(np.square(b - a).sum())) for a, b in pairs]

    sums = np.sum(on_all_cores(energies, len(windows)), axis=0)
    found = {
        tensor: decibel(np.sqrt(signal), np.sqrt(signal) + np.sqrt(noise))
        for tensor, (signal, noise) in zip(tensors, sums, strict=True)
    }
    return [{"name": node.name, "op": node.op_type, "sqnr_db": round(found[tensor], 2)} for node, tensor in layers]


def costly_layers(graph: FloatGraph, plan: Plan, windows: Windows, report: Report) -> list[tuple[str, float]]:
    """(name, dB) of every layer, the costliest first: signal-to-noise ratio of the logits where only this layer and the
    activation behind it are quantised."""
    reference = logits_of(graph.proto.SerializeToString(), graph.path, windows)
    names = frozenset(node.name for node in graph.proto.graph.node)
    found = []
    for i, node in enumerate(graph.heavy):
        alone = replace(plan, left_float=names - {node.name, *followers(graph, node)}, integer_gates=False)
        logits = logits_of(write(graph, alone).SerializeToString(), graph.path, windows)
        found.append((node.name, decibel(reference, logits)))
        report((i + 1) / len(graph.heavy))
    return sorted(found, key=lambda entry: entry[1])


def float_unit(graph: FloatGraph, name: str) -> frozenset[str]:
    """The nodes that stay float with a layer so that nothing of it is rounded: the activation behind it, and the layers
    that read that; a float layer between quantised neighbours alone would be made integer again."""
    node = next(node for node in graph.heavy if node.name == name)
    unit = {name, *followers(graph, node)}
    ends = [output for one in graph.proto.graph.node if one.name in unit for output in one.output]
    for tensor in ends:
        for user in graph.users.get(tensor, []):
            unit.add(user.name)
            if graph.is_heavy(user):
                unit.update(
                    graph_user.name
                    for graph_user in graph.users.get(user.output[0], [])
                    if graph.clamped.get(user.output[0]) == graph_user.output[0]
                )
    return frozenset(unit)


def followers(graph: FloatGraph, node: Any) -> list[str]:
    """The nodes of the activation right behind a layer: ReLU, gate, product with the gate."""
    found: list[str] = []
    tensors = [node.output[0]]
    while tensors:
        for user in graph.users.get(tensors.pop(), []):
            kind = user.op_type
            if user.name not in found and (
                kind in ("Relu", "Clip", "HardSigmoid", "Sigmoid") or (kind == "Mul" and _gates_itself(graph, user))
            ):
                found.append(user.name)
                tensors.append(user.output[0])
    return found


def _gates_itself(graph: FloatGraph, product: Any) -> bool:
    """x * gate(x)."""
    gates = [graph.maker[name] for name in product.input if name in graph.maker]
    return any(gate.op_type in ("HardSigmoid", "Sigmoid") and gate.input[0] in product.input for gate in gates)


def _made(model: onnx.ModelProto) -> set[str]:
    return {name for node in model.graph.node for name in node.output}


def watch_quantised(model: onnx.ModelProto, tensors: list[str], graph: FloatGraph) -> Callable[..., Any]:
    """Runs the QDQ model and returns these tensors, dequantised."""
    made = _made(model)
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    del watched.graph.output[:]
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    names, numbers = [], []
    for tensor in tensors:
        whole = quantised_name(tensor) in made
        names.append(quantised_name(tensor) if whole else tensor)
        kind = TensorProto.UINT8 if whole else TensorProto.FLOAT
        watched.graph.output.append(helper.make_tensor_value_info(names[-1], kind, None))
        numbers.append(
            (
                float(numpy_helper.to_array(weights[f"{tensor}_zero_point"])),
                float(numpy_helper.to_array(weights[f"{tensor}_scale"])),
            )
            if whole
            else (0.0, 1.0)
        )
    session = open_session(watched.SerializeToString(), graph.path)

    def run(window: Any) -> list[Any]:
        values = session.run(names, {graph.input_name: window})
        return [(value.astype(np.float64) - zero) * scale for value, (zero, scale) in zip(values, numbers, strict=True)]

    return run
