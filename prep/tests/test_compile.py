"""Compiled models answer as ONNX Runtime does, and hold what their graphs say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import compiled_sets
import nets
import numpy as np
import onnx
import pytest
import qdq_nets
from compiled_sets import Pair, of_reference, of_runtime, windows
from onnxruntime.quantization import QuantType
from qdq_nets import QdqBuilder

from taktgate_prep.cli import main
from taktgate_prep.compile.compiler import compiled
from taktgate_prep.compile.network import Kind, Network, Window, to_bytes
from taktgate_prep.compile.pads import zeros_around
from taktgate_prep.compile.reader import from_bytes
from taktgate_prep.contract.labels import Label
from taktgate_prep.contract.outputs import ExtraOutput

GREY = nets.contract_for()
RGB = nets.contract_for("rgb")
THREE = nets.contract_for(names=("good", "dot", "hole"))
COUNT = 200


def silu_net() -> onnx.ModelProto:
    """Sigmoid, Clip and LeakyRelu instead of hard-swish; kernels of 1, 3, 5 and 7."""
    net = nets.NetBuilder(2, 32, 2, seed=5)
    zero, six = net.weight("zero", np.float32(0)), net.weight("six", np.float32(6))
    x = net.conv("input", 2, 8, 5, stride=2)
    x = net.op("Mul", [x, net.op("Sigmoid", [x])])
    x = net.op("Clip", [net.conv(x, 8, 8, 7, group=8), zero, six])
    x = net.op("LeakyRelu", [net.conv(x, 8, 12, 1)], alpha=0.1)
    y = net.conv(x, 12, 12, 3, group=12)
    x = net.op("Add", [x, y])
    x = net.op("Flatten", [net.op("GlobalAveragePool", [net.op("Relu", [x])])])
    return net.finish(net.gemm(x, 12, 2))


FORMS: dict[str, Callable[[Path], Pair]] = {
    "float gates": lambda folder: compiled_sets.quantised(nets.small_net(), GREY, folder),
    "integer gates": lambda folder: compiled_sets.quantised(nets.small_net(), GREY, folder, integer_gates=True),
    "7-bit weights": lambda folder: compiled_sets.quantised(
        nets.small_net(), GREY, folder, integer_gates=True, weight_bits=7
    ),
    "per tensor": lambda folder: compiled_sets.quantised_by_runtime(
        nets.small_net(), GREY, folder, QuantType.QUInt8, per_channel=False
    ),
    "batch norm": lambda folder: compiled_sets.quantised(nets.small_net(batch_norm=True), GREY, folder),
    "colour": lambda folder: compiled_sets.quantised(nets.small_net(4), RGB, folder, integer_gates=True),
    "extra outputs": lambda folder: compiled_sets.quantised(nets.small_net(labels=3), THREE, folder, extra=True),
    "other operators": lambda folder: compiled_sets.quantised(silu_net(), GREY, folder),
    "of the tool": lambda folder: compiled_sets.quantised_by_runtime(
        nets.small_net(), GREY, folder, QuantType.QUInt8, True
    ),
    "of the tool, int8": lambda folder: compiled_sets.quantised_by_runtime(
        nets.small_net(), GREY, folder, QuantType.QInt8, False
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_answers_are_those_of_onnx_runtime(form: str, tmp_path: Path) -> None:
    pair = FORMS[form](tmp_path)
    seen = windows(pair.contract, COUNT, 2)
    wanted, came = of_runtime(pair, seen), of_reference(pair, seen)
    logits, ours = wanted.pop("logits"), came.pop("logits")
    off = np.abs(logits - ours)
    same = (logits.argmax(axis=1) == ours.argmax(axis=1)).mean()
    print(f"{form}: same class {same:.4f}, largest difference {off.max():.4f} of {np.ptp(logits):.2f}")
    clear = np.abs(np.diff(np.sort(logits, axis=1)[:, -2:], axis=1))[:, 0] > 2 * off.max()
    assert (logits.argmax(axis=1) == ours.argmax(axis=1))[clear].all()
    assert same >= 0.99
    assert off.max() <= 4 * np.ptp(logits) / 255
    assert set(wanted) == set(came)
    for name, codes in wanted.items():
        steps = np.abs(codes.astype(int) - came[name].astype(int))[logits.argmax(axis=1) == ours.argmax(axis=1)]
        assert steps.max() <= 2, name
        assert steps.mean() < 0.05, name


def kinds(network: Network) -> Counter[Kind]:
    return Counter(operation.kind for operation in network.operations)


def test_gates_are_tables_in_either_form(tmp_path: Path) -> None:
    """Four hard-swish, one gate; of the squeeze-excite's hard-sigmoid the integer form leaves nothing."""
    for form, tables in (("float gates", 5), ("integer gates", 4)):
        network = FORMS[form](tmp_path).network
        assert kinds(network) == {
            Kind.INPUT: 1, Kind.CONV: 6, Kind.DEPTHWISE: 2, Kind.MEAN: 2, Kind.GATE: 1, Kind.ADD: 1, Kind.LOGITS: 1,
        }  # fmt: skip
        assert sum(one.table is not None for one in network.operations[1:]) == tables
        assert network.operations[0].kind == Kind.INPUT


