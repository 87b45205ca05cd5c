"""Networks as other tools write them, each beside the plain float32 NCHW network that it equals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nets
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from taktgate_prep.contract.contract import Contract
from taktgate_prep.model.model_file import Model, load_model
from taktgate_prep.model.runtime import open_session, run_one

CONTRACT = nets.contract_for(golden=False)
Tail = Callable[[nets.NetBuilder, str], str]


def features(net: nets.NetBuilder) -> str:
    """[1, 16, 8, 8] of [1, 1, 32, 32]."""
    x = net.op("Relu", [net.conv("input", 1, 16, 3, stride=2)])
    return net.op("Relu", [net.conv(x, 16, 16, 3, stride=2)])


def whole(number: nets.NetBuilder, name: str, value: list[int]) -> str:
    """A constant of whole numbers."""
    number.weights.append(numpy_helper.from_array(np.array(value, np.int64), name))
    return name


def plain_head(net: nets.NetBuilder, x: str) -> str:
    return net.op("Flatten", [net.op("GlobalAveragePool", [x])])


def network(
    head: Tail = plain_head,
    tail: Tail = lambda net, x: x,
    outputs: int = 2,
    opset: int = 18,
    shape: list[int] | None = None,
    batch_norm: bool = False,
) -> onnx.ModelProto:
    """Two convolutions, `head` to one value a channel, a Gemm, `tail`; `shape` of what the tail gives."""
    net = nets.NetBuilder(1, 32, outputs, seed=3)
    x = features(net)
    if batch_norm:
        x = net.batch_norm(net.op("Concat", [x, x], axis=1), 32)
    x = head(net, x)
    end = tail(net, net.gemm(x, 32 if batch_norm else 16, outputs))
    model = net.finish(end)
    model.opset_import[0].version = opset
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("logits", TensorProto.FLOAT, shape or [1, outputs]))
    return model


def load(model: onnx.ModelProto, folder: Path, contract: Contract = CONTRACT) -> Model:
    return load_model(nets.write_net(model, folder, contract), contract)


def answers(model: onnx.ModelProto, channels_last: bool = False) -> np.ndarray:
    """[8, outputs] to fixed images."""
    tensors = np.random.default_rng(4).uniform(-1, 1, (8, 1, 1, 32, 32)).astype(np.float32)
    session = open_session(model.SerializeToString())
    return np.stack([run_one(session, np.moveaxis(one, 1, 3) if channels_last else one) for one in tensors])


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
