"""Photographs of made-up parts for tests: colour, not square, PNG and JPEG, good ones and two kinds of defects."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIZE = (120, 90)
CLASSES = ("good", "hole", "stain")


def part_image(rng: np.random.Generator, kind: str) -> Image.Image:
    """Woven cloth with folds, no two alike; a hole is small and dark, a stain large and soft."""
    width, height = SIZE
    y, x = np.mgrid[:height, :width]
    period = rng.uniform(5, 7)
    across, down = rng.uniform(0, 2 * np.pi, 2)
    weave = np.sin(2 * np.pi * x / period + across) * np.sin(2 * np.pi * y / period + down)
    folds = Image.fromarray(rng.uniform(0, 255, (5, 6)).astype(np.uint8)).resize(SIZE, Image.Resampling.BICUBIC)
    light = 15 * weave + (np.asarray(folds, float) - 128) / 6
    colour = rng.uniform(100, 170, 3)
    noise = rng.normal(0, 6, (height, width, 3))
    image = Image.fromarray((colour + light[..., None] + noise).clip(0, 255).astype(np.uint8))
    at = rng.uniform(0.2, 0.8, 2) * SIZE
    if kind == "hole":
        ellipse(ImageDraw.Draw(image), at, rng.uniform(5, 9), (12, 12, 15))
    elif kind == "stain":
        mask = Image.new("L", SIZE)
        ellipse(ImageDraw.Draw(mask), at, rng.uniform(12, 20), 160)
        dark = Image.new("RGB", SIZE, tuple(int(value) for value in 0.4 * colour))
        image = Image.composite(dark, image, mask.filter(ImageFilter.GaussianBlur(3)))
    return image


def ellipse(draw: ImageDraw.ImageDraw, at: np.ndarray, radius: float, fill: object) -> None:
    draw.ellipse((at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius), fill=fill)


def write_parts(folder: Path, counts: dict[str, dict[str, int]], seed: int = 0) -> Path:
    """FOLDER/SPLIT/CLASS/number.png or .jpg; counts: split -> class -> images."""
    rng = np.random.default_rng(seed)
    for split, classes in counts.items():
        for kind, count in classes.items():
            place = folder / split / kind
            place.mkdir(parents=True, exist_ok=True)
            for number in range(count):
                image = part_image(rng, kind)
                if rng.random() < 0.3:
                    image.save(place / f"{number:04d}.jpg", quality=92)
                else:
                    image.save(place / f"{number:04d}.png")
    return folder
