"""Exports of other tools: brought into one form that computes the same, or refused with what they are."""

from __future__ import annotations

import json
from pathlib import Path

import foreign_nets as foreign
import ml_dtypes
import nets
import numpy as np
import onnx
import pytest
from certified import call
from foreign_nets import CONTRACT, Tail, answers, load, network, softmax
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from taktgate_prep.errors import InputError
from taktgate_prep.files.whole import sha256
from taktgate_prep.model.model_file import load_model


def outside(model: onnx.ModelProto, folder: Path, location: str = "model.onnx.data") -> tuple[Path, bytes]:
    """Every weight in the file `location`, as torch's exporter writes them."""
    data = b""
    for tensor in model.graph.initializer:
        raw = numpy_helper.to_array(tensor).tobytes()
        tensor.ClearField("float_data")
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", len(data)), ("length", len(raw))):
            tensor.external_data.add(key=key, value=str(value))
        data += raw
    return nets.write_net(model, folder, CONTRACT), data


def test_weights_beside_the_model_are_read(tmp_path: Path) -> None:
    wanted = answers(network())
    path, data = outside(network(), tmp_path)
    (tmp_path / "model.onnx.data").write_bytes(data)
    model = load_model(path, CONTRACT)
    assert model.notes == ("weights read from model.onnx.data",)
    assert np.array_equal(answers(model.proto), wanted)
    assert (model.file_bytes, model.file_sha256) == (path.stat().st_size + len(data), sha256(path.read_bytes() + data))
    (tmp_path / "model.onnx.data").write_bytes(data[:-4] + b"\0\0\0\1")
    assert load_model(path, CONTRACT).file_sha256 != model.file_sha256


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("../w.bin", "in a file of its own folder, got '../w.bin'"),
        ("/etc/passwd", "got '/etc/passwd'"),
        ("a/../../w.bin", "in a file of its own folder"),
        ("link", "in a file of its own folder, got 'link'"),
        ("", "in a file of its own folder, got ''"),
        ("none.data", "expected none.data beside it, where its exporter put"),
        ("short.data", "inside short.data (3 bytes), got offset 0 and length"),
    ],
)
def test_weights_elsewhere_are_refused(tmp_path: Path, location: str, said: str) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    path, data = outside(network(), folder, location)
    (tmp_path / "w.bin").write_bytes(data)
    (folder / "link").symlink_to(tmp_path / "w.bin")
    (folder / "short.data").write_bytes(b"abc")
    with pytest.raises(InputError) as error:
        load_model(path, CONTRACT)
    assert said in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("kind", "number", "near"),
    [
        (np.float16, TensorProto.FLOAT16, 1e-2),
        (ml_dtypes.bfloat16, TensorProto.BFLOAT16, 1e-1),
        (np.float64, TensorProto.DOUBLE, 1e-6),
    ],
)
@pytest.mark.parametrize("inside", [True, False])
def test_other_floats_are_read_as_float32(tmp_path: Path, kind: type, number: int, near: float, inside: bool) -> None:
    model = network()
    wanted = answers(model)
    for tensor in model.graph.initializer:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(kind), tensor.name))
    if inside:  # a Cast at each end
        model.graph.node[0].input[0], model.graph.node[-1].output[0] = "half", "half_logits"
        model.graph.node.insert(0, helper.make_node("Cast", ["input"], ["half"], to=number))
        model.graph.node.append(helper.make_node("Cast", ["half_logits"], ["logits"], to=TensorProto.FLOAT))
    else:
        for value in (model.graph.input[0], model.graph.output[0]):
            value.type.tensor_type.elem_type = number
    read = load(model, tmp_path)
    assert read.notes == (f"{np.dtype(kind).name} inside, read as float32",)
    assert np.abs(answers(read.proto) - wanted).max() < near


@pytest.mark.parametrize("before", [(), ("Mul",)])
def test_channels_last(tmp_path: Path, before: tuple[str, ...]) -> None:
    model = network()
    wanted = answers(model)
    first = "input"
    for kind in before:
        model.graph.initializer.append(numpy_helper.from_array(np.ones(1, np.float32), "one"))
        model.graph.node.insert(0, helper.make_node(kind, [first, "one"], ["scaled"]))
        first = "scaled"
    model.graph.node.insert(len(before), helper.make_node("Transpose", [first], ["first"], perm=[0, 3, 1, 2]))
    model.graph.node[len(before) + 1].input[0] = "first"
    for dim, side in zip(model.graph.input[0].type.tensor_type.shape.dim, (1, 32, 32, 1), strict=True):
        dim.dim_value = side
    assert np.allclose(answers(model, channels_last=True), wanted, atol=1e-6)
    read = load(model, tmp_path)
    assert read.notes == ("its input has the channels last (NHWC): it is given NCHW, as the device does",)
    assert np.allclose(answers(read.proto), wanted, atol=1e-6)
    assert sum(node.op_type == "Transpose" for node in read.proto.graph.node) == 2 * len(before)


