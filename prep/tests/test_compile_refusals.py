"""What has no place in the INT8 engine is refused with the node's name, and with what was expected."""

from __future__ import annotations

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
from onnx import TensorProto, helper, numpy_helper
from qdq_nets import QdqBuilder

from taktgate_prep.compile.limits import check
from taktgate_prep.compile.network import Kind, Operation, Tensor
from taktgate_prep.compile.refusal import OtherContractError, UnfitError
from taktgate_prep.contract.outputs import ExtraOutput
from taktgate_prep.errors import InputError

CHANNELS = np.array([1, 2, 3, 4], np.float32).reshape(1, 4, 1, 1)
Make = Callable[[QdqBuilder], onnx.ModelProto]


def after_features(step: Callable[[QdqBuilder, str], str]) -> Make:
    """A step on [1, 4, 16, 16], then a head for its four channels."""
    return lambda net: net.head(net.both(step(net, net.features())))


def conv_with(weights: Callable[[QdqBuilder], str], bias: Callable[[QdqBuilder], str] | None = None) -> Make:
    def step(net: QdqBuilder, x: str) -> str:
        inputs = [x, weights(net)] + ([bias(net)] if bias else [])
        return net.op("Conv", inputs, kernel_shape=[1, 1])

    return after_features(step)


def small(net: QdqBuilder) -> str:
    """Weights that are sound."""
    return net.stored(net.numbers(4, 4, 1, 1), np.full(4, 0.01))


def with_one(value: int) -> np.ndarray:
    numbers = np.ones((4, 4, 1, 1), np.int8)
    numbers[2, 1] = value
    return numbers


def two_maps(kind: str) -> Make:
    def step(net: QdqBuilder, x: str) -> str:
        return net.op(kind, [x, net.both(net.layer(x, 4, 4))])

    return after_features(step)


def of_two_sizes(net: QdqBuilder, x: str) -> str:
    return net.op("Add", [x, net.both(net.op("GlobalAveragePool", [x]))])


def read_twice(net: QdqBuilder) -> onnx.ModelProto:
    first = net.both(net.layer(net.both("input", 2 / 255), 1, 4))
    other = net.both(net.layer(net.both("input", 1 / 255), 1, 4))
    return net.head(net.both(net.op("Add", [first, other])))


def logits_of(end: Callable[[QdqBuilder, str], str]) -> Make:
    def make(net: QdqBuilder) -> onnx.ModelProto:
        x = net.both(net.layer(net.features(), 4, 2))
        return net.finish(end(net, x))

    return make


def wide(net: QdqBuilder, x: str) -> str:
    return net.vector(net.both(net.vector(flat_codes(net, x), 4097, 2)), 2, 4097)


def flat(net: QdqBuilder, x: str) -> str:
    return net.op("Flatten", [net.op("GlobalAveragePool", [x])])


def cut_logits(net: QdqBuilder, x: str) -> str:
    return net.op("Relu", [net.vector(flat_codes(net, x), 2, 2)])


def flat_codes(net: QdqBuilder, x: str) -> str:
    return net.op("Flatten", [net.both(net.op("GlobalAveragePool", [x]))])


def scaled_logits(net: QdqBuilder, x: str) -> str:
    weights = net.stored(net.numbers(2, 2), np.full(2, 0.01))
    return net.op("Gemm", [flat_codes(net, x), weights], transB=1, alpha=0.5)


def whole_map(net: QdqBuilder) -> onnx.ModelProto:
    return net.finish(net.vector(net.op("Flatten", [net.features()]), 2, 4 * 16 * 16))


def raw_input(net: QdqBuilder) -> onnx.ModelProto:
    return net.head(net.both(net.layer("input", 1, 4, 3, 2)))


def broken_norm(net: QdqBuilder, x: str) -> str:
    numbers = [np.ones(4, np.float32), np.zeros(4, np.float32), np.zeros(4, np.float32), np.full(4, -1, np.float32)]
    return net.op("BatchNormalization", [x, *(net.constant(value) for value in numbers)])


def padded(
    net: QdqBuilder, x: str, pads: tuple[int, ...] = (0, 0, 1, 1), fill: float = 0, mode: str = "constant"
) -> str:
    """The same pads at both ends of each axis."""
    inputs = [x, net.constant(np.array([*pads, *pads], np.int64)), net.constant(np.float32(fill))]
    return net.both(net.op("Pad", inputs, mode=mode))