def test_extra_outputs_are_named_in_the_order_of_the_contract(tmp_path: Path) -> None:
    pair = FORMS["extra outputs"](tmp_path)
    roles = [output.role for output in pair.network.extra_outputs]
    assert roles == ["channel_means", "embedding", "class_map"]
    for output, kept in zip(pair.contract.extra_outputs, pair.network.extra_outputs, strict=True):
        tensor = pair.network.tensors[kept.tensor]
        assert (tensor.scale, tensor.zero_point) == (np.float32(output.scale), output.zero_point)
    assert kinds(pair.network)[Kind.SELECT] == 1


def test_the_input_table_is_contract_and_quantisation(tmp_path: Path) -> None:
    contract = replace(qdq_nets.CONTRACT, scale=(0.013,), offset=(-1.7,))
    net = QdqBuilder()
    x = net.both(net.layer(net.both("input", 0.0125, 131), 1, 4, 3, 2))
    network = qdq_nets.compiled(net.head(x), tmp_path, contract).network
    wanted = compiled_sets.table_of_pixels(contract, 0.0125, 131)
    assert np.array_equal(network.operations[0].table, wanted)
    assert len(np.unique(wanted)) > 200


def test_a_normalisation_before_the_first_quantisation_is_in_the_table(tmp_path: Path) -> None:
    """One factor and one shift for each channel."""
    net = QdqBuilder()
    net.shape[1] = 2
    x = net.op("Mul", ["input", net.constant(np.array([0.5, 2.0], np.float32).reshape(1, 2, 1, 1))])
    x = net.op("Sub", [x, net.constant(np.array([-0.25, 0.5], np.float32).reshape(1, 2, 1, 1))])
    x = net.both(net.layer(net.both(x, 0.02, 128), 2, 4, 3, 2))
    pair = qdq_nets.compiled(net.head(x), tmp_path, GREY)
    table = pair.network.operations[0].table
    assert table is not None
    pixels = np.arange(256) * np.float64(GREY.scale[0]) - 1
    for c, (a, b) in enumerate(((0.5, 0.25), (2.0, -0.5))):
        assert np.abs(table[c] - np.clip((pixels * a + b) / 0.02 + 128, 0, 255)).max() <= 0.51
    agree(pair)


def agree(pair: Pair) -> None:
    seen = windows(pair.contract, 60, 3)
    wanted, came = of_runtime(pair, seen)["logits"], of_reference(pair, seen)["logits"]
    assert np.ptp(wanted) > 0
    assert np.abs(wanted - came).max() <= 0.03 * np.ptp(wanted)


