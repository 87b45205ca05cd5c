"""One place makes the sessions of ONNX Runtime, so that INT8 answers alike on every CPU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from taktgate_prep.errors import InputError
from taktgate_prep.model.runtime import open_session, run_one

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


def _mean_with_steps_of(scale: float) -> bytes:
    """A mean in INT8 of values with steps of 1."""
    named = {"one": np.float32(1), "fine": np.float32(scale), "zero": np.uint8(0)}
    nodes = [
        helper.make_node("QuantizeLinear", ["input", "one", "zero"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "one", "zero"], ["x"]),
        helper.make_node("GlobalAveragePool", ["x"], ["y"], name="pool"),
        helper.make_node("QuantizeLinear", ["y", "fine", "zero"], ["r"]),
        helper.make_node("DequantizeLinear", ["r", "fine", "zero"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "mean",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 2, 4, 4])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 2, 1, 1])],
        [numpy_helper.from_array(np.array(value), name) for name, value in named.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())


def test_what_fails_while_it_runs_is_named_by_model_and_operator() -> None:
    given = np.ones((1, 2, 4, 4), np.float32)
    assert open_session(_mean_with_steps_of(0.5), "net.onnx").run(None, {"input": given})[0].ravel().tolist() == [1, 1]
    session = open_session(_mean_with_steps_of(1e-9), "net.onnx")
    with pytest.raises(
        InputError,
        match=r"^net\.onnx: expected a model that ONNX Runtime \S+ can run, got: in QLinearGlobalAveragePool "
        r"\('pool'\): .* out of computation range!: export it again; if that does not help, without "
        r"this operator$",
    ):
        run_one(session, given)
    with pytest.raises(InputError, match=r"^net\.onnx: expected a model that ONNX Runtime"):
        session.run(None, {"input": given[:, :1]})


def test_nobody_else_makes_a_session() -> None:
    names = ("InferenceSession(", "SessionOptions(")
    own = {ROOT / "prep" / "src" / "taktgate_prep" / "model" / "runtime.py", Path(__file__).resolve()}
    # Programs that are not ours: a runtime as others use it, and one with our engine as its plugin.
    own |= {ROOT / "bench/engines/runtimes/onnxruntime.py", ROOT / "tests/test_onnxruntime_plugin.py"}
    files = [path for room in ("prep", "tests", "demo", "bench") for path in (ROOT / room).rglob("*.py")]
    assert own <= set(files)
    makes = [str(p.relative_to(ROOT)) for p in files if p not in own and any(n in p.read_text() for n in names)]
    assert makes == [], "expected taktgate_prep.model.runtime.open_session"
