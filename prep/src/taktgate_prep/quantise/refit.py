"""The last layer fitted anew to what quantisation has made of its input.

Noise in the layers before does not only spread the logits, it also moves them, most of all near the decision. The last
Gemm sees all of that: ridge regression from the quantised model's features to the float model's logits, towards its
own weights, puts back what is systematic. No labels are used.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from taktgate_prep.quantise.float_graph import FloatGraph
from taktgate_prep.quantise.layers import watch_quantised
from taktgate_prep.quantise.plan import Floats, Plan
from taktgate_prep.quantise.qdq import write
from taktgate_prep.quantise.windows import Windows, on_all_cores

_RIDGE = 0.03  # of the mean square of a feature
_FLOOR = 0.1  # of the mean weight, which windows far from the decision keep


def last_gemm(graph: FloatGraph) -> Any | None:
    """The Gemm that makes the logits, where there is one with weights and bias of its own."""
    node = graph.maker.get(graph.logits_name)
    if (
        node is None
        or node.op_type != "Gemm"
        or not graph.is_heavy(node)
        or len(node.input) < 3
        or node.input[0] not in graph.activations()
    ):
        return None
    own = all(name in graph.weights and len(graph.users[name]) == 1 for name in node.input[1:])
    given = {attribute.name: attribute for attribute in node.attribute}
    plain = all(given[name].f == 1 for name in ("alpha", "beta") if name in given)
    return node if own and plain and not ("transA" in given and given["transA"].i) else None


def refit(graph: FloatGraph, plan: Plan, windows: Windows, wanted: npt.NDArray[np.float32]) -> dict[str, Floats]:
    """Weights and bias of the last Gemm by the names of their initialisers, fitted on (training) windows to the float
    model's logits on them, [N, classes]."""
    node = last_gemm(graph)
    if node is None:
        return {}
    transposed = any(attribute.name == "transB" and attribute.i for attribute in node.attribute)
    weights, bias = (graph.weights[name].astype(np.float64) for name in node.input[1:3])
    weights = weights if transposed else weights.T
    watched = watch_quantised(write(graph, plan), [node.input[0]], graph)
    rows = on_all_cores(lambda i: watched(windows.tensor(i))[0].ravel(), len(windows))
    features = np.column_stack([np.stack(rows), np.ones(len(windows))])
    left = wanted.astype(np.float64) - features @ np.column_stack([weights, bias.ravel()]).T
    importance = _importance(wanted.astype(np.float64), windows.contract.passing)[:, None] / len(windows)
    gram = (features * importance).T @ features
    ridge = np.full(features.shape[1], _RIDGE * float(np.trace(gram[:-1, :-1])) / max(1, features.shape[1] - 1) + 1e-12)
    ridge[-1] = 1e-9  # the bias is free
    change = np.linalg.solve(gram + np.diag(ridge), (features * importance).T @ left).T
    weights = weights + change[:, :-1]
    return {
        node.input[1]: weights if transposed else weights.T,
        node.input[2]: (bias.ravel() + change[:, -1]).reshape(bias.shape),
    }


def _importance(logits: Floats, passing: tuple[bool, ...]) -> npt.NDArray[np.float64]:
    """Of each window: how near its decision is, 1 / (1 + exp |log odds|), mean about 1; between pass and fail, or else
    between the two largest classes."""
    good = np.array(passing)
    if good.any() and not good.all():
        odds = np.logaddexp.reduce(logits[:, good], axis=1) - np.logaddexp.reduce(logits[:, ~good], axis=1)
    else:
        ordered = np.sort(logits, axis=1)
        odds = ordered[:, -1] - ordered[:, -2]
    near = 1 / (1 + np.exp(np.minimum(np.abs(odds), 700)))
    return np.asarray(near / near.mean() + _FLOOR)