def test_a_relu_before_the_quantisation_is_a_table_that_costs_no_operation(tmp_path: Path) -> None:
    """Where the zero point is not 0, saturation alone does not cut; a Clip cuts at both ends."""
    net = QdqBuilder()
    x = net.both(net.op("Relu", [net.layer(net.both("input", 2 / 255), 1, 4, 3, 2)]), 0.02, 100)
    ends = [net.constant(np.array(end, np.float32)) for end in (-0.5, 0.7)]
    x = net.both(net.op("Clip", [net.layer(x, 4, 4, 3), *ends]), 0.02, 128)
    pair = qdq_nets.compiled(net.head(x), tmp_path)
    assert kinds(pair.network) == {Kind.INPUT: 1, Kind.CONV: 2, Kind.MEAN: 1, Kind.LOGITS: 1}
    first, second = (one.table for one in pair.network.operations if one.kind == Kind.CONV)
    assert first is not None and second is not None
    assert first.tolist() == [max(code, 100) for code in range(256)]
    assert second.tolist() == [min(max(code, 103), 163) for code in range(256)]
    agree(pair)


def test_a_relu_that_changes_nothing_leaves_no_table(tmp_path: Path) -> None:
    net = QdqBuilder()
    x = net.both(net.op("Relu", [net.layer(net.both("input", 2 / 255), 1, 4, 3, 2)]), 0.02, 0)
    network = qdq_nets.compiled(net.head(x), tmp_path).network
    assert all(one.table is None for one in network.operations[1:])


def test_tables_compose_and_keep_their_source_where_another_reads_it(tmp_path: Path) -> None:
    net = QdqBuilder()
    x = net.features()
    half, little = (net.constant(np.array(number, np.float32)) for number in (0.5, 0.02))
    y = net.both(net.op("Mul", [net.both(net.op("Relu", [x]), 0.01, 0), half]), 0.005, 0)
    y = net.both(net.op("Sub", [y, net.op("Min", [y, little])]), 0.005, 0)
    alone = qdq_nets.compiled(net.head(y), tmp_path)
    assert kinds(alone.network)[Kind.TABLE] == 0
    assert alone.network.operations[1].zero_point == 128
    assert alone.network.tensors[1].zero_point == 0
    agree(alone)
    net = QdqBuilder()
    x = net.features()
    y = net.both(net.op("Relu", [x]), 0.02, 128)
    both = qdq_nets.compiled(net.head(net.both(net.op("Add", [net.both(net.layer(x, 4, 4)), y]))), tmp_path)
    assert kinds(both.network)[Kind.TABLE] == 1
    agree(both)
    net = QdqBuilder()
    fused = qdq_nets.compiled(net.head(net.both(net.op("Relu", [net.features()]), 0.02, 128)), tmp_path)
    assert kinds(fused.network)[Kind.TABLE] == 0
    assert fused.network.operations[1].table is not None
    agree(fused)


def test_a_view_with_another_scale_reads_the_same_codes(tmp_path: Path) -> None:
    net = QdqBuilder()
    codes = net.quantise(net.layer(net.both("input", 2 / 255), 1, 4, 3, 2))
    a, b = net.layer(net.dequantise(codes), 4, 4), net.layer(net.dequantise(codes, 0.04), 4, 4)
    pair = qdq_nets.compiled(net.head(net.both(net.op("Add", [net.both(a), net.both(b)]))), tmp_path)
    assert kinds(pair.network) == {Kind.INPUT: 1, Kind.CONV: 3, Kind.ADD: 1, Kind.MEAN: 1, Kind.LOGITS: 1}
    agree(pair)


@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER", "VALID"])
def test_automatic_pads(auto_pad: str, tmp_path: Path) -> None:
    net = QdqBuilder()
    x = net.both(net.layer(net.both("input", 2 / 255), 1, 4, 3, 2, auto_pad=auto_pad))
    x = net.both(net.layer(x, 4, 4, 5, 2, auto_pad=auto_pad, group=4))
    pair = qdq_nets.compiled(net.head(x), tmp_path)
    assert pair.network.tensors[2].height == {"VALID": 6}.get(auto_pad, 8)
    agree(pair)