def steps_by_channel(net: QdqBuilder, x: str) -> str:
    steps = net.steps(np.full(4, 0.02), np.full(4, 128, np.uint8))
    codes = net.op("QuantizeLinear", [net.op("HardSwish", [x]), *steps], axis=1)
    return net.op("HardSwish", [net.op("DequantizeLinear", [codes, *steps], axis=1)])


def steps_that_are_too_fine(net: QdqBuilder, x: str) -> str:
    return net.layer(net.both(net.layer(x, 4, 4, 3), 1e-12), 4, 4)


def on_the_other_axis(net: QdqBuilder, x: str) -> str:
    weights = net.stored(net.numbers(4, 4, 1, 1), np.array([1, 2, 3, 4]) / 100, axis=1)
    return net.op("Conv", [x, weights], kernel_shape=[1, 1])


def moving_bias(net: QdqBuilder, x: str) -> str:
    bias = net.op("Flatten", [net.both(net.op("GlobalAveragePool", [x]))], axis=0)
    return net.op("Conv", [x, small(net), net.op("Squeeze", [bias, net.constant(np.array([0], np.int64))])])


REFUSED: dict[str, tuple[Make, str]] = {
    "operator": (
        after_features(lambda net, x: net.op("MaxPool", [x], kernel_shape=[2, 2])),
        r"node '/MaxPool_\d+' \(MaxPool\): expected an operator that the INT8 engine has \(docs/models.md\), got Max",
    ),
    "batch norm of floats": (
        after_features(lambda net, x: net.batch_norm(net.op("HardSwish", [x]), 4)),
        r"\(BatchNormalization\): expected dequantised codes, got floats that no QuantizeLinear follows",
    ),
    "batch norm behind a Relu": (
        after_features(lambda net, x: net.batch_norm(net.op("Relu", [net.layer(x, 4, 4)]), 4)),
        r"\(BatchNormalization\): expected codes, or what a Conv, Gemm or MatMul gives, got the float result of a conv "
        "with a Relu or Clip behind it",
    ),
    "gate behind a batch norm": (
        after_features(lambda net, x: net.op("HardSwish", [net.batch_norm(x, 4)])),
        r"\(HardSwish\): expected dequantised codes before HardSwish: a QuantizeLinear behind each layer, got the "
        "float result of a depthwise without a QuantizeLinear behind it",
    ),
    "batch norm that is none": (
        after_features(broken_norm),
        r"\(BatchNormalization\): expected finite numbers for each of 4 channels, got some that are not",
    ),
    "division by nothing": (
        after_features(lambda net, x: net.op("Div", [x, net.constant(CHANNELS * np.float32(0))])),
        r"\(Div\): expected a tensor divided by constants that are not zero, got another division",
    ),
    "division by a channel": (
        after_features(lambda net, x: net.op("Div", [net.constant(CHANNELS), x])),
        r"\(Div\): expected a tensor divided by constants that are not zero, got another division",
    ),
    "pads that are no zeros": (
        after_features(lambda net, x: net.layer(padded(net, x, fill=0.5), 4, 4, 3, pads=[0, 0, 0, 0])),
        r"\(Pad\): expected zeros around a map, got mode constant, value 0.5",
    ),
    "mirrored pads": (
        after_features(lambda net, x: net.layer(padded(net, x, mode="reflect"), 4, 4, 3, pads=[0, 0, 0, 0])),
        r"\(Pad\): expected zeros around a map, got mode reflect, value 0",
    ),
    "pads that cut": (
        after_features(lambda net, x: net.layer(padded(net, x, pads=(0, 0, -1, -1)), 4, 4)),
        r"\(Pad\): expected zeros above, below and beside a map, got pads \[0, 0, -1, -1, 0, 0, -1, -1\]",
    ),
    "gate of zeros around a map": (
        after_features(lambda net, x: net.layer(net.op("HardSigmoid", [padded(net, x)]), 4, 4, 3)),
        r"\(HardSigmoid\): expected dequantised codes before HardSigmoid: a QuantizeLinear behind each layer, got "
        "dequantised codes with zeros around them, which only a Conv takes",
    ),
    "mean of a part": (
        after_features(lambda net, x: net.op("AveragePool", [x], kernel_shape=[8, 16])),
        r"\(AveragePool\): expected a mean over all 16 x 16 places, without pads, got kernel \[8, 16\], pads \[\]",
    ),
    "group": (
        after_features(lambda net, x: net.layer(x, 4, 4, 3, group=2)),
        r"\(Conv\): expected a convolution of all channels, or one kernel for each channel, got group 2 with 4 "
        "channels in and 4 out",
    ),
    "several kernels for each channel": (
        lambda net: net.head(net.both(net.layer(net.features(), 4, 8, 3, group=4)), 8),
        r"\(Conv\): expected a convolution of all channels, .* got group 4 with 4 channels in and 8 out",
    ),
    "strides that differ": (
        after_features(lambda net, x: net.layer(x, 4, 4, 3, group=4, strides=[1, 2])),
        r"\(Conv\): expected a square kernel and one stride where each channel has its own kernel, got kernel "
        r"\[3, 3\], strides \[1, 2\]",
    ),
    "dilation": (
        after_features(lambda net, x: net.layer(x, 4, 4, 3, dilations=[2, 2])),
        r"\(Conv\): expected no dilation, got dilations \[2, 2\]",
    ),
    "kernel": (
        after_features(lambda net, x: net.layer(x, 4, 4, 9)),
        r"\(Conv\): expected a kernel of 1, 3, 5 or 7, a stride of 1 or 2, pads below the kernel, got kernel \[9, 9\], "
        r"strides \[1, 1\], pads \[4, 4, 4, 4\]",
    ),
    "stride": (
        after_features(lambda net, x: net.layer(x, 4, 4, 3, 3)),
        r"a stride of 1 or 2, .* got kernel \[3, 3\], strides \[3, 3\]",
    ),
    "pads": (
        after_features(lambda net, x: net.layer(x, 4, 4, pads=[1, 1, 1, 1])),
        r"pads below the kernel, got kernel \[1, 1\], strides \[1, 1\], pads \[1, 1, 1, 1\]",
    ),
    "gate without steps before it": (
        after_features(lambda net, x: net.op("HardSwish", [net.layer(x, 4, 4)])),
        r"\(HardSwish\): expected dequantised codes before HardSwish: a QuantizeLinear behind each layer, got the "
        "float result of a conv without a QuantizeLinear behind it",
    ),
    "sum without steps before it": (
        after_features(lambda net, x: net.op("Add", [x, net.layer(x, 4, 4)])),
        r"\(Add\): expected dequantised codes before Add: a QuantizeLinear behind each layer",
    ),
    "layer without steps before it": (
        after_features(lambda net, x: net.layer(net.layer(x, 4, 4), 4, 4)),
        r"\(Conv\): expected dequantised codes, got the float result of a conv without a QuantizeLinear behind it",
    ),
    "gate without steps behind it": (
        after_features(lambda net, x: net.layer(net.op("HardSwish", [x]), 4, 4)),
        r"\(Conv\): expected dequantised codes, got floats that no QuantizeLinear follows",
    ),
    "float weights": (
        conv_with(lambda net: net.constant(np.ones((4, 4, 1, 1), np.float32))),
        r"\(Conv\): expected constant int8 weights behind a DequantizeLinear, got float weights of shape "
        r"\[4, 4, 1, 1\]",
    ),
    "weights of another type": (
        conv_with(lambda net: net.stored(np.ones((4, 4, 1, 1), np.uint8), np.full(4, 0.01))),
        r"\(Conv\): expected int8 weights, got uint8 weights",
    ),
    "zero point of weights": (
        conv_with(lambda net: net.stored(with_one(3), np.full(4, 0.01), [0, 0, 5, 0])),
        r"\(Conv\): expected weights with zero point 0, got zero point 5",
    ),
    "-128": (
        conv_with(lambda net: net.stored(with_one(-128), np.full(4, 0.01))),
        r"\(Conv\): expected weights from -127 to 127, got a weight of -128",
    ),
    "axis of the scales": (
        after_features(on_the_other_axis),
        r"\(Conv\): expected one scale for each output channel \(axis 0\), got scales along axis 1",
    ),
    "bias of the network": (after_features(moving_bias), r"\(Conv\): expected a constant bias, got dequantised codes"),
    "large bias": (
        conv_with(small, lambda net: net.constant(np.full(4, 1e9, np.float32))),
        r"\(Conv\): expected biases that fit 32 bits in steps of input scale times weight scale, got larger ones",
    ),
    "sums": (
        conv_with(small, lambda net: net.stored(np.full(4, 2**31 - 5, np.int32), np.full(4, 0.0002))),
        r"\(QuantizeLinear\): expected sums that fit into 32 bits, got sums up to \d+ in channel \d",
    ),
    "steps that are too fine": (
        after_features(steps_that_are_too_fine),
        r"\(QuantizeLinear\): expected results below 2\^30 steps, got up to .* the steps of the result are too fine",
    ),
    "constant for each place": (
        after_features(
            lambda net, x: net.op("Mul", [x, net.constant(np.arange(256, dtype=np.float32).reshape(16, 16))])
        ),
        r"\(Mul\): expected one constant for all channels, got a constant of shape \[16, 16\]",
    ),
    "constant for each channel of floats": (
        after_features(lambda net, x: net.op("Mul", [net.op("HardSwish", [x]), net.constant(CHANNELS)])),
        r"\(Mul\): expected one constant for all channels, got a constant of shape \[1, 4, 1, 1\]",
    ),
    "steps for each channel": (
        after_features(steps_by_channel),
        r"\(QuantizeLinear\): expected one scale and zero point for all channels, got several",
    ),
    "product of maps": (
        two_maps("Mul"),
        r"\(Mul\): expected a product of a map and a vector of its channels, got \[1, 4, 16, 16\] and "
        r"\[1, 4, 16, 16\]",
    ),
    "difference": (two_maps("Sub"), r"\(Sub\): expected Add or Mul of two tensors, got Sub of 2"),
    "sum of two sizes": (
        after_features(of_two_sizes),
        r"\(Add\): expected a sum of two tensors of one shape, got \[1, 4, 16, 16\] and \[1, 4, 1, 1\]",
    ),
    "flattened map": (whole_map, r"\(Flatten\): expected a vector, got a map of 16 x 16 x 4"),
    "mean of a row": (
        after_features(lambda net, x: net.op("ReduceMean", [x], axes=[3], keepdims=1)),
        r"\(ReduceMean\): expected a mean over height and width, got axes \[3\]",
    ),
    "two inputs": (read_twice, r"\(QuantizeLinear\): expected one QuantizeLinear of the input, got another one"),
    "raw input": (raw_input, r"\(Conv\): expected a QuantizeLinear of the input first, got floats of the pixels"),
    "factor of a Gemm": (
        logits_of(scaled_logits),
        r"\(Gemm\): expected weights of two axes, alpha and beta of 1, and no transA, got weights of shape \[2, 2\], "
        "alpha 0.5",
    ),
    "channels": (
        logits_of(wide),
        r"\(QuantizeLinear\): expected sides of at most 1024 and at most 4096 channels, got 1 x 1 x 4097",
    ),
    "logits of a mean": (
        logits_of(flat),
        r"\(Flatten\): expected logits of a fully connected layer, or of a DequantizeLinear, got the float result of "
        "a mean",
    ),
    "cut logits": (
        logits_of(cut_logits),
        r"\(Relu\): expected logits as the last layer gives them, got a Relu or Clip behind it",
    ),
    "gate of the logits": (
        logits_of(lambda net, x: net.op("HardSwish", [flat_codes(net, x)])),
        r"\(HardSwish\): expected logits of a fully connected layer, or of a DequantizeLinear, got floats that no "
        "QuantizeLinear follows",
    ),
}


