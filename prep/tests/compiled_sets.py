"""Quantised networks of several forms, and what ONNX Runtime makes of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nets
import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from taktgate_prep.compile.compiler import _Compiler, compiled
from taktgate_prep.compile.network import Kind, Network
from taktgate_prep.compile.reference import Reference
from taktgate_prep.compile.values import Coded
from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.window import to_tensor
from taktgate_prep.extra_outputs import extend
from taktgate_prep.model.model_file import Model, load_model
from taktgate_prep.model.runtime import open_session
from taktgate_prep.quantise.finish import finish
from taktgate_prep.quantise.float_graph import prepare
from taktgate_prep.quantise.observe import observe
from taktgate_prep.quantise.plan import Plan
from taktgate_prep.quantise.qdq import write
from taktgate_prep.quantise.ranges import ranges
from taktgate_prep.quantise.score import logits_of
from taktgate_prep.quantise.windows import Windows


@dataclass(frozen=True)
class Pair:
    """A model as ONNX Runtime takes it, and compiled."""

    model: Model
    contract: Contract
    network: Network


class Reader(CalibrationDataReader):
    def __init__(self, tensors: np.ndarray) -> None:
        self._rows = iter(tensors)

    def get_next(self) -> dict[str, np.ndarray] | None:
        row = next(self._rows, None)
        return None if row is None else {"input": row[None]}


def balanced(model: onnx.ModelProto, contract: Contract) -> onnx.ModelProto:
    """With a last bias under which every class wins now and then, and logits that differ between images."""
    logits = logits_of(model.SerializeToString(), "net", windows(contract, 100, 5))
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    weights, bias = (tensors[name] for name in model.graph.node[-1].input[1:])
    factor = 1 / logits.std(axis=0)
    for tensor, value in (
        (weights, onnx.numpy_helper.to_array(weights) * factor[:, None]),
        (bias, (onnx.numpy_helper.to_array(bias) - logits.mean(axis=0)) * factor),
    ):
        tensor.CopyFrom(onnx.numpy_helper.from_array(value.astype(np.float32), tensor.name))
    return model


def windows(contract: Contract, count: int, seed: int) -> Windows:
    """Patches with noise."""
    rng = np.random.default_rng(seed)
    side = contract.height // 4
    smooth = rng.uniform(0, 255, (count, side, side, contract.channels_total)).repeat(4, axis=1).repeat(4, axis=2)
    return Windows((smooth + rng.normal(0, 12, smooth.shape)).clip(0, 255).astype(np.uint8), contract)


def quantised(float_model: onnx.ModelProto, contract: Contract, folder: Path, **changes: Any) -> Pair:
    """As `taktgate-prep quantise` writes it, with a plan of such changes, compiled."""
    data, contract = written(float_model, contract, folder, **changes)
    return loaded(data, contract, folder)


def written(
    float_model: onnx.ModelProto,
    contract: Contract,
    folder: Path,
    extra: bool = False,
    balance: bool = True,
    **changes: Any,
) -> tuple[bytes, Contract]:
    """The INT8 model, and the contract with its extra outputs."""
    model = balanced(float_model, contract) if balance else float_model
    graph = prepare(load_model(nets.write_net(model, folder, contract), contract))
    seen = windows(contract, 48, 1)
    plan = Plan(ranges(graph, observe(graph, seen, [range(48)], lambda _: None)[0], "minmax"))
    model = write(graph, replace(plan, **changes))
    if extra:
        extended = extend(model, seen.tensors(48))
        model, contract = extended.model, replace(contract, extra_outputs=extended.outputs)
    return finish(model, graph, frozenset(changes.get("left_float", ()))).model, contract


@contextmanager
def quiet() -> Iterator[None]:
    """The tool warns of things that tests do to it."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def quantised_by_runtime(
    float_model: onnx.ModelProto,
    contract: Contract,
    folder: Path,
    activations: QuantType,
    per_channel: bool,
    balance: bool = True,
    prepared: bool = False,
    count: int = 48,
    **options: Any,
) -> Pair:
    """As ONNX Runtime's own tool writes it, calibrated on `count` windows. options: of the tool."""
    plain = str(folder / "float.onnx")
    onnx.save(balanced(float_model, contract) if balance else float_model, plain)
    with quiet():
        if prepared:
            quant_pre_process(plain, plain, skip_symbolic_shape=True)
        quantize_static(
            plain,
            str(folder / "tool.onnx"),
            Reader(windows(contract, count, 1).tensors(count)),
            quant_format=QuantFormat.QDQ,
            activation_type=activations,
            weight_type=QuantType.QInt8,
            per_channel=per_channel,
            **options,
        )
    return loaded((folder / "tool.onnx").read_bytes(), contract, folder)


