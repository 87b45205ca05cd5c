"""Every way in which an ONNX file can be wrong has one clear message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nets
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from taktgate_prep.errors import InputError
from taktgate_prep.model.model_file import load_model

CONTRACT = nets.contract_for()


def test_fixed_batch_is_taken_as_it_is(tmp_path: Path) -> None:
    path = nets.write_net(nets.small_net(), tmp_path, CONTRACT)
    model = load_model(path, CONTRACT)
    assert model.notes == ()
    assert model.file_bytes == path.stat().st_size


def test_symbolic_batch_is_fixed_and_said(tmp_path: Path) -> None:
    model = load_model(nets.write_net(nets.small_net(batch="batch"), tmp_path, CONTRACT), CONTRACT)
    assert model.notes == ("batch dimension 'batch' fixed to 1",)
    assert [dim.dim_value for dim in model.proto.graph.input[0].type.tensor_type.shape.dim] == [1, 2, 32, 32]
    assert [dim.dim_value for dim in model.proto.graph.output[0].type.tensor_type.shape.dim] == [1, 2]


def set_dim(model: onnx.ModelProto, axis: int, value: int | str) -> None:
    dim = model.graph.input[0].type.tensor_type.shape.dim[axis]
    dim.Clear()
    if isinstance(value, int):
        dim.dim_value = value
    else:
        dim.dim_param = value


def custom(model: onnx.ModelProto) -> None:
    model.graph.node[1].domain = "com.example"
    model.opset_import.append(helper.make_opsetid("com.example", 1))


def not_finite(model: onnx.ModelProto) -> None:
    values = numpy_helper.to_array(model.graph.initializer[2]).copy()
    values.flat[3:5] = np.nan, np.inf
    model.graph.initializer[2].CopyFrom(numpy_helper.from_array(values, model.graph.initializer[2].name))


def external(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights.bin")


def second_output(model: onnx.ModelProto) -> None:
    model.graph.output.append(helper.make_tensor_value_info(model.graph.node[0].output[0], TensorProto.FLOAT, None))


def second_input(model: onnx.ModelProto) -> None:
    model.graph.input.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, [1]))


def rename(model: onnx.ModelProto, which: str) -> None:
    value = model.graph.input[0] if which == "input" else model.graph.output[0]
    for node in model.graph.node:
        for names in (node.input, node.output):
            for i, name in enumerate(names):
                if name == value.name:
                    names[i] = f"my_{which}"
    value.name = f"my_{which}"


def cut_weight(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].raw_data = model.graph.initializer[0].raw_data[:-4]


def old_opset(model: onnx.ModelProto) -> None:
    model.opset_import[0].version = 11


def byte_input(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8


def unknown_operator(model: onnx.ModelProto) -> None:
    model.graph.node[1].op_type = "HardSwoosh"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (custom, "got the custom operator com.example::HardSwish"),
        (not_finite, "expected finite weights, got 2 that are not in 'w"),
        (external, "expected weights.bin beside it, where its exporter put the weights ('w0'), got none"),
        (second_output, "expected no output but those of the contract (logits), got"),
        (second_input, "expected one input, got 2 (input, more)"),
        (lambda m: rename(m, "input"), "expected the input 'input' of the contract, got 'my_input'"),
        (lambda m: rename(m, "output"), "expected the output 'logits' of the contract, got my_output"),
        (cut_weight, "got a damaged tensor 'w0'"),
        (old_opset, "expected opset 13 or newer, got 11"),
        (byte_input, "expected a float32 input, got uint8"),
        (unknown_operator, "expected a valid ONNX graph"),
        (lambda m: set_dim(m, 0, 8), "expected batch 1, got a fixed batch of 8"),
        (lambda m: set_dim(m, 1, "c"), "got a dynamic channels"),
        (lambda m: set_dim(m, 2, "h"), "got a dynamic height"),
        (lambda m: set_dim(m, 3, 64), "expected 32 width in the input as in the contract, got 64"),
        (lambda m: m.graph.input[0].type.tensor_type.ClearField("shape"), "got no shape"),
    ],
)
def test_refuses(tmp_path: Path, change: Callable[[onnx.ModelProto], None], said: str) -> None:
    model = nets.small_net()
    change(model)
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(InputError) as error:
        load_model(path, CONTRACT)
    assert said in str(error.value)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_wrong_channels_and_labels_against_the_contract(tmp_path: Path) -> None:
    path = nets.write_net(nets.small_net(channels=3), tmp_path, CONTRACT)
    with pytest.raises(InputError, match="expected 2 channels in the input as in the contract, got 3"):
        load_model(path, CONTRACT)
    path = nets.write_net(nets.small_net(labels=5), tmp_path, CONTRACT)
    with pytest.raises(InputError, match=r"\[1, 2\] for the 2 labels of the contract \(good, dot\), got \[1, 5\]"):
        load_model(path, CONTRACT)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "an empty file"),
        (b"not a model at all", "another or a damaged file"),
        (bytes(100), "expected an ONNX model"),
        (b"PK\x03\x04" + bytes(60), "got a checkpoint of PyTorch or Keras"),
        (b"\x80\x02}q", "got a pickle"),
        (b"\x89HDF\r\n", "got an HDF5 file"),
        (b"\x1c\0\0\0TFL3", "got a TensorFlow Lite model"),
        (b"version https://git-lfs.github.com/spec/v1", "got a pointer of Git LFS"),
    ],
)
def test_no_model_at_all(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "m.onnx").write_bytes(content)
    with pytest.raises(InputError) as error:
        load_model(tmp_path / "m.onnx", CONTRACT)
    assert said in str(error.value)
    with pytest.raises(InputError, match="no such file"):
        load_model(tmp_path / "other.onnx", CONTRACT)
