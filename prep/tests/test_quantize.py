"""Quantisation: what becomes an integer operator, what is refused, the same bytes every time."""

from __future__ import annotations

from pathlib import Path

import nets
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from taktgate_prep import calibration, graph_edit
from taktgate_prep.errors import InputError
from taktgate_prep.left_float import check_bias_scales, count_nodes
from taktgate_prep.model_file import Model, load_model
from taktgate_prep.quantize import Quantised, Settings, quantise
from taktgate_prep.runtime import open_session, run_one
from taktgate_prep.samples import Sample

CONTRACT = nets.contract_for()


def data(count: int = 24, channels: int = 2) -> np.ndarray:
    return np.random.default_rng(4).uniform(-1, 1, (count, channels, 32, 32)).astype(np.float32)


def loaded(model: onnx.ModelProto, folder: Path) -> Model:
    return load_model(nets.write_net(model, folder, CONTRACT), CONTRACT)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, Quantised]:
    model = loaded(nets.small_net(), tmp_path_factory.mktemp("net"))
    return model, quantise(model, data(), Settings())


def test_every_conv_and_gemm_becomes_integer(done: tuple[Model, Quantised]) -> None:
    counts = done[1].counts
    assert (counts.float_model["Conv"], counts.float_model["Gemm"]) == (7, 2)
    assert (counts.optimised["QLinearConv"], counts.optimised["QGemm"]) == (7, 2)
    assert "Conv" not in counts.optimised
    assert "Gemm" not in counts.optimised
    assert done[1].hard_swish == 4
    assert counts.optimised["QLinearMul"] == 5  # four HardSwish, one squeeze-excite


def test_quantised_model_answers_like_the_float_one(done: tuple[Model, Quantised]) -> None:
    model, result = done
    before, after = open_session(model.to_bytes(), "float"), open_session(result.model, "int8")
    fresh = np.random.default_rng(9).uniform(-1, 1, (30, 1, 2, 32, 32)).astype(np.float32)
    first = np.array([run_one(before, tensor) for tensor in fresh])
    second = np.array([run_one(after, tensor) for tensor in fresh])
    assert np.abs(first - second).max() < 0.15 * np.ptp(first) + 0.05
    assert not np.array_equal(first, second)


def test_same_input_same_bytes_and_another_range_another_file(done: tuple[Model, Quantised], tmp_path: Path) -> None:
    model, result = done
    assert quantise(model, data(), Settings()).model == result.model
    assert quantise(model, data(), Settings("minmax")).model != result.model


def test_slim_file(done: tuple[Model, Quantised]) -> None:
    proto = onnx.load_from_string(done[1].model)
    onnx.checker.check_model(proto, full_check=True)
    keys = [(tensor.data_type, tuple(tensor.dims), tensor.raw_data) for tensor in proto.graph.initializer
            if tensor.data_type != TensorProto.INT8]
    assert len(keys) == len(set(keys))
    names = {name for node in proto.graph.node for name in (*node.input, *node.output)}
    assert max(map(len, names - {"input", "logits"})) <= 4
    assert not proto.graph.value_info
    assert not proto.metadata_props
    assert {entry.domain for entry in proto.opset_import} == {""}


def test_calibration_in_chunks_equals_one_chunk_for_minmax(done: tuple[Model, Quantised],
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    whole = quantise(done[0], data(), Settings("minmax")).model
    monkeypatch.setattr("taktgate_prep.quantize._chunk", lambda _: 7)  # 24 windows: 6, 6, 6, 6
    assert quantise(done[0], data(), Settings("minmax")).model == whole
    quantise(done[0], data(9), Settings())  # 5 and 4


def test_batch_norm_is_folded_first(tmp_path: Path) -> None:
    model = loaded(nets.small_net(batch_norm=True), tmp_path)
    result = quantise(model, data(), Settings())
    assert result.counts.float_model["Conv"] == 7
    assert "BatchNormalization" not in result.counts.optimised


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_other_channel_counts(tmp_path: Path, channels: int) -> None:
    contract = nets.contract_for({1: "grey", 3: "rgb", 4: "rgb"}[channels], channels == 4)
    model = load_model(nets.write_net(nets.small_net(channels), tmp_path, contract), contract)
    assert quantise(model, data(8, channels), Settings()).counts.optimised["QLinearConv"] == 7


def with_bias_scale(result: Quantised, factor: float, kind: str) -> tuple[onnx.ModelProto, str]:
    """The model with one bias scale changed, and the name of the node whose bias it is."""
    proto = onnx.load_from_string(result.model)
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in proto.graph.initializer}
    user = next(node for node in proto.graph.node if node.op_type == kind)
    bias = next(node for node in proto.graph.node if node.output[0] == user.input[2])
    proto.graph.initializer.append(numpy_helper.from_array(weights[bias.input[1]] * np.float32(factor), "wrong"))
    bias.input[1] = "wrong"
    return proto, user.name


