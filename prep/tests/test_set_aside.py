"""The validation split that is set aside: the same for every command, and checked against the model's record."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from certified import call, make_models, refused

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.load import load_samples
from taktgate_prep.data.sample import select
from taktgate_prep.files.whole import sha256
from taktgate_prep.records.validation_split import val_record


@pytest.fixture
def made(boards: Path, tmp_path: Path) -> Path:
    return make_models(tmp_path, boards)


@pytest.fixture
def loose(boards: Path) -> Path:
    """The list of the boards without a split val."""
    path = boards.parent / "loose.tsv"
    path.write_text("\n".join(line.replace("\tval", "\ttrain") for line in boards.read_text().split("\n")))
    return path


def _write_record(made: Path, name: str, key: str, data: Path, val_share: float = 0.15) -> None:
    """As train and quantise do."""
    contract = Contract.load(made / "model.contract.json")
    val = val_record(load_samples(data, val_share=val_share), contract)
    model = made / f"{name.rpartition('.')[0]}.onnx"
    record = {"schema": 1, key: {"sha256": sha256(model.read_bytes())}}
    record.update({"validation": val} if key == "int8" else {"windows": {"val": {"count": val["windows"], **val}}})
    (made / f"{name}.json").write_text(json.dumps(record))


def test_no_command_takes_a_seed_for_the_split(made: Path, loose: Path) -> None:
    parts = {sample.part for sample in select(load_samples(loose), "val")}
    assert parts and parts == {sample.part for sample in select(load_samples(loose), "val")}
    assert all(sample.set_aside for sample in select(load_samples(loose), "val"))
    for command in ("evaluate", "thresholds", "pack"):
        with pytest.raises(SystemExit):
            call(command, made / "model.onnx", "--data", loose, "--seed", 2)


@pytest.mark.parametrize(("name", "key"), [("model.train", "model"), ("model.quantise", "int8")])
def test_other_windows_than_the_record_names_are_refused(
    made: Path, loose: Path, tmp_path: Path, name: str, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o.json"
    base = ("--data", loose, "--val-share")
    commands = (
        ("evaluate", made / "model.onnx", "--split", "val", "--json", out),
        ("thresholds", made / "model.onnx", "--out", out),
        ("quantise", made / "model.onnx", "--out", tmp_path / "o.onnx"),
    )
    _write_record(made, name, key, loose, 0.3)
    for command in commands:
        refused(
            capsys, f"{name}.json: expected the validation windows that model.onnx was made with", *command, *base, 0.15
        )
        assert not list(tmp_path.glob("o.*"))
    refused(capsys, f"set aside from {loose}", *commands[0], *base, 0.15)
    assert call(*commands[0], *base, 0.3) == 0
    assert call(*commands[1], *base, 0.3) == 0


def test_a_split_that_the_data_names_is_not_compared(made: Path, loose: Path, boards: Path, tmp_path: Path) -> None:
    _write_record(made, "model.train", "model", loose)
    assert call("evaluate", made / "model.onnx", "--split", "val", "--data", boards, "--json", tmp_path / "r.json") == 0


def test_a_record_of_another_model_says_nothing(made: Path, loose: Path, tmp_path: Path) -> None:
    _write_record(made, "model.train", "model", loose, 0.3)
    record = json.loads((made / "model.train.json").read_text())
    record["model"]["sha256"] = "0" * 64
    (made / "model.train.json").write_text(json.dumps(record))
    assert call("evaluate", made / "model.onnx", "--split", "val", "--data", loose, "--json", tmp_path / "r.json") == 0


def test_the_digest_is_that_of_train(loose: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed (optional extra [train])")
    pytest.importorskip("torchvision", reason="torchvision is not installed (optional extra [train])")
    from taktgate_prep.terminal.progress import Progress
    from taktgate_prep.train import TrainOptions
    from taktgate_prep.train.inputs import read_inputs

    found = set()
    for seed in (0, 7):
        inputs = read_inputs(
            TrainOptions(data=loose, out=tmp_path / "m.onnx", width=32, height=32, seed=seed), Progress()
        )
        found.add(inputs.digests()["val"])
    assert found == {val_record(load_samples(loose), inputs.contract)["sha256"]}
    assert len(np.unique(inputs.val.label)) == 2


def test_quantise_records_its_validation_windows(made: Path, loose: Path) -> None:
    assert (
        call(
            "quantise",
            made / "model.onnx",
            "--data",
            loose,
            "--out",
            made / "q.onnx",
            "--method",
            "minmax",
            "--seed",
            3,
        )
        == 0
    )
    record = json.loads((made / "q.quantise.json").read_text())
    assert record["validation"] == val_record(load_samples(loose), Contract.load(made / "model.contract.json"))


def test_the_twin_of_a_test_image_is_named_first(
    made: Path, loose: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _write_record(made, "model.train", "model", loose, 0.3)
    (loose.parent / "twin.png").write_bytes((loose.parent / "03.png").read_bytes())
    twin = loose.parent / "with_twin.tsv"
    twin.write_text(loose.read_text().rstrip("\n") + "\ntwin.png\tgolden.png\t0\t4\t32\t32\tdot\ttwin\ttrain\n")
    refused(
        capsys,
        "twin.png, the same bytes as",
        "quantise",
        made / "model.onnx",
        "--data",
        twin,
        "--out",
        tmp_path / "o.onnx",
        "--calibration-samples",
        100,
    )
