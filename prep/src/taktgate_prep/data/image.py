"""Images of files, and windows cut from them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt

from taktgate_prep.data.decoder import decode
from taktgate_prep.data.resize import resize
from taktgate_prep.data.sample import Box
from taktgate_prep.errors import InputError
from taktgate_prep.files.whole import read_bytes

_MAX_FILE = 64 << 20
_CACHE_BYTES = 128 << 20
_AROUND = 128  # grey around a letterboxed window

Pixels = npt.NDArray[np.uint8]


def convert(pixels: Pixels, channels: str) -> Pixels:
    """To one (grey) or three (rgb) channels."""
    count = pixels.shape[2]
    if channels == "rgb":
        return pixels if count == 3 else np.repeat(pixels, 3, axis=2)
    if count == 1:
        return pixels
    wide = pixels.astype(np.uint32)
    grey = (19595 * wide[..., 0] + 38470 * wide[..., 1] + 7471 * wide[..., 2] + 32768) >> 16
    return np.expand_dims(grey.astype(np.uint8), 2)


def decoded(path: Path, channels: str, where: str) -> Pixels:
    """The image of a file with `channels` grey or rgb; the last ones are kept in memory."""
    try:
        stat = path.stat()
    except OSError:
        raise InputError(f"{where}: expected the image {path}, got none: check the path") from None
    key = (str(path), channels, stat.st_mtime_ns, stat.st_size)
    pixels = _cache.get(key)
    if pixels is None:
        data = read_bytes(path, _MAX_FILE, "an image")
        pixels = convert(decode(data, at(where, path)), channels)
        pixels.flags.writeable = False
        _cache.put(key, pixels)
    return pixels


def at(where: str, path: Path) -> str:
    """`where` a row is, and which of its files is meant."""
    return where if where == str(path) else f"{where}: {path.name}"


def check_box(box: Box, size: tuple[int, int], where: str) -> None:
    """A defect lies inside its image of `size` (width, height)."""
    x, y, w, h = box
    if x + w > size[0] or y + h > size[1]:
        raise InputError(
            f"{where}: expected the box of a defect inside the image of {size[0]} x {size[1]} px, got "
            f"bx {x}, by {y}, bw {w}, bh {h}: correct the box"
        )


def cut(pixels: Pixels, window: Box, size: tuple[int, int], how: tuple[str, str], where: str) -> Pixels:
    """The window brought to `size` (width, height); `how`: the contract's resize and fit."""
    x, y, w, h = window
    height, width = pixels.shape[:2]
    if x < 0 or y < 0 or w < 1 or h < 1 or x + w > width or y + h > height:
        raise InputError(
            f"{where}: expected a window inside the image of {width} x {height} px, got "
            f"x {x}, y {y}, w {w}, h {h}: correct the window"
        )
    return brought_to(pixels[y : y + h, x : x + w], size, how)


def brought_to(pixels: Pixels, size: tuple[int, int], how: tuple[str, str]) -> Pixels:
    """[..., H, W, C] of one size brought to `size` (width, height); `how`: the contract's resize and fit."""
    method, fit = how
    return letterbox(pixels, size, method) if fit == "letterbox" else resize(pixels, size[0], size[1], method)


def letterbox(pixels: Pixels, size: tuple[int, int], method: str) -> Pixels:
    """Resized to fit into `size` (width, height) with its aspect kept, in the middle, grey around."""
    height, width = pixels.shape[-3:-1]
    inner_width, inner_height = fitted(width, height, size)
    left, top = (size[0] - inner_width) // 2, (size[1] - inner_height) // 2
    canvas = np.full((*pixels.shape[:-3], size[1], size[0], pixels.shape[-1]), _AROUND, np.uint8)
    inner = canvas[..., top : top + inner_height, left : left + inner_width, :]
    inner[:] = resize(pixels, inner_width, inner_height, method)
    return canvas


def fitted(width: int, height: int, size: tuple[int, int]) -> tuple[int, int]:
    """Width and height of the largest copy of the same aspect inside `size`; halves round up."""
    if width * size[1] >= height * size[0]:
        return size[0], max(1, (2 * height * size[0] + width) // (2 * width))
    return max(1, (2 * width * size[1] + height) // (2 * height)), size[1]


class _Cache:
    """The last decoded images, bounded in bytes: rows of one image often follow each other."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._images: OrderedDict[Hashable, Pixels] = OrderedDict()
        self._lock = Lock()  # images are read by several threads

    def get(self, key: Hashable) -> Pixels | None:
        with self._lock:
            if key in self._images:
                self._images.move_to_end(key)
            return self._images.get(key)

    def put(self, key: Hashable, pixels: Pixels) -> None:
        with self._lock:
            if key in self._images:
                return
            self._images[key] = pixels
            self._size += pixels.nbytes
            while self._size > self._limit and len(self._images) > 1:
                self._size -= self._images.popitem(last=False)[1].nbytes


_cache = _Cache(_CACHE_BYTES)
