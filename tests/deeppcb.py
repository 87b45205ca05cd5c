"""The DeepPCB reference network, quantised and packed with the project's own commands."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from program import DATA, ROOT, must, prep

DEEPPCB = DATA / "deeppcb"
ABSENT = "the DeepPCB data is not on this machine (TAKTGATE_DATA)"


class Made(NamedTuple):
    """Where everything lies."""

    data: Path
    contract: Path
    fp32: Path
    int8: Path
    bundle: Path


def make(folder: Path) -> Made:
    """Sample list, INT8 model and bundle in `folder`."""
    converter = ROOT / "prep" / "examples" / "deeppcb_list.py"
    subprocess.run([sys.executable, converter, DEEPPCB, folder], check=True)
    made = Made(
        data=folder / "windows.tsv",
        contract=ROOT / "prep" / "examples" / "deeppcb.contract.json",
        fp32=DEEPPCB / "ref_mobilenetv3_small_fp32.onnx",
        int8=folder / "ref.int8.onnx",
        bundle=folder / "deeppcb.tgb",
    )
    must(
        prep(
            *("quantise", made.fp32, "--data", made.data, "--contract", made.contract),
            *("--out", made.int8),
        )
    )
    must(prep("pack", made.int8, "--data", made.data, "--out", made.bundle))
    return made
