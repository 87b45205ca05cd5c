"""Reading a float or INT8 ONNX classifier and holding it against its contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnx.inliner
from google.protobuf.message import DecodeError
from onnx import numpy_helper

from taktgate_prep.contract.contract import Contract
from taktgate_prep.errors import InputError
from taktgate_prep.files.names import listed
from taktgate_prep.files.whole import read_bytes, sha256
from taktgate_prep.model.foreign.ending import last_operator, to_logits
from taktgate_prep.model.foreign.external import take_external
from taktgate_prep.model.foreign.fold import fold
from taktgate_prep.model.foreign.kind import no_logits, of_domain, of_file, of_output
from taktgate_prep.model.foreign.layout import channels_first
from taktgate_prep.model.foreign.numbers import as_float32
from taktgate_prep.model.foreign.probe import gives_probabilities
from taktgate_prep.model.foreign.walk import nodes, tensors
from taktgate_prep.model.runtime import first_line

MAX_MODEL = 64 << 20  # of a bundle's decoded model
_MIN_OPSET = 13
_INTEGER = ("QuantizeLinear", "DequantizeLinear", "QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger")


@dataclass(frozen=True)
class Model:
    """A model that fits its contract, its batch fixed to 1, its weights inside, its output logits; notes: what was
    changed for that. `file` describes the bytes on disk, those of the files `beside` it included."""

    proto: onnx.ModelProto
    path: Path
    file_bytes: int
    file_sha256: str
    notes: tuple[str, ...]
    beside: tuple[Path, ...] = ()

    @property
    def quantised(self) -> bool:
        """Whether it computes with integers: operators that quantise, or that take quantised values."""
        return any(node.op_type in _INTEGER for node in nodes(self.proto.graph.node))

    def disk_bytes(self) -> bytes:
        """What was read, one file after the other."""
        return b"".join(path.read_bytes() for path in (self.path, *self.beside))

    def to_bytes(self) -> bytes:
        """The model as it is used."""
        return bytes(self.proto.SerializeToString(deterministic=True))


def load_model(
    path: Path, contract: Contract, only_logits: bool = False, note: Callable[[str], None] | None = None
) -> Model:
    """Reads and checks; one clear message for the first thing that is wrong. `only_logits`: the contract is
    not the model's own; extra outputs are not wanted, and refused only where quantise cannot have made
    them. `note` hears of what was changed."""
    data = read_bytes(path, 2 * MAX_MODEL, "an ONNX model")
    proto = _parse(data, path)
    beside = take_external(proto, path, 2 * MAX_MODEL)
    notes = [f"weights read from {file.name}" for file in beside]
    _check_operators(proto, path)
    _check_weights(proto, path)
    _check_graph(proto, path)
    notes += as_float32(proto)
    _check_finite(proto, path)
    notes += _check_input(proto, path, contract)
    _check_output_names(proto, path, contract, only_logits)
    notes += _settle_shapes(proto, path, contract.logits_name)
    notes += to_logits(proto, contract.logits_name, contract.label_names)
    _check_output(proto, path, contract, only_logits)
    model = Model(
        proto,
        path,
        len(data) + sum(map(len, beside.values())),
        sha256(b"".join((data, *beside.values()))),
        tuple(notes),
        tuple(beside),
    )
    if gives_probabilities(model.to_bytes(), str(path), contract):
        raise InputError(
            f"{path}: expected logits, got probabilities (they always sum to one), and no Softmax at the "
            "end to take the logits from before it: export the network without its softmax"
        )
    if note is not None:
        for text in notes:
            note(f"{path}: {text}")
    return model


def graph_input(graph: onnx.GraphProto) -> list[onnx.ValueInfoProto]:
    """Inputs that are fed, not weights."""
    weights = {tensor.name for tensor in graph.initializer}
    return [value for value in graph.input if value.name not in weights]


def _parse(data: bytes, path: Path) -> onnx.ModelProto:
    try:
        proto = onnx.load_from_string(data)
    except DecodeError:
        raise InputError(f"{path}: expected an ONNX model, got {of_file(data)}") from None
    if not proto.ir_version or not proto.graph.node:
        raise InputError(
            f"{path}: expected an ONNX model, got {'an empty file' if not data else 'one without nodes'}: "
            "export it again"
        )
    return proto


def _check_operators(proto: onnx.ModelProto, path: Path) -> None:
    opset = max((entry.version for entry in proto.opset_import if entry.domain in ("", "ai.onnx")), default=0)
    if opset < _MIN_OPSET:
        raise InputError(f"{path}: expected opset {_MIN_OPSET} or newer, got {opset}: export it again with opset 17")
    if proto.functions:
        proto.CopyFrom(onnx.inliner.inline_local_functions(proto))
    for node in nodes(proto.graph.node):
        if node.domain not in ("", "ai.onnx"):
            raise InputError(
                f"{path}: expected standard operators only, got {of_domain(node.domain, node.op_type)} "
                f"(node {node.name or node.output[0]!r})"
            )


def _check_graph(proto: onnx.ModelProto, path: Path) -> None:
    """Before anything looks into it: the libraries' own code may end the process on a graph that is none."""
    shaped = onnx.ModelProto()
    shaped.CopyFrom(proto)
    for value in (*shaped.graph.input, *shaped.graph.output):  # what has no shape is inferred, or refused by name
        if value.type.WhichOneof("value") == "tensor_type":
            value.type.tensor_type.shape.SetInParent()
    try:
        onnx.checker.check_model(shaped)
    except Exception as error:  # its error types share no other base
        raise InputError(f"{path}: expected a valid ONNX graph, got: {first_line(error)}: export it again") from None


