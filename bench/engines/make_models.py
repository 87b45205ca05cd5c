"""Makes the float network, its INT8 forms and its compiled forms: weights of a fixed seed, lively activations.

Speed does not depend on what a network knows, but on its shape; what it answers must depend on the image, or nothing
could be checked. So weights are random, and each batch norm has the statistics of made-up images.
"""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import onnx
import torch

from engines.networks import Network
from taktgate_prep.compile.compiler import compiled
from taktgate_prep.compile.network import to_bytes
from taktgate_prep.contract.contract import Contract
from taktgate_prep.contract.labels import Label
from taktgate_prep.data.window import to_tensor
from taktgate_prep.model.model_file import load_model
from taktgate_prep.model.runtime import open_session, run_one
from taktgate_prep.quantise.finish import finish
from taktgate_prep.quantise.float_graph import prepare
from taktgate_prep.quantise.observe import observe
from taktgate_prep.quantise.plan import Plan
from taktgate_prep.quantise.qdq import write
from taktgate_prep.quantise.ranges import ranges
from taktgate_prep.quantise.windows import Windows
from taktgate_prep.train.export import to_onnx
from taktgate_prep.train.network import build

CALIBRATION, CHECKED = 64, 32
SPREAD = 2.0  # of each logit, between images


def make(network: Network) -> None:
    """Writes everything that does not need a peer's tools."""
    folder = network.folder
    folder.mkdir(parents=True, exist_ok=True)
    contract = contract_of(network)
    contract.save(folder / "fp32.contract.json")
    learned, checked = images(network, CALIBRATION, 1), images(network, CHECKED, 2)
    (folder / "fp32.onnx").write_bytes(float_network(network, contract, learned))
    np.save(folder / "calibration.npy", to_tensor(learned, contract))
    np.save(folder / "pixels.npy", checked)
    np.save(folder / "tensors.npy", to_tensor(checked, contract))
    session = open_session((folder / "fp32.onnx").read_bytes())
    np.save(folder / "reference.npy", np.stack([run_one(session, one[None]) for one in to_tensor(checked, contract)]))
    quantise(network, contract, learned)


def contract_of(network: Network) -> Contract:
    """Pixels to -1..1."""
    grey, golden = network.channels < 3, network.channels == 2
    return Contract(
        network.side,
        network.side,
        "grey" if grey else "rgb",
        golden,
        "area",
        (2 / 255,) * network.channels,
        (-1.0,) * network.channels,
        tuple(Label(f"class{k}", k == 0) for k in range(network.labels)),
    )


def images(network: Network, count: int, seed: int) -> np.ndarray:
    """Random fields, coarse to fine: uint8 [count, side, side, channels]."""
    rng = np.random.default_rng(seed)
    total = np.zeros((count, network.side, network.side, network.channels), np.float32)
    for cells in (2, 4, 8, 16, 32):
        coarse = rng.normal(0, 1, (count, cells, cells, network.channels)).astype(np.float32)
        total += np.repeat(np.repeat(coarse, network.side // cells, axis=1), network.side // cells, axis=2)
    total += rng.normal(0, 0.3, total.shape)
    total *= rng.uniform(0.2, 1.4, (count, 1, 1, 1))  # contrast, and brightness: what pooling leaves
    total += rng.normal(0, 0.8, (count, 1, 1, network.channels))
    return (127.5 + 45 * total).clip(0, 255).astype(np.uint8)


def float_network(network: Network, contract: Contract, learned: np.ndarray) -> bytes:
    """ONNX; where a stride halves a map, padded as TensorFlow does it, which every runtime here has."""
    torch.manual_seed(20261201)
    torch.set_num_threads(1)
    net = build(network.arch, network.channels, network.labels, dropout=0.0)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None  # the plain mean of all batches
            torch.nn.init.uniform_(module.weight, 0.7, 1.3)
        if getattr(module, "bias", None) is not None:
            torch.nn.init.uniform_(module.bias, -0.3, 0.3)
    tensors = torch.from_numpy(to_tensor(learned, contract))
    with torch.no_grad():
        for batch in tensors.split(16):
            net.train()(batch)
        spread_logits(net.eval(), tensors)
    model = onnx.load_model_from_string(to_onnx(net, contract))
    for node in model.graph.node:
        pad_at_the_end(node)
    onnx.checker.check_model(model)
    buffer = io.BytesIO()
    onnx.save(model, buffer)
    return buffer.getvalue()


def spread_logits(net: torch.nn.Module, tensors: torch.Tensor) -> None:
    """Scales and shifts each logit: its mean over images is 0, its standard deviation SPREAD."""
    logits = torch.cat([net(batch) for batch in tensors.split(16)])
    factor = SPREAD / logits.std(0).clamp(min=1e-6)
    last = net.classifier[-1]
    last.weight *= factor[:, None]
    last.bias.copy_((last.bias - logits.mean(0)) * factor)


def pad_at_the_end(node: onnx.NodeProto) -> None:
    """Of a Conv with stride 2 on an even map: the odd row and column of padding at the end alone."""
    given = {attribute.name: list(attribute.ints) for attribute in node.attribute}
    if node.op_type == "Conv" and given.get("strides") == [2, 2]:
        pads = next(attribute for attribute in node.attribute if attribute.name == "pads")
        before = (given["kernel_shape"][0] - 2) // 2
        del pads.ints[:]
        pads.ints.extend([before, before, before + 1, before + 1])


def quantise(network: Network, contract: Contract, learned: np.ndarray) -> None:
    """int8-7.onnx and int8-8.onnx by bits of the weights, and what the engine runs of each; int8-gates.onnx, which ONNX
    Runtime computes without a float in its gates."""
    folder = network.folder
    graph = prepare(load_model(folder / "fp32.onnx", contract))
    seen = observe(graph, Windows(learned, contract), [range(len(learned))], lambda _: None)[0]
    plan = Plan(ranges(graph, seen, "minmax"))
    gates = finish(write(graph, replace(plan, integer_gates=True)), graph).model
    (folder / "int8-gates.onnx").write_bytes(gates)
    for bits in (7, 8):
        stem = folder / f"int8-{bits}"
        model = finish(write(graph, replace(plan, weight_bits=bits)), graph).model
        stem.with_suffix(".onnx").write_bytes(model)
        contract.save(stem.with_suffix(".contract.json"))
        stem.with_suffix(".tgn").write_bytes(
            to_bytes(compiled(load_model(stem.with_suffix(".onnx"), contract), contract))
        )
