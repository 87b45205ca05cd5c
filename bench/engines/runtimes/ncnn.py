"""ncnn as it comes: float, weights and maps stored as fp16 where that is its choice."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import ncnn
import numpy as np

from engines.opened import Opened


def open_network(folder: Path) -> Opened:
    """One thread."""
    net = ncnn.Net()
    net.opt.num_threads = 1
    if net.load_param(str(folder / "ncnn.param")) or net.load_model(str(folder / "ncnn.bin")):
        raise RuntimeError(f"ncnn does not load {folder / 'ncnn.param'}")
    images = np.load(folder / "tensors.npy")
    last: dict[str, object] = {}

    def show(index: int) -> None:
        last["shown"] = ncnn.Mat(np.ascontiguousarray(images[index]))

    def run() -> None:
        extractor = net.create_extractor()
        extractor.input("in0", last["shown"])
        _, last["logits"] = extractor.extract("out0")

    return Opened(version("ncnn"), show, run, lambda: np.array(last["logits"]).reshape(-1))