def _check_weights(proto: onnx.ModelProto, path: Path) -> None:
    if proto.graph.sparse_initializer:
        raise InputError(f"{path}: expected dense weights, got sparse ones: export them dense")
    for tensor in tensors(proto):
        try:
            numpy_helper.to_array(tensor)
        except (ValueError, TypeError) as error:
            raise InputError(
                f"{path}: expected whole weights, got a damaged tensor {tensor.name!r} "
                f"({first_line(error)}): export it again"
            ) from None


def _check_finite(proto: onnx.ModelProto, path: Path) -> None:
    for tensor in tensors(proto):
        if tensor.data_type == onnx.TensorProto.FLOAT:
            values = numpy_helper.to_array(tensor)
            bad = int(values.size - np.count_nonzero(np.isfinite(values)))
            if bad:
                raise InputError(
                    f"{path}: expected finite weights, got {bad} that are not in {tensor.name!r}: train "
                    "it again, this model is broken"
                )


def _check_input(proto: onnx.ModelProto, path: Path, contract: Contract) -> list[str]:
    inputs = graph_input(proto.graph)
    if len(inputs) != 1:
        raise InputError(
            f"{path}: expected one input, got {len(inputs)} "
            f"({', '.join(value.name for value in inputs)}): export the classifier alone"
        )
    value = inputs[0]
    if value.name != contract.input_name:
        raise InputError(
            f"{path}: expected the input {contract.input_name!r} of the contract, got {value.name!r}: "
            "correct the contract's input.name"
        )
    kind = value.type.tensor_type
    if kind.elem_type != onnx.TensorProto.FLOAT:
        raise InputError(f"{path}: expected a float32 input, got {_type_name(kind.elem_type)}: export it as float32")
    shape = _shape(value)
    wanted = [1, contract.channels_total, contract.height, contract.width]
    if shape is None or len(shape) != 4:
        raise InputError(
            f"{path}: expected an input of shape {wanted}, got "
            f"{'no shape' if shape is None else f'{shape}, which is no image'}: export it as NCHW"
        )
    notes = []
    if shape[1:] == [*wanted[2:], wanted[1]]:
        notes.append(channels_first(proto, value))
        shape = [shape[0], *wanted[1:]]
    for axis, name in ((1, "channels"), (2, "height"), (3, "width")):
        if not isinstance(shape[axis], int):
            raise InputError(
                f"{path}: expected a fixed shape {wanted}, got a dynamic {name} ({shape}): export it with fixed sizes"
            )
        if shape[axis] != wanted[axis]:
            what = "1 to 4, grey or rgb and golden" if axis == 1 else f"the contract's input.{name}"
            raise InputError(
                f"{path}: expected {wanted[axis]} {name} in the input as in the contract, got "
                f"{shape[axis]} (shape {shape}; {what}): take the contract that belongs to this model"
            )
    if shape[0] == 1:
        return notes
    if isinstance(shape[0], int):
        raise InputError(f"{path}: expected batch 1, got a fixed batch of {shape[0]}: export it with batch 1")
    _fix_batch(proto, value)
    return [*notes, f"batch dimension {shape[0]!r} fixed to 1"]


