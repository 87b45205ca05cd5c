"""The INT8 engine as a shared library (include/taktgate/int8.h): the one that setup/engine.sh built for this
environment, else the one that `make install` gave to the system."""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from taktgate_prep.compile.network import ROLES, Codes
from taktgate_prep.engine.answers import Answers, check_pixels, joined
from taktgate_prep.errors import InputError, from_device

MOST_WINDOWS = 64  # of one run
_LIBRARY = Path(sys.prefix) / "lib" / "libtaktgate_int8.so"
_ABI = 1  # TAKTGATE_INT8_ABI of the header that the structures below are from
_INSTALLED = f"libtaktgate_int8.so.{_ABI}"
_MESSAGE_BYTES = 512
_OK, _INVALID, _CORRUPT, _UNSUPPORTED = range(4)


class EngineError(Exception):
    """The engine did not compute; what was given to it is not the reason."""


class _Info(ctypes.Structure):
    _fields_ = (
        ("height", ctypes.c_int),
        ("width", ctypes.c_int),
        ("channels", ctypes.c_int),
        ("labels", ctypes.c_int),
        ("windows", ctypes.c_int),
        ("extra_outputs", ctypes.c_int),
        ("instruction_set", ctypes.c_char_p),
    )


class _Output(ctypes.Structure):
    _fields_ = (
        ("role", ctypes.c_int),
        ("height", ctypes.c_int),
        ("width", ctypes.c_int),
        ("channels", ctypes.c_int),
        ("scale", ctypes.c_float),
        ("zero_point", ctypes.c_int),
    )


@dataclass(frozen=True)
class Output:
    """An extra output: a code q stands for (q - zero_point) * scale."""

    role: str
    shape: tuple[int, int, int]  # height, width, channels
    scale: float
    zero_point: int


def why_missing() -> str:
    """Why the library cannot be used here; empty where it can."""
    try:
        _library()
    except (OSError, AttributeError) as error:  # AttributeError: one without the functions that are called here
        return str(error)
    return ""


class Engine:
    """A compiled network, loaded. Threads: any; runs wait for each other, so load it once for each thread."""

    def __init__(
        self,
        network: bytes,
        where: str,
        windows: int = MOST_WINDOWS,
        instruction_set: str | None = None,
        threads: int = 1,
    ):
        """`windows`: that one run takes at once; instruction_set: None for the fastest of this CPU; threads: 1 to 4
        inside a run, for the same bytes. InputError: the network is damaged or breaks a rule, or the CPU does not have
        the set; OSError: there is no library."""
        self._where, self._handle, self._one_run = where, ctypes.c_void_p(), threading.Lock()
        named = None if instruction_set is None else instruction_set.encode()
        self._call("taktgate_int8_load", network, len(network), windows, named, ctypes.byref(self._handle))
        if threads != 1:
            self._call("taktgate_int8_use_threads", self._handle, threads)
        self._info = _Info()
        _library().taktgate_int8_describe(self._handle, ctypes.byref(self._info))
        self.outputs = tuple(self._output(index) for index in range(self._info.extra_outputs))

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            _library().taktgate_int8_free(self._handle)

    @property
    def instruction_set(self) -> str:
        """That it runs on: "avx2"."""
        return str(self._info.instruction_set.decode())

    @property
    def left_out(self) -> tuple[str, ...]:
        """The sets of this CPU whose kernels gave other bytes than the plain ones when the network was loaded, so that
        they are not used. Empty, as it should be; else please report it with the CPU's name."""
        names = bytes(_library().taktgate_int8_left_out(self._handle)).decode()
        return tuple(names.split(", ")) if names else ()

    @property
    def words(self) -> str:
        """For people."""
        return f"the INT8 engine ({self.instruction_set})"

    def run(self, pixels: Codes) -> Answers:
        """pixels: [windows, height, width, channels] of any number, read in place where rows lie behind each other."""
        info = self._info
        check_pixels(pixels, (info.height, info.width, info.channels), self._where)
        pixels = _rows_in_order(pixels)
        begins = range(0, max(1, len(pixels)), info.windows)
        with self._one_run:
            return joined([self._run(pixels[begin : begin + info.windows]) for begin in begins])

    def _run(self, pixels: Codes) -> Answers:
        logits = np.empty((len(pixels), self._info.labels), np.float32)
        planes = _planes(pixels)
        if len(pixels):
            self._call("taktgate_int8_run", self._handle, planes.ctypes.data, len(pixels), logits.ctypes.data)
        return Answers(logits, tuple(self._codes(index, len(pixels)) for index in range(len(self.outputs))))

    def repeated(self, pixels: Codes) -> Callable[[], None]:
        """A run of at most `windows` pictures again and again, for its time alone."""
        pixels = _rows_in_order(pixels)
        planes, logits = _planes(pixels), np.empty((len(pixels), self._info.labels), np.float32)
        function, handle = _library().taktgate_int8_run, self._handle
        of_planes, count, of_logits = planes.ctypes.data, len(pixels), logits.ctypes.data

        def run() -> None:
            # What is looked up on each call would be timed with it.
            if function(handle, of_planes, count, of_logits, None, 0) != _OK:
                self._call("taktgate_int8_run", handle, planes.ctypes.data, count, logits.ctypes.data)

        return run

    def _codes(self, index: int, windows: int) -> Codes:
        """Copied: they are the engine's own until its next run."""
        shape = self.outputs[index].shape
        found = np.empty((windows, *shape), np.uint8)
        for window in range(windows):
            begin = _library().taktgate_int8_codes(self._handle, window, index)
            ctypes.memmove(found[window].ctypes.data, begin, found[window].nbytes)
        return found

    def _output(self, index: int) -> Output:
        one = _Output()
        _library().taktgate_int8_describe_output(self._handle, index, ctypes.byref(one))
        return Output(ROLES[one.role], (one.height, one.width, one.channels), float(one.scale), one.zero_point)

    def _call(self, name: str, *given: Any) -> None:
        """A function that gives a status and a message."""
        message = ctypes.create_string_buffer(_MESSAGE_BYTES)
        status = getattr(_library(), name)(*given, message, _MESSAGE_BYTES)
        if status == _OK:
            return
        told = f"{self._where}: {from_device(message.value.decode(errors='replace'))}"
        raise InputError(told) if status in (_INVALID, _CORRUPT, _UNSUPPORTED) else EngineError(told)


