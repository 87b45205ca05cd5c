"""One setting, tried: what it is, what it gave on validation, and its row in the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from taktgate_prep.engine.deciding import Runtime
from taktgate_prep.errors import InputError
from taktgate_prep.quantise.float_graph import FloatGraph
from taktgate_prep.quantise.left_float import Counts, count_nodes
from taktgate_prep.quantise.plan import Plan
from taktgate_prep.quantise.qdq import write
from taktgate_prep.quantise.score import Paired, Right, Validation, decibel, decided, logits_of, pair


@dataclass(frozen=True)
class Setting:
    """What was varied; draw: number of the draw of calibration windows; refitted: the last layer; left_float: number of
    layers."""

    calibrator: str
    draw: int
    integer_gates: bool = False
    bias_correction: bool = False
    refitted: bool = False
    equalised: bool = False
    left_float: int = 0
    weight_bits: int = 8


@dataclass(frozen=True)
class Trial:
    """A setting with its figures on validation; `refused` says why it cannot be taken. logits [N, classes]."""

    stage: str
    setting: Setting
    graph: FloatGraph
    plan: Plan
    logits: npt.NDArray[np.float32]
    right: Right
    paired: Paired
    sqnr_db: float
    counts: Counts | None
    runtime: Runtime
    refused: str = ""

    def row(self, chosen: bool) -> dict[str, Any]:
        """For the record."""
        setting, interval, points = self.setting, self.paired.interval, self.paired.points
        return {
            "stage": self.stage,
            "calibrator": setting.calibrator,
            "draw": setting.draw,
            "weights": "per channel",
            "weight_bits": setting.weight_bits,
            "hard_swish": hard_swish_form(self.graph, setting.integer_gates),
            "bias_correction": setting.bias_correction,
            "equalised": setting.equalised,
            "lost": self.paired.lost,
            "won": self.paired.won,
            "loss_points": None if points is None else round(points, 4),
            "interval95_points": None if interval is None else [round(end, 4) for end in interval],
            "sqnr_db": round(self.sqnr_db, 2),
            "integer_nodes": self.counts.integer if self.counts else None,
            "float_nodes": self.counts.floating if self.counts else None,
            "runtime": self.runtime.name,
            "chosen": chosen,
            "note": self.refused or self._note(),
        }

    def _note(self) -> str:
        setting = self.setting
        words = ["last layer refitted"] if setting.refitted else []
        words += [f"{setting.left_float} layers in float"] if setting.left_float else []
        return ", ".join(words)


@dataclass(frozen=True)
class Reference:
    """The float model on the validation windows."""

    validation: Validation
    logits: npt.NDArray[np.float32]
    right: Right


def reference(graph: FloatGraph, validation: Validation) -> Reference:
    """Runs the float model."""
    logits = logits_of(graph.proto.SerializeToString(), graph.path, validation.windows)
    return Reference(validation, logits, validation.right(logits))


def try_setting(stage: str, setting: Setting, graph: FloatGraph, plan: Plan, against: Reference) -> Trial:
    """Writes the model and runs it on every validation window; a layer left in float by accident refuses it."""
    proto = write(graph, plan)
    model = bytes(proto.SerializeToString())
    names = {node.name: node.name for node in proto.graph.node}
    counts, refused = None, ""
    try:
        counts = count_nodes(model, graph.proto, names, graph.path, plan.left_float)
    except InputError as error:
        refused = str(error)
    logits, runtime = decided(proto, graph.path, against.validation.windows)
    right = against.validation.right(logits)
    return Trial(
        stage,
        setting,
        graph,
        plan,
        logits,
        right,
        pair(against.right, right),
        decibel(against.logits, logits),
        counts,
        runtime,
        refused,
    )


def hard_swish_form(graph: FloatGraph, integer: bool) -> str:
    """integer, float, or none where the network has no such operator."""
    if not any(node.op_type == "HardSigmoid" for node in graph.proto.graph.node):
        return "none"
    return "integer" if integer else "float"
