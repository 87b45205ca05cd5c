"""A folder of photographs of another size through train, quantise, pack and inspect, on a small budget.

Needs the casting data (never part of this repository) and torch; skipped where they are absent.
"""

import shutil
from pathlib import Path

import pytest
from program import DATA, json_lines, must, prep, taktgate

CASTING = DATA / "casting" / "images"
pytestmark = pytest.mark.skipif(not CASTING.is_dir(), reason="the casting data is not on this machine (TAKTGATE_DATA)")


def some_of(source: Path, target: Path, count: int) -> None:
    target.mkdir(parents=True)
    for image in sorted(source.iterdir())[:count]:
        shutil.copy(image, target)


def test_photographs_go_all_the_way(tmp_path):
    pytest.importorskip("torch", reason="torch is not installed")
    for split, count in (("train", 400), ("test", 100)):
        for label in ("ok", "defect"):
            some_of(CASTING / split / label, tmp_path / "photos" / split / label, count)
    model = tmp_path / "model.onnx"
    data = tmp_path / "photos"
    must(prep("train", "--data", data, "--size", 64, "--epochs", 4, "--out", model))
    must(prep("quantise", model, "--data", data, "--out", tmp_path / "model.int8.onnx", "--calibration-samples", 128))
    must(prep("pack", tmp_path / "model.int8.onnx", "--data", data, "--out", tmp_path / "my.tgb"))
    done = must(taktgate("inspect", tmp_path / "my.tgb", "--data", data, "--split", "test", "--json"))
    summary = json_lines(done)[-1]
    print(f"casting, 800 training photos, 4 epochs: {summary}")
    assert summary["images"] == 200
    assert summary["binary_accuracy"] > 0.6, "better than chance after four epochs"
