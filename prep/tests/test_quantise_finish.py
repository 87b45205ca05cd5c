"""The finished file and what would be wrong with it; equalisation keeps the function; a broken calibrator loses."""

from __future__ import annotations

from pathlib import Path

import nets
import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper

from taktgate_prep.errors import InputError
from taktgate_prep.model.model_file import load_model
from taktgate_prep.quantise.equalise import equalise, groups
from taktgate_prep.quantise.finish import Finished, finish
from taktgate_prep.quantise.float_graph import FloatGraph, prepare
from taktgate_prep.quantise.left_float import check_bias_scales, count_nodes
from taktgate_prep.quantise.qdq import write
from taktgate_prep.quantise.score import Validation, logits_of
from taktgate_prep.quantise.search import Found, Wish, search
from taktgate_prep.quantise.stages import Calibration
from taktgate_prep.quantise.windows import Windows
from taktgate_prep.terminal.progress import Progress

CONTRACT = nets.contract_for()


def pixels(count: int, seed: int) -> Windows:
    """Smooth pictures with noise."""
    rng = np.random.default_rng(seed)
    smooth = rng.uniform(0, 255, (count, 8, 8, 2)).repeat(4, axis=1).repeat(4, axis=2)
    noisy = smooth + rng.normal(0, 12, smooth.shape)
    return Windows(noisy.clip(0, 255).astype(np.uint8), CONTRACT)


def prepared(model: onnx.ModelProto, folder: Path) -> FloatGraph:
    return prepare(load_model(nets.write_net(model, folder, CONTRACT), CONTRACT))


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> FloatGraph:
    """Its last bias lets both classes win; the labels below are its own answers."""
    folder = tmp_path_factory.mktemp("net")
    first = prepared(nets.small_net(), folder)
    mean = logits_of(first.proto.SerializeToString(), "net", pixels(200, 5)).mean(axis=0)
    model = nets.small_net()
    bias = next(tensor for tensor in model.graph.initializer if tensor.name == model.graph.node[-1].input[2])
    bias.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(bias) - mean, bias.name))
    return prepared(model, folder)


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    rng = np.random.default_rng(0)
    return Calibration(pixels(80, 1), [sorted(rng.permutation(80)[:48].tolist()) for _ in range(2)])


@pytest.fixture(scope="module")
def validation(graph: FloatGraph) -> Validation:
    windows = pixels(400, 2)
    return Validation(windows, logits_of(graph.proto.SerializeToString(), "net", windows).argmax(axis=1))


@pytest.fixture(scope="module")
def found(graph: FloatGraph, calibration: Calibration, validation: Validation) -> Found:
    wish = Wish(hard_swish="float", calibrators=("percentile 99.999",), fixed=True)
    return search(graph, calibration, validation, wish, Progress())


def finished(found: Found) -> Finished:
    chosen = found.chosen
    return finish(write(chosen.graph, chosen.plan), chosen.graph, chosen.plan.left_float)


def test_a_calibrator_that_breaks_the_network_is_not_taken(
    graph: FloatGraph, calibration: Calibration, validation: Validation
) -> None:
    wish = Wish(hard_swish="float", max_loss=5, calibrators=("percentile 60", "minmax"))
    result = search(graph, calibration, validation, wish, Progress())
    broken = [trial for trial in result.trials if trial.setting.calibrator == "percentile 60"]
    assert min(trial.paired.lost for trial in broken) > 20
    assert result.chosen.setting.calibrator == "minmax"


def test_equalisation_keeps_the_function(calibration: Calibration, tmp_path: Path) -> None:
    net = nets.NetBuilder(2, 32, 2)
    x = net.op("Relu", [net.conv("input", 2, 8, 3, stride=2)])
    x = net.op("Relu", [net.conv(x, 8, 8, 3, group=8)])
    x = net.op("Relu", [net.conv(x, 8, 16, 1)])
    x = net.op("Flatten", [net.op("GlobalAveragePool", [x])])
    model = net.finish(net.gemm(x, 16, 2))
    stem = model.graph.initializer[0]
    lopsided = numpy_helper.to_array(stem) * np.geomspace(0.02, 20, 8, dtype=np.float32)[:, None, None, None]
    stem.CopyFrom(numpy_helper.from_array(lopsided, stem.name))
    graph = prepared(model, tmp_path)
    assert groups(graph)
    even = equalise(graph, groups(graph), calibration.windows)
    before, after = (logits_of(one.proto.SerializeToString(), "net", pixels(40, 3)) for one in (graph, even))
    assert np.abs(before - after).max() <= 1e-4 * np.abs(before).max()
    weights = [numpy_helper.to_array(one.proto.graph.initializer[0]) for one in (graph, even)]
    spreads = [np.ptp(np.log(np.abs(weight).max(axis=(1, 2, 3)))) for weight in weights]
    assert spreads[1] < spreads[0]


def test_slim_file(found: Found) -> None:
    proto = onnx.load_from_string(finished(found).model)
    onnx.checker.check_model(proto, full_check=True)
    keys = [
        (tensor.data_type, tuple(tensor.dims), tensor.raw_data)
        for tensor in proto.graph.initializer
        if tensor.data_type != TensorProto.INT8
    ]
    assert len(keys) == len(set(keys))
    names = {name for node in proto.graph.node for name in (*node.input, *node.output)}
    assert max(map(len, names - {"input", "logits"})) <= 4
    assert {entry.domain for entry in proto.opset_import} == {""}


@pytest.mark.parametrize(("kind", "factor"), [("Conv", 1.01), ("Conv", 2), ("Gemm", 1.001), ("Gemm", 2)])
def test_a_bias_scale_that_is_not_the_product_is_refused(found: Found, kind: str, factor: float) -> None:
    proto = onnx.load_from_string(finished(found).model)
    assert check_bias_scales(proto, {}, "m.onnx") == 9
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in proto.graph.initializer}
    user = next(node for node in proto.graph.node if node.op_type == kind)
    bias = next(node for node in proto.graph.node if node.output[0] == user.input[2])
    proto.graph.initializer.append(numpy_helper.from_array(weights[bias.input[1]] * np.float32(factor), "wrong"))
    bias.input[1] = "wrong"
    with pytest.raises(InputError, match=rf"the bias of features\.0 \({kind}\)"):
        check_bias_scales(proto, {user.name: "features.0"}, "m.onnx")
    if kind == "Conv" and factor == 2:
        with pytest.raises(InputError, match=r"leaves 1 in float: features\.0 \("):
            count_nodes(
                proto.SerializeToString(), found.chosen.graph.proto, {user.name: "features.0"}, "m.onnx", frozenset()
            )


def test_an_int8_model_is_not_quantised_twice(found: Found, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="quantised already"):
        prepared(onnx.load_from_string(finished(found).model), tmp_path)
