"""A disk without room: one line, exit 1, and no file or half a file of what was to be written."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nets
import numpy as np
import onnx
import pytest
from full_disks import disk, files_of_at_most, fill, pages
from PIL import Image

from taktgate_prep.cli import main
from taktgate_prep.data import memory
from taktgate_prep.errors import InputError
from taktgate_prep.files.whole import write_together
from taktgate_prep.model.runtime import open_session
from taktgate_prep.terminal.progress import Progress

_TRAIN = "import sys; from taktgate_prep import cli; from taktgate_prep.train import draws; draws._MIN_STEPS = 5; "
_LIMIT = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (10 << 20, -1)); "  # more than the weights take


def call(*args: object) -> int:
    return main([str(arg) for arg in args])


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_of_several_files_all_are_written_or_none(tmp_path: Path) -> None:
    old, new, last = (tmp_path / name for name in ("old", "new", "last"))
    old.write_bytes(b"old")
    with files_of_at_most(100), pytest.raises(InputError, match="last: expected to write 101 bytes, got: File too lar"):
        write_together({new: b"1", old: b"2", last: bytes(101)})
    assert names(tmp_path) == ["old"] and old.read_bytes() == b"old"
    last.mkdir()
    with pytest.raises(InputError, match="last: expected to write 1 bytes, got: Is a directory"):
        write_together({new: b"1", last: b"3"})
    assert names(tmp_path) == ["last", "old"]


@pytest.fixture(scope="module")
def made(boards: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with model.onnx, model.int8.onnx, their contracts and the record."""
    folder = tmp_path_factory.mktemp("made")
    nets.write_net(nets.small_net(), folder, nets.contract_for())
    assert quantise(folder, boards, folder) == 0
    return folder


def quantise(source: Path, boards: Path, out: Path) -> int:
    return call(
        "quantise",
        source / "model.onnx",
        "--data",
        boards,
        "--out",
        out / "model.int8.onnx",
        "--method",
        "minmax",
        "--calibration-samples",
        20,
    )


