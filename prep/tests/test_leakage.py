"""Planted copies are found however they were saved; parts that only look alike are not called copies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import nets
import numpy as np
import pytest
from PIL import Image

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.load import load_samples
from taktgate_prep.data.sample import Sample
from taktgate_prep.leakage.check import check
from taktgate_prep.leakage.collect import file_digests
from taktgate_prep.terminal.progress import Progress

PLANTED = 20


def photo(kind: str, rng: np.random.Generator, channels: int) -> np.ndarray:
    """Parts of one kind look alike: the same board in other noise and place, texture, or hard edges without noise."""
    rows, columns = np.mgrid[0:72, 0:72].astype(np.float64)
    if kind == "board":
        left, top = rng.integers(18, 21, 2)
        grey = np.full((72, 72), 90.0)
        grey[top : top + 30, left : left + 24] = 190
        grey[top + 8 : top + 12] = 140
        grey += rng.normal(0, 3, grey.shape)
    elif kind == "texture":
        slow = sum(
            np.sin(rows * rng.uniform(-0.5, 0.5) + columns * rng.uniform(-0.5, 0.5) + rng.uniform(0, 6))
            for _ in range(6)
        )
        grey = 120 + 12 * slow + rng.normal(0, 5, (72, 72))
    else:
        grey = np.zeros((72, 72))
        for _ in range(5):
            x, y, w, h = rng.integers(0, 50), rng.integers(0, 50), rng.integers(6, 40), rng.integers(3, 12)
            grey[y : y + h, x : x + w] = 230
    pixels = np.clip(grey + 0.5, 0, 255).astype(np.uint8)
    return pixels if channels == 1 else np.stack([pixels, pixels // 2 + 30, 255 - pixels], axis=2)


def make(folder: Path, kind: str, channels: int, counts: dict[str, int]) -> None:
    rng = np.random.default_rng(7)
    for split, count in counts.items():
        for label in ("dot", "good"):
            (folder / split / label).mkdir(parents=True)
            for i in range(count // 2):
                Image.fromarray(photo(kind, rng, channels)).save(folder / split / label / f"{split}{i:04d}.png")


def plant(folder: Path, how: str) -> list[str]:
    """Puts 20 training photos into test; returns their names."""
    names = []
    for i, path in enumerate(sorted((folder / "train" / "good").iterdir())[:PLANTED]):
        pixels = np.asarray(Image.open(path))
        to = folder / "test" / "good" / f"{how} {i:02d}.png"
        if how == "file":
            to.write_bytes(path.read_bytes())
        elif how == "jpeg":
            to = to.with_suffix(".jpg")
            Image.fromarray(pixels).save(to, quality=85)
        else:
            changed = {
                "pixels": lambda a: a,
                "shift": lambda a: np.roll(a, (1, -1), (0, 1)),
                "far shift": lambda a: np.roll(a, (-2, 2), (0, 1)),
                "mirror": lambda a: a[:, ::-1],
                "brighter": lambda a: np.clip(a * 1.05 + 0.5, 0, 255).astype(np.uint8),
                "darker": lambda a: (a * 0.95).astype(np.uint8),
            }[how](pixels)
            Image.fromarray(np.ascontiguousarray(changed)).save(to, compress_level=1)
        names.append(f"test/good/{to.name}")
    return names


HOWS = ("file", "pixels", "jpeg", "shift", "far shift", "mirror", "brighter", "darker")


def run(folder: Path, contract: Contract) -> dict[str, Any]:
    samples = load_samples(folder)
    tested = [sample for sample in samples if sample.split == "test"]
    others = [sample for sample in samples if sample.split != "test"]
    root = folder if folder.is_dir() else folder.parent
    return check(tested, others, file_digests(samples), contract, root, Progress())


def contract_of(channels: int, side: int = 64) -> Contract:
    return nets.contract_for("grey" if channels == 1 else "rgb", False, side)


@pytest.mark.parametrize(("kind", "channels"), [("board", 1), ("texture", 3), ("edges", 1)])
@pytest.mark.parametrize("hows", [("jpeg",), HOWS])
def test_every_planted_photo_is_found_and_no_other(
    kind: str, channels: int, hows: tuple[str, ...], tmp_path: Path
) -> None:
    make(tmp_path, kind, channels, {"train": 70, "val": 10, "test": 20})
    planted = sorted(name for how in hows for name in plant(tmp_path, how))
    found = run(tmp_path, contract_of(channels, 72))
    assert sorted(pair["tested"]["image"] for pair in found["pairs"]) == planted
    for pair in found["pairs"]:
        how, _, number = Path(pair["tested"]["image"]).stem.rpartition(" ")
        assert pair["kind"] == {"file": "same file", "pixels": "same pixels"}.get(how, "near duplicate")
        assert pair["other"]["image"] == f"train/good/train{int(number):04d}.png"
    count = PLANTED * len(hows)
    assert found["summary"] == f"{count} of {20 + count} test windows are also in train"
    assert found["sentence"].startswith(found["summary"])


@pytest.mark.parametrize("kind", ["board", "texture", "edges"])
@pytest.mark.parametrize("side", [64, 150])
def test_parts_that_look_alike_are_no_copies(kind: str, side: int, tmp_path: Path) -> None:
    make(tmp_path, kind, 1, {"train": 150, "val": 10, "test": 50})
    found = run(tmp_path, contract_of(1, side))
    assert found["leaked"] == 0
    assert found["sentence"].startswith("None of 50 test windows is in train and val")
    assert found["summary"] is None


def test_a_copy_shifted_before_it_is_scaled_down(tmp_path: Path) -> None:
    make(tmp_path, "texture", 1, {"train": 100, "val": 10, "test": 30})
    planted = plant(tmp_path, "shift")
    assert sorted(pair["tested"]["image"] for pair in run(tmp_path, contract_of(1, 40))["pairs"]) == planted


def test_blank_windows_are_counted_apart(tmp_path: Path) -> None:
    make(tmp_path, "texture", 1, {"train": 40, "val": 10, "test": 20})
    for split in ("train", "test"):
        for i in range(5):
            Image.new("L", (72, 72), 200 + i).save(tmp_path / split / "good" / f"blank{split}{i}.png", compress_level=i)
    found = run(tmp_path, contract_of(1))
    assert (found["leaked"], found["blank"]) == (0, 5)
    assert "5 windows without content are not compared" in found["sentence"]


def test_simple_windows_of_other_images_are_no_leak_but_a_copied_image_is(tmp_path: Path) -> None:
    """Windows of a list: most of an image's windows must be found in one other image."""
    rng = np.random.default_rng(3)
    lines = ["image\tx\ty\tw\th\tlabel\tsplit"]

    def image(name: str, split: str, windows: list[np.ndarray]) -> None:
        Image.fromarray(np.concatenate(windows, axis=1)).save(tmp_path / name)
        lines.extend(f"{name}\t{72 * i}\t0\t72\t72\tgood\t{split}" for i in range(len(windows)))

    same = photo("texture", rng, 1)
    other = np.clip(same.astype(int) + 2, 0, 255).astype(np.uint8)  # near, not equal: looks like a simple window
    copied = [photo("texture", rng, 1) for _ in range(3)]
    image("train1.png", "train", [same, *(photo("texture", rng, 1) for _ in range(3))])
    image("train2.png", "train", copied)
    for i in range(20):
        image(f"more{i}.png", "train", [photo("texture", rng, 1)])
    image("test1.png", "test", [other, *(photo("texture", rng, 1) for _ in range(3))])
    image("test2.png", "test", [np.clip(window.astype(int) + 3, 0, 255).astype(np.uint8) for window in copied])
    (tmp_path / "list.tsv").write_text("\n".join(lines) + "\n")
    found = run(tmp_path / "list.tsv", contract_of(1, 72))
    assert {pair["tested"]["image"] for pair in found["pairs"]} == {"test2.png"}
    assert (found["leaked"], found["look_alikes"]) == (3, 1)


def test_shared_part_and_no_other_split(tmp_path: Path) -> None:
    make(tmp_path, "texture", 1, {"train": 20, "val": 10, "test": 10})
    samples = load_samples(tmp_path)
    tested = [sample for sample in samples if sample.split == "test"]
    others: list[Sample] = [sample for sample in samples if sample.split == "train"]
    others[3] = replace(others[3], part=tested[0].part)
    found = check(tested, others, file_digests(samples), contract_of(1), tmp_path, Progress())
    assert found["kinds"]["same part"] == found["leaked"] == 1
    alone = check(tested, [], file_digests(samples), contract_of(1), tmp_path, Progress())
    assert alone["leaked"] == 0
    assert "No other split is in the data" in alone["sentence"]
