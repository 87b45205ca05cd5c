"""What `quantise` reads: splits, overlap with test, classes and windows that are missing; its record and messages."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import nets
import onnx
import pytest
from onnx import numpy_helper

from taktgate_prep.cli import main


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return nets.write_net(nets.small_net(), tmp_path, nets.contract_for())


def quantise(*args: object) -> int:
    return main(["quantise", *map(str, args)])


def relisted(boards: Path, folder: Path, change: dict[str, str]) -> Path:
    """The list with other splits, beside copies of the images."""
    for image in boards.parent.glob("*.png"):
        shutil.copy(image, folder / image.name)
    lines = boards.read_text(encoding="utf-8").splitlines()
    rows = [line.rsplit("\t", 1) for line in lines]
    text = [lines[0], *(f"{head}\t{change.get(split, split)}" for head, split in rows[1:])]
    (folder / "boards.tsv").write_text("\n".join(text) + "\n", encoding="utf-8")
    return folder / "boards.tsv"


def test_the_record_holds_the_search(boards: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = model.with_name("model.int8.onnx")
    assert (
        quantise(
            model,
            "--data",
            boards,
            "--out",
            out,
            "--calibration-samples",
            16,
            "--max-loss",
            100,
            "--hard-swish",
            "integer",
        )
        == 0
    )
    record = json.loads(out.with_suffix(".quantise.json").read_text())
    assert {
        "schema",
        "fp32",
        "int8",
        "settings",
        "calibration",
        "nodes",
        "versions",
        "search",
        "layers",
        "sizes",
        "hard_swish",
    } <= set(record)
    assert set(record["search"][0]) == {
        "stage",
        "calibrator",
        "draw",
        "weights",
        "weight_bits",
        "runtime",
        "hard_swish",
        "bias_correction",
        "equalised",
        "lost",
        "won",
        "loss_points",
        "interval95_points",
        "sqnr_db",
        "integer_nodes",
        "float_nodes",
        "chosen",
        "note",
    }
    assert sum(row["chosen"] for row in record["search"]) == 1
    assert len(record["layers"]) == 9
    assert record["hard_swish"]["form"] == "integer"
    assert record["hard_swish"]["largest_difference_steps"] <= 1
    assert record["sizes"]["int8_slim"] == out.stat().st_size
    assert record["choice"]["few_windows"] is False  # any loss is allowed
    shown = capsys.readouterr()
    assert "calibrating on 4 x 16 of 36 windows of split train, choosing on 12" in shown.err
    assert "chosen" in shown.out
    assert record["runtime"] == {"name": "int8 engine"}
    assert "validation windows: answers of the INT8 engine" in shown.out
    assert record["weight_bits"]["taken"] == record["settings"]["weight_bits"]
    assert "; against 8 bits " in shown.out
    assert "compressed against compressed" in shown.out


def test_a_fixed_setting_searches_nothing(boards: Path, model: Path) -> None:
    out = model.with_name("model.int8.onnx")
    assert (
        quantise(
            model,
            "--data",
            boards,
            "--out",
            out,
            "--calibration-samples",
            16,
            "--percentile",
            99.9,
            "--hard-swish",
            "float",
        )
        == 0
    )
    record = json.loads(out.with_suffix(".quantise.json").read_text())
    assert (record["settings"]["method"], record["settings"]["percentile"]) == ("percentile", 99.9)
    assert len(record["search"]) == 1
    assert record["choice"]["fixed"] is True


def test_few_validation_windows_are_said(boards: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = model.with_name("model.int8.onnx")
    assert quantise(model, "--data", boards, "--out", out, "--calibration-samples", 16, "--max-loss", 7) == 0
    assert "only 12 labelled validation windows" in capsys.readouterr().out


def test_a_test_image_among_the_calibration_windows_is_refused(
    boards: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    data = relisted(boards, folder, {})
    shutil.copy(folder / "03.png", folder / "00.png")  # 03 is in test, 00 in train
    assert quantise(model, "--data", data, "--out", tmp_path / "o.onnx") == 1
    message = capsys.readouterr().err
    assert str(folder / "00.png") in message
    assert str(folder / "03.png") in message
    assert "Traceback" not in message
    assert not (tmp_path / "o.onnx").exists()


def test_golden_images_may_be_shared_with_test(boards: Path, model: Path, tmp_path: Path) -> None:
    assert quantise(model, "--data", boards, "--out", tmp_path / "o.onnx", "--method", "minmax") == 0


def test_no_validation_windows(boards: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    data = relisted(boards, folder, {"val": "test"})
    text = re.sub(r"\tp\d\d\ttrain$", "\tone\ttrain", data.read_text(encoding="utf-8"), flags=re.MULTILINE)
    data.write_text(text, encoding="utf-8")  # of one part, which cannot be set aside
    assert quantise(model, "--data", data, "--out", tmp_path / "o.onnx") == 1
    message = capsys.readouterr().err
    assert "expected windows of split val to choose a setting on, got none" in message
    assert "--method" in message
    assert quantise(model, "--data", data, "--out", tmp_path / "o.onnx", "--method", "mse") == 0
    assert "no windows of split val" in capsys.readouterr().err


def test_a_class_without_windows_is_said(boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contract = nets.contract_for(names=("good", "dot", "scratch"))
    model = nets.write_net(nets.small_net(labels=3), tmp_path, contract)
    assert quantise(model, "--data", boards, "--out", tmp_path / "o.onnx", "--method", "minmax") == 0
    assert "split train holds no window of scratch" in capsys.readouterr().err


def _broken(kind: str) -> onnx.ModelProto:
    model = nets.small_net(channels=3 if kind == "channels" else 2, batch="n" if kind == "dynamic" else 1)
    if kind == "dynamic":
        model.graph.input[0].type.tensor_type.shape.dim[2].dim_param = "h"
    if kind == "finite":
        weight = model.graph.initializer[0]
        values = numpy_helper.to_array(weight).copy()
        values.flat[3] = float("nan")
        weight.CopyFrom(numpy_helper.from_array(values, weight.name))
    if kind == "operator":
        model.graph.node[1].domain = "my.ops"
        model.opset_import.append(onnx.helper.make_opsetid("my.ops", 1))
    return model


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("operator", "custom operator my.ops"),
        ("dynamic", "a dynamic height"),
        ("finite", "expected finite weights"),
        ("channels", "expected 2 channels"),
    ],
)
def test_a_model_that_cannot_be_taken_gets_one_line(
    boards: Path, tmp_path: Path, kind: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.onnx"
    path.write_bytes(_broken(kind).SerializeToString())
    nets.contract_for().save(tmp_path / "bad.contract.json")
    assert quantise(path, "--data", boards, "--out", tmp_path / "o.onnx") == 1
    message = capsys.readouterr().err.strip()
    assert said in message
    assert str(path) in message
    assert len(message.splitlines()) == 1
    assert not (tmp_path / "o.onnx").exists()
