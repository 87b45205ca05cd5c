"""A compiled network as a model that ONNX Runtime loads: `python ep_context.py NETWORK.tgn MODEL.onnx`.

One EPContext node holds the whole file; the provider of this folder runs it. Input `pixels`: uint8 [images, height,
width, channels]. Outputs: `logits`, then the extra outputs as uint8 codes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from taktgate_prep.compile.reader import from_bytes
from taktgate_prep.errors import InputError
from taktgate_prep.files.whole import read_bytes, write_atomic

PROVIDER = "TaktgateInt8"


def model_of(network: bytes, where: str) -> onnx.ModelProto:
    """InputError: the network is not sound."""
    read = from_bytes(network, where)
    first, extra = read.input, [(output.role, read.tensors[output.tensor]) for output in read.extra_outputs]
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


def main(words: list[str]) -> str | None:
    """What went wrong, in one line."""
    if len(words) != 2:
        return f"expected NETWORK.tgn MODEL.onnx, got {len(words)} names"
    given, made = map(Path, words)
    try:
        network = read_bytes(given, 64 << 20, "a compiled network")
        write_atomic(made, model_of(network, str(given)).SerializeToString())
    except InputError as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
