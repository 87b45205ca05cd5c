"""What is known before anything runs is computed once, by ONNX Runtime's basic optimiser: batch norms, constants,
shapes, pads beside a convolution."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import onnx

from taktgate_prep.model.runtime import open_session


def fold(model: onnx.ModelProto, where: str = "model") -> onnx.ModelProto:
    """The same network with standard operators only; again as long as that finds something, because the optimiser
    writes some operators as others only after it has folded."""
    folded = _folded_once(model, where)
    while count_operators(folded) != count_operators(model):
        model, folded = folded, _folded_once(folded, where)
    return folded


def count_operators(model: onnx.ModelProto) -> dict[str, int]:
    """Nodes by operator."""
    return dict(sorted(Counter(node.op_type for node in model.graph.node).items()))


def _folded_once(model: onnx.ModelProto, where: str) -> onnx.ModelProto:
    with tempfile.TemporaryDirectory(prefix="taktgate-prep.") as folder:
        target = Path(folder) / "folded.onnx"
        open_session(model.SerializeToString(), where, target, only_fold=True)
        folded = onnx.load(str(target))
    used = {node.domain for node in folded.graph.node}
    keep = [entry for entry in folded.opset_import if entry.domain == "" or entry.domain in used]
    del folded.opset_import[:]
    folded.opset_import.extend(keep)
    return folded
