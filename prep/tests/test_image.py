"""What is refused before it is learned from, as on the device."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from taktgate_prep.data.decoder import decode
from taktgate_prep.errors import InputError

RNG = np.random.default_rng(2)
GREY = RNG.integers(0, 256, (20, 30), dtype=np.uint8)
COLOUR = RNG.integers(0, 256, (20, 30, 3), dtype=np.uint8)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def test_png_and_jpeg_are_told_by_content() -> None:
    np.testing.assert_array_equal(decode(encoded(Image.fromarray(GREY), "PNG"), "a")[..., 0], GREY)
    np.testing.assert_array_equal(decode(encoded(Image.fromarray(COLOUR), "PNG"), "a"), COLOUR)
    assert decode(encoded(Image.fromarray(GREY), "JPEG"), "a").shape == (20, 30, 1)
    assert decode(encoded(Image.fromarray(COLOUR), "JPEG"), "a").shape == (20, 30, 3)


def png_header(width: int, height: int, depth: int, colour: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def with_transparency() -> bytes:
    return encoded(Image.fromarray(GREY), "PNG", transparency=5)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "got an empty file"),
        (b"GIF89a" + bytes(40), "got another format"),
        (encoded(Image.fromarray(GREY), "PNG")[:200], "got a damaged one"),
        (encoded(Image.fromarray(GREY), "PNG")[:20], "in its header"),
        (encoded(Image.fromarray(COLOUR), "JPEG")[:300], "expected a whole JPEG"),
        (encoded(Image.fromarray(GREY.astype(np.uint16) * 16), "PNG"), "got none above 4080"),
        (encoded(Image.fromarray(np.zeros((9, 9, 4), np.uint8)), "PNG"), "got one with transparent pixels"),
        (encoded(Image.fromarray(np.zeros((9, 9, 2), np.uint8)), "PNG"), "got one with transparent pixels"),
        (encoded(Image.fromarray(GREY).convert("1"), "PNG"), "got 1-bit grey"),
        (with_transparency(), "without transparency"),
        (encoded(Image.fromarray(COLOUR).convert("CMYK"), "JPEG"), "got CMYK colours: convert it"),
        (encoded(Image.fromarray(COLOUR), "TIFF", compression="jpeg"), "got the compression JPEG"),
        (encoded(Image.fromarray(GREY), "BMP")[:1500], "expected a whole BMP"),
        (png_header(20_000, 20_000, 8, 0), "1 to 8192 px a side, got 20000 x 20000"),
        (png_header(0, 5, 8, 0), "1 to 8192 px a side, got 0 x 5"),
    ],
)
def test_refuses(data: bytes, said: str) -> None:
    with pytest.raises(InputError) as error:
        decode(data, "file.png")
    assert said in str(error.value)
    assert str(error.value).startswith("file.png: expected")


@pytest.mark.parametrize(
    ("image", "wanted"),
    [
        (Image.fromarray(GREY.astype(np.uint16) * 257), GREY),
        (Image.fromarray(GREY).convert("LA"), GREY),
        (Image.fromarray(COLOUR).convert("RGBA"), COLOUR),
        (Image.fromarray(COLOUR).quantize(16), np.asarray(Image.fromarray(COLOUR).quantize(16).convert("RGB"))),
        (Image.fromarray(GREY).quantize(16), np.asarray(Image.fromarray(GREY).quantize(16).convert("L"))),
    ],
)
def test_png_of_other_kinds_by_the_rule_of_the_contract(image: Image.Image, wanted: np.ndarray) -> None:
    np.testing.assert_array_equal(np.squeeze(decode(encoded(image, "PNG"), "a")), wanted)


@pytest.mark.parametrize("kind", ["BMP", "TIFF"])
@pytest.mark.parametrize("pixels", [GREY, COLOUR])
def test_bmp_and_tiff(kind: str, pixels: np.ndarray) -> None:
    np.testing.assert_array_equal(np.squeeze(decode(encoded(Image.fromarray(pixels), kind), "a")), pixels)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_that_viewers_show_is_the_one_that_is_judged(kind: str, orientation: int) -> None:
    tag = Image.Exif()
    tag[0x0112] = orientation
    data = encoded(Image.fromarray(COLOUR), kind, exif=tag)
    with Image.open(io.BytesIO(data)) as image:  # Pillow turns a TIFF by itself
        shown = image.copy() if kind == "TIFF" else ImageOps.exif_transpose(image)
    np.testing.assert_array_equal(decode(data, "a"), np.asarray(shown))


def test_a_huge_jpeg_is_refused_by_its_header() -> None:
    data = bytearray(encoded(Image.fromarray(GREY), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", 20_000, 20_000)
    with pytest.raises(InputError, match=r"8192 px a side"):
        decode(bytes(data), "x.jpg")


def test_any_flipped_byte_of_a_png_is_noticed() -> None:
    data = encoded(Image.fromarray(GREY[:6, :6]), "PNG")
    for i in range(len(data)):
        broken = bytearray(data)
        broken[i] ^= 0x10
        with pytest.raises(InputError):
            decode(bytes(broken), "x.png")
