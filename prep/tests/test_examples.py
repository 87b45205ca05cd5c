"""The example for the reference model: its contract is valid, its converter writes a list that can be read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PIL import Image

from taktgate_prep.contract import Contract, load_window
from taktgate_prep.samples import load_samples, select

EXAMPLES = Path(__file__).parents[1] / "examples"


def test_deeppcb_converter(tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    (source / "images/g").mkdir(parents=True)
    for name in ("1_test", "1_temp"):
        Image.new("L", (640, 640), 200).save(source / "images/g" / f"{name}.png")
    (source / "manifest.tsv").write_text(
        "id\tgroup\tsplit\ttest_file\ttemplate_file\n1\tg\ttest\timages/g/1_test.png\timages/g/1_temp.png\n")
    (source / "windows.tsv").write_text(
        "window\tpair\tsplit\tx\ty\tlabel\nw0\t1\ttest\t576\t0\t0\nw1\t1\ttest\t5\t6\t6\n")
    for _ in range(2):  # the second time the link is there
        subprocess.run([sys.executable, EXAMPLES / "deeppcb_list.py", source, out], check=True, capture_output=True)
    contract = Contract.load(out / "ref.contract.json")
    assert contract == Contract.load(EXAMPLES / "deeppcb.contract.json")
    samples = select(load_samples(out / "windows.tsv", contract.label_names), "test")
    assert [(sample.label, sample.window) for sample in samples] == [("good", (576, 0, 64, 64)),
                                                                     ("pin-hole", (5, 6, 64, 64))]
    assert load_window(samples[0], contract).shape == (64, 64, 2)