def test_int8_activations_are_shifted(tmp_path: Path) -> None:
    pairs = []
    for codes in (np.uint8, np.int8):
        net = QdqBuilder(7, codes)
        x = net.features()
        pairs.append(
            qdq_nets.compiled(net.head(net.both(net.op("HardSwish", [net.both(net.layer(x, 4, 4))]))), tmp_path)
        )
    assert to_bytes(pairs[0].network) == to_bytes(pairs[1].network)
    agree(pairs[1])


def test_biases_are_taken_or_rounded_to_their_steps(tmp_path: Path) -> None:
    scale = (np.float32(0.02) * np.array([0.01, 0.02, 0.01, 0.02], np.float32)).astype(np.float32)
    for bias in (
        lambda net: net.stored(np.array([5, -7, 1000, 0], np.int32), scale),
        lambda net: net.constant(scale * np.array([5.2, -7.4, 999.8, 0.3], np.float32)),
        lambda net: net.stored(np.array([10, -14, 2000, 0], np.int32), scale / 2),
    ):
        net = QdqBuilder()
        weights = net.stored(net.numbers(4, 4, 1, 1), [0.01, 0.02, 0.01, 0.02])
        x = net.op("Conv", [net.features(), weights, bias(net)], kernel_shape=[1, 1])
        network = qdq_nets.compiled(net.head(net.both(x)), tmp_path).network
        assert network.operations[2].biases.tolist() == [5, -7, 1000, 0]
        assert network.operations[1].biases.tolist() == [0, 0, 0, 0]


def test_multipliers_are_computed_in_float32(tmp_path: Path) -> None:
    net = QdqBuilder()
    weights = net.stored(net.numbers(4, 4, 1, 1), [0.011, 0.023, 0.017, 0.029])
    x = net.both(net.op("Conv", [net.features(), weights], kernel_shape=[1, 1]), 0.037, 3)
    network = qdq_nets.compiled(net.head(x), tmp_path).network
    product = np.float32(0.02) * np.array([0.011, 0.023, 0.017, 0.029], np.float32)
    assert np.array_equal(network.operations[2].multipliers, product / np.float32(0.037))
    assert np.array_equal(network.operations[3].multipliers, [np.float32(0.037) / (np.float32(0.02) * np.float32(256))])


def test_weights_lie_channel_by_channel(tmp_path: Path) -> None:
    net = QdqBuilder()
    numbers = net.numbers(4, 4, 3, 5, largest=64)
    weights = net.stored(numbers, np.full(4, 0.01))
    x = net.op("Conv", [net.features(), weights], kernel_shape=[3, 5], pads=[1, 2, 1, 2])
    network = qdq_nets.compiled(net.head(net.both(x)), tmp_path).network
    assert np.array_equal(network.operations[2].weights, numbers.transpose(0, 2, 3, 1))
    assert network.weight_bits == 8


def test_small_weights_are_marked(tmp_path: Path) -> None:
    net = QdqBuilder()
    numbers = net.numbers
    net.numbers = lambda *shape, largest=64: numbers(*shape, largest=64)  # type: ignore[method-assign]
    assert qdq_nets.compiled(net.head(net.features()), tmp_path).network.weight_bits == 7


def test_matmul_and_means_of_other_forms(tmp_path: Path) -> None:
    net = QdqBuilder()
    pooled = net.both(net.op("ReduceMean", [net.features()], axes=[2, 3], keepdims=0))
    weights = net.stored(net.numbers(4, 6), np.full(6, 0.01), axis=1)
    x = net.both(net.op("MatMul", [pooled, weights]))
    pair = qdq_nets.compiled(net.finish(net.vector(x, 2, 6)), tmp_path)
    assert kinds(pair.network) == {Kind.INPUT: 1, Kind.CONV: 2, Kind.MEAN: 1, Kind.LOGITS: 1}
    agree(pair)


