"""Trained network -> ONNX bytes, proven to answer like the network."""

from __future__ import annotations

import contextlib
import inspect
import io
import warnings

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch
from torch import nn

from taktgate_prep.contract.contract import Contract
from taktgate_prep.errors import InputError
from taktgate_prep.model.runtime import open_session
from taktgate_prep.train.network import fold

OPSET = 17
_TOLERANCE = 1e-3  # of the largest logit


def to_onnx(net: nn.Module, contract: Contract) -> bytes:
    """A float model with batch 1, input `input`, output `logits`, no batch norm left."""
    example = torch.zeros(1, contract.channels_total, contract.height, contract.width)
    older = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    buffer = io.BytesIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        torch.onnx.export(
            fold(net),
            (example,),
            buffer,
            opset_version=OPSET,
            input_names=["input"],
            output_names=["logits"],
            do_constant_folding=True,
            **older,
        )
    model = onnx.load_model_from_string(buffer.getvalue())
    _tidy(model)
    onnx.checker.check_model(model)
    left = [node.name for node in model.graph.node if node.op_type == "BatchNormalization"]
    if left:
        raise InputError(
            f"export: expected every batch norm to be folded, got {left[0]}: this torch "
            f"({torch.__version__}) exports in a way not known here; use Debian 12's"
        )
    return bytes(model.SerializeToString(deterministic=True))


def check_answers(model: bytes, net: nn.Module, tensors: npt.NDArray[np.float32]) -> float:
    """Runs ONNX Runtime and torch on [N, C, H, W]; returns the largest relative difference."""
    session = open_session(model, "export")
    got = np.concatenate([session.run(["logits"], {"input": one[None]})[0] for one in tensors])
    with torch.no_grad():
        want = net.eval()(torch.from_numpy(tensors)).numpy()
    difference = float(np.abs(got - want).max() / max(1.0, float(np.abs(want).max())))
    if not difference < _TOLERANCE:
        raise InputError(
            f"export: expected ONNX Runtime to answer like torch within {_TOLERANCE}, got {difference:.2e}: "
            f"versions torch {torch.__version__}, onnxruntime {onnxruntime.__version__} do not fit together"
        )
    return difference


def _tidy(model: onnx.ModelProto) -> None:
    """Nothing that depends on where or when the model was made."""
    model.doc_string = ""
    model.graph.name = "taktgate"
    model.graph.doc_string = ""
    for node in model.graph.node:
        node.doc_string = ""
