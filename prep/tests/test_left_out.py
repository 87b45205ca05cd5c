"""Images that are left out because they cannot be read are counted and named in every record."""

from __future__ import annotations

import json
from pathlib import Path

import nets
import numpy as np
import pytest
from certified import call, read_page
from PIL import Image


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of which 24 training images and one test image cannot be read."""
    rng = np.random.default_rng(1)
    for split, count in (("train", 30), ("val", 6), ("test", 6)):
        for label in ("good", "dot"):
            folder = tmp_path / "data" / split / label
            folder.mkdir(parents=True)
            for i in range(count):
                path = folder / f"{i:02d}.png"
                Image.fromarray((rng.integers(90, 110, (32, 32)) + 60 * (label == "dot")).astype(np.uint8)).save(path)
                if label == "dot" and i < {"train": 24, "test": 1}.get(split, 0):
                    path.write_bytes(b"no image")
    return tmp_path / "data"


WANTED = {"images": 25, "samples": 25, "first": ["test/dot/00.png", *(f"train/dot/{i:02d}.png" for i in range(19))]}


def test_records_name_what_was_left_out(data: Path, tmp_path: Path) -> None:
    net = nets.NetBuilder(1, 32, 2)
    pooled = net.op("Flatten", [net.op("GlobalAveragePool", ["input"])])
    weight, bias = np.array([[-60.0], [60.0]]), np.zeros(2)
    logits = net.op("Gemm", [pooled, net.weight("w", weight), net.weight("b", bias)], transB=1)
    model = nets.write_net(net.finish(logits), tmp_path, nets.contract_for("grey", False))
    skip = ("--data", data, "--bad-images", "skip")
    assert call("quantise", model, *skip, "--out", tmp_path / "model.int8.onnx", "--method", "minmax") == 0
    assert json.loads((tmp_path / "model.int8.quantise.json").read_text())["left_out"] == WANTED
    assert call("thresholds", model, *skip, "--out", tmp_path / "t.json") == 0
    assert json.loads((tmp_path / "t.json").read_text())["data"]["left_out"] == WANTED
    assert (
        call(
            "evaluate",
            model,
            tmp_path / "model.int8.onnx",
            *skip,
            "--json",
            tmp_path / "r.json",
            "--html",
            tmp_path / "r.html",
        )
        == 0
    )
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["data"]["left_out"] == report["quantisation"]["left_out"] == WANTED
    text = read_page(tmp_path / "r.html").text
    assert "25 images could not be read and were left out (--bad-images skip), with them 25 samples: test/dot/" in text
    assert "train/dot/18.png, ..." in text


def test_nothing_left_out_is_said_too(boards: Path, tmp_path: Path) -> None:
    model = nets.write_net(nets.small_net(), tmp_path, nets.contract_for())
    assert call("evaluate", model, "--data", boards, "--json", tmp_path / "r.json", "--html", tmp_path / "r.html") == 0
    assert json.loads((tmp_path / "r.json").read_text())["data"]["left_out"]["images"] == 0
    assert "could not be read" not in read_page(tmp_path / "r.html").text


def test_the_record_of_train_names_them(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed (optional extra [train])")
    pytest.importorskip("torchvision", reason="torchvision is not installed (optional extra [train])")
    assert (
        call(
            "train",
            "--data",
            data,
            "--bad-images",
            "skip",
            "--out",
            tmp_path / "m.onnx",
            "--size",
            32,
            "--epochs",
            1,
            "--threads",
            1,
            "--batch",
            8,
        )
        == 0
    )
    assert json.loads((tmp_path / "m.train.json").read_text())["left_out"] == WANTED