def test_weights_may_be_quantised_in_the_graph(tmp_path: Path) -> None:
    """As tools leave them that train with quantisation."""
    networks = []
    for stored in (True, False):
        net = QdqBuilder()
        x, numbers = net.features(), net.numbers(4, 4, 1, 1)
        steps = net.steps(np.full(4, 0.01), np.zeros(4, np.int8))
        weights = net.constant(numbers)
        if not stored:
            values = net.constant(numbers.astype(np.float32) * np.float32(0.01))
            weights = net.op("QuantizeLinear", [values, *steps], axis=0)
        weights = net.op("DequantizeLinear", [weights, *steps], axis=0)
        x = net.both(net.op("Conv", [x, weights], kernel_shape=[1, 1]))
        networks.append(qdq_nets.compiled(net.head(x), tmp_path).network)
    assert to_bytes(networks[0]) == to_bytes(networks[1])


def test_a_vector_is_gated_too(tmp_path: Path) -> None:
    net = QdqBuilder()
    pooled = net.both(net.op("GlobalAveragePool", [net.features()]))
    gated = net.both(net.op("Mul", [pooled, net.both(net.layer(pooled, 4, 4), 0.01)]), 0.001)
    pair = qdq_nets.compiled(net.finish(net.vector(net.op("Flatten", [gated]), 2)), tmp_path)
    assert kinds(pair.network)[Kind.GATE] == 1
    agree(pair)


def test_a_convolution_may_give_the_logits(tmp_path: Path) -> None:
    net = QdqBuilder()
    pooled = net.both(net.op("GlobalAveragePool", [net.features()]))
    pair = qdq_nets.compiled(net.finish(net.op("Flatten", [net.layer(pooled, 4, 2)])), tmp_path)
    assert kinds(pair.network)[Kind.LOGITS] == 1
    agree(pair)


CHANNELS = np.array([[[0.5]], [[-2.0]], [[0.0]], [[1.5]]], np.float32)
AFFINE: dict[str, Callable[[QdqBuilder, str], str]] = {
    "batch norm": lambda net, x: net.batch_norm(x, 4),
    "Relu behind it": lambda net, x: net.op("Relu", [net.batch_norm(x, 4)]),
    "Mul": lambda net, x: net.op("Mul", [net.constant(CHANNELS), x]),
    "Add": lambda net, x: net.op("Add", [x, net.constant(CHANNELS)]),
    "Sub": lambda net, x: net.op("Sub", [net.constant(CHANNELS), x]),
    "Div": lambda net, x: net.op("Div", [x, net.constant(CHANNELS + 3)]),
}


@pytest.mark.parametrize("behind", ["codes", "a layer"])
@pytest.mark.parametrize("what", AFFINE)
def test_numbers_for_each_channel_are_a_layer_or_inside_one(what: str, behind: str, tmp_path: Path) -> None:
    """As batch norms are left that nobody folded."""
    net = QdqBuilder(3)
    x = net.features() if behind == "codes" else net.layer(net.features(), 4, 4, 3)
    codes = net.quantise(AFFINE[what](net, x), 0.031, 117)
    model = net.head(net.dequantise(codes, 0.031, 117))
    model.graph.output.append(onnx.helper.make_tensor_value_info(codes, onnx.TensorProto.UINT8, [1, 4, 16, 16]))
    kept = (ExtraOutput(codes, "embedding", (4, 16, 16), 0.031, 117),)
    pair = qdq_nets.compiled(model, tmp_path, replace(qdq_nets.CONTRACT, extra_outputs=kept))
    assert kinds(pair.network)[Kind.DEPTHWISE] == (1 if behind == "codes" else 0)
    assert kinds(pair.network)[Kind.CONV] == (1 if behind == "codes" else 2)
    seen = windows(pair.contract, 40, 3)
    wanted, came = (found(pair, seen)[codes].astype(int) for found in (of_runtime, of_reference))
    assert len(np.unique(wanted)) > 20
    assert np.abs(wanted - came).max() <= 1
    assert (wanted != came).mean() < 2e-3


