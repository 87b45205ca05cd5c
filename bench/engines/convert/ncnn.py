"""ncnn: the float network by its own converter, pnnx, as it stores it (fp16). There is no quantiser in its wheel."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

import numpy as np


def convert(folder: Path) -> None:
    """ncnn.param, ncnn.bin."""
    package = importlib.util.find_spec("pnnx")
    assert package is not None and package.submodule_search_locations
    tool = Path(package.submodule_search_locations[0]) / "pnnx"
    shape = ",".join(str(side) for side in (1, *np.load(folder / "tensors.npy", mmap_mode="r").shape[1:]))
    work = folder / "pnnx"
    work.mkdir(exist_ok=True)
    (work / "net.onnx").write_bytes((folder / "fp32.onnx").read_bytes())
    done = subprocess.run([tool, "net.onnx", f"inputshape=[{shape}]"], cwd=work, capture_output=True, text=True)
    for end in ("param", "bin"):
        made = work / f"net.ncnn.{end}"
        if not made.exists():
            raise RuntimeError(f"pnnx made no {made.name}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        made.rename(folder / f"ncnn.{end}")
