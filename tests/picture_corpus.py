"""Image files of all kinds, whole, untidy and damaged, made deterministically: what device and maker must agree on."""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image, PngImagePlugin

# What must happen to a file: `same`: accepted, with the pixels of its base; `refused`; `either`, but the same in both.
SAME, REFUSED, EITHER = "same", "refused", "either"
PNG = b"\x89PNG\r\n\x1a\n"
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))  # Adam7


@dataclass(frozen=True)
class Case:
    """base: the name of the sound file that it was made of."""

    name: str
    data: bytes
    wanted: str
    base: str


def picture(width: int = 45, height: int = 34, seed: int = 1) -> np.ndarray:
    """RGB with edges, slopes and noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack([x * 255 // width, y * 255 // height, (x // 6 + y // 5) % 2 * 180], axis=-1)
    return (pixels + rng.integers(-20, 21, pixels.shape)).clip(0, 255).astype(np.uint8)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """The file that Pillow makes of it."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


# --- PNG -------------------------------------------------------------------------------------------------------------


def chunk(name: bytes, content: bytes) -> bytes:
    """One chunk with its length and checksum."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Names and contents of a sound file."""
    found, at = [], len(PNG)
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def png(parts: list[tuple[bytes, bytes]]) -> bytes:
    """The file of these chunks."""
    return PNG + b"".join(chunk(*part) for part in parts)


