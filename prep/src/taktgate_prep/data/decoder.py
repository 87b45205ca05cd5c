"""The device's image decoder, as a shared library: what is learned from and certified is decoded by the code that
decodes on the unit (src/image/shared_decoder.cc, built by setup/decoder.sh)."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from taktgate_prep.errors import InputError, from_device

_LIBRARY = Path(sys.prefix) / "lib" / "libtaktgate_decoder.so"


class _Picture(ctypes.Structure):
    _fields_ = (
        ("pixels", ctypes.c_void_p),
        ("width", ctypes.c_int32),
        ("height", ctypes.c_int32),
        ("channels", ctypes.c_int32),
        ("owner", ctypes.c_void_p),
        ("message", ctypes.c_char * 512),
    )


def decode(data: bytes, where: str) -> npt.NDArray[np.uint8]:
    """uint8 [H, W, 1] or [H, W, 3] of a PNG, JPEG, BMP or TIFF file; `where` names it in messages. Threads: any."""
    library = _library()
    picture = _Picture()
    if library.taktgate_decode(data, len(data), ctypes.byref(picture)) != 0:
        raise InputError(f"{where}: {from_device(picture.message.decode(errors='replace'))}")
    try:
        shape = (picture.height, picture.width, picture.channels)
        pixels = ctypes.string_at(picture.pixels, shape[0] * shape[1] * shape[2])
    finally:
        library.taktgate_free(ctypes.byref(picture))
    return np.frombuffer(pixels, np.uint8).reshape(shape)


@cache
def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(str(_LIBRARY))
    except OSError as error:
        raise InputError(
            f"expected the device's image decoder, got: {error}: run `make setup` where taktgate lies, "
            "with the Python of its .deps"
        ) from None
    library.taktgate_decode.argtypes = (ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(_Picture))
    library.taktgate_free.argtypes = (ctypes.POINTER(_Picture),)
    library.taktgate_free.restype = None
    return library
