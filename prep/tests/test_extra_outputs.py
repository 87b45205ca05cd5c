"""Extra outputs: the same logits, and values that mean what the contract says."""

from __future__ import annotations

from pathlib import Path

import nets
import numpy as np
import onnx
import pytest
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from taktgate_prep.contract.outputs import ExtraOutput
from taktgate_prep.extra_outputs import extend
from taktgate_prep.extra_outputs.probe import fit_probe
from taktgate_prep.model.runtime import open_session

LABELS = 3


class Reader(CalibrationDataReader):
    def __init__(self, data: np.ndarray) -> None:
        self._rows = iter(data)

    def get_next(self) -> dict[str, np.ndarray] | None:
        row = next(self._rows, None)
        return None if row is None else {"input": row[None]}


@pytest.fixture(scope="module")
def data() -> np.ndarray:
    rng = np.random.default_rng(0)
    smooth = rng.uniform(-1, 1, (96, 2, 8, 8)).repeat(4, axis=2).repeat(4, axis=3)
    return (smooth + rng.normal(0, 0.1, (96, 2, 32, 32))).clip(-1, 1).astype(np.float32)


@pytest.fixture(scope="module")
def quantised(tmp_path_factory: pytest.TempPathFactory, data: np.ndarray) -> onnx.ModelProto:
    return quantise(balanced(nets.small_net(labels=LABELS), data), data, tmp_path_factory.mktemp("qdq"))


def balanced(model: onnx.ModelProto, data: np.ndarray) -> onnx.ModelProto:
    """With a last bias that lets every class win now and then."""
    mean = np.mean([run(model, window)["logits"][0] for window in data], axis=0)
    bias = next(tensor for tensor in model.graph.initializer if tensor.name == model.graph.node[-1].input[2])
    bias.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(bias) - mean, bias.name))
    return model


def quantise(model: onnx.ModelProto, data: np.ndarray, folder: Path) -> onnx.ModelProto:
    onnx.save(model, str(folder / "float.onnx"))
    quantize_static(
        str(folder / "float.onnx"),
        str(folder / "int8.onnx"),
        Reader(data),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        per_channel=True,
    )
    return onnx.load(str(folder / "int8.onnx"))


def run(model: onnx.ModelProto, window: np.ndarray) -> dict[str, np.ndarray]:
    session = open_session(model.SerializeToString())
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"input": window[None]}), strict=True))


def value(output: ExtraOutput, steps: np.ndarray) -> np.ndarray:
    return (steps.astype(np.float64) - output.zero_point) * output.scale


def test_the_logits_are_the_same_bytes(quantised: onnx.ModelProto, data: np.ndarray) -> None:
    extended = extend(quantised, data)
    onnx.checker.check_model(extended.model, full_check=True)
    assert [output.role for output in extended.outputs] == ["channel_means", "embedding", "class_map"]
    assert [output.shape for output in extended.outputs] == [(16,), (32,), (8, 8)]
    for window in data[:32]:
        assert run(quantised, window)["logits"].tobytes() == run(extended.model, window)["logits"].tobytes()


def test_the_values_mean_what_they_say(quantised: onnx.ModelProto, data: np.ndarray) -> None:
    means, embedding, class_map = extend(quantised, data).outputs
    features = {node.op_type: node for node in quantised.graph.node}["Flatten"].input[0]  # the pool's quantised side
    early = next(node for node in quantised.graph.node if node.op_type == "Conv" and "input" not in node.input[0])
    watched = onnx.ModelProto()
    watched.CopyFrom(quantised)
    for name in (features, early.input[0]):
        watched.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    model = extend(quantised, data).model
    for window in data[:8]:
        want, got = run(watched, window), run(model, window)
        assert np.allclose(value(embedding, got["embedding"]).ravel(), want[features].ravel(), atol=1e-5)
        assert np.allclose(
            value(means, got["channel_means"]).ravel(),
            want[early.input[0]].mean(axis=(2, 3)).ravel(),
            atol=1.01 * means.scale,
        )
        assert got["class_map"].shape == (1, 1, 8, 8)
        assert got["class_map"].dtype == np.uint8
    assert class_map.name == "class_map"


def test_the_class_map_is_that_of_the_winner(quantised: onnx.ModelProto, data: np.ndarray) -> None:
    extended = extend(quantised, data)
    maps = "class_map/all"
    extended.model.graph.output.append(onnx.helper.make_tensor_value_info(maps, onnx.TensorProto.UINT8, None))
    winners = set()
    for window in data:
        got = run(extended.model, window)
        winner = int(got["logits"].argmax())
        winners.add(winner)
        assert np.array_equal(got["class_map"][0, 0], got[maps][0, winner])
    assert len(winners) > 1


def test_same_input_same_bytes(quantised: onnx.ModelProto, data: np.ndarray) -> None:
    first, second = (extend(quantised, data).model.SerializeToString(deterministic=True) for _ in range(2))
    assert first == second


def test_a_network_without_such_places_keeps_its_one_output(tmp_path: Path, data: np.ndarray) -> None:
    net = nets.NetBuilder(2, 32, LABELS)
    flat = net.op("Flatten", [net.op("Relu", [net.conv("input", 2, 4, 3, stride=2)])])
    model = quantise(net.finish(net.gemm(flat, 4 * 16 * 16, LABELS)), data, tmp_path)
    extended = extend(model, data)
    assert extended.outputs == ()
    assert extended.explained is None
    assert extended.model == model


def test_the_probe_finds_a_linear_head() -> None:
    rng = np.random.default_rng(1)
    features = rng.normal(0, 1, (200, 12, 3, 3))
    weights = rng.normal(0, 1, (4, 12))
    weights -= weights.mean(axis=0)
    logits = features.mean(axis=(2, 3)) @ weights.T + 5.0
    probe = fit_probe(features, logits)
    assert probe.explained > 0.999
    assert np.allclose(probe.weights, weights, atol=0.01)


def test_the_probe_says_when_it_explains_nothing() -> None:
    rng = np.random.default_rng(2)
    assert fit_probe(rng.normal(0, 1, (80, 12, 2, 2)), rng.normal(0, 1, (80, 3))).explained < 0.2


def test_the_probe_takes_one_window() -> None:
    probe = fit_probe(np.ones((1, 3, 2, 2)), np.array([[1.0, 3.0]]))
    assert np.allclose(probe.bias, [-1.0, 1.0])
    assert np.allclose(probe.weights, 0.0)
