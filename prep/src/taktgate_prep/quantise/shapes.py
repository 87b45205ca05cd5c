"""Shapes of a graph's float tensors: inferred, and where that fails seen in a run."""

from __future__ import annotations

import numpy as np
import onnx

from taktgate_prep.model.runtime import open_session


def float_shapes(model: onnx.ModelProto, where: str) -> dict[str, tuple[int, ...]]:
    """Of all float tensors that are not constant, in the order of the graph; every size is fixed."""
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    values = (*inferred.graph.input, *inferred.graph.value_info, *inferred.graph.output)
    known = {value.name: _shape(value.type.tensor_type) for value in values if _is_known(value.type.tensor_type)}
    constant = {tensor.name for tensor in model.graph.initializer}
    made = [name for node in model.graph.node for name in node.output if name]
    known |= _seen(model, [name for name in made if name not in known], where)
    names = [value.name for value in model.graph.input if value.name not in constant] + made
    return {name: shape for name in names if (shape := known[name]) is not None}


def _is_known(kind: onnx.TypeProto.Tensor) -> bool:
    return (
        bool(kind.elem_type)
        and (kind.elem_type != onnx.TensorProto.FLOAT or kind.HasField("shape"))
        and all(dim.HasField("dim_value") for dim in kind.shape.dim)
    )


def _shape(kind: onnx.TypeProto.Tensor) -> tuple[int, ...] | None:
    """None: no float tensor."""
    return tuple(dim.dim_value for dim in kind.shape.dim) if kind.elem_type == onnx.TensorProto.FLOAT else None


def _seen(model: onnx.ModelProto, names: list[str], where: str) -> dict[str, tuple[int, ...] | None]:
    if not names:
        return {}
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    del watched.graph.output[:]
    watched.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    session = open_session(watched.SerializeToString(), where)
    first = session.get_inputs()[0]
    found = session.run(names, {first.name: np.zeros(first.shape, np.float32)})
    return {
        name: tuple(value.shape) if isinstance(value, np.ndarray) and value.dtype == np.float32 else None
        for name, value in zip(names, found, strict=True)
    }
