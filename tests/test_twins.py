"""The contract's arithmetic in Python and in C++ gives the same bytes (docs/formats.md, 2)."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from program import PROGRAM

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.load import load_samples
from taktgate_prep.data.window import load_window, to_tensor

TENSOR_DUMP = PROGRAM.parent / "tests" / "tensor_dump"
# Image sizes, odd ones among them; windows reach from below to far above the tensor's size.
SIZES = [(97, 61), (64, 64), (233, 180), (40, 333)]


def write_images(folder: Path, rng: np.random.Generator) -> Path:
    """Grey and colour, PNG and JPEG, each with a golden image; whole images and windows."""
    lines = ["image\tgolden\tx\ty\tw\th"]
    for number, (width, height) in enumerate(SIZES):
        smooth = rng.integers(0, 256, (6, 6, 3), np.uint8)
        picture = Image.fromarray(smooth).resize((width, height), Image.Resampling.BICUBIC)
        noisy = np.asarray(picture, np.int16) + rng.integers(-20, 21, (height, width, 3))
        picture = Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
        golden = f"golden{number}.png"
        picture.rotate(3).convert("L" if number % 2 else "RGB").save(folder / golden)
        for name, image in (
            (f"{number}.png", picture),
            (f"{number}-grey.png", picture.convert("L")),
            (f"{number}.jpg", picture),
            (f"{number}-grey.jpg", picture.convert("L")),
        ):
            image.save(folder / name)
            lines.append(f"{name}\t{golden}\t\t\t\t")
            for _ in range(3):
                w, h = int(rng.integers(1, width + 1)), int(rng.integers(1, height + 1))
                x, y = int(rng.integers(0, width - w + 1)), int(rng.integers(0, height - h + 1))
                lines.append(f"{name}\t{golden}\t{x}\t{y}\t{w}\t{h}")
    listing = folder / "list.tsv"
    listing.write_text("\n".join(lines) + "\n")
    return listing


def contract_of(channels: str, golden: bool, resize: str, fit: str, width: int, height: int) -> Contract:
    count = (1 if channels == "grey" else 3) + golden
    return Contract.from_dict(
        {
            "schema": 1,
            "input": {
                "name": "input",
                "width": width,
                "height": height,
                "channels": channels,
                "golden": golden,
                "resize": resize,
                "fit": fit,
                "scale": [1.0 / (127.5 + c) for c in range(count)],
                "offset": [-1.0 + 0.1 * c for c in range(count)],
            },
            "outputs": [{"name": "logits", "role": "logits"}],
            "labels": [{"name": "good", "pass": True}, {"name": "bad", "pass": False}],
        }
    )


@pytest.mark.parametrize("channels", ["grey", "rgb"])
@pytest.mark.parametrize("golden", [False, True])
@pytest.mark.parametrize("resize", ["area", "bilinear", "antialias"])
@pytest.mark.parametrize("fit", ["stretch", "letterbox"])
def test_python_and_cpp_make_the_same_bytes(tmp_path, channels, golden, resize, fit):
    listing = write_images(tmp_path, np.random.default_rng(len(channels) + 2 * golden))
    contract = contract_of(channels, golden, resize, fit, 64, 48)
    out = tmp_path / "out.bin"
    kind = [channels, "golden" if golden else "plain", resize, fit]
    subprocess.run([TENSOR_DUMP, *kind, "64", "48", listing, out], check=True)
    device = out.read_bytes()
    prep = b""
    for sample in load_samples(listing):
        pixels = load_window(sample, contract)
        prep += pixels.tobytes() + to_tensor(pixels[None], contract).tobytes()
    assert len(device) == len(prep)
    assert device == prep