def loaded(data: bytes, contract: Contract, folder: Path) -> Pair:
    path = folder / "model.int8.onnx"
    path.write_bytes(data)
    model = load_model(path, contract)
    return Pair(model, contract, compiled(model, contract))


def of_runtime(pair: Pair, seen: Windows) -> dict[str, np.ndarray]:
    """All outputs by name, [windows, values]."""
    session = open_session(pair.model.to_bytes())
    names = [output.name for output in session.get_outputs()]
    rows = [session.run(names, {pair.contract.input_name: seen.tensor(i)}) for i in range(len(seen))]
    return {name: np.stack([row[k].ravel() for row in rows]) for k, name in enumerate(names)}


def of_reference(pair: Pair, seen: Windows) -> dict[str, np.ndarray]:
    """The same of the compiled network."""
    reference = Reference(pair.network)
    found = {pair.contract.logits_name: reference.run(seen.pixels)}
    for output, kept in zip(pair.contract.extra_outputs, pair.network.extra_outputs, strict=True):
        found[output.name] = reference.codes[kept.tensor].transpose(0, 3, 1, 2).reshape(len(seen), -1)
    return found


def table_of_pixels(contract: Contract, scale: float, zero_point: int) -> np.ndarray:
    """[channels, 256]: contract and QuantizeLinear, pixel by pixel."""
    levels = np.arange(256, dtype=np.uint8)[None, :, None, None].repeat(contract.channels_total, axis=3)
    values = to_tensor(levels, contract)[0, :, :, 0]
    return np.clip(np.rint(values / np.float32(scale)) + zero_point, 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Difference:
    """Where a window's codes are not those of ONNX Runtime for the first time."""

    kind: Kind
    largest: int  # in steps
    codes: int  # that differ, of those that this tensor has
    of: int


def first_differences(pair: Pair, seen: Windows) -> list[Difference]:
    """One for each window that has any; nodes in order, every QuantizeLinear made an output."""
    compiler = _Compiler(pair.model, pair.contract, lambda _: None)
    compiler.network()
    network = compiler._builder.network([])
    made = {one.result: one.kind for one in network.operations}
    values = {
        node.output[0]: compiler._inputs.values[node.output[0]]
        for node in compiler._graph.node
        if node.op_type == "QuantizeLinear"
    }
    coded = {name: value for name, value in values.items() if isinstance(value, Coded) and value.root >= 0}
    proto = onnx.ModelProto()
    proto.CopyFrom(pair.model.proto)
    known = {output.name for output in proto.graph.output} | {i.name for i in proto.graph.initializer}
    signed = {
        node.output[0]: next(i.data_type for i in proto.graph.initializer if i.name == node.input[2])
        for node in proto.graph.node
        if node.op_type == "QuantizeLinear"
    }
    names = [name for name in coded if name in signed]
    proto.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, signed[name], None) for name in names if name not in known
    )
    session, reference = open_session(proto.SerializeToString()), Reference(network)
    reference.run(seen.pixels)
    found = []
    for i in range(len(seen)):
        rows = session.run(names, {pair.contract.input_name: seen.tensor(i)})
        for name, row in zip(names, rows, strict=True):
            ours = coded[name].table[reference.codes[coded[name].root][i]].transpose(2, 0, 1).ravel().astype(int)
            steps = np.abs(ours - row.ravel().astype(int) - (128 if row.dtype == np.int8 else 0))
            if steps.any():
                found.append(Difference(made[coded[name].root], int(steps.max()), int((steps > 0).sum()), steps.size))
                break
    return found
