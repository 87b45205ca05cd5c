"""Small networks of the MobileNetV3 kind, made with onnx.helper: no torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from taktgate_prep.contract.contract import Contract
from taktgate_prep.contract.labels import Label


class NetBuilder:
    """Collects nodes and weights; every method returns the name of its output."""

    def __init__(self, channels: int, side: int, labels: int, seed: int = 0, batch: int | str = 1) -> None:
        self.rng = np.random.default_rng(seed)
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self.shape = [batch, channels, side, side]
        self.labels = labels

    def weight(self, name: str, value: np.ndarray) -> str:
        self.weights.append(numpy_helper.from_array(np.asarray(value, np.float32), name))
        return name

    def op(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        name = f"/{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [f"{name}_out"], name=name, **attributes))
        return f"{name}_out"

    def conv(self, x: str, ins: int, outs: int, kernel: int, stride: int = 1, group: int = 1) -> str:
        fan = kernel * kernel * ins // group
        w = self.weight(f"w{len(self.nodes)}", self.rng.normal(0, fan**-0.5, (outs, ins // group, kernel, kernel)))
        b = self.weight(f"b{len(self.nodes)}", self.rng.normal(0, 0.1, outs))
        return self.op(
            "Conv", [x, w, b], kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[kernel // 2] * 4, group=group
        )

    def batch_norm(self, x: str, channels: int) -> str:
        i = len(self.nodes)
        values = [
            self.rng.uniform(0.5, 1.5, channels),
            self.rng.normal(0, 0.1, channels),
            self.rng.normal(0, 0.1, channels),
            self.rng.uniform(0.5, 1.5, channels),
        ]
        return self.op("BatchNormalization", [x, *(self.weight(f"bn{i}_{k}", v) for k, v in enumerate(values))])

    def gemm(self, x: str, ins: int, outs: int) -> str:
        w = self.weight(f"w{len(self.nodes)}", self.rng.normal(0, ins**-0.5, (outs, ins)))
        b = self.weight(f"b{len(self.nodes)}", self.rng.normal(0, 0.1, outs))
        return self.op("Gemm", [x, w, b], transB=1)

    def squeeze_excite(self, x: str, channels: int) -> str:
        pooled = self.op("GlobalAveragePool", [x])
        inner = self.op("Relu", [self.conv(pooled, channels, 8, 1)])
        return self.op("Mul", [x, self.op("HardSigmoid", [self.conv(inner, 8, channels, 1)], alpha=1 / 6, beta=0.5)])

    def finish(self, logits: str) -> onnx.ModelProto:
        self.nodes[-1].output[0] = "logits"
        assert logits == f"{self.nodes[-1].name}_out"
        graph = helper.make_graph(
            self.nodes,
            "net",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, self.shape)],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [self.shape[0], self.labels])],
            self.weights,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def small_net(
    channels: int = 2, side: int = 32, labels: int = 2, batch: int | str = 1, batch_norm: bool = False
) -> onnx.ModelProto:
    """Stem, depthwise, squeeze-excite, residual, head: 7 Conv and 2 Gemm."""
    net = NetBuilder(channels, side, labels, batch=batch)
    x = net.conv("input", channels, 16, 3, stride=2)
    if batch_norm:
        x = net.batch_norm(x, 16)
    x = net.op("HardSwish", [x])
    y = net.op("Relu", [net.conv(x, 16, 16, 3, group=16)])
    y = net.squeeze_excite(y, 16)
    y = net.conv(y, 16, 16, 1)
    x = net.op("Add", [x, y])
    x = net.op("HardSwish", [net.conv(x, 16, 32, 1)])
    x = net.op("HardSwish", [net.conv(x, 32, 32, 5, stride=2, group=32)])
    x = net.op("Flatten", [net.op("GlobalAveragePool", [x])])
    x = net.op("HardSwish", [net.gemm(x, 32, 24)])
    return net.finish(net.gemm(x, 24, labels))


def contract_for(
    channels: str = "grey", golden: bool = True, side: int = 32, names: tuple[str, ...] = ("good", "dot")
) -> Contract:
    """Pixels to -1..1; the class `good` passes."""
    count = {"grey": 1, "rgb": 3}[channels] + int(golden)
    return Contract(
        side,
        side,
        channels,
        golden,
        "area",
        (2 / 255,) * count,
        (-1.0,) * count,
        tuple(Label(name, name == "good") for name in names),
    )


def write_net(model: onnx.ModelProto, folder: Path, contract: Contract, name: str = "model") -> Path:
    """The model with its contract beside it."""
    path = folder / f"{name}.onnx"
    onnx.save(model, str(path))
    contract.save(folder / f"{name}.contract.json")
    return path
