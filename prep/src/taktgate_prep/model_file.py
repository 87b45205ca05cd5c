"""Reading a float or INT8 ONNX classifier and holding it against its contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import numpy_helper

from taktgate_prep.contract import Contract
from taktgate_prep.errors import InputError
from taktgate_prep.files import read_bytes, sha256
from taktgate_prep.runtime import first_line

MAX_MODEL = 64 << 20  # of a bundle's decoded model
_MIN_OPSET = 13
_INTEGER = ("QuantizeLinear", "DequantizeLinear", "QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger")
_FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE, onnx.TensorProto.FLOAT16, onnx.TensorProto.BFLOAT16)


@dataclass(frozen=True)
class Model:
    """A model that fits its contract, its batch fixed to 1; `file` describes the bytes on disk."""

    proto: onnx.ModelProto
    path: Path
    file_bytes: int
    file_sha256: str
    notes: tuple[str, ...]

    @property
    def quantised(self) -> bool:
        """Whether it computes with integers: operators that quantise, or that take quantised values."""
        return any(node.op_type in _INTEGER for node in _nodes(self.proto.graph))

    def to_bytes(self) -> bytes:
        """The model with batch 1."""
        return bytes(self.proto.SerializeToString(deterministic=True))


def load_model(path: Path, contract: Contract, only_logits: bool = False) -> Model:
    """Reads and checks; one clear message for the first thing that is wrong. `only_logits`: the contract is
    not the model's own; outputs beside the logits are not wanted, and refused only where quantize cannot have made
    them."""
    data = read_bytes(path, 2 * MAX_MODEL, "an ONNX model")
    proto = _parse(data, path)
    _check_operators(proto, path)
    _check_tensors(proto, path)
    notes = _check_input(proto, path, contract)
    _check_output(proto, path, contract, only_logits)
    return Model(proto, path, len(data), sha256(data), tuple(notes))


def graph_input(graph: onnx.GraphProto) -> list[onnx.ValueInfoProto]:
    """Inputs that are fed, not weights."""
    weights = {tensor.name for tensor in graph.initializer}
    return [value for value in graph.input if value.name not in weights]


def _parse(data: bytes, path: Path) -> onnx.ModelProto:
    try:
        proto = onnx.load_from_string(data)
    except DecodeError:
        raise InputError(f"{path}: expected an ONNX model, got another or a damaged file: export it again") from None
    if not proto.ir_version or not proto.graph.node:
        raise InputError(f"{path}: expected an ONNX model, got {'an empty file' if not data else 'one without nodes'}: "
                         "export it again")
    return proto


def _check_operators(proto: onnx.ModelProto, path: Path) -> None:
    opset = max((entry.version for entry in proto.opset_import if entry.domain in ("", "ai.onnx")), default=0)
    if opset < _MIN_OPSET:
        raise InputError(f"{path}: expected opset {_MIN_OPSET} or newer, got {opset}: export it again with opset 17")
    if proto.functions:
        raise InputError(f"{path}: expected standard operators only, got the model function "
                         f"{proto.functions[0].name!r}: export without functions")
    for node in _nodes(proto.graph):
        if node.domain not in ("", "ai.onnx"):
            raise InputError(f"{path}: expected standard operators only, got the custom operator "
                             f"{node.domain}::{node.op_type} ({node.name or node.output[0]!r}): export without it")


def _check_tensors(proto: onnx.ModelProto, path: Path) -> None:
    if proto.graph.sparse_initializer:
        raise InputError(f"{path}: expected dense weights, got sparse ones: export them dense")
    for tensor in _tensors(proto.graph):
        if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
            raise InputError(f"{path}: expected all weights inside the file, got {tensor.name!r} as external data: "
                             "save it again as one file")
        try:
            values = numpy_helper.to_array(tensor)
        except (ValueError, TypeError) as error:
            raise InputError(f"{path}: expected whole weights, got a damaged tensor {tensor.name!r} "
                             f"({first_line(error)}): export it again") from None
        if tensor.data_type in _FLOATS:
            bad = int(values.size - np.count_nonzero(np.isfinite(values.astype(np.float64))))
            if bad:
                raise InputError(f"{path}: expected finite weights, got {bad} that are not in {tensor.name!r}: train "
                                 "it again, this model is broken")


def _check_input(proto: onnx.ModelProto, path: Path, contract: Contract) -> list[str]:
    inputs = graph_input(proto.graph)
    if len(inputs) != 1:
        raise InputError(f"{path}: expected one input, got {len(inputs)} "
                         f"({', '.join(value.name for value in inputs)}): export the classifier alone")
    value = inputs[0]
    if value.name != contract.input_name:
        raise InputError(f"{path}: expected the input {contract.input_name!r} of the contract, got {value.name!r}: "
                         "correct the contract's input.name")
    kind = value.type.tensor_type
    if kind.elem_type != onnx.TensorProto.FLOAT:
        raise InputError(f"{path}: expected a float32 input, got {_type_name(kind.elem_type)}: export it as float32")
    shape = _shape(value)
    wanted = [1, contract.channels_total, contract.height, contract.width]
    if shape is None or len(shape) != 4:
        raise InputError(f"{path}: expected an input of shape {wanted}, got "
                         f"{'no shape' if shape is None else shape}: export it as NCHW")
    for axis, name in ((1, "channels"), (2, "height"), (3, "width")):
        if not isinstance(shape[axis], int):
            raise InputError(f"{path}: expected a fixed shape {wanted}, got a dynamic {name} ({shape}): export it "
                             "with fixed sizes")
        if shape[axis] != wanted[axis]:
            what = "1 to 4, grey or rgb and golden" if axis == 1 else f"the contract's input.{name}"
            raise InputError(f"{path}: expected {wanted[axis]} {name} in the input as in the contract, got "
                             f"{shape[axis]} (shape {shape}; {what}): take the contract that belongs to this model")
    if shape[0] == 1:
        return []
    if isinstance(shape[0], int):
        raise InputError(f"{path}: expected batch 1, got a fixed batch of {shape[0]}: export it with batch 1")
    _fix_batch(proto, value)
    return [f"batch dimension {shape[0]!r} fixed to 1"]


def _fix_batch(proto: onnx.ModelProto, value: onnx.ValueInfoProto) -> None:
    """Sets the leading dimension to 1; what follows from it is inferred anew."""
    for one in (value, *proto.graph.output):
        if one.type.tensor_type.shape.dim:
            first = one.type.tensor_type.shape.dim[0]
            if not first.HasField("dim_value"):
                first.dim_value = 1
    del proto.graph.value_info[:]


def _check_output(proto: onnx.ModelProto, path: Path, contract: Contract, only_logits: bool) -> None:
    outputs = {value.name: value for value in proto.graph.output}
    extra = () if only_logits else contract.extra_outputs
    wanted = [contract.logits_name, *(output.name for output in extra)]
    for name in wanted:
        if name not in outputs:
            raise InputError(f"{path}: expected the output {name!r} of the contract, got {', '.join(outputs)}: "
                             "correct the contract's outputs")
    for name in outputs:
        made = only_logits and outputs[name].type.tensor_type.elem_type == onnx.TensorProto.UINT8
        if name not in wanted and not made:
            raise InputError(f"{path}: expected no output but those of the contract ({', '.join(wanted)}), got "
                             f"{name!r} too: export the classifier alone")
    if proto.graph.output[0].name != contract.logits_name:
        raise InputError(f"{path}: expected {contract.logits_name!r} as the first output, got "
                         f"{proto.graph.output[0].name!r}: put it first")
    _check_kind(outputs[contract.logits_name], onnx.TensorProto.FLOAT, "float32 logits", path)
    inferred = _inferred(proto, path)
    count = len(contract.labels)
    shape = inferred[contract.logits_name]
    if shape != [1, count]:
        last = shape[-1] if shape else None
        raise InputError(f"{path}: expected logits of shape [1, {count}] for the {count} labels of the contract "
                         f"({', '.join(contract.label_names)}), got {shape if shape is not None else 'no shape'}: "
                         + (f"name {last} labels or export again" if isinstance(last, int) and last != count
                            else "export it with fixed sizes"))
    for output in extra:
        _check_kind(outputs[output.name], onnx.TensorProto.UINT8, f"uint8 values of {output.name!r}", path)
        values = [side for side in inferred[output.name] or [0] if side != 1]
        if values != [side for side in output.shape if side != 1]:
            wanted_shape = " x ".join(map(str, output.shape))
            raise InputError(f"{path}: expected {output.name!r} ({output.role}) of {wanted_shape} values as in the "
                             f"contract, got shape {inferred[output.name]}: take the contract that "
                             "belongs to this model")


def _check_kind(value: onnx.ValueInfoProto, kind: int, what: str, path: Path) -> None:
    came = value.type.tensor_type.elem_type
    if came != kind:
        raise InputError(f"{path}: expected {what}, got {_type_name(came)}: export it as {_type_name(kind)}")


def _inferred(proto: onnx.ModelProto, path: Path) -> dict[str, list[int | str] | None]:
    """Shapes of the outputs by name."""
    try:
        inferred = onnx.shape_inference.infer_shapes(proto, strict_mode=True, data_prop=True)
        onnx.checker.check_model(inferred)
    except Exception as error:  # checker and inference have unrelated error types
        raise InputError(f"{path}: expected a valid ONNX graph, got: {first_line(error)}: export it again") from None
    return {value.name: _shape(value) for value in inferred.graph.output}


def _shape(value: onnx.ValueInfoProto) -> list[int | str] | None:
    if not value.type.tensor_type.HasField("shape"):
        return None
    return [dim.dim_value if dim.HasField("dim_value") else dim.dim_param or "?"
            for dim in value.type.tensor_type.shape.dim]


def _type_name(kind: int) -> str:
    return onnx.TensorProto.DataType.Name(kind).lower() if kind else "no type"


def _nodes(graph: onnx.GraphProto) -> Iterator[Any]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from _nodes(inner)


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            for inner in (attribute.g, *attribute.graphs):
                yield from _tensors(inner)
