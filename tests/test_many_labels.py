"""A model of as many classes as ImageNet has, from the compiler to the unit's answers."""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from program import ROOT, json_lines, must, prep, refused, taktgate

from taktgate_prep.compile.network import to_bytes
from taktgate_prep.compile.reader import from_bytes
from taktgate_prep.compile.reference import Reference

sys.path.append(str(ROOT / "prep" / "tests"))
import nets
from compiled_sets import quantised

NAMES = ("good", *(f"class {k:03}" for k in range(999)))
IMAGES = 12


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images, the float and the INT8 model, a report and a bundle."""
    folder = tmp_path_factory.mktemp("thousand")
    rng = np.random.default_rng(4)
    rows = ["image\tlabel\tpart\tsplit"]
    for k in range(IMAGES):
        Image.fromarray(rng.integers(0, 256, (32, 32)).astype(np.uint8)).save(folder / f"{k}.png")
        rows.append(f"{k}.png\t{NAMES[k * 83]}\tp{k}\ttest")
    (folder / "list.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    contract = nets.contract_for(golden=False, names=NAMES)
    pair = quantised(nets.small_net(channels=1, labels=len(NAMES)), contract, folder, extra=True)
    pair.contract.save(folder / "model.int8.contract.json")
    must(prep("compile", folder / "model.int8.onnx", "--out", folder / "model.tgn"))
    assert (folder / "model.tgn").read_bytes() == to_bytes(pair.network)
    report = ("--json", folder / "report.json", "--html", folder / "report.html")
    data = ("--data", folder / "list.tsv")
    said = must(prep("evaluate", folder / "model.onnx", folder / "model.int8.onnx", *data, *report))
    assert "INT8: the 1" in said and " pairs of truth and class confused most often, of 1" in said
    print(must(prep("pack", folder / "model.int8.onnx", *data, "--out", folder / "thousand.tgb")))
    return folder


@pytest.mark.parametrize("runtime", ["taktgate", "onnxruntime"])
def test_the_unit_gives_all_logits(made: Path, runtime: str) -> None:
    done = taktgate("inspect", made / "thousand.tgb", "--data", made / "list.tsv", "--json", "--runtime", runtime)
    *images, summary = json_lines(must(done))
    assert len(images) == IMAGES
    logits = np.array([image["windows"][0]["logits"] for image in images], np.float32)
    assert logits.shape == (IMAGES, len(NAMES))
    pixels = np.stack([np.asarray(Image.open(made / f"{k}.png"))[..., None] for k in range(IMAGES)])
    wanted = Reference(from_bytes((made / "model.tgn").read_bytes())).run(pixels)
    if runtime == "taktgate":
        assert logits.tobytes() == wanted.tobytes()
    assert [image["class"] for image in images] == [NAMES[k] for k in logits.argmax(axis=1)]
    assert np.shape(summary["confusion"]) == (len(NAMES), len(NAMES))


def test_people_read_the_confused_pairs(made: Path) -> None:
    said = must(taktgate("inspect", made / "thousand.tgb", "--data", made / "list.tsv"))
    pairs = said[said.index("pairs of truth and class confused most often") :].splitlines()[1:]
    assert 1 <= len(pairs) <= 20
    assert all(" as " in pair for pair in pairs)


def test_the_certificate_holds_the_figures(made: Path) -> None:
    with tarfile.open(made / "thousand.tgb") as bundle:
        certificate = json.load(bundle.extractfile("certificate.json"))
    int8 = certificate["evaluation"]["int8"]
    assert int8["confusion"] is None
    assert sum(one["windows"] for one in int8["confused"]) == IMAGES - int8["classes"]["right"]


def test_a_message_lists_the_first_labels(made: Path, tmp_path: Path) -> None:
    rows = (made / "list.tsv").read_text().replace(NAMES[83], "none of them")
    for k in range(IMAGES):
        (tmp_path / f"{k}.png").write_bytes((made / f"{k}.png").read_bytes())
    (tmp_path / "list.tsv").write_text(rows)
    said = "class 018 and 980 more), got 'none of them'"
    refused(prep("evaluate", made / "model.int8.onnx", "--data", tmp_path / "list.tsv"), said)
    said = 'class 018 and 980 more), got "none of them"'
    refused(taktgate("inspect", made / "thousand.tgb", "--data", tmp_path / "list.tsv"), said)


def test_one_label_more_is_refused(made: Path, tmp_path: Path) -> None:
    contract = json.loads((made / "model.int8.contract.json").read_text())
    contract["labels"].append({"name": "one more", "pass": False})
    (tmp_path / "c.json").write_text(json.dumps(contract))
    command = ("compile", made / "model.int8.onnx", "--contract", tmp_path / "c.json", "--out", tmp_path / "m.tgn")
    refused(prep(*command), "expected a list of 2 to 1000 entries, got 1001 entries")