def test_a_bias_behind_a_matmul_is_inside_it(tmp_path: Path) -> None:
    """In the middle, and at the end, where nothing quantises the sum."""
    net = QdqBuilder()
    x = net.op("Flatten", [net.both(net.op("GlobalAveragePool", [net.features()]))])
    for outs in (4, 2):
        weights = net.stored(net.numbers(4, outs), np.full(outs, 0.01), axis=1)
        x = net.op("Add", [net.constant(np.arange(1, outs + 1, dtype=np.float32) / 7), net.op("MatMul", [x, weights])])
        x = net.both(x) if outs == 4 else x
    pair = qdq_nets.compiled(net.finish(x), tmp_path)
    assert kinds(pair.network) == {Kind.INPUT: 1, Kind.CONV: 2, Kind.MEAN: 1, Kind.LOGITS: 1}
    assert pair.network.operations[-1].biases.tolist() == [round(k / 7 / 0.0002) for k in (1, 2)]
    agree(pair)


@pytest.mark.parametrize("own", [{"pads": [1, 0, 0, 1]}, {"auto_pad": "SAME_LOWER"}])
def test_zeros_around_a_map_are_pads_of_the_convolution(own: dict[str, Any], tmp_path: Path) -> None:
    """In steps of their own, on one side more than on the other, and beside those that the convolution adds."""
    net = QdqBuilder()
    around = net.constant(np.array([0, 0, 0, 1, 0, 0, 1, 0], np.int64))
    x = net.both(net.op("Pad", [net.features(), around]), 0.025, 120)
    pair = qdq_nets.compiled(net.head(net.both(net.layer(x, 4, 4, 3, 2, group=4, **own))), tmp_path)
    window = next(one.window for one in pair.network.operations if one.kind == Kind.DEPTHWISE)
    assert window == Window((3, 3), (2, 2), (1, 1) if "pads" in own else (1, 2))
    agree(pair)


def test_the_sides_of_a_pad_may_be_named() -> None:
    pads, axes = np.array([1, 2, 3, 4]), np.array([3, -2])
    assert zeros_around({}, pads, None, axes) == (2, 1, 4, 3)
    assert zeros_around({"mode": b"constant"}, np.array([0, 0, 1, 2, 0, 0, 3, 4]), np.zeros(1), None) == (1, 2, 3, 4)


@pytest.mark.parametrize("kind", ["GlobalAveragePool", "ReduceMean"])
def test_floats_before_a_mean_are_rounded_and_that_is_said(kind: str, tmp_path: Path) -> None:
    """As ONNX Runtime's tool leaves them, which has no ReduceMean."""
    net = QdqBuilder()
    x = net.op("HardSwish", [net.features()])
    pooled = net.op(kind, [x]) if kind == "GlobalAveragePool" else net.op(kind, [x], axes=[2, 3])
    model = net.finish(net.vector(net.op("Flatten", [net.both(pooled, 0.004, 60)]), 2))
    pair = qdq_nets.compiled(model, tmp_path)
    assert kinds(pair.network) == {Kind.INPUT: 1, Kind.CONV: 1, Kind.MEAN: 1, Kind.LOGITS: 1}
    said: list[str] = []
    compiled(pair.model, pair.contract, said.append)
    assert len(said) == 1
    assert f"({kind}) takes floats: they are rounded to steps of " in said[0]
    agree(pair)


def test_what_a_mean_rounds_is_not_rounded_for_others(tmp_path: Path) -> None:
    net = QdqBuilder()
    x = net.op("HardSwish", [net.features()])
    gate = net.both(net.layer(net.both(net.op("GlobalAveragePool", [x]), 0.004, 60), 4, 4), 0.02, 40)
    codes = net.quantise(x, 0.0021, 90)
    model = net.head(net.both(net.op("Mul", [net.dequantise(codes, 0.0021, 90), gate]), 0.002))
    model.graph.output.append(onnx.helper.make_tensor_value_info(codes, onnx.TensorProto.UINT8, [1, 4, 16, 16]))
    kept = (ExtraOutput(codes, "embedding", (4, 16, 16), 0.0021, 90),)
    pair = qdq_nets.compiled(model, tmp_path, replace(qdq_nets.CONTRACT, extra_outputs=kept))
    seen = windows(pair.contract, 20, 3)
    assert np.array_equal(of_runtime(pair, seen)[codes], of_reference(pair, seen)[codes])


