"""The QDQ writer: what becomes integer, that it computes the same, exact bias scales, gates, layers left in float."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nets
import numpy as np
import onnx
import pytest
import quantise_sets
from onnx import numpy_helper

from taktgate_prep.errors import InputError
from taktgate_prep.model.model_file import load_model
from taktgate_prep.quantise.finish import Finished, finish, measure
from taktgate_prep.quantise.float_graph import FloatGraph, prepare
from taktgate_prep.quantise.gates import compare_forms, time_ratio
from taktgate_prep.quantise.layers import float_unit, layer_noise
from taktgate_prep.quantise.left_float import check_bias_scales
from taktgate_prep.quantise.observe import observe
from taktgate_prep.quantise.plan import Plan, activation_steps, weight_steps
from taktgate_prep.quantise.qdq import write
from taktgate_prep.quantise.ranges import ranges
from taktgate_prep.quantise.score import Validation, decibel, logits_of
from taktgate_prep.quantise.stages import Calibration
from taktgate_prep.quantise.windows import Windows

Ready = tuple[FloatGraph, Calibration, Validation]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Ready:
    return quantise_sets.balanced_graph(tmp_path_factory.mktemp("net"))


@pytest.fixture(scope="module")
def plan(ready: Ready) -> Plan:
    graph, calibration, _ = ready
    return Plan(ranges(graph, observe(graph, calibration.windows, calibration.draws[:1], lambda _: None)[0], "minmax"))


def finished(graph: FloatGraph, plan: Plan) -> Finished:
    return finish(write(graph, plan), graph, plan.left_float)


def test_with_integer_gates_no_float_operator_is_left(ready: Ready, plan: Plan) -> None:
    counts = finished(ready[0], replace(plan, integer_gates=True)).counts
    assert counts.floating == 0
    assert counts.optimised["QuantizeLinear"] == 1
    assert "DequantizeLinear" not in counts.optimised  # the last QGemm gives float logits
    assert counts.optimised["QLinearAdd"] == 5  # four hard-swish and one residual; squeeze-excite is in the weights


def test_integer_hard_swish_equals_the_float_form_within_one_step(ready: Ready, plan: Plan) -> None:
    """On all 256 codes of every hard-swish; and on windows the logits and verdicts of the whole network."""
    graph, _, validation = ready
    difference = compare_forms(graph, plan, validation.windows.take(range(40)))
    assert (difference.swishes, difference.folded) == (4, 1)
    assert difference.steps <= 1
    assert difference.folded_error[0] <= 0.51  # half a step of rounding, and that of the bias
    assert difference.folded_error[0] <= difference.folded_error[1]
    float_form, integer_form = (
        logits_of(write(graph, form).SerializeToString(), "q", validation.windows)
        for form in (plan, replace(plan, integer_gates=True))
    )
    assert np.abs(float_form - integer_form).max() < 0.05 * np.ptp(float_form)
    assert (validation.right(float_form) == validation.right(integer_form)).mean() > 0.98
    assert (
        0.1
        < time_ratio(
            *(finished(graph, form).model for form in (replace(plan, integer_gates=True), plan)), validation.windows
        )
        < 10
    )


@pytest.mark.parametrize("changes", [{}, {"integer_gates": True}])
def test_the_quantised_model_answers_like_the_float_one(ready: Ready, plan: Plan, changes: dict[str, bool]) -> None:
    graph, _, validation = ready
    wanted = logits_of(graph.proto.SerializeToString(), "float", validation.windows)
    came = logits_of(finished(graph, replace(plan, **changes)).model, "int8", validation.windows)
    assert 15 < decibel(wanted, came) < 60


def test_activations_of_both_signs_have_their_zero_where_it_falls() -> None:
    assert activation_steps(-1.0, 4.0).zero_point == 51
    assert activation_steps(0.0, 4.0).zero_point == 0
    assert activation_steps(-4.0, 0.0).zero_point == 255


def test_bias_scales_are_exact_products_that_float32_holds(ready: Ready, plan: Plan) -> None:
    model = write(ready[0], plan)
    assert check_bias_scales(model, {}, "m.onnx") == 9
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for node in ready[0].heavy:
        steps = weights[f"{node.name}/weights_scale"].astype(np.float64)
        given = float(weights[f"{node.input[0]}_scale"])
        assert np.array_equal(weights[f"{node.name}/bias_scale"].astype(np.float64), given * steps)
    values = np.array([[0.5, -1.0], [0.0, 0.0], [1e-20, 0.0]], np.float32)
    steps = weight_steps(values, 0)
    assert np.all(np.abs(values[0]) <= 127 * steps[0])
    assert np.all(steps > 0)


def test_layers_left_in_float_are_those_meant_and_no_other(ready: Ready, plan: Plan) -> None:
    graph = ready[0]
    names = float_unit(graph, graph.heavy[1].name)
    meant = replace(plan, left_float=names, integer_gates=True)
    done = finished(graph, meant)
    heavy = [node for node in graph.heavy if node.name in names]
    assert [node.name for node in heavy] == [graph.heavy[1].name]  # what reads it is a pool and a product
    assert done.counts.optimised["QLinearConv"] == 7 - len(heavy)
    with pytest.raises(InputError, match="in float"):
        finish(write(graph, meant), graph)
    windows = ready[2].windows
    wanted = logits_of(graph.proto.SerializeToString(), "float", windows)
    everything = replace(plan, left_float=frozenset(node.name for node in graph.proto.graph.node))
    assert decibel(wanted, logits_of(write(graph, everything).SerializeToString(), "q", windows)) > 100


def test_noise_of_every_layer(ready: Ready, plan: Plan) -> None:
    graph, _, validation = ready
    for form in (plan, replace(plan, integer_gates=True)):
        layers = layer_noise(graph, form, validation.windows.take(range(20)))
        assert [layer["name"] for layer in layers] == [node.name for node in graph.heavy]
        assert all(10 < layer["sqnr_db"] < 80 for layer in layers)


def test_batch_norm_is_folded_first(tmp_path: Path) -> None:
    graph = prepare(quantise_sets.loaded(nets.small_net(batch_norm=True), tmp_path))
    assert len(graph.heavy) == 9
    assert all(node.op_type != "BatchNormalization" for node in graph.proto.graph.node)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_other_channel_counts(tmp_path: Path, channels: int) -> None:
    contract = nets.contract_for({1: "grey", 3: "rgb", 4: "rgb"}[channels], channels == 4)
    graph = prepare(load_model(nets.write_net(nets.small_net(channels), tmp_path, contract), contract))
    pixels = np.random.default_rng(4).integers(0, 256, (8, 32, 32, channels)).astype(np.uint8)
    observed = observe(graph, Windows(pixels, contract), [range(8)], lambda _: None)[0]
    assert finished(graph, Plan(ranges(graph, observed, "mse"))).counts.optimised["QLinearConv"] == 7


def test_an_operator_that_stays_float_is_named(tmp_path: Path) -> None:
    net = nets.NetBuilder(2, 32, 2)
    x = net.op("Relu", [net.conv("input", 2, 8, 3)])
    x = net.op("ConvTranspose", [x, net.weight("up", net.rng.normal(0, 0.2, (8, 8, 2, 2)))], strides=[2, 2])
    x = net.op("Flatten", [net.op("GlobalAveragePool", [x])])
    graph = prepare(quantise_sets.loaded(net.finish(net.gemm(x, 8, 2)), tmp_path))
    seen = quantise_sets.pictures(8, 3)
    observed = observe(graph, seen, [range(8)], lambda _: None)[0]
    with pytest.raises(InputError, match=r"leaves 1 in float: /ConvTranspose_2 \(ConvTranspose\)"):
        finished(graph, Plan(ranges(graph, observed, "minmax")))


def test_mean_over_places_becomes_a_pool(tmp_path: Path) -> None:
    net = nets.NetBuilder(2, 32, 2)
    x = net.op("ReduceMean", [net.conv("input", 2, 8, 3)], axes=[2, 3], keepdims=1)
    graph = prepare(quantise_sets.loaded(net.finish(net.gemm(net.op("Flatten", [x]), 8, 2)), tmp_path))
    assert [node.op_type for node in graph.proto.graph.node] == ["Conv", "GlobalAveragePool", "Flatten", "Gemm"]
    onnx.checker.check_model(graph.proto, full_check=True)


def test_a_mean_that_is_always_zero_gets_no_finer_steps_than_runtime_takes(tmp_path: Path) -> None:
    """A mean over what an instance norm gives: nothing but the noise of rounding is left of it."""
    net = nets.NetBuilder(2, 32, 2)
    ones, zeros = net.weight("ones", np.ones(8)), net.weight("zeros", np.zeros(8))
    x = net.op("InstanceNormalization", [net.conv("input", 2, 8, 3), ones, zeros])
    x = net.op("Flatten", [net.op("ReduceMean", [x], axes=[2, 3])])
    graph = prepare(quantise_sets.loaded(net.finish(net.gemm(x, 8, 2)), tmp_path))
    windows = quantise_sets.pictures(8, 1)
    plan = Plan(ranges(graph, observe(graph, windows, [range(8)], lambda _: None)[0], "minmax"))
    model = write(graph, plan)
    assert "QLinearGlobalAveragePool" in finish(model, graph).counts.optimised
    came = logits_of(model.SerializeToString(), "int8", windows)
    assert np.abs(came - logits_of(graph.proto.SerializeToString(), "float", windows)).max() < 0.02


def test_sizes_are_counted_every_way(ready: Ready, plan: Plan) -> None:
    done = finished(ready[0], plan)
    sizes = measure(ready[0].proto.SerializeToString(), done)
    assert sizes.int8_zstd < sizes.int8_slim < sizes.int8_as_written
    assert sizes.cuts["slim"] == pytest.approx(100 * (1 - sizes.int8_slim / sizes.fp32))
