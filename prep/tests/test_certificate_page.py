"""The pages of thresholds and evaluate: well-formed, self-contained, escaped, the gravest first."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from pathlib import Path

import nets
import numpy as np
import pytest
from certified import call, evaluate, make_models, read_page, refused
from PIL import Image


@pytest.fixture(scope="module")
def made(boards: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_models(tmp_path_factory.mktemp("certificate"), boards)


def test_thresholds_file_and_page(made: Path) -> None:
    chosen = json.loads((made / "thresholds.json").read_text())
    assert chosen["data"] == {**chosen["data"], "split": "val", "windows": 12, "good": 6, "defects": 6}
    assert not chosen["point"]["proved"]
    assert "6 defects are too few" in chosen["point"]["statement"]
    assert "373 are needed" in chosen["point"]["statement"]
    assert str(made) not in json.dumps(chosen)
    reader = read_page(made / "thresholds.html")
    assert "svg" in {tag for tag, _ in reader.tags}
    assert chosen["point"]["statement"] in reader.text


def test_errors_are_named_and_shown(made: Path, boards: Path, tmp_path: Path) -> None:
    report = evaluate(
        made, boards, tmp_path / "r.json", "--html", tmp_path / "r.html", "--pass-at-most", 0, "--fail-at-least", 0
    )
    assert len(report["errors"]["false_rejects"]) == 6
    assert report["errors"]["false_rejects"][0] == {
        **report["errors"]["false_rejects"][0],
        "row": 17,
        "label": "good",
        "verdict": "fail",
        "image": "08.png",
    }
    assert "thresholds_from" not in report
    reader = read_page(tmp_path / "r.html")
    pictures = [attributes["src"] or "" for tag, attributes in reader.tags if tag == "img"]
    assert len(pictures) == 2 * (6 + 6)  # false rejects and the other ones, each with its golden window
    assert "The 6 windows with scores nearest to a threshold, but for those above." in reader.text
    for source in pictures:
        with Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))) as image:
            assert image.size == (32, 32)
    assert "False rejects: 6" in reader.text and "Missed defects: 0" in reader.text
    limits = reader.text[reader.text.index("What it cannot prove") :]
    assert report["floor"]["rule"] in limits
    assert "defects 6 of 6 right, at least 60.696 %, good windows 0 of 6 right" in limits


def test_leak_stands_first_and_takes_the_proof(made: Path, boards: Path, tmp_path: Path) -> None:
    leaky = boards.parent / "leaky.tsv"
    (boards.parent / "copy.png").write_bytes((boards.parent / "00.png").read_bytes())
    leaky.write_text(boards.read_text() + "copy.png\tgolden.png\t0\t4\t32\t32\tgood\tpx\ttest\n")
    report = evaluate(made, leaky, tmp_path / "r.json", "--html", tmp_path / "r.html", "--floor", "0.5")
    assert report["leakage"]["kinds"]["same file"] == 1
    assert report["leakage"]["pairs"][0]["tested"] == {"image": "copy.png", "row": 61, "label": "good"}
    assert report["floor"]["verdict"] == "unproved"
    assert report["floor"]["by_count"] == "proved"
    text = read_page(tmp_path / "r.html").text
    assert text.index("Leakage.") < text.index("Floor unproved.")
    assert "not proved while 1 of 13 test windows is also in train" in text


def test_names_of_the_user_are_escaped(tmp_path: Path) -> None:
    """Classes, files, parts and groups may hold anything that a file name may hold."""
    rng = np.random.default_rng(1)
    evil = "<b onmouseover=x>&\"'"
    for split, count in (("train", 4), ("val", 3), ("test", 3)):
        for label in (evil, "good"):
            (tmp_path / "data" / split / label).mkdir(parents=True)
            for i in range(count):
                Image.fromarray(rng.integers(0, 255, (32, 32), np.uint8)).save(
                    tmp_path / "data" / split / label / f"<img src=x>{i}.png"
                )
    path = nets.write_net(nets.small_net(channels=1), tmp_path, nets.contract_for(golden=False, names=("good", evil)))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "model.train.json").write_text(
        json.dumps(
            {
                "schema": 1,
                "model": {"sha256": digest},
                "best_epoch": 1,
                "stopped_by": "<i>",
                "epochs": [
                    {"epoch": 1, "train_loss": 1.0, "val": {"loss": 2.0, "missed": 1}},
                    {"epoch": 2, "train_loss": 0.5, "val": None},
                ],
            }
        )
    )
    (tmp_path / "model.quantise.json").write_text(
        json.dumps(
            {
                "schema": 1,
                "int8": {"sha256": digest},
                "layers": [{"name": "<i>", "op": "Conv", "sqnr_db": 31.5}],
                "search": [{"stage": "<i>", "chosen": True, "lost": 1, "won": 0, "loss_points": 0.1, "note": None}],
            }
        )
    )
    out = tmp_path / "r.html"
    assert call("evaluate", path, "--data", tmp_path / "data", "--html", out) == 0
    reader = read_page(out)
    assert not {tag for tag, _ in reader.tags} & {"i", "script", "input", "a"}
    assert all("onerror" not in attributes and attributes.get("src") != "x" for _, attributes in reader.tags)
    assert evil in reader.text
    assert "<img src=x>0.png" in reader.text
    assert "Training" in reader.text and "INT8 layer by layer" in reader.text and "taken: <i>" in reader.text


def test_class_without_windows_and_no_passing_class(made: Path, boards: Path, tmp_path: Path) -> None:
    contract = json.loads((made / "model.contract.json").read_text())
    for i, passes in enumerate(((False, False), (True, False))):
        for label, value in zip(contract["labels"], passes, strict=True):
            label["pass"] = value
        (tmp_path / "c.json").write_text(json.dumps(contract))
        data = boards
        if i:
            data = boards.parent / "onlygood.tsv"
            data.write_text("\n".join(line for line in boards.read_text().split("\n") if "\tdot\t" not in line))
        report = evaluate(
            made, data, tmp_path / "r.json", "--contract", tmp_path / "c.json", "--html", tmp_path / "r.html"
        )
        assert (report["floor"] is None) == (i == 0)
        text = read_page(tmp_path / "r.html").text
        assert ("no windows" in text) == (i == 1)
        assert ("Wrong class" in text) == (i == 0)


def test_the_curve_of_the_thresholds_is_on_the_page(
    made: Path, boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, given = tmp_path / "r.html", made / "thresholds.json"
    evaluate(made, boards, tmp_path / "r.json", "--html", out)
    assert "What other thresholds would cost" not in read_page(out).text
    evaluate(made, boards, tmp_path / "r.json", "--html", out, "--thresholds", given, "--pass-at-most", 0.01)
    text = read_page(out).text
    assert "Miss rate and false-reject rate against the threshold" in text
    assert "Counted on split val" in text
    broken = json.loads(given.read_text())
    broken["curve"]["miss_rate"].pop()
    (tmp_path / "t.json").write_text(json.dumps(broken))
    refused(
        capsys,
        "t.json.curve.miss_rate: expected as many numbers as thresholds",
        "evaluate",
        made / "model.int8.onnx",
        "--data",
        boards,
        "--thresholds",
        tmp_path / "t.json",
    )