def initialiser(model: onnx.ModelProto, name: str) -> Any:
    return next(tensor for tensor in model.graph.initializer if tensor.name == name)


def with_scale(value: float) -> Make:
    def make(net: QdqBuilder) -> onnx.ModelProto:
        model = net.head(net.both(net.op("HardSwish", [net.features()])))
        name = [node for node in model.graph.node if node.op_type == "QuantizeLinear"][1].input[1]
        initialiser(model, name).CopyFrom(numpy_helper.from_array(np.float32(value), name))
        return model

    return make


def of_opset(make: Make, opset: int) -> Make:
    def made(net: QdqBuilder) -> onnx.ModelProto:
        model = make(net)
        model.opset_import[0].version, model.ir_version = opset, 10
        return model

    return made


def wide_codes(net: QdqBuilder) -> onnx.ModelProto:
    """Activations of 16 bits."""
    net._codes = np.uint16  # type: ignore[assignment]
    return net.head(net.features())


def narrow_weights(net: QdqBuilder, x: str) -> str:
    for name, shape in (("narrow", [4, 4, 1, 1]), ("narrow_zero", [4])):
        net.weights.append(helper.make_tensor(name, TensorProto.INT4, shape, [0] * int(np.prod(shape))))
    steps = [net.constant(np.full(4, 0.01, np.float32)), "narrow_zero"]
    return net.op("Conv", [x, net.op("DequantizeLinear", ["narrow", *steps], axis=0)], kernel_shape=[1, 1])


