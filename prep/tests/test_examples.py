"""The example for the reference model: its contract is valid, its converter writes a list that can be read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PIL import Image

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.load import load_samples
from taktgate_prep.data.sample import select
from taktgate_prep.data.window import load_window

EXAMPLES = Path(__file__).parents[1] / "examples"


def _make_source(source: Path) -> None:
    """A test pair with one box and a training pair with four, two of which have no window."""
    (source / "images/g").mkdir(parents=True)
    rows = ["id\tgroup\tsplit\ttest_file\ttemplate_file\tboxes"]
    for pair, split, boxes in (
        ("1", "test", "20,30,41,52,6;200,200,300,210,1"),
        ("2", "train", "300,300,399,310,2;90,90,110,112,3;96,90,110,110,3;630,0,639,9,1"),
    ):
        for name in (f"{pair}_test", f"{pair}_temp"):
            Image.new("L", (640, 640), 200).save(source / "images/g" / f"{name}.png")
        rows.append(f"{pair}\tg\t{split}\timages/g/{pair}_test.png\timages/g/{pair}_temp.png\t{boxes}")
    (source / "manifest.tsv").write_text("\n".join(rows) + "\n")
    (source / "windows.tsv").write_text(
        "window\tpair\tsplit\tx\ty\tlabel\nw0\t1\ttest\t576\t0\t0\nw1\t1\ttest\t5\t6\t6\n"
        "w2\t2\ttrain\t72\t66\t3\nw3\t2\ttrain\t576\t0\t1\n"
    )


def test_deeppcb_converter(tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    _make_source(source)
    for _ in range(2):  # the second time the link is there
        subprocess.run([sys.executable, EXAMPLES / "deeppcb_list.py", source, out], check=True, capture_output=True)
    contract = Contract.load(out / "ref.contract.json")
    assert contract == Contract.load(EXAMPLES / "deeppcb.contract.json")
    samples = select(load_samples(out / "windows.tsv", contract.label_names), "test")
    assert [(sample.label, sample.window) for sample in samples] == [
        ("good", (576, 0, 64, 64)),
        ("pin-hole", (5, 6, 64, 64)),
    ]
    assert [sample.box for sample in samples] == [None, (20, 30, 21, 22)]
    train = select(load_samples(out / "windows.tsv"), "train")
    assert [(sample.label, sample.window, sample.box) for sample in train] == [
        ("mousebite", (72, 66, 64, 64), (90, 90, 20, 22)),
        ("open", (576, 0, 64, 64), (630, 0, 9, 9)),
        (None, None, (300, 300, 99, 10)),  # too long for a window
        (None, None, (96, 90, 14, 20)),  # no window was made from it: the one before came first
    ]
    assert load_window(samples[0], contract).shape == (64, 64, 2)
