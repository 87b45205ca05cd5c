"""Inputs with their channels last (NHWC), as TensorFlow and Keras have them."""

from __future__ import annotations

import onnx
from onnx import helper

from taktgate_prep.model.foreign.walk import rename

_TO_LAST, _TO_FIRST = [0, 2, 3, 1], [0, 3, 1, 2]


def channels_first(model: onnx.ModelProto, value: onnx.ValueInfoProto) -> str:
    """The input takes NCHW from now on; says so. `value`: an input of four dimensions, the last one the channels."""
    dims = [type(dim)() for dim in value.type.tensor_type.shape.dim]
    for new, k in zip(dims, _TO_FIRST, strict=True):
        new.CopyFrom(value.type.tensor_type.shape.dim[k])
    del value.type.tensor_type.shape.dim[:]
    value.type.tensor_type.shape.dim.extend(dims)
    del model.graph.value_info[:]
    turned = f"{value.name}/channels_last"
    rename(model, value.name, turned)
    kept = []
    for node in model.graph.node:
        back = node.op_type == "Transpose" and node.input[0] == turned and list(node.attribute[0].ints) == _TO_FIRST
        if back and node.output[0] not in {output.name for output in model.graph.output}:
            rename(model, node.output[0], value.name)
        else:
            kept.append(node)
    if any(turned in node.input for node in kept):
        kept.insert(0, helper.make_node("Transpose", [value.name], [turned], name=turned, perm=_TO_LAST))
    del model.graph.node[:]
    model.graph.node.extend(kept)
    return "its input has the channels last (NHWC): it is given NCHW, as the device does"
