"""Graphs in float16, bfloat16 or float64, read as float32: what the INT8 model is made from, and what runs fast."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from taktgate_prep.model.foreign.walk import nodes, tensors

_OTHER = {TensorProto.FLOAT16: "float16", TensorProto.BFLOAT16: "bfloat16", TensorProto.DOUBLE: "float64"}


def as_float32(model: onnx.ModelProto) -> list[str]:
    """In words what was found; every weight, constant, type and Cast becomes float32."""
    found = {_OTHER[tensor.data_type] for tensor in tensors(model) if tensor.data_type in _OTHER}
    values = (*model.graph.input, *model.graph.output)
    found |= {
        _OTHER[value.type.tensor_type.elem_type] for value in values if value.type.tensor_type.elem_type in _OTHER
    }
    if not found:
        return []
    for tensor in tensors(model):
        if tensor.data_type in _OTHER:
            with np.errstate(over="ignore"):  # a float64 beyond float32 is found as not finite
                values32 = numpy_helper.to_array(tensor).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(values32, tensor.name))
    for value in values:
        if value.type.tensor_type.elem_type in _OTHER:
            value.type.tensor_type.elem_type = TensorProto.FLOAT
    del model.graph.value_info[:]
    for node in nodes(model.graph.node):
        for attribute in node.attribute:
            if attribute.name in ("to", "dtype") and attribute.i in _OTHER:
                attribute.i = TensorProto.FLOAT
    _drop_casts(model)
    return [f"{' and '.join(sorted(found))} inside, read as float32"]


def _drop_casts(model: onnx.ModelProto) -> None:
    """A Cast from float32 to float32 does nothing any more."""
    try:
        inferred = onnx.shape_inference.infer_shapes(model)
    except onnx.shape_inference.InferenceError:
        return  # refused where the output is checked
    kinds = {
        value.name: value.type.tensor_type.elem_type for value in (*inferred.graph.value_info, *inferred.graph.input)
    }
    for node in model.graph.node:
        if (
            node.op_type == "Cast"
            and node.attribute[0].i == TensorProto.FLOAT
            and kinds.get(node.input[0]) == TensorProto.FLOAT
        ):
            node.op_type = "Identity"
            del node.attribute[:]
