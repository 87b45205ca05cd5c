"""Hard-swish as integer operators: what it changes, proved on all 256 codes of each, and what it saves.

HardSigmoid(x) = clip(alpha * x + beta, 0, 1) is a saturating sum: the uint8 tensor x, read with its scale times alpha,
plus beta, in the steps of the gate, from 0. Where a Conv or Gemm makes x for the gate alone (squeeze-excite), alpha and
beta go into its weights and no operator is left.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper

from taktgate_prep.model.runtime import open_session
from taktgate_prep.quantise.bias import upto
from taktgate_prep.quantise.float_graph import FloatGraph, gate_of
from taktgate_prep.quantise.plan import Plan, activation_steps
from taktgate_prep.quantise.qdq import dequantised_name, foldable_gates, quantised_name, write
from taktgate_prep.quantise.windows import Windows, on_all_cores

Bytes = npt.NDArray[np.uint8]
_ROUNDS = 24
_RUN_SECONDS = 0.01  # of one round and form


@dataclass(frozen=True)
class Difference:
    """Integer form against float form.

    steps: largest difference of a hard-swish (or gate) over all 256 codes of its input, in steps of its output;
    swishes: how many were compared; folded: gates inside weights; folded_error: their largest error on windows, in
    steps against the gate in real numbers, of the (integer, float) form.
    """

    steps: int
    swishes: int
    folded: int
    folded_error: tuple[float, float]


def compare_forms(graph: FloatGraph, plan: Plan, windows: Windows) -> Difference:
    """Runs both forms of every gate in ONNX Runtime on the same input."""
    forms = [write(graph, replace(plan, integer_gates=integer)) for integer in (False, True)]
    folded = foldable_gates(graph, plan.left_float)
    steps, count = 0, 0
    for node in graph.proto.graph.node:
        if node.op_type != "HardSigmoid" or node.input[0] in folded or node.name in plan.left_float:
            continue
        output = quantised_name(_swish_of(graph, node))
        tables = [_table(form, quantised_name(node.input[0]), output) for form in forms]
        steps = max(steps, int(np.abs(tables[0].astype(int) - tables[1].astype(int)).max()))
        count += 1
    return Difference(steps, count, len(folded), _folded_errors(graph, plan, forms, list(folded), windows))


def time_ratio(candidate: bytes, reference: bytes, windows: Windows) -> float:
    """Shortest time of `candidate` over that of `reference`, one window, one thread, in turns."""
    sessions = [open_session(model, "quantised model") for model in (candidate, reference)]
    feed = {sessions[0].get_inputs()[0].name: windows.tensor(0)}
    best = [_shortest(session, feed, 1) for session in sessions]
    runs = max(3, int(_RUN_SECONDS / max(best)))
    for turn in range(_ROUNDS):
        for k in (0, 1) if turn % 2 else (1, 0):
            best[k] = min(best[k], _shortest(sessions[k], feed, runs))
    return best[0] / best[1]


def _swish_of(graph: FloatGraph, node: Any) -> str:
    """x * gate(x) where that is all the gate is for, else the gate itself."""
    gate = node.output[0]
    users = graph.users.get(gate, [])
    if len(users) == 1 and users[0].op_type == "Mul" and set(users[0].input) == {gate, node.input[0]}:
        return str(users[0].output[0])
    return str(gate)


def _table(model: onnx.ModelProto, source: str, target: str) -> Bytes:
    """What the operators between two uint8 tensors make of every code."""
    part = onnx.ModelProto()
    part.CopyFrom(model)
    maker = [node for node in part.graph.node if source not in node.output]
    del part.graph.node[:], part.graph.input[:]
    part.graph.node.extend(maker)
    part = upto(part, [target])
    part.graph.input.append(helper.make_tensor_value_info(source, TensorProto.UINT8, [1, 256, 1, 1]))
    part.graph.output[0].CopyFrom(helper.make_tensor_value_info(target, TensorProto.UINT8, None))
    codes = np.arange(256, dtype=np.uint8).reshape(1, 256, 1, 1)
    session = open_session(part.SerializeToString(), "hard-swish")
    return np.asarray(session.run(None, {source: codes})[0], np.uint8).ravel()


def _folded_errors(
    graph: FloatGraph, plan: Plan, forms: Sequence[onnx.ModelProto], folded: list[str], windows: Windows
) -> tuple[float, float]:
    """Of the integer and of the float form; both are fed with the inputs that the float form has on the windows."""
    if not folded:
        return 0.0, 0.0
    errors = [0.0, 0.0]
    for name in folded:
        before, after = graph.maker[name], graph.users[name][0]
        gate, source = gate_of(after), dequantised_name(before.input[0])
        wanted = [source, quantised_name(after.output[0]), before.output[0]]
        rows = _run(forms[0], wanted, windows)
        scale = activation_steps(*plan.ranges[after.output[0]]).scale
        layer = _between(forms[1], source, quantised_name(after.output[0]), graph)
        for given, float_form, exact in rows:
            real = np.clip((gate.alpha * exact.astype(np.float64) + gate.beta) / scale, 0, 255)
            integer_form = layer.run(None, {source: given})[0]
            errors = [
                max(error, float(np.abs(came - real).max()))
                for error, came in zip(errors, (integer_form, float_form), strict=True)
            ]
    return errors[0], errors[1]


def _run(model: onnx.ModelProto, tensors: list[str], windows: Windows) -> list[list[npt.NDArray[Any]]]:
    part = upto(model, tensors)
    for value in part.graph.output:
        value.type.tensor_type.elem_type = (
            TensorProto.UINT8 if value.name.endswith(quantised_name("")) else TensorProto.FLOAT
        )
    session = open_session(part.SerializeToString(), "squeeze-excite")
    name = session.get_inputs()[0].name
    return on_all_cores(lambda i: session.run(tensors, {name: windows.tensor(i)}), len(windows))


def _between(model: onnx.ModelProto, source: str, target: str, graph: FloatGraph) -> Any:
    """A session from a float tensor to a uint8 one."""
    part = onnx.ModelProto()
    part.CopyFrom(model)
    kept = [node for node in part.graph.node if source not in node.output]
    del part.graph.node[:], part.graph.input[:]
    part.graph.node.extend(kept)
    part = upto(part, [target])
    part.graph.input.append(helper.make_tensor_value_info(source, TensorProto.FLOAT, None))
    part.graph.output[0].CopyFrom(helper.make_tensor_value_info(target, TensorProto.UINT8, None))
    return open_session(part.SerializeToString(), graph.path)


def _shortest(session: Any, feed: dict[str, npt.NDArray[np.float32]], runs: int) -> float:
    """Seconds of the fastest of `runs` runs."""
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        session.run(None, feed)
        best = min(best, time.perf_counter() - start)
    return best