@pytest.mark.parametrize("codes", [np.uint8, np.int8])
def test_a_zero_point_that_is_left_out_is_zero(codes: type, tmp_path: Path) -> None:
    networks = []
    for left_out in (False, True):
        net = QdqBuilder(0, codes)
        zero = 128 if codes == np.int8 else 0
        model = net.head(net.both(net.op("Relu", [net.layer(net.features(), 4, 4, 3)]), 0.02, zero))
        if left_out:
            makers = [node for node in model.graph.node if node.op_type in ("QuantizeLinear", "DequantizeLinear")]
            for node in makers[-5:-3]:
                del node.input[2]
                if codes == np.int8 and node.op_type == "QuantizeLinear":
                    node.attribute.append(onnx.helper.make_attribute("output_dtype", onnx.TensorProto.INT8))
        model.opset_import[0].version, model.ir_version = 21, 10
        networks.append(to_bytes(qdq_nets.compiled(model, tmp_path).network))
    assert networks[0] == networks[1]


def test_constants_in_other_spellings(tmp_path: Path) -> None:
    """Numbers as attributes of a Constant; a bias and a shape that are computed."""
    net = QdqBuilder()
    ends = [net.op("Constant", [], value_float=-0.5), net.op("Constant", [], value_floats=[0.7])]
    ends[1] = net.op("Squeeze", [ends[1], net.op("Constant", [], value_ints=[0])])
    x = net.both(net.op("Clip", [net.layer(net.features(), 4, 4, 3), *ends]), 0.02, 128)
    scale = net.op("CastLike", [net.op("Constant", [], value_int=2), net.constant(np.float32(0))])
    x = net.both(net.op("Div", [x, scale]), 0.01, 128)
    pair = qdq_nets.compiled(net.head(x), tmp_path)
    assert kinds(pair.network) == {Kind.INPUT: 1, Kind.CONV: 2, Kind.MEAN: 1, Kind.LOGITS: 1}
    agree(pair)


def test_quantised_logits_are_scores(tmp_path: Path) -> None:
    net = QdqBuilder()
    pooled = net.both(net.op("GlobalAveragePool", [net.features()]))
    x = net.vector(net.op("Flatten", [pooled]), 2)
    pair = qdq_nets.compiled(net.finish(net.both(x, 0.01)), tmp_path)
    assert kinds(pair.network)[Kind.SCORES] == 1
    assert of_reference(pair, windows(pair.contract, 3, 1))["logits"].shape == (3, 2)
    agree(pair)


def test_the_command_writes_a_network_and_says_what_is_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = FORMS["integer gates"](tmp_path)
    out = tmp_path / "model.tgn"
    assert main(["compile", str(pair.model.path), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "operations: 1 input, 6 conv, 2 depthwise, 1 add, 2 mean, 1 gate, 1 logits" in said
    assert f"{len(out.read_bytes()):,} bytes, compressed " in said
    first = out.read_bytes()
    assert first == to_bytes(pair.network) == to_bytes(from_bytes(first))
    assert main(["compile", str(pair.model.path), "--out", str(out)]) == 0
    assert out.read_bytes() == first
    assert main(["compile", str(pair.model.path), "--out", str(tmp_path / "model.bin")]) == 1
    assert "expected a name that ends in .tgn" in capsys.readouterr().err


def test_labels_must_fit(tmp_path: Path) -> None:
    """The model is held against its contract first."""
    net = QdqBuilder()
    more = replace(qdq_nets.CONTRACT, labels=(*qdq_nets.CONTRACT.labels, Label("third", False)))
    with pytest.raises(Exception, match="expected logits of shape"):
        qdq_nets.compiled(net.head(net.features()), tmp_path, more)