def filtered(rows: np.ndarray, step: int, rng: Random) -> bytes:
    """uint8 [rows, bytes]: each row with one of the five filters of PNG in front."""
    out = bytearray()
    before = np.zeros(rows.shape[1] + step, np.int64)
    for row in rows.astype(np.int64):
        here = np.concatenate([np.zeros(step, np.int64), row])
        left, up, corner = here[:-step], before[step:], before[:-step]
        guess = left + up - corner
        by = [abs(guess - left), abs(guess - up), abs(guess - corner)]
        paeth = np.where((by[0] <= by[1]) & (by[0] <= by[2]), left, np.where(by[1] <= by[2], up, corner))
        kind = rng.randrange(5)
        out.append(kind)
        out += ((row - (0, left, up, (left + up) // 2, paeth)[kind]) % 256).astype(np.uint8).tobytes()
        before = here
    return bytes(out)


def packed(pixels: np.ndarray, depth: int) -> np.ndarray:
    """[h, w, channels] as bytes of rows."""
    height, width = pixels.shape[:2]
    if depth == 16:
        return pixels.astype(">u2").reshape(height, -1).view(np.uint8)
    if depth == 8:
        return pixels.astype(np.uint8).reshape(height, -1)
    bits = (pixels[..., 0][..., None] >> np.arange(depth)[::-1]) & 1
    return np.packbits(bits.reshape(height, width * depth).astype(np.uint8), axis=1)


def own_png(
    pixels: np.ndarray,
    depth: int,
    colour: int,
    interlaced: bool = False,
    extra: tuple[tuple[bytes, bytes], ...] = (),
    pieces: int = 1,
) -> bytes:
    """A PNG of any kind: all filters, interlaced or not, its data in several chunks."""
    height, width, channels = pixels.shape
    rng, step = Random(width * depth + colour), max(1, channels * depth // 8)
    data = b""
    for x, y, dx, dy in PASSES if interlaced else ((0, 0, 1, 1),):
        part = pixels[y::dy, x::dx]
        if part.size:
            data += filtered(packed(part, depth), step, rng)
    stream = zlib.compress(data)
    size = len(stream) // pieces + 1
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return png(
        [
            (b"IHDR", header),
            *extra,
            *((b"IDAT", stream[i : i + size]) for i in range(0, len(stream), size)),
            (b"IEND", b""),
        ]
    )


def exif(orientation: int, order: str = "<") -> bytes:
    """A block that names an orientation."""
    start = b"II" if order == "<" else b"MM"
    return start + struct.pack(order + "HIHHHIHHI", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def png_bases() -> dict[str, bytes]:
    """Sound PNG files that are read."""
    rgb = picture()
    grey = rgb[..., :1].copy()
    wide = (rgb.astype(np.uint16) << 8) + np.arange(45, dtype=np.uint16)[None, :, None] * 5
    full, full16 = np.full_like(grey, 255), np.full_like(wide[..., :1], 65535)
    ramp = bytes(v for v in range(256) for _ in range(3))
    colours = bytes(Random(3).randrange(256) for _ in range(48))
    made = {
        "grey": own_png(grey, 8, 0),
        "rgb": own_png(rgb, 8, 2, pieces=4),
        "grey16": own_png(wide[..., :1], 16, 0),
        "rgb16": own_png(wide, 16, 2, interlaced=True),
        "alpha": own_png(np.dstack([rgb, full]), 8, 6),
        "grey_alpha": own_png(np.dstack([grey, full]), 8, 4),
        "alpha16": own_png(np.dstack([wide, full16]), 16, 6),
        "grey_alpha16": own_png(np.dstack([wide[..., :1], full16]), 16, 4, interlaced=True),
        "interlaced": own_png(rgb, 8, 2, interlaced=True),
        "interlaced_grey": own_png(grey, 8, 0, True, pieces=7),
        "palette_grey": own_png(grey, 8, 3, extra=((b"PLTE", ramp),)),
        "palette4": own_png(grey // 16, 4, 3, extra=((b"PLTE", colours),)),
        "palette2": own_png(grey // 64, 2, 3, True, extra=((b"PLTE", colours[:12]),)),
        "palette1": own_png(grey // 128, 1, 3, extra=((b"PLTE", colours[:6]), (b"tRNS", b"\xff\xff"))),
        "gamma": own_png(rgb, 8, 2, extra=((b"gAMA", struct.pack(">I", 100000)), (b"sBIT", b"\5\6\5"))),
        "odd_chunks": own_png(
            grey,
            8,
            0,
            extra=(
                (b"iCCP", b"bad\0\0not a profile"),
                (b"cHRM", b"short"),
                (b"tIME", b""),
                (b"pHYs", b"\0" * 9),
                (b"tEXt", b"Comment\0Pr\xfcfling"),
                (b"zTXt", b"k\0\0no zlib"),
                (b"iTXt", b"x"),
                (b"prVt", b"own"),
            ),
        ),
        "tiny": own_png(grey[:1, :1], 8, 0),
    }
    for value in range(1, 9):
        made[f"turned{value}"] = own_png(rgb, 8, 2, extra=((b"eXIf", exif(value, "<>"[value % 2])),))
    text = PngImagePlugin.PngInfo()
    text.add_text("Title", "a part", zip=True)
    made["pillow"] = saved(Image.fromarray(rgb), "PNG", pnginfo=text, dpi=(72, 72))
    made["pillow_palette"] = saved(Image.fromarray(rgb).quantize(60), "PNG")
    return {f"{name}.png": data for name, data in made.items()}


def png_refused() -> dict[str, bytes]:
    """Sound PNG files of kinds that are not read."""
    rgb = picture()
    grey, thin = rgb[..., :1].copy(), np.dstack([rgb, rgb[..., :1]])
    return {
        "transparent.png": own_png(thin, 8, 6),
        "one_bit.png": own_png(grey // 128, 1, 0),
        "four_bits.png": own_png(grey // 16, 4, 0),
        "low16.png": own_png(grey.astype(np.uint16) * 16, 16, 0),
        "colour_key.png": own_png(grey, 8, 0, extra=((b"tRNS", b"\0\x05"),)),
        "transparent_colour.png": own_png(grey // 128, 1, 3, extra=((b"PLTE", b"abcdef"), (b"tRNS", b"\0"))),
        "short_palette.png": own_png(grey // 64, 2, 3, extra=((b"PLTE", b"abcdef"),)),
        "no_palette.png": own_png(grey, 8, 3),
        "animated.png": own_png(rgb, 8, 2, extra=((b"acTL", struct.pack(">II", 1, 0)), (b"fcTL", b"\0" * 26))),
        "unknown_needed.png": own_png(rgb, 8, 2, extra=((b"NEED", b"x"),)),
    }


def png_changed(name: str, data: bytes, rng: Random) -> Iterator[Case]:
    """Chunks and streams that are untidy or damaged, with right checksums."""
    parts = chunks(data)
    first = next(i for i, part in enumerate(parts) if part[0] == b"IDAT")
    last = len(parts) - 1
    stream = b"".join(content for kind, content in parts if kind == b"IDAT")

    def case(what: str, wanted: str, changed: bytes) -> Case:
        return Case(f"{what}-{name}", changed, wanted, name)

    def with_stream(content: bytes) -> bytes:
        rest = [part for part in parts if part[0] != b"IDAT"]
        return png([*rest[:first], (b"IDAT", content), *rest[first:]])

    yield case("trailing", SAME, data + bytes(rng.randrange(256) for _ in range(50)))
    yield case("text", SAME, png([*parts[:first], (b"tEXt", b"k\0"), *parts[first:last], (b"xxXx", b""), parts[last]]))
    yield case("one_piece", SAME, with_stream(stream))
    yield case("empty_piece", SAME, png([*parts[:first], (b"IDAT", b""), *parts[first:]]))
    yield case("no_end", REFUSED, data[:-12])
    yield case("half_end", REFUSED, data[:-5])
    yield case("no_data", REFUSED, png([part for part in parts if part[0] != b"IDAT"]))
    yield case("bad_text", REFUSED, data[:-12] + chunk(b"tEXt", b"k\0v")[:-1] + b"!" + data[-12:])
    yield case("wrong_sum", REFUSED, with_stream(stream[:-1] + bytes([stream[-1] ^ 1])))
    yield case("no_sum", REFUSED, with_stream(stream[:-4]))
    yield case("more_stream", EITHER, with_stream(stream + b"more"))
    raw = zlib.decompress(stream)
    yield case("short_rows", REFUSED, with_stream(zlib.compress(raw[: len(raw) // 2])))
    yield case("more_rows", EITHER, with_stream(zlib.compress(raw + b"\0" * 40)))
    yield case("bad_filter", REFUSED, with_stream(zlib.compress(b"\x09" + raw[1:])))
    for number in range(6):
        i, j = rng.randrange(len(parts)), rng.randrange(len(parts))
        moved = list(parts)
        moved.insert(j, moved[i])
        yield case(f"twice{number}", EITHER, png(moved))
        yield case(f"gone{number}", EITHER, png([part for k, part in enumerate(parts) if k != i]))
        at = rng.randrange(len(parts[i][1])) if parts[i][1] else 0
        wrong = parts[i][1][:at] + bytes([rng.randrange(256)]) + parts[i][1][at + 1 :]
        yield case(f"content{number}", EITHER, png([*parts[:i], (parts[i][0], wrong), *parts[i + 1 :]]))


# --- JPEG ------------------------------------------------------------------------------------------------------------


def segments(data: bytes) -> list[int]:
    """Where the markers before the first scan's data are; that of the scan comes last."""
    found, at = [], 2
    while data[at + 1] != 0xDA:
        found.append(at)
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return [*found, at]


def with_segment(data: bytes, marker: int, content: bytes) -> bytes:
    """With one more segment, the first one."""
    return data[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content + data[2:]


def jpeg_bases(made_by_device: Path) -> dict[str, bytes]:
    """Sound JPEG files that are read; the device's tool has made those that Pillow cannot write."""
    rgb = Image.fromarray(picture())
    made = {path.name: path.read_bytes() for path in sorted(made_by_device.iterdir()) if "arithmetic" not in path.name}
    for sampling in (0, 1, 2):
        for progressive in (False, True):
            kind = f"pillow{sampling}{'p' if progressive else ''}.jpg"
            made[kind] = saved(rgb, "JPEG", quality=85, subsampling=sampling, progressive=progressive)
    made["grey.jpg"] = saved(rgb.convert("L"), "JPEG", quality=95, optimize=True, comment=b"a part")
    made["block.jpg"] = saved(rgb.crop((0, 0, 8, 8)), "JPEG")
    plain = saved(rgb, "JPEG", quality=92)
    for value in range(1, 9):
        made[f"turned{value}.jpg"] = with_segment(plain, 0xE1, b"Exif\0\0" + exif(value, "<>"[value % 2]))
    made["no_exif.jpg"] = with_segment(plain, 0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff")
    made["newer_jfif.jpg"] = plain.replace(b"JFIF\0\1", b"JFIF\0\7", 1)
    return made


def jpeg_refused(made_by_device: Path) -> dict[str, bytes]:
    """Sound JPEG files of kinds that are not read."""
    rgb = Image.fromarray(picture())
    plain = saved(rgb, "JPEG")
    frame = plain.index(b"\xff\xc0")
    deep = bytearray(plain)
    deep[frame + 4] = 12
    lossless = bytearray(plain)
    lossless[frame + 1] = 0xC3
    made = {path.name: path.read_bytes() for path in sorted(made_by_device.glob("arithmetic*"))}
    return {
        **made,
        "cmyk.jpg": saved(rgb.convert("CMYK"), "JPEG"),
        "twelve_bits.jpg": bytes(deep),
        "lossless.jpg": bytes(lossless),
        "tables_only.jpg": plain[: segments(plain)[-1]] + b"\xff\xd9",
    }


def jpeg_changed(name: str, data: bytes, rng: Random) -> Iterator[Case]:
    """Bytes between segments, ends that are missing or too long, scans that are lost."""
    places = segments(data)
    start = places[-1]  # of the first scan

    def case(what: str, wanted: str, changed: bytes) -> Case:
        return Case(f"{what}-{name}", changed, wanted, name)

    for at in places:
        yield case(f"stray{at}", SAME, data[:at] + bytes([rng.randrange(255)]) + data[at:])
        yield case(f"fill{at}", SAME, data[:at] + b"\xff" * rng.randrange(1, 5) + data[at:])
    yield case("stray_end", SAME, data[:-2] + bytes([rng.randrange(255)]) + data[-2:])
    yield case("fill_end", SAME, data[:-2] + b"\xff\xff" + data[-2:])
    yield case("no_end", SAME, data[:-2])
    yield case("half_end", SAME, data[:-1])
    yield case("padded", SAME, data[:-2] + b"\0" * 400)
    yield case("padded_end", SAME, data[:-2] + b"\0" * 100 + data[-2:])
    yield case("trailing", SAME, data + bytes(rng.randrange(256) for _ in range(60)))
    yield case("second", SAME, data + data)
    yield case("comment", SAME, with_segment(data, 0xFE, b"\xff\xd9 is no end here"))
    yield case("left_over", REFUSED, data[:-2] + b"\x5a" * 40 + data[-2:])
    for number in range(4):
        cut = rng.randrange(3, len(data) - 6)
        yield case(f"torn{number}", REFUSED, data[:cut] + b"\xff\xd9")
    for number in range(6):
        at = rng.randrange(start + 2, len(data) - 2)
        yield case(f"lost{number}", EITHER, data[:at] + data[at + rng.randrange(1, 30) :])
        yield case(f"zeroed{number}", EITHER, data[:at] + bytes(16) + data[at + 16 :])
        yield case(f"marker{number}", EITHER, data[:at] + bytes([0xFF, rng.randrange(256)]) + data[at:])
    i = rng.randrange(len(places) - 1)
    yield case(f"gone{i}", EITHER, data[: places[i]] + data[places[i + 1] :])
    yield case(f"twice{i}", EITHER, data[: places[i]] + data[places[i] : places[i + 1]] * 2 + data[places[i + 1] :])


# --- BMP and TIFF ----------------------------------------------------------------------------------------------------


def other_bases() -> dict[str, bytes]:
    """Sound BMP and TIFF files that are read."""
    rgb = Image.fromarray(picture())
    grey = rgb.convert("L")
    wide = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    made = {
        "grey.bmp": saved(grey, "BMP"),
        "rgb.bmp": saved(rgb, "BMP"),
        "palette.bmp": saved(rgb.quantize(90), "BMP"),
        "wide.tif": saved(wide, "TIFF"),
        "motorola.tif": saved(wide, "TIFF", big_tiff=False),
    }
    for method in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        made[f"grey_{method}.tif"] = saved(grey, "TIFF", compression=method)
        made[f"rgb_{method}.tif"] = saved(rgb, "TIFF", compression=method)
    for value in (3, 6):
        made[f"turned{value}.tif"] = saved(rgb, "TIFF", tiffinfo={0x0112: value})
    return made


def any_changed(name: str, data: bytes, rng: Random, count: int) -> Iterator[Case]:
    """Flipped bits, and files that end early."""
    for number in range(count):
        flipped = bytearray(data)
        for _ in range(rng.choice((1, 1, 1, 3, 20))):
            flipped[rng.randrange(2, len(data))] ^= 1 << rng.randrange(8)
        yield Case(f"bits{number}-{name}", bytes(flipped), EITHER, name)
        yield Case(f"cut{number}-{name}", data[: rng.randrange(2, len(data))], EITHER, name)


def corpus(made_by_device: Path) -> list[Case]:
    """All of it, always the same."""
    cases = []
    jpegs, other_kinds = jpeg_bases(made_by_device), {**png_refused(), **jpeg_refused(made_by_device)}
    for bases, changed in ((png_bases(), png_changed), (jpegs, jpeg_changed), (other_bases(), None)):
        for name, data in bases.items():
            rng = Random(name)
            cases.append(Case(name, data, SAME, name))
            cases += any_changed(name, data, rng, 14)
            if changed is not None and "tiny" not in name:
                cases += changed(name, data, rng)
    return cases + [Case(name, data, REFUSED, name) for name, data in other_kinds.items()]
