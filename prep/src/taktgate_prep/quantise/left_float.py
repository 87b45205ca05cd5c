"""What ONNX Runtime makes of a quantised model: which operators became integer ones, which stayed float."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from taktgate_prep.errors import InputError
from taktgate_prep.model.foreign.fold import count_operators
from taktgate_prep.model.runtime import open_session

_HEAVY = {
    "Conv",
    "FusedConv",
    "NhwcFusedConv",
    "ConvTranspose",
    "Gemm",
    "FusedGemm",
    "GemmFloat8",
    "MatMul",
    "FusedMatMul",
    "MatMulInteger",
    "ConvInteger",
}
_MOVING = {
    "QuantizeLinear",
    "DequantizeLinear",
    "Transpose",
    "Flatten",
    "Reshape",
    "Squeeze",
    "Unsqueeze",
    "MaxPool",
    "NhwcMaxPool",
    "ReorderInput",
    "ReorderOutput",
    "Gather",
    "ArgMax",
    "Slice",
    "Split",
    "Shape",
    "Cast",
    "Identity",
    "Expand",
    "Tile",
    "DepthToSpace",
    "SpaceToDepth",
}
_NAMED = 4
_INTEGER = {"Conv": {"QLinearConv"}, "Gemm": {"QGemm", "QLinearMatMul"}, "MatMul": {"QLinearMatMul", "QGemm"}}


@dataclass(frozen=True)
class Counts:
    """Node counts by operator: of the float model, and after optimisation of the quantised one."""

    float_model: dict[str, int]
    optimised: dict[str, int]
    computing_float: tuple[tuple[str, str], ...] = ()  # (operator, name) of those that were not meant to

    def float_line(self) -> str | None:
        """Which operators compute with floats, for people; None where none does."""
        if not self.computing_float:
            return None
        kinds = Counter(kind for kind, _ in self.computing_float)
        names = [name for _, name in self.computing_float]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        return (
            f"in float, as ONNX Runtime makes no integer operator of them: "
            f"{', '.join(f'{count} {kind}' for kind, count in kinds.items())} ({', '.join(names[:_NAMED])}{more})"
        )

    @property
    def integer(self) -> int:
        """Operators that work on integers."""
        return sum(count for name, count in self.optimised.items() if _is_integer(name))

    @property
    def floating(self) -> int:
        """Operators that compute with floats; those that move or convert values do not count."""
        return sum(count for name, count in self.optimised.items() if _computes_float(name))


def count_nodes(
    model: bytes, float_model: onnx.ModelProto, names: dict[str, str], where: str, meant: frozenset[str] = frozenset()
) -> Counts:
    """Refuses a model of which a Conv, Gemm or MatMul stayed float that is not among the nodes `meant` to; `names` maps
    its node names to those of old."""
    optimised = _optimise(model, where)
    made = {
        name: names.get(node.name, node.name)
        for node in onnx.load_from_string(model).graph.node
        for name in node.output
    }
    names = {**made, **names}  # the optimiser names some nodes after what they make
    left = [
        node for node in optimised.graph.node if node.op_type in _HEAVY and _old_name(node.name, names) not in meant
    ]
    if left:
        shown = ", ".join(f"{_old_name(node.name, names)} ({node.op_type})" for node in left[:4])
        more = f" and {len(left) - 4} more" if len(left) > 4 else ""
        raise InputError(
            f"{where}: expected every Conv, Gemm and MatMul to become an integer operator, but ONNX Runtime leaves "
            f"{len(left)} in float: {shown}{more}: no file was written; check that this node has constant weights and "
            "that nothing stands between it and its quantised neighbours"
        )
    counts = Counts(
        count_operators(float_model),
        count_operators(optimised),
        tuple(
            (node.op_type, name)
            for node in optimised.graph.node
            if _computes_float(node.op_type) and (name := _old_name(node.name, names)) not in meant
        ),
    )
    for names_of in ({"Conv"}, {"Gemm", "MatMul"}):
        wanted = sum(node.op_type in names_of and node.name not in meant for node in float_model.graph.node)
        integer = set().union(*(_INTEGER[name] for name in names_of))
        got = sum(counts.optimised.get(name, 0) for name in integer)
        if got < wanted:
            raise InputError(
                f"{where}: expected {wanted} {' or '.join(sorted(integer))} after optimisation, one per "
                f"{' or '.join(sorted(names_of))}, got {got}: no file was written; this model cannot be "
                "quantised as it is"
            )
    return counts


def check_bias_scales(quantised: onnx.ModelProto, names: dict[str, str], where: str) -> int:
    """Refuses a bias whose scale is not input scale * weight scale; returns how many biases were checked.

    ONNX Runtime keeps a Conv in float where they differ much; where they differ little, and always for Gemm, it takes
    the product all the same, and the answers are silently wrong.
    """
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in quantised.graph.initializer}
    scale_of = {
        node.output[0]: weights.get(node.input[1])
        for node in quantised.graph.node
        if node.op_type == "DequantizeLinear"
    }
    checked = 0
    for node in quantised.graph.node:
        if node.op_type not in ("Conv", "Gemm") or len(node.input) < 3 or not node.input[2]:
            continue
        scales = [scale_of.get(name) for name in node.input]
        if any(scale is None for scale in scales):
            continue  # this node is not quantised: counting the operators finds it
        wanted = np.float64(scales[0]) * np.asarray(scales[1], np.float64)
        if not np.allclose(np.asarray(scales[2], np.float64), wanted, rtol=1e-6, atol=0):
            raise InputError(
                f"{where}: expected the bias of {names.get(node.name, node.name)} ({node.op_type}) with "
                "the scale of its input times that of its weights, got another: no file was written; "
                "export the model again without quantisation"
            )
        checked += 1
    return checked


def _optimise(model: bytes, where: str) -> onnx.ModelProto:
    with tempfile.TemporaryDirectory(prefix="taktgate-prep.") as folder:
        target = Path(folder) / "optimised.onnx"
        open_session(model, where, save_optimised=target)
        return onnx.load(str(target))


def _computes_float(name: str) -> bool:
    return not _is_integer(name) and name not in _MOVING


def _is_integer(name: str) -> bool:
    return name.startswith("QLinear") or name == "QGemm"


def _old_name(name: str, names: dict[str, str]) -> str:
    """The optimiser appends to names; the longest known beginning is the node that was meant."""
    known = [new for new in names if name == new or name.startswith((f"{new}_", f"{new}/", f"{new} "))]
    return names[max(known, key=len)] if known else name or "a node without a name"