@pytest.mark.parametrize("lacking", ["model", "record", "contract"])
def test_quantise_leaves_nothing_without_a_model(
    made: Path, boards: Path, tmp_path: Path, lacking: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model, contract, record = (made / f"model.int8.{end}" for end in ("onnx", "contract.json", "quantise.json"))
    room = {"model": pages(contract, record, model) - 1, "record": pages(contract, record) - 1, "contract": 0}[lacking]
    with disk(tmp_path / "disk", 1 << 20) as full:
        fill(full, room // 4096 * 4096)
        assert quantise(made, boards, full) == 1
        assert names(full) == ["other"]
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("taktgate-prep: ")
    assert said.endswith("No space left on device: make room or choose another place")


def test_every_other_command_ends_with_one_line(
    made: Path, boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with disk(tmp_path / "disk", 1 << 20) as full:
        fill(full, 0)
        model = made / "model.int8.onnx"
        for command, *outputs in (
            ("thresholds", "--cost", "50:1", "--out", full / "t.json"),
            ("evaluate", "--json", full / "r.json"),
            ("evaluate", "--html", full / "r.html"),
            ("evaluate", "--scores", full / "s.tsv"),
            ("pack", "--out", full / "b.tgb"),
        ):
            assert call(command, model, "--data", boards, *outputs) == 1
            said = capsys.readouterr().err.splitlines()
            assert "No space left on device: make room" in said[-1]
            assert sum(line.startswith("taktgate-prep: ") for line in said) == 1
            assert names(full) == ["other"]


def test_a_full_disk_for_working_files_is_no_fault_of_the_model(tmp_path: Path) -> None:
    model = nets.small_net().SerializeToString()
    said = r"File too large: make room .* \(of working files: TMPDIR\)"
    with files_of_at_most(100), pytest.raises(InputError, match=said):
        open_session(model, "net", tmp_path / "folded.onnx", only_fold=True)
    with pytest.raises(InputError, match="net: expected a model that ONNX Runtime"):
        open_session(model[:100], "net", tmp_path / "folded.onnx", only_fold=True)


def test_room_for_images_is_taken_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_free_bytes", lambda: 0)
    images = memory.allocate(5000, "boards")
    images[:] = 7
    said = r"boards: expected 0 MiB in .*, got: File too large: set TMPDIR"
    with files_of_at_most(100), pytest.raises(InputError, match=said):
        memory.allocate(5000, "boards")


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("squares")
    rng = np.random.default_rng(0)
    for split, count in (("train", 4), ("val", 2)):
        for label in ("good", "dot"):
            place = folder / split / label
            place.mkdir(parents=True)
            for i in range(count):
                pixels = rng.integers(100, 110, (32, 32)).astype(np.uint8)
                pixels[12:20, 12:20] = 0 if label == "dot" else 100
                Image.fromarray(pixels).save(place / f"{i}.png")
    return folder


def train(squares: Path, out: Path, before: str = "") -> subprocess.CompletedProcess[str]:
    command = [
        "train",
        "--data",
        squares,
        "--size",
        "32",
        "--epochs",
        "2",
        "--batch",
        "8",
        "--threads",
        "1",
        "--out",
        out,
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-c", f"{before}{_TRAIN}sys.exit(cli.main())", *map(str, command)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def _is_whole(done: subprocess.CompletedProcess[str], folder: Path, got: str) -> None:
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("this epoch cannot be resumed from: ") == 2 and got in done.stderr
    assert names(folder) == ["m.checkpoint.pt", "m.contract.json", "m.onnx", "m.train.json"]
    onnx.load(str(folder / "m.onnx"))


def test_a_training_without_room_to_resume_is_not_lost(squares: Path, tmp_path: Path) -> None:
    pytest.importorskip("torchvision", reason="torch is not installed (optional extra [train])")
    _is_whole(train(squares, tmp_path / "m.onnx", _LIMIT), tmp_path, "File too large")


def test_a_training_on_a_small_disk_is_not_lost(squares: Path, tmp_path: Path) -> None:
    pytest.importorskip("torchvision", reason="torch is not installed (optional extra [train])")
    with disk(tmp_path / "disk", 20 << 20) as small:
        _is_whole(train(squares, small / "m.onnx"), small, "No space left on device")


def test_a_training_without_any_room_ends_with_one_line(squares: Path, tmp_path: Path) -> None:
    pytest.importorskip("torchvision", reason="torch is not installed (optional extra [train])")
    done = train(squares, tmp_path / "m.onnx", _LIMIT.replace("10 <<", "1 <<"))
    assert done.returncode == 1
    said = done.stderr.splitlines()[-1]
    assert said.startswith(f"taktgate-prep: {tmp_path / 'm.checkpoint.pt'}: expected to write")
    assert said.endswith("got: File too large: make room or choose another place")
    assert names(tmp_path) == []


@pytest.mark.parametrize(("epochs", "kept"), [(3, True), (2, False), (0, False)])
def test_a_resume_file_makes_room_for_what_is_newer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, epochs: int, kept: bool
) -> None:
    from taktgate_prep.train import run

    place = tmp_path / "m.resume.pt"
    place.write_bytes(b"state")
    file: Any = SimpleNamespace(path=place, epochs=epochs, remove=place.unlink)

    def small_disk(files: dict[Path, bytes]) -> None:
        if place.exists():
            raise InputError("m.checkpoint.pt: expected to write 7 bytes, got: No space left on device")
        write_together(files)

    monkeypatch.setattr(run, "write_together", small_disk)
    shown, results = io.StringIO(), {tmp_path / "m.checkpoint.pt": b"weights"}
    if kept:
        with pytest.raises(InputError, match=r"nothing is lost: m\.resume\.pt holds all of it"):
            run._keep(results, 3, file, Progress(shown))
    else:
        run._keep(results, 3, file, Progress(shown))
        assert "m.resume.pt, which has less in it, is removed for them" in shown.getvalue()
    assert names(tmp_path) == ["m.resume.pt" if kept else "m.checkpoint.pt"]