def float_end(net: QdqBuilder) -> onnx.ModelProto:
    """Quantised but for its last layer."""
    pooled = net.op("Flatten", [net.both(net.op("GlobalAveragePool", [net.features()]))])
    return net.finish(net.gemm(pooled, 4, 2))


def branch(net: QdqBuilder, x: str) -> str:
    graphs = [
        helper.make_graph(
            [helper.make_node(kind, [x], ["end"])], kind, [], [helper.make_tensor_value_info("end", 1, [1, 4, 16, 16])]
        )
        for kind in ("Relu", "Sigmoid")
    ]
    condition = net.op("Equal", [net.op("ReduceMax", [x], keepdims=0), net.constant(np.float32(0))])
    return net.op("If", [condition], then_branch=graphs[0], else_branch=graphs[1])


def repeated(net: QdqBuilder, x: str) -> str:
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Relu", ["x"], ["y"])],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, 16, 16]),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4, 16, 16]),
        ],
    )
    return net.op("Loop", [net.constant(np.int64(2)), net.constant(np.array(True)), x], body=body)


def as_whole_operator(net: QdqBuilder) -> onnx.ModelProto:
    steps = [*net.steps(0.02, np.uint8(128)), net.constant(net.numbers(4, 1, 3, 3)), *net.steps(0.01, np.int8(0))]
    made = net.op("QLinearConv", [net.quantise("input"), *steps, *net.steps(0.02, np.uint8(128))])
    return net.head(net.dequantise(made))