def test_a_conv_that_stays_float_for_its_bias_scale_is_named(done: tuple[Model, Quantised]) -> None:
    proto, name = with_bias_scale(done[1], 2, "Conv")
    with pytest.raises(InputError) as error:
        count_nodes(proto.SerializeToString(), done[0].proto, {name: "features.0.conv"}, "m.onnx")
    assert "leaves 1 in float: features.0.conv (" in str(error.value)


@pytest.mark.parametrize(("kind", "factor"), [("Conv", 1.01), ("Conv", 2), ("Gemm", 1.001), ("Gemm", 2)])
def test_a_bias_scale_that_is_not_the_product_is_refused(done: tuple[Model, Quantised], kind: str,
                                                         factor: float) -> None:
    assert check_bias_scales(onnx.load_from_string(done[1].model), {}, "m.onnx") == 9
    proto, name = with_bias_scale(done[1], factor, kind)
    with pytest.raises(InputError, match=rf"the bias of features\.0 \({kind}\)"):
        check_bias_scales(proto, {name: "features.0"}, "m.onnx")


def test_an_operator_that_stays_float_is_named(tmp_path: Path) -> None:
    net = nets.NetBuilder(2, 32, 2)
    x = net.op("Relu", [net.conv("input", 2, 8, 3)])
    x = net.op("ConvTranspose", [x, net.weight("up", net.rng.normal(0, 0.2, (8, 8, 2, 2)))], strides=[2, 2])
    x = net.op("Flatten", [net.op("GlobalAveragePool", [x])])
    model = loaded(net.finish(net.gemm(x, 8, 2)), tmp_path)
    with pytest.raises(InputError, match=r"leaves 1 in float: /ConvTranspose_2 \(ConvTranspose\)"):
        quantise(model, data(8), Settings())


def test_an_int8_model_is_not_quantised_twice(done: tuple[Model, Quantised], tmp_path: Path) -> None:
    again = loaded(onnx.load_from_string(done[1].model), tmp_path)
    with pytest.raises(InputError, match="quantised already"):
        quantise(again, data(8), Settings())


def test_hard_swish_split_keeps_the_answers(tmp_path: Path) -> None:
    model = nets.small_net()
    before = open_session(model.SerializeToString(), "a")
    assert graph_edit.split_hard_swish(model) == 4
    assert all(node.op_type != "HardSwish" for node in model.graph.node)
    onnx.checker.check_model(model, full_check=True)
    after = open_session(model.SerializeToString(), "b")
    for tensor in data(5)[:, None]:
        np.testing.assert_allclose(run_one(before, tensor), run_one(after, tensor), atol=1e-5)


def test_slim_leaves_subgraphs_alone() -> None:
    inner = helper.make_graph([helper.make_node("Identity", ["outer"], ["o"])], "g", [],
                              [helper.make_tensor_value_info("o", TensorProto.FLOAT, [1])])
    node = helper.make_node("If", ["c"], ["y"], name="if", then_branch=inner, else_branch=inner)
    graph = helper.make_graph(
        [node], "net", [helper.make_tensor_value_info("c", TensorProto.BOOL, [1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])],
        [numpy_helper.from_array(np.ones(1, np.float32), "outer")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    assert graph_edit.slim(model) == {"if": "if"}
    onnx.checker.check_model(model)


def samples(labels: list[str]) -> list[Sample]:
    return [Sample(Path("a"), None, None, label, str(i), "train", None, i + 1, "l") for i, label in enumerate(labels)]


def test_calibration_windows_are_balanced_and_seeded() -> None:
    contract = nets.contract_for(names=("good", "dot", "rare"))
    rows = samples(["good"] * 500 + ["dot"] * 300 + ["rare"] * 5)
    drawn = calibration.draw(rows, contract, 100, 0)
    counts = {label: sum(row.label == label for row in drawn) for label in contract.label_names}
    assert counts == {"good": 50, "dot": 45, "rare": 5}
    assert len({row.row for row in drawn}) == 100
    assert drawn == calibration.draw(rows, contract, 100, 0)
    assert drawn != calibration.draw(rows, contract, 100, 1)
    assert len(calibration.draw(rows, contract, 10_000, 0)) == 805
    with pytest.raises(InputError, match="expected samples of split train"):
        calibration.draw([], contract, 10, 0)
