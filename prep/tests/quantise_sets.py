"""A small network, and smooth pictures whose labels are its own answers."""

from __future__ import annotations

from pathlib import Path

import nets
import numpy as np
import onnx
from onnx import numpy_helper

from taktgate_prep.model.model_file import Model, load_model
from taktgate_prep.quantise.float_graph import FloatGraph, prepare
from taktgate_prep.quantise.score import Validation, logits_of
from taktgate_prep.quantise.stages import Calibration
from taktgate_prep.quantise.windows import Windows

CONTRACT = nets.contract_for()


def pictures(count: int, seed: int, channels: int = 2) -> Windows:
    """Pixels [count, 32, 32, channels]: patches with noise."""
    rng = np.random.default_rng(seed)
    smooth = rng.uniform(0, 255, (count, 8, 8, channels)).repeat(4, axis=1).repeat(4, axis=2)
    return Windows((smooth + rng.normal(0, 12, smooth.shape)).clip(0, 255).astype(np.uint8), CONTRACT)


def loaded(model: onnx.ModelProto, folder: Path) -> Model:
    return load_model(nets.write_net(model, folder, CONTRACT), CONTRACT)


def balanced_graph(folder: Path) -> tuple[FloatGraph, Calibration, Validation]:
    """The network, its last bias such that both classes win; two draws of calibration windows; validation windows."""
    model = nets.small_net()
    mean = logits_of(model.SerializeToString(), "net", pictures(200, 5)).mean(axis=0)
    bias = next(tensor for tensor in model.graph.initializer if tensor.name == model.graph.node[-1].input[2])
    bias.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(bias) - mean, bias.name))
    graph = prepare(loaded(model, folder))
    val = pictures(400, 2)
    labels = logits_of(graph.proto.SerializeToString(), "net", val).argmax(axis=1)
    return graph, Calibration(pictures(96, 1), [list(range(0, 64)), list(range(32, 96))]), Validation(val, labels)
