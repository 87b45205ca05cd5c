"""The contract's arithmetic against rational numbers and by hand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from taktgate_prep.data.resize import resize

METHODS = ("area", "bilinear", "antialias")


def area_weights(source: int, target: int, i: int) -> dict[int, Fraction]:
    weights = {}
    for j in range(source):
        overlap = min((i + 1) * source, (j + 1) * target) - max(i * source, j * target)
        if overlap > 0:
            weights[j] = Fraction(overlap, source)
    return weights


def bilinear_weights(source: int, target: int, i: int) -> dict[int, Fraction]:
    position = (Fraction(2 * i + 1, 2 * target)) * source - Fraction(1, 2)
    j = position.numerator // position.denominator
    share = position - j
    weights: dict[int, Fraction] = {}
    for index, weight in ((j, 1 - share), (j + 1, share)):
        index = min(max(index, 0), source - 1)
        weights[index] = weights.get(index, Fraction(0)) + weight
    return weights


def triangle_weights(source: int, target: int, i: int) -> dict[int, int]:
    """Of 2^14: the running sum of a triangle as wide as the wider pixels, rounded half up."""
    wide = max(Fraction(source, target), Fraction(1))
    centre = Fraction(2 * i + 1, 2) * Fraction(source, target)
    shares = [max(Fraction(0), 1 - abs(j + Fraction(1, 2) - centre) / wide) for j in range(source)]
    running = [sum(shares[:j], Fraction(0)) for j in range(source + 1)]
    rounded = [int(share / running[-1] * 2**14 + Fraction(1, 2)) for share in running]
    return {j: rounded[j + 1] - rounded[j] for j in range(source)}


def antialiased(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Columns rounded to 1/256 of a level, then rows to levels."""
    down = [triangle_weights(pixels.shape[0], height, y) for y in range(height)]
    across = [triangle_weights(pixels.shape[1], width, x) for x in range(width)]
    columns = [
        [(sum(w * int(pixels[j, x]) for j, w in weights.items()) + 32) // 64 for x in range(pixels.shape[1])]
        for weights in down
    ]
    return np.array(
        [[(sum(w * row[i] for i, w in weights.items()) + 2**21) // 2**22 for weights in across] for row in columns],
        np.uint8,
    )


def reference(pixels: np.ndarray, width: int, height: int, method: str) -> np.ndarray:
    if method == "antialias":
        return antialiased(pixels, width, height)
    weights = {"area": area_weights, "bilinear": bilinear_weights}[method]
    out = np.empty((height, width), np.uint8)
    for y in range(height):
        for x in range(width):
            value = sum(
                wy * wx * int(pixels[j, i])
                for j, wy in weights(pixels.shape[0], height, y).items()
                for i, wx in weights(pixels.shape[1], width, x).items()
            )
            value += Fraction(1, 2)  # round half up
            out[y, x] = value.numerator // value.denominator
    return out


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("source", "target"),
    [
        ((1, 1), (7, 5)),
        ((5, 7), (3, 4)),
        ((3, 4), (5, 7)),
        ((9, 9), (8, 10)),
        ((13, 2), (2, 13)),
        ((6, 6), (6, 3)),
        ((17, 1), (4, 4)),
    ],
)
def test_equals_rational_arithmetic(method: str, source: tuple[int, int], target: tuple[int, int]) -> None:
    rng = np.random.default_rng(sum(source) * 31 + sum(target))
    pixels = rng.integers(0, 256, source, dtype=np.uint8)
    got = resize(pixels[:, :, None], target[0], target[1], method)[:, :, 0]
    assert got.shape == (target[1], target[0])
    np.testing.assert_array_equal(got, reference(pixels, target[0], target[1], method))


def test_area_halves_by_hand_and_rounds_ties_up() -> None:
    pixels = np.array([[0, 1, 10, 11], [0, 1, 20, 21]], np.uint8)[:, :, None]
    # means 0.5 and 15.5: both ties go up
    assert resize(pixels, 2, 1, "area")[:, :, 0].tolist() == [[1, 16]]


def test_bilinear_doubles_by_hand() -> None:
    pixels = np.array([[0, 100]], np.uint8)[:, :, None]
    # centres of 4 targets in source pixels: -0.25, 0.25, 0.75, 1.25; outside is clamped
    assert resize(pixels, 4, 1, "bilinear")[:, :, 0].tolist() == [[0, 25, 75, 100]]


@pytest.mark.parametrize("method", METHODS)
def test_equal_size_copies_and_flat_stays_flat(method: str) -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (33, 41, 3), dtype=np.uint8)
    np.testing.assert_array_equal(resize(pixels, 41, 33, method), pixels)
    for level in (0, 1, 127, 255):
        flat = np.full((37, 61, 1), level, np.uint8)
        assert np.unique(resize(flat, 50, 20, method)).tolist() == [level]


def test_largest_image_is_exact() -> None:
    pixels = np.full((8192, 3, 1), 255, np.uint8)
    assert np.unique(resize(pixels, 320, 320, "area")).tolist() == [255]
    pixels[::2] = 0
    assert np.unique(resize(pixels, 32, 32, "area")).tolist() == [128]  # 127.5 goes up


@pytest.mark.parametrize(
    ("source", "size"), [((640, 480), (224, 224)), ((96, 72), (64, 64)), ((1000, 37), (64, 48)), ((40, 30), (224, 224))]
)
def test_antialias_is_what_pillow_and_torchvision_do(source: tuple[int, int], size: tuple[int, int]) -> None:
    """Pillow rounds to whole levels between its two passes, so a level may differ; more never does."""
    rng = np.random.default_rng(sum(source))
    smooth = Image.fromarray(rng.integers(0, 256, (9, 9, 3), np.uint8)).resize(source, Image.Resampling.BICUBIC)
    pixels = (np.asarray(smooth).astype(int) + rng.integers(-30, 31, (source[1], source[0], 3))).clip(0, 255)
    picture = Image.fromarray(pixels.astype(np.uint8))
    theirs = np.asarray(picture.resize(size, Image.Resampling.BILINEAR)).astype(int)
    ours = resize(np.asarray(picture), size[0], size[1], "antialias").astype(int)
    assert np.abs(ours - theirs).max() <= 1
    assert (ours == theirs).mean() > 0.8


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [(9, 7), (40, 33), (3, 50), (17, 21)])
def test_many_images_at_once_are_the_same_bytes_as_one_by_one(method: str, size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(4).integers(0, 256, (5, 21, 17, 3)).astype(np.uint8)
    many = resize(pixels, *size, method)
    assert many.shape == (5, size[1], size[0], 3)
    assert np.array_equal(many, np.stack([resize(one, *size, method) for one in pixels]))