def clipped(net: nets.NetBuilder, x: str) -> str:
    low, high = net.weight("low", np.array(1e-9)), net.weight("high", np.array(1.0))
    return net.op("Clip", [net.op("Softmax", [x], axis=1), low, high])


def formed(net: nets.NetBuilder, x: str) -> str:
    return net.op("Reshape", [net.op("Softmax", [x], axis=-1), foreign.whole(net, "form", [2])])


@pytest.mark.parametrize(
    ("tail", "shape", "said"),
    [
        (lambda net, x: net.op("Softmax", [x], axis=1), [1, 2], "ends in Softmax: its logits are taken from before it"),
        (lambda net, x: net.op("LogSoftmax", [x], axis=1), [1, 2], "ends in LogSoftmax"),
        (lambda net, x: net.op("Log", [net.op("Softmax", [x], axis=1)]), [1, 2], "ends in Softmax"),
        (clipped, [1, 2], "ends in Softmax"),
        (formed, [2], "ends in Softmax"),
        (lambda net, x: net.op("Sigmoid", [x]), [1, 2], "ends in Sigmoid, one for each class"),
    ],
)
def test_logits_are_taken_from_before_a_norm(tmp_path: Path, tail: Tail, shape: list[int], said: str) -> None:
    read = load(network(tail=tail, shape=shape), tmp_path)
    assert len(read.notes) == 1 and said in read.notes[0]
    assert np.allclose(answers(read.proto), answers(network()), atol=1e-6)


def dense(net: nets.NetBuilder, x: str) -> str:
    """As Keras writes a layer with one output: MatMul and Add."""
    product = net.op("MatMul", [x, net.weight("dense", net.rng.normal(0, 1, (1, 1)))])
    return net.op("Add", [product, net.weight("bias", np.array([0.3]))])


@pytest.mark.parametrize(
    "tail",
    [
        lambda net, x: x,
        dense,
        lambda net, x: net.op("Squeeze", [x, foreign.whole(net, "axes", [1])]),
        lambda net, x: net.op("Mul", [x, net.weight("three", np.array(3.0))]),
    ],
)
@pytest.mark.parametrize("norm", [False, True])
def test_one_logit_speaks_for_the_second_label(tmp_path: Path, tail: Tail, norm: bool) -> None:
    single = network(tail=tail, outputs=1)
    single.graph.output[0].type.tensor_type.ClearField("shape")
    given = network(tail=lambda net, x: net.op("Sigmoid", [tail(net, x)]), outputs=1) if norm else single
    given.graph.output[0].type.tensor_type.ClearField("shape")
    read = load(given, tmp_path)
    assert read.notes[-1] == "has one logit: taken as that of 'dot' against 'good'"
    logits = answers(read.proto)
    wanted = 1 / (1 + np.exp(-answers(single)[:, 0]))
    assert logits.shape == (8, 2) and np.allclose(softmax(logits)[:, 1], wanted, atol=1e-6)


def test_logits_of_a_convolution_are_a_row(tmp_path: Path) -> None:
    net = nets.NetBuilder(1, 32, 2, seed=3)
    model = net.finish(net.op("GlobalAveragePool", [net.conv(foreign.features(net), 16, 2, 1)]))
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 2, 1, 1]))
    read = load(model, tmp_path)
    assert read.notes == ("gives its logits as [1, 2, 1, 1]: taken as a row",)
    assert np.array_equal(answers(read.proto), answers(model))


def by_hand(net: nets.NetBuilder, x: str) -> str:
    powers = net.op("Exp", [x])
    return net.op("Div", [powers, net.op("ReduceSum", [powers, foreign.whole(net, "axis", [1])])])


def domain(model: onnx.ModelProto, name: str, kind: str) -> onnx.ModelProto:
    model.graph.node[1].domain, model.graph.node[1].op_type = name, kind
    model.opset_import.append(helper.make_opsetid(name, 1))
    return model


def detector() -> onnx.ModelProto:
    net = nets.NetBuilder(1, 32, 2, seed=3)
    model = net.finish(net.op("Reshape", [foreign.features(net), foreign.whole(net, "form", [1, 16, 64])]))
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 16, 64]))
    return model


def segmenter() -> onnx.ModelProto:
    net = nets.NetBuilder(1, 32, 2, seed=3)
    model = net.finish(net.conv(foreign.features(net), 16, 2, 1))
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 2, 8, 8]))
    return model


