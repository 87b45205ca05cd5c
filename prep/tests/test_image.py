"""What is refused before it is learned from, as on the device."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from taktgate_prep.errors import InputError
from taktgate_prep.image import decode

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


@pytest.mark.parametrize(("data", "said"), [
    (b"", "got an empty file"),
    (b"GIF89a" + bytes(40), "got another format"),
    (encoded(Image.fromarray(GREY), "PNG")[:200], "damaged or cut"),
    (encoded(Image.fromarray(GREY), "PNG")[:20], "cut header"),
    (encoded(Image.fromarray(COLOUR), "JPEG")[:300], "expected a whole image"),
    (encoded(Image.fromarray(GREY.astype(np.int32)), "PNG"), "got 16-bit grey"),
    (encoded(Image.fromarray(np.zeros((9, 9, 4), np.uint8)), "PNG"), "got 8-bit RGB with alpha"),
    (encoded(Image.fromarray(np.zeros((9, 9, 2), np.uint8)), "PNG"), "got 8-bit grey with alpha"),
    (encoded(Image.fromarray(COLOUR).convert("P"), "PNG"), "got 8-bit palette"),
    (encoded(Image.fromarray(GREY).convert("1"), "PNG"), "got 1-bit grey"),
    (with_transparency(), "without transparency"),
    (encoded(Image.fromarray(COLOUR).convert("CMYK"), "JPEG"), "got mode CMYK"),
    (png_header(20_000, 20_000, 8, 0), "1 to 8192 px a side, got 20000 x 20000"),
    (png_header(0, 5, 8, 0), "1 to 8192 px a side, got 0 x 5"),
])
def test_refuses(data: bytes, said: str) -> None:
    with pytest.raises(InputError) as error:
        decode(data, "file.png")
    assert said in str(error.value)
    assert str(error.value).startswith("file.png: expected")


def test_a_huge_jpeg_is_refused_by_its_header() -> None:
    data = bytearray(encoded(Image.fromarray(GREY), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5:at + 9] = struct.pack(">HH", 20_000, 20_000)
    with pytest.raises(InputError, match=r"8192 px a side"):
        decode(bytes(data), "x.jpg")


def test_any_flipped_byte_of_a_png_is_noticed() -> None:
    data = encoded(Image.fromarray(GREY[:6, :6]), "PNG")
    for i in range(len(data)):
        broken = bytearray(data)
        broken[i] ^= 0x10
        with pytest.raises(InputError):
            decode(bytes(broken), "x.png")
