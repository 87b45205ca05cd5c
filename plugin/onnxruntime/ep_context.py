"""A compiled network as a model that ONNX Runtime loads: `python ep_context.py NETWORK.tgn MODEL.onnx`.

One EPContext node holds the whole file; the provider of this folder runs it. Input `pixels`: uint8 [images, height,
width, channels]. Outputs: `logits`, then the extra outputs as uint8 codes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from taktgate_prep.compile.network import from_bytes

PROVIDER = "TaktgateInt8"


def model_of(network: bytes, where: str) -> onnx.ModelProto:
    """InputError: the network is not sound."""
    read = from_bytes(network, where)
    first, extra = read.tensors[0], [(output.role, read.tensors[output.tensor]) for output in read.extra_outputs]
    node = helper.make_node(
        "EPContext",
        ["pixels"],
        ["logits", *(role for role, _ in extra)],
        domain="com.microsoft",
        main_context=1,
        embed_mode=1,
        source=PROVIDER,
        ep_cache_context=network,
    )
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["images", read.labels])]
    for role, tensor in extra:
        shape = ["images", tensor.height, tensor.width, tensor.channels]
        outputs.append(helper.make_tensor_value_info(role, TensorProto.UINT8, shape))
    pixels = helper.make_tensor_value_info(
        "pixels", TensorProto.UINT8, ["images", first.height, first.width, first.channels]
    )
    graph = helper.make_graph([node], "taktgate", [pixels], outputs)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


if __name__ == "__main__":
    given, made = (Path(word) for word in sys.argv[1:3])
    made.write_bytes(model_of(given.read_bytes(), str(given)).SerializeToString())