def best_class() -> onnx.ModelProto:
    model = network(tail=lambda net, x: net.op("ArgMax", [x], axis=1))
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("logits", TensorProto.INT64, [1, 1]))
    return model


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: network(tail=by_hand), "expected logits, got probabilities (they always sum to one)"),
        (best_class, "ends in ArgMax, which gives the number of a class and not how sure it is"),
        (detector, "more than a row, as detectors give"),
        (segmenter, "a map of 8 x 8, as networks for segmentation give"),
        (lambda: domain(network(), "com.microsoft", "FusedConv"), "ONNX Runtime alone (com.microsoft::FusedConv)"),
        (lambda: domain(network(), "ai.onnx.ml", "Scaler"), "a model of trees, vectors or tables"),
        (lambda: domain(network(), "my.own", "Swoosh"), "the custom operator my.own::Swoosh: export without it"),
    ],
)
def test_what_this_model_is(tmp_path: Path, make: object, said: str) -> None:
    assert callable(make)
    with pytest.raises(InputError) as error:
        load(make(), tmp_path)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_model_functions_are_written_out(tmp_path: Path) -> None:
    model = network()
    wanted = answers(model)
    model.functions.append(
        helper.make_function(
            "my.own",
            "Twice",
            ["x"],
            ["y"],
            [helper.make_node("Relu", ["x"], ["z"]), helper.make_node("Relu", ["z"], ["y"])],
            [helper.make_opsetid("", 18)],
        )
    )
    assert np.array_equal(answers(load(domain(model, "my.own", "Twice"), tmp_path).proto), wanted)


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("DynamicQuantizeLinear", "dynamically, its ranges found at run time; by mill 7"),
        ("QuantizeLinear", "with QuantizeLinear and DequantizeLinear; by mill 7"),
    ],
)
def test_a_model_that_others_quantised_is_named_and_can_be_packed(
    tmp_path: Path, boards: Path, kind: str, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = nets.small_net()
    scale, zero = (
        numpy_helper.from_array(value, name)
        for name, value in (("scale", np.array(2 / 255, np.float32)), ("zero", np.array(128, np.uint8)))
    )
    steps = ["scale", "zero"]
    if kind == "QuantizeLinear":
        model.graph.initializer.extend([scale, zero])
        made = helper.make_node(kind, ["input", *steps], ["codes"])
    else:
        made = helper.make_node(kind, ["input"], ["codes", *steps])
    model.graph.node[0].input[0] = "seen"
    model.graph.node.insert(0, made)
    model.graph.node.insert(1, helper.make_node("DequantizeLinear", ["codes", *steps], ["seen"]))
    model.producer_name, model.producer_version = "mill", "7"
    path = nets.write_net(model, tmp_path, nets.contract_for())
    assert call("quantise", path, "--data", boards, "--out", tmp_path / "out.onnx") == 1
    assert f"got one that is quantised already ({how}): give the model that it" in capsys.readouterr().err
    assert call("pack", path, "--data", boards, "--out", tmp_path / "out.tgb") == 0


def wrong_bias(model: onnx.ModelProto) -> None:
    bias = next(tensor for tensor in model.graph.initializer if tensor.name == model.graph.node[0].input[2])
    bias.CopyFrom(numpy_helper.from_array(np.zeros((16, 1, 1, 1), np.float32), bias.name))


def no_input(model: onnx.ModelProto) -> None:
    del model.graph.node[1].input[:]


def output_is_input(model: onnx.ModelProto) -> None:
    model.graph.node[-1].output[0] = "elsewhere"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (wrong_bias, "of size output_channels (16): export it again"),
        (no_input, "expected a valid ONNX graph, got: "),
        (output_is_input, "expected a valid ONNX graph, got: "),
    ],
)
def test_a_graph_that_is_none_is_one_line(tmp_path: Path, change: object, said: str) -> None:
    model = network()
    assert callable(change)
    change(model)
    with pytest.raises(InputError) as error:
        load(model, tmp_path)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_what_was_changed_is_printed_and_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contract = nets.contract_for()
    model = nets.small_net()
    model.graph.node[-1].output[0] = "before"
    model.graph.node.append(helper.make_node("Softmax", ["before"], ["logits"], axis=1))
    path = nets.write_net(model, tmp_path, contract)
    rows = ["image\tgolden\tlabel\tsplit"]
    for i in range(8):
        pixels = np.random.default_rng(i).integers(0, 256, (32, 32)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{i}.png")
        rows.append(f"{i}.png\t0.png\t{('good', 'dot')[i % 2]}\t{('train', 'train', 'val', 'val', 'test')[i % 5]}")
    (tmp_path / "l.tsv").write_text("\n".join(rows) + "\n")
    said = "ends in Softmax: its logits are taken from before it"
    out = tmp_path / "m.int8.onnx"
    for command in (("quantise", path, "--out", out, "--method", "minmax"), ("evaluate", path)):
        assert call(*command, "--data", tmp_path / "l.tsv") == 0
        assert f"{path}: {said}" in capsys.readouterr().err
    assert json.loads(out.with_suffix(".quantise.json").read_text())["fp32"]["changed"] == [said]
