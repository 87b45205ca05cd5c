"""A run that was stopped goes on as if it had not been; needs torch."""

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from taktgate_prep.errors import InputError
from taktgate_prep.terminal.progress import Progress
from taktgate_prep.train import TrainOptions, draws
from taktgate_prep.train.run import run

torch = pytest.importorskip("torch", reason="torch is not installed (optional extra [train])")
pytest.importorskip("torchvision", reason="torchvision is not installed (optional extra [train])")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A list of windows of six images, some drawn anew, and frames; every random part of a run is used."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "data"
    folder.mkdir()
    rows = ["image\tgolden\tx\ty\tw\th\tlabel\tsplit\tbx\tby\tbw\tbh"]
    for i in range(6):
        pixels = rng.integers(100, 110, (70, 80)).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"golden{i}.png")
        pixels[20:26, 20:26] = 0
        Image.fromarray(pixels).save(folder / f"{i}.png")
        split, files = "val" if i < 2 else "train", f"{i}.png\tgolden{i}.png"
        rows.append(f"{files}\t8\t{6 + i}\t32\t32\tdot\t{split}\t20\t20\t6\t6")
        rows.append(f"{files}\t40\t{30 + i}\t32\t32\tgood\t{split}\t\t\t\t")
    rows.append("3.png\tgolden3.png\t\t\t\t\tdot\ttrain\t\t\t\t")
    (folder / "list.tsv").write_text("\n".join(rows) + "\n")
    return folder / "list.tsv"


@pytest.fixture(autouse=True)
def _short_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "_MIN_STEPS", 5)


def _options(data: Path, out: Path, **changes: object) -> TrainOptions:
    values: dict[str, object] = {"width": 32, "height": 32, "batch": 8, "epochs": 3, "threads": 1} | changes
    return TrainOptions(data=data, out=out, **values)  # type: ignore[arg-type]


def _stop_at_step(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    from taktgate_prep.train.loop import Trainer

    original, count = Trainer._train_step, [0]

    def train_step(self: Trainer, *batch: object) -> float:
        count[0] += 1
        if count[0] == step:
            raise KeyboardInterrupt
        return original(self, *batch)  # type: ignore[arg-type]

    monkeypatch.setattr(Trainer, "_train_step", train_step)


def _stopped(data: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with monkeypatch.context() as patch:
        _stop_at_step(patch, 8)  # in the second epoch of 5 steps
        assert run(_options(data, out), Progress(io.StringIO())) == 130
    return out.with_suffix(".resume.pt")


def test_resumed_run_gives_the_bytes_of_one_that_was_not_stopped(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, halves = tmp_path / "whole.onnx", tmp_path / "halves.onnx"
    assert run(_options(data, whole), Progress(io.StringIO())) == 0
    assert not whole.with_suffix(".resume.pt").exists()
    file = _stopped(data, halves, monkeypatch)
    assert file.is_file()
    shown = io.StringIO()
    given = ["train", "--data", "/far/away/d.tsv", "--out", "halves.onnx"]
    assert run(_options(data, halves, resume=True), Progress(shown), [*given, "--resume"]) == 0
    record = json.loads(halves.with_suffix(".train.json").read_text())
    assert record["command"] == "taktgate-prep train --data d.tsv --out halves.onnx"  # the same as of a whole run
    assert "going on after epoch 1" in shown.getvalue() and "epoch  1/3" not in shown.getvalue()
    assert halves.read_bytes() == whole.read_bytes()
    assert not file.exists()
    first, second = (path.with_suffix(".checkpoint.pt").read_bytes() for path in (whole, halves))
    assert first == second


def test_a_run_stopped_while_it_saves_can_be_resumed(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from taktgate_prep.train.resume import ResumeFile

    whole, halves = tmp_path / "whole.onnx", tmp_path / "halves.onnx"
    original, stops = ResumeFile.save, [KeyboardInterrupt]

    def save(self: ResumeFile, *state: object) -> None:
        if stops:
            raise stops.pop()
        original(self, *state)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(ResumeFile, "save", save)
        assert run(_options(data, halves, epochs=2), Progress(io.StringIO())) == 130
    assert run(_options(data, halves, epochs=2, resume=True), Progress(io.StringIO())) == 0
    assert run(_options(data, whole, epochs=2), Progress(io.StringIO())) == 0
    assert halves.read_bytes() == whole.read_bytes()


def test_other_options_or_data_are_refused(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "m.onnx"
    file = _stopped(data, out, monkeypatch)
    with pytest.raises(InputError, match=r"expected the options of m.resume.pt, got seed 5 instead of 0"):
        run(_options(data, out, resume=True, seed=5), Progress(io.StringIO()))
    text = data.read_text()
    data.write_text(text.replace("\t20\t20\t6\t6", "\t20\t20\t6\t5", 5))
    with pytest.raises(InputError, match=r"expected the train data that m.resume.pt was made with"):
        run(_options(data, out, resume=True), Progress(io.StringIO()))
    assert file.is_file()


def test_a_new_run_says_that_it_replaces_one_that_was_stopped(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "m.onnx"
    file, shown = _stopped(data, out, monkeypatch), io.StringIO()
    assert run(_options(data, out, epochs=1), Progress(shown)) == 0
    assert "this run starts anew" in shown.getvalue() and not file.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "got none: train without --resume"), (b"broken", "expected a resume file of")],
)
def test_missing_or_broken_file_is_refused(data: Path, tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "m.resume.pt").write_bytes(content)
    with pytest.raises(InputError, match=message):
        run(_options(data, tmp_path / "m.onnx", resume=True), Progress(io.StringIO()))


def test_sigterm_ends_a_run_as_ctrl_c_does(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.onnx"
    command = [
        sys.executable,
        "-m",
        "taktgate_prep",
        "train",
        "--data",
        data,
        "--out",
        out,
        "--size",
        "32",
        "--batch",
        "8",
        "--threads",
        "1",
        "--epochs",
        "200",
        "--patience",
        "200",
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("epoch  1/200"):
                process.send_signal(signal.SIGTERM)
                break
        said = process.stderr.read()
    assert process.returncode == 130
    assert "interrupted: the best weights so far are kept" in said and "--resume goes on after epoch" in said
    assert json.loads((tmp_path / "m.train.json").read_text())["stopped_by"] == "interrupt"
    assert out.is_file() and (tmp_path / "m.resume.pt").is_file()