def _rows_in_order(pixels: Codes) -> Codes:
    """As they are, or a copy: the engine takes steps forwards alone, and no row inside another."""
    _, of_row, of_pixel, _ = pixels.strides
    in_order = of_pixel >= 1 and of_row > (pixels.shape[2] - 1) * of_pixel
    return pixels if in_order else np.ascontiguousarray(pixels)


def _planes(pixels: Codes) -> npt.NDArray[np.int64]:
    """Of every window and channel where it begins, and the steps to the next row and pixel: taktgate_int8_plane."""
    of_window, of_row, of_pixel, of_channel = pixels.strides
    planes = np.empty((len(pixels), pixels.shape[3], 3), np.int64)
    planes[..., 0] = (
        pixels.ctypes.data + np.arange(len(pixels))[:, None] * of_window + np.arange(pixels.shape[3]) * of_channel
    )
    planes[..., 1], planes[..., 2] = of_row, of_pixel
    return planes


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(str(_LIBRARY) if _LIBRARY.exists() else _INSTALLED)
    if (abi := library.taktgate_int8_abi()) != _ABI:
        raise OSError(f"{library._name}: expected interface {_ABI}, got {abi}")
    handle, message = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_size_t)
    signatures: dict[str, tuple[Any, ...]] = {
        "load": (ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_char_p, ctypes.POINTER(handle), *message),
        "use_threads": (handle, ctypes.c_int, *message),
        "free": (handle,),
        "describe": (handle, ctypes.POINTER(_Info)),
        "left_out": (handle,),
        "describe_output": (handle, ctypes.c_int, ctypes.POINTER(_Output)),
        "run": (handle, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, *message),
        "codes": (handle, ctypes.c_int, ctypes.c_int),
    }
    for name, arguments in signatures.items():
        getattr(library, f"taktgate_int8_{name}").argtypes = arguments
    library.taktgate_int8_free.restype = None
    library.taktgate_int8_codes.restype = ctypes.c_void_p
    library.taktgate_int8_left_out.restype = ctypes.c_char_p
    return library