def moving_scale(net: QdqBuilder, x: str) -> str:
    scale, zero_point = net.op("ReduceMax", [x], keepdims=0), net.constant(np.uint8(0))
    return net.op("DequantizeLinear", [net.op("QuantizeLinear", [x, scale, zero_point]), scale, zero_point])


def shuffled(net: QdqBuilder, x: str) -> str:
    shapes = [net.constant(np.array(shape, np.int64)) for shape in ([1, 2, 2, 16, 16], [1, 4, 16, 16])]
    turned = net.op("Transpose", [net.op("Reshape", [x, shapes[0]])], perm=[0, 2, 1, 3, 4])
    return net.op("Reshape", [turned, shapes[1]])


UNKNOWN = r"expected an operator that the INT8 engine has \(docs/models.md\), got {0}"
REFUSED |= {
    "scale of zero": (with_scale(0), r"\(QuantizeLinear\): expected a float32 scale above 0, got 0 \(float32\)"),
    "scale below zero": (with_scale(-0.5), r"\(QuantizeLinear\): expected a float32 scale above 0, got -0.5"),
    "16 bits": (of_opset(wide_codes, 21), r"\(QuantizeLinear\): expected codes of uint8 or int8, got uint16"),
    "weights of 4 bits": (
        of_opset(after_features(narrow_weights), 21),
        r"\(Conv\): expected int8 weights, got int4 weights",
    ),
    "weights of 16 bits": (
        of_opset(conv_with(lambda net: net.stored(np.ones((4, 4, 1, 1), np.int16), np.full(4, 0.01))), 21),
        r"\(Conv\): expected int8 weights, got int16 weights",
    ),
    "float layer at the end": (
        float_end,
        r"\(Gemm\): expected constant int8 weights behind a DequantizeLinear, got float weights of shape \[2, 4\]",
    ),
    "codes that are no numbers again": (
        lambda net: net.head(net.op("Cast", [net.quantise(net.layer(net.both("input"), 1, 4))], to=1)),
        r"\(Cast\): " + UNKNOWN.format("Cast"),
    ),
    "branch": (after_features(branch), r"\(ReduceMax\): " + UNKNOWN.format("ReduceMax")),
    "loop": (after_features(repeated), r"\(Loop\): " + UNKNOWN.format("Loop")),
    "integer operators": (as_whole_operator, r"\(QLinearConv\): " + UNKNOWN.format("QLinearConv")),
    "scale that moves": (after_features(moving_scale), r"\(ReduceMax\): " + UNKNOWN.format("ReduceMax")),
    "shuffle": (after_features(shuffled), r"\(Reshape\): expected a vector, got a map of 16 x 16 x 4"),
    "maps beside each other": (
        lambda net: net.head(net.both(net.op("Concat", [net.features()] * 2, axis=1)), 8),
        r"\(Concat\): " + UNKNOWN.format("Concat"),
    ),
    "transposed convolution": (
        after_features(
            lambda net, x: net.op("ConvTranspose", [x, net.stored(net.numbers(4, 4, 1, 1), 0.01)], kernel_shape=[1, 1])
        ),
        r"\(ConvTranspose\): " + UNKNOWN.format("ConvTranspose"),
    ),
    "constants alone": (
        lambda net: net.finish(net.op("Identity", [net.both(net.constant(np.array([[1, 2]], np.float32)))])),
        r"\(Identity\): expected an operator on what the network computes, got constants alone",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_with_the_name_of_the_node(what: str, tmp_path: Path) -> None:
    make, words = REFUSED[what]
    with pytest.raises(InputError, match=words) as raised:
        qdq_nets.compiled(make(QdqBuilder()), tmp_path)
    said = str(raised.value)
    assert f"{tmp_path / 'model.int8.onnx'}: node '/" in said
    assert said.endswith(": the release then runs on ONNX Runtime")
    assert "\n" not in said


def test_tensors_have_a_largest_size() -> None:
    """2^26 codes, as the device's reader has it."""
    tensors = [Tensor(1024, 1024, channels, 0, 0.1) for channels in (64, 65)]
    table = np.arange(256, dtype=np.uint8)
    check(Operation(Kind.TABLE, 0, 0, table=table), tensors)
    with pytest.raises(UnfitError, match="expected at most 67,108,864 codes in a tensor, got 68,157,440"):
        check(Operation(Kind.TABLE, 1, 0, table=table), tensors)


@pytest.mark.parametrize("kind", [Kind.LOGITS, Kind.SCORES])
def test_logits_are_finite(kind: Kind) -> None:
    tensors = [Tensor(1, 1, 1, 0, 0.1)] * 2
    parts = {"weights": np.ones((1, 1, 1, 1), np.int8), "biases": np.zeros(1, np.int32)} if kind == Kind.LOGITS else {}
    check(Operation(kind, 1, 0, multipliers=np.array([-6e35], np.float32), **parts), tensors)
    with pytest.raises(UnfitError, match=r"expected logits that are finite, got up to 1\.785e\+38 in channel 0"):
        check(Operation(kind, 1, 0, multipliers=np.array([-7e35], np.float32), **parts), tensors)


def without(model: onnx.ModelProto, kind: str) -> onnx.ModelProto:
    """The constant is gone that the last node of a kind reads."""
    name = qdq_nets.node_of(model, kind).input[0]
    kept = [tensor for tensor in model.graph.initializer if tensor.name != name]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    return model


def as_custom(model: onnx.ModelProto) -> onnx.ModelProto:
    model.graph.node[0].domain = "my.operators"
    model.opset_import.append(helper.make_opsetid("my.operators", 1))
    return model


def with_side(model: onnx.ModelProto, axis: int, value: int | str) -> onnx.ModelProto:
    side = model.graph.input[0].type.tensor_type.shape.dim[axis]
    if isinstance(value, str):
        side.dim_param = value
    else:
        side.dim_value = value
    return model


def in_a_file(model: onnx.ModelProto) -> onnx.ModelProto:
    tensor = model.graph.initializer[2]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="gone.bin")
    return model


def fed_twice(model: onnx.ModelProto) -> onnx.ModelProto:
    model.graph.input.append(helper.make_tensor_value_info("golden", TensorProto.FLOAT, [1, 1, 32, 32]))
    return model


def in_a_circle(model: onnx.ModelProto) -> onnx.ModelProto:
    model.graph.node[2].input[0] = model.graph.node[-1].output[0]
    return model


BROKEN: dict[str, tuple[Callable[[onnx.ModelProto], onnx.ModelProto], str]] = {
    "constant that is gone": (
        lambda model: without(model, "DequantizeLinear"),
        "expected a valid ONNX graph, got: Nodes",
    ),
    "operator of somebody": (as_custom, "expected standard operators only, got the custom operator my.operators::"),
    "height that moves": (lambda model: with_side(model, 2, "h"), "a fixed shape .* got a dynamic height"),
    "batch of two": (lambda model: with_side(model, 0, 2), "expected batch 1, got a fixed batch of 2"),
    "weights that are gone": (in_a_file, "expected gone.bin beside it"),
    "two inputs": (fed_twice, r"expected one input, got 2 \(input, golden\)"),
    "circle": (in_a_circle, "expected a valid ONNX graph"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_whole_graph_is_refused_before_it_is_compiled(what: str, tmp_path: Path) -> None:
    change, words = BROKEN[what]
    net = QdqBuilder()
    with pytest.raises(InputError, match=words) as raised:
        qdq_nets.compiled(change(net.head(net.features())), tmp_path)
    assert "\n" not in str(raised.value)


def test_a_float_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected an INT8 model .* got a float one: quantise it first"):
        compiled_sets.loaded(nets.small_net().SerializeToString(), nets.contract_for(), tmp_path)


def with_output(net: QdqBuilder, codes: str, shape: list[int], x: str) -> onnx.ModelProto:
    """A second output."""
    model = net.head(x)
    model.graph.output.append(helper.make_tensor_value_info(codes, TensorProto.UINT8, shape))
    return model


def test_an_extra_output_has_the_scale_and_zero_point_of_the_contract(tmp_path: Path) -> None:
    net = QdqBuilder()
    x = net.features()
    codes = net.quantise(net.op("GlobalAveragePool", [x]))
    named = ExtraOutput(codes, "channel_means", (4,), 0.02, 127)
    model = with_output(net, codes, [1, 4, 1, 1], x)
    wrong = replace(qdq_nets.CONTRACT, extra_outputs=(named,))
    named = replace(named, zero_point=128)
    wanted = "contract's scale 0.02 and zero point 127, got 0.02 and 128: take the contract that belongs to this model$"
    with pytest.raises(OtherContractError, match=wanted):
        qdq_nets.compiled(model, tmp_path, wrong)
    finer = replace(wrong, extra_outputs=(replace(named, scale=0.0199),))
    with pytest.raises(OtherContractError, match=r"scale 0\.0199 and zero point 128, got 0\.02 and 128"):
        qdq_nets.compiled(model, tmp_path, finer)
    right = replace(wrong, extra_outputs=(named,))
    assert [one.role for one in qdq_nets.compiled(model, tmp_path, right).network.extra_outputs] == ["channel_means"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("ArgMax", "keepdims", 1), r"\(ArgMax\): expected the first of equal logits, without an axis of its own"),
        (("ArgMax", "select_last_index", 1), r"\(ArgMax\): expected the first of equal logits"),
    ],
)
def test_a_class_map_is_that_of_the_first_largest_logit(
    change: tuple[str, str, Any], words: str, tmp_path: Path
) -> None:
    net = QdqBuilder()
    x = net.features()
    maps = net.quantise(net.layer(x, 4, 2))
    model = net.head(x)
    winner = helper.make_node("ArgMax", ["logits"], ["winner"], name="/winner", axis=1, keepdims=0)
    model.graph.node.extend([winner, helper.make_node("Gather", [maps, "winner"], ["map"], name="/map", axis=1)])
    model.graph.output.append(helper.make_tensor_value_info("map", TensorProto.UINT8, [1, 1, 16, 16]))
    contract = replace(qdq_nets.CONTRACT, extra_outputs=(ExtraOutput("map", "class_map", (16, 16), 0.02, 128),))
    assert len(qdq_nets.compiled(model, tmp_path, contract).network.extra_outputs) == 1
    kind, name, value = change
    qdq_nets.attribute(qdq_nets.node_of(model, kind), name, value)
    shape = [1, 1, 1, 16, 16] if name == "keepdims" else [1, 1, 16, 16]
    model.graph.output[1].CopyFrom(helper.make_tensor_value_info("map", TensorProto.UINT8, shape))
    with pytest.raises(InputError, match=words):
        qdq_nets.compiled(model, tmp_path, contract)
