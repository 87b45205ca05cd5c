"""What is said of the data begins with its path, and names an image of a folder by its place in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nets
import numpy as np
import pytest
from certified import call, refused
from PIL import Image

from taktgate_prep.contract.labels import Label
from taktgate_prep.data.load import load_samples
from taktgate_prep.data.window import load_window
from taktgate_prep.errors import InputError
from taktgate_prep.terminal.progress import Progress
from taktgate_prep.train import TrainOptions
from taktgate_prep.train.inputs import read_inputs


def _make(root: Path, names: list[str]) -> Path:
    rng = np.random.default_rng(1)
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(90, 110, (32, 32)).astype(np.uint8)).save(root / name)
    return root


def _many(count: int, *folders: str) -> list[str]:
    return [f"{folder}/{i:03d}.png" for folder in folders for i in range(count)]


def _train(data: Path, tmp_path: Path) -> None:
    read_inputs(TrainOptions(data=data, out=tmp_path / "m.onnx", width=32, height=32), Progress())


@pytest.fixture
def model(tmp_path: Path) -> Path:
    contract = replace(nets.contract_for("grey", False), labels=(Label("ok", True), Label("dot", False)))
    return nets.write_net(nets.small_net(1), tmp_path, contract)


def test_an_image_of_a_folder_is_named_by_its_place(tmp_path: Path) -> None:
    data = _make(tmp_path / "grey", _many(4, "train/ok", "train/dot", "val/ok", "val/dot"))
    broken = data / "train" / "ok" / "002.png"
    broken.write_bytes(b"text")
    with pytest.raises(InputError) as error:
        _train(data, tmp_path)
    assert str(error.value).startswith(f"{data}/train/ok/002.png: expected a PNG, JPEG, BMP or TIFF image")
    broken.write_bytes((data / "train/ok/001.png").read_bytes())
    with pytest.raises(InputError) as error:
        load_samples(data, ["ok", "spot"])
    assert str(error.value).startswith(f"{data}/train/dot/000.png: expected a label of the contract (ok, spot), got")
    assert "row" not in str(error.value)


def test_an_image_of_a_list_is_named_by_its_row(tmp_path: Path) -> None:
    _make(tmp_path, ["a/1.png", "a/2.png"])
    (tmp_path / "a" / "2.png").write_bytes(b"text")
    (tmp_path / "l.tsv").write_text("image\tlabel\na/1.png\ta\na/2.png\ta\n")
    with pytest.raises(InputError) as error:
        load_window(load_samples(tmp_path / "l.tsv")[1], nets.contract_for("grey", False, 32))
    assert str(error.value).startswith(f"{tmp_path}/l.tsv: row 2: 2.png: expected a PNG, JPEG, BMP or TIFF image")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (_many(4, "train/ok", "val/ok"), "expected 2 to 1000 classes, got 1 (ok)"),
        ([*_many(4, "ok"), "dot/1.png"], "expected at least 2 training images of class 'dot', got 1"),
        (_many(4, "ok", "good", "dot"), "expected one class called good or ok, got 'good' and 'ok'"),
        (_many(4, "ok", "Ok", "dot"), "expected the label"),
    ],
)
def test_what_train_says_begins_with_the_data(tmp_path: Path, names: list[str], said: str) -> None:
    data = _make(tmp_path / "data", names)
    with pytest.raises(InputError) as error:
        _train(data, tmp_path)
    assert str(error.value).startswith(f"{data}") and said in str(error.value)


def test_what_evaluate_and_thresholds_say_begins_with_the_data(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flat = _make(tmp_path / "flat", _many(4, "ok", "dot"))
    refused(
        capsys,
        f"taktgate-prep: {flat}: expected labelled samples of split test, got none: put them into folders "
        "train/CLASS, val/CLASS and test/CLASS, or make a list with a column split",
        "evaluate",
        model,
        "--data",
        flat,
    )
    only = _make(tmp_path / "only", _many(4, "train/ok", "val/ok"))
    refused(
        capsys,
        f"taktgate-prep: {only}: expected good windows and defects",
        "thresholds",
        model,
        "--data",
        only,
        "--out",
        tmp_path / "t.json",
    )
    (tmp_path / "l.tsv").write_text("image\tsplit\nflat/ok/001.png\ttest\n")
    refused(
        capsys,
        f"taktgate-prep: {tmp_path}/l.tsv: expected labelled samples of split test, got none with a label",
        "evaluate",
        model,
        "--data",
        tmp_path / "l.tsv",
    )


def test_files_that_are_no_images_are_named_once(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = _make(tmp_path / "data", _many(4, "train/ok", "train/dot", "test/ok", "test/dot"))
    for name in ("train/ok/x.webp", "test/dot/notes.txt", "train/dot/.hidden"):
        (data / name).write_bytes(b"")
    said = f"{data}: left out 2 files that are no PNG, JPEG, BMP or TIFF: test/dot/notes.txt, train/ok/x.webp"
    assert call("evaluate", model, "--data", data) == 0
    assert capsys.readouterr().err.count(said) == 1
    _train(data, tmp_path)
    assert capsys.readouterr().err.count(said) == 1
    for i in range(30):
        (data / "train" / "ok" / f"{i:02d}.gif").write_bytes(b"")
    assert call("evaluate", model, "--data", data) == 0
    assert "left out 32 files that are no PNG, JPEG, BMP or TIFF: test/dot/notes.txt, train/ok/00.gif" in (
        error := capsys.readouterr().err
    )
    assert "train/ok/18.gif and 12 more" in error


@pytest.mark.parametrize(("val", "said"), [("val/ok", "no defects"), ("val/dot", "no good windows")])
def test_train_says_what_the_validation_lacks(
    tmp_path: Path, val: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = _make(tmp_path / "data", _many(4, "train/ok", "train/dot", val))
    _train(data, tmp_path)
    assert f"{data}: split val has {said}: " in capsys.readouterr().err


@pytest.mark.parametrize(
    "row", ["a.png\tdot\ttrain\t20\t4\t13\t4", "a.png\tdot\ttest\t4\t32\t1\t1", "a.png\t\ttrain\t0\t30\t4\t3"]
)
def test_a_box_that_leaves_its_image_is_refused_by_row(
    model: Path, tmp_path: Path, row: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _make(tmp_path, _many(4, "i/ok", "i/dot"))
    _make(tmp_path, ["a.png"])
    rows = [
        f"i/{label}/{i:03d}.png\t{label}\t{split}\t8\t8\t24\t24"
        for label in ("ok", "dot")
        for i, split in enumerate(("train", "train", "val", "test"))
    ]
    path = tmp_path / "l.tsv"
    said = f"{path}: row 9: a.png: expected the box of a defect inside the image of 32 x 32 px, got bx "
    head = "image\tlabel\tsplit\tbx\tby\tbw\tbh"
    ok = f"a.png\tok\t{row.split(chr(9))[2]}\t\t\t\t"
    path.write_text("\n".join([head, *rows, row, ok]) + "\n")
    if "\ttest" in row:
        refused(capsys, said, "evaluate", model, "--data", path)
        return
    with pytest.raises(InputError) as error:
        _train(path, tmp_path)
    assert str(error.value).startswith(said)
