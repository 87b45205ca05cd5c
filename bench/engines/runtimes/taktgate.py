"""The INT8 engine, by its Python binding: the pixels themselves go in."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engines.opened import Opened
from taktgate_prep.engine.library import Engine


def open_network(folder: Path, bits: str, instruction_set: str) -> Opened:
    """bits: of the weights; instruction_set: "avx2"."""
    network = folder / f"int8-{bits}.tgn"
    engine = Engine(network.read_bytes(), str(network), windows=1, instruction_set=instruction_set)
    images = np.load(folder / "pixels.npy")
    shown = np.zeros_like(images[:1])

    def show(index: int) -> None:
        shown[0] = images[index]

    return Opened(engine.instruction_set, show, engine.repeated(shown), lambda: engine.run(shown).logits[0])