def _fix_batch(proto: onnx.ModelProto, value: onnx.ValueInfoProto) -> None:
    """Sets the leading dimension to 1; what follows from it is inferred anew."""
    for one in (value, *proto.graph.output):
        if one.type.tensor_type.shape.dim:
            first = one.type.tensor_type.shape.dim[0]
            if not first.HasField("dim_value"):
                first.dim_value = 1
    del proto.graph.value_info[:]


def _settle_shapes(proto: onnx.ModelProto, path: Path, name: str) -> list[str]:
    """Sizes that the graph computes, as of pads that depend on the size of a map, are computed once: only then can the
    shape of the output `name` be inferred."""
    if _is_fixed(proto, name):
        return []
    folded = fold(proto, str(path))
    if not _is_fixed(folded, name):
        return []
    proto.CopyFrom(folded)
    return ["the sizes that it computes are computed once"]


def _is_fixed(proto: onnx.ModelProto, name: str) -> bool:
    """Whether every side of an output can be inferred, or nothing can be inferred at all."""
    try:
        inferred = onnx.shape_inference.infer_shapes(proto, data_prop=True)
    except onnx.shape_inference.InferenceError:
        return True  # refused where the output is checked
    shape = next(_shape(value) for value in inferred.graph.output if value.name == name)
    return shape is not None and all(isinstance(side, int) for side in shape)


def _check_output_names(proto: onnx.ModelProto, path: Path, contract: Contract, only_logits: bool) -> None:
    outputs = {value.name: value for value in proto.graph.output}
    extra = () if only_logits else contract.extra_outputs
    wanted = [contract.logits_name, *(output.name for output in extra)]
    for name in wanted:
        if name not in outputs:
            raise InputError(
                f"{path}: expected the output {name!r} of the contract, got {', '.join(outputs)}: "
                "correct the contract's outputs"
            )
    for name in outputs:
        made = only_logits and outputs[name].type.tensor_type.elem_type == onnx.TensorProto.UINT8
        if name not in wanted and not made:
            raise InputError(
                f"{path}: expected no output but those of the contract ({', '.join(wanted)}), got "
                f"{name!r} too: export the classifier alone"
            )
    if proto.graph.output[0].name != contract.logits_name:
        raise InputError(
            f"{path}: expected {contract.logits_name!r} as the first output, got "
            f"{proto.graph.output[0].name!r}: put it first"
        )
    operator = last_operator(proto, contract.logits_name)
    instead = no_logits(operator)
    if instead is not None:
        raise InputError(
            f"{path}: expected logits, one for each class, got a network that ends in {operator}, which "
            f"gives {instead}: export it without"
        )
    _check_kind(outputs[contract.logits_name], onnx.TensorProto.FLOAT, "float32 logits", path)


def _check_output(proto: onnx.ModelProto, path: Path, contract: Contract, only_logits: bool) -> None:
    outputs = {value.name: value for value in proto.graph.output}
    extra = () if only_logits else contract.extra_outputs
    inferred = _inferred(proto, path)
    count = len(contract.labels)
    shape = inferred[contract.logits_name]
    if shape != [1, count]:
        last = shape[-1] if shape else None
        raise InputError(
            f"{path}: expected logits of shape [1, {count}] for the {count} labels of the contract "
            f"({listed(contract.label_names)}), got {shape if shape is not None else 'no shape'}"
            f"{of_output(shape, count)}: "
            + (
                f"name {last} labels or export again"
                if isinstance(last, int) and last != count
                else "export it with fixed sizes"
            )
        )
    for output in extra:
        _check_kind(outputs[output.name], onnx.TensorProto.UINT8, f"uint8 values of {output.name!r}", path)
        values = [side for side in inferred[output.name] or [0] if side != 1]
        if values != [side for side in output.shape if side != 1]:
            wanted_shape = " x ".join(map(str, output.shape))
            raise InputError(
                f"{path}: expected {output.name!r} ({output.role}) of {wanted_shape} values as in the "
                f"contract, got shape {inferred[output.name]}: take the contract that "
                "belongs to this model"
            )


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
    return [
        dim.dim_value if dim.HasField("dim_value") else dim.dim_param or "?" for dim in value.type.tensor_type.shape.dim
    ]


def _type_name(kind: int) -> str:
    return onnx.TensorProto.DataType.Name(kind).lower() if kind else "no type"
