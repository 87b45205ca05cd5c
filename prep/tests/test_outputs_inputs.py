"""No command writes over what it reads, and two models are named in their order."""

from __future__ import annotations

from pathlib import Path

import nets
import pytest
from certified import call, make_models, refused

from taktgate_prep.errors import InputError


@pytest.fixture
def made(boards: Path, tmp_path: Path) -> Path:
    for name in boards.parent.iterdir():
        (tmp_path / name.name).write_bytes(name.read_bytes())
    return make_models(tmp_path, boards)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_no_output_overwrites_an_input(
    made: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made)
    (made / "link.onnx").symlink_to(made / "model.onnx")
    (made / "list.tsv").write_bytes((made / "boards.tsv").read_bytes())
    (made / "other.contract.json").write_bytes((made / "model.contract.json").read_bytes())
    (made / "model.train.json").write_text('{"schema": 1}')
    before = _contents(made)
    data, model = ("--data", "boards.tsv"), made / "model.onnx"
    said = ": expected an output that overwrites no input, got a file that this command reads: choose another --"
    for command in (
        ("quantise", "model.onnx", "--out", model),
        ("quantise", "model.onnx", "--out", "link.onnx"),
        ("quantise", "model.onnx", "--contract", "other.contract.json", "--out", "other.onnx"),
        ("thresholds", "model.onnx", "--out", "model.contract.json"),
        ("thresholds", "model.onnx", "--out", "model.train.json"),
        ("evaluate", "model.onnx", "--json", "model.contract.json"),
        ("evaluate", "model.onnx", "--json", "model.train.json"),
        ("evaluate", "model.int8.onnx", "--thresholds", "thresholds.json", "--json", made / "thresholds.json"),
        ("evaluate", "model.onnx", "--scores", made / "boards.tsv"),
        ("evaluate", "model.onnx", "--groups", "list.tsv", "--scores", "list.tsv"),
    ):
        refused(capsys, said, *command, *data)
        assert _contents(made) == before
    (made / "list.tgb").write_bytes((made / "boards.tsv").read_bytes())
    refused(capsys, said, "pack", model, "--data", "list.tgb", "--out", "list.tgb")


def test_train_keeps_the_checkpoint_it_starts_from(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed (optional extra [train])")
    pytest.importorskip("torchvision", reason="torchvision is not installed (optional extra [train])")
    from taktgate_prep.train import TrainOptions
    from taktgate_prep.train.run import run

    start = tmp_path / "m.checkpoint.pt"
    start.write_bytes(b"x")
    with pytest.raises(InputError, match=r"m.checkpoint.pt: expected an output that overwrites no input"):
        run(TrainOptions(data=tmp_path, out=tmp_path / "m.onnx", start=start))
    assert start.read_bytes() == b"x"


def test_an_output_that_is_no_input_is_written(made: Path, boards: Path) -> None:
    for _ in range(2):  # over an older one too
        assert call("evaluate", made / "model.onnx", "--data", boards, "--json", made / "r.json") == 0


def test_the_float_model_is_named_first(boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nets.write_net(nets.small_net(), tmp_path, nets.contract_for())
    model, quantised = tmp_path / "model.onnx", tmp_path / "model.int8.onnx"
    assert (
        call("quantise", model, "--data", boards, "--out", quantised, "--calibration-samples", 20, "--method", "minmax")
        == 0
    )
    for second in (model, quantised):
        refused(
            capsys,
            "model.int8.onnx: expected the float model first, then the INT8 one, got an INT8 model first",
            "evaluate",
            quantised,
            second,
            "--data",
            boards,
            "--json",
            tmp_path / "r.json",
        )
    assert not (tmp_path / "r.json").exists()
    assert call("evaluate", model, quantised, "--data", boards) == 0
    assert call("evaluate", quantised, "--data", boards) == 0
