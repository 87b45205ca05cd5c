"""One place makes the sessions of ONNX Runtime, so that INT8 answers alike on every CPU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from taktgate_prep.runtime import open_session

ROOT = Path(__file__).resolve().parents[2]
CHANNELS = 64


def _largest_products() -> bytes:
    """A convolution in INT8 of which every input and every weight can have its largest value."""
    named = {
        "one": np.float32(1),
        "wide": np.float32(2**13),
        "zero": np.uint8(0),
        "none": np.int8(0),
        "weight": np.full((CHANNELS, CHANNELS, 1, 1), 127, np.int8),
    }
    nodes = [
        helper.make_node("QuantizeLinear", ["input", "one", "zero"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "one", "zero"], ["x"]),
        helper.make_node("DequantizeLinear", ["weight", "one", "none"], ["w"]),
        helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[1, 1]),
        helper.make_node("QuantizeLinear", ["y", "wide", "zero"], ["r"]),
        helper.make_node("DequantizeLinear", ["r", "wide", "zero"], ["logits"]),
    ]
    shape = [1, CHANNELS, 4, 4]
    graph = helper.make_graph(
        nodes,
        "largest",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(value, name) for name, value in named.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())


def test_the_largest_products_do_not_saturate_on_a_cpu_without_vnni() -> None:
    # Without x64quantprecision AVX2 adds two products in 16 bits, and 2 * 255 * 127 does not fit.
    answer = open_session(_largest_products()).run(None, {"input": np.full((1, CHANNELS, 4, 4), 255, np.float32)})[0]
    assert np.unique(answer).tolist() == [np.round(CHANNELS * 255 * 127 / 2**13) * 2**13]


def test_nobody_else_makes_a_session() -> None:
    names = ("InferenceSession(", "SessionOptions(")
    own = {ROOT / "prep" / "src" / "taktgate_prep" / "runtime.py", Path(__file__).resolve()}
    files = [path for room in ("prep", "tests", "demo", "bench") for path in (ROOT / room).rglob("*.py")]
    assert own <= set(files)
    makes = [str(p.relative_to(ROOT)) for p in files if p not in own and any(n in p.read_text() for n in names)]
    assert makes == [], "expected taktgate_prep.runtime.open_session"
