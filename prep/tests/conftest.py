"""A small set of images that most tests use: grey squares, some with a dot, and their golden image."""

from __future__ import annotations

import os
from pathlib import Path

# The workers of a parallel run share the cores: each of them uses one. Read when torch and numpy are loaded.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def boards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample list of 60 windows of 30 images, 40 x 36 px, two windows each."""
    folder = tmp_path_factory.mktemp("boards")
    rng = np.random.default_rng(5)
    golden = np.full((36, 40), 90, np.uint8)
    golden[8:28, 10:30] = 180
    Image.fromarray(golden).save(folder / "golden.png")
    lines = ["image\tgolden\tx\ty\tw\th\tlabel\tpart\tsplit"]
    for i in range(30):
        pixels = np.clip(golden + rng.normal(0, 3, golden.shape), 0, 255).astype(np.uint8)
        if i % 2:
            pixels[16:20, 18:22] = 20
        Image.fromarray(pixels).save(folder / f"{i:02d}.png")
        split = ("train", "train", "val", "test", "train")[i % 5]
        for x in (0, 8):
            lines.append(f"{i:02d}.png\tgolden.png\t{x}\t4\t32\t32\t{'dot' if i % 2 else 'good'}\tp{i:02d}\t{split}")
    (folder / "boards.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "boards.tsv"
