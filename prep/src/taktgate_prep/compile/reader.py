"""Reads the file of a compiled network: docs/int8.md, 4. Whatever the bytes say, they are read or refused in words."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from taktgate_prep.compile.limits import check, check_count, check_window
from taktgate_prep.compile.network import (
    ALIGNMENT,
    CODES,
    CRC_END,
    HEADER,
    LARGEST_WEIGHT,
    MAGIC,
    NONE,
    OPERATION,
    OUTPUT,
    ROLES,
    TENSOR,
    VERSION,
    Codes,
    ExtraOutput,
    Kind,
    Network,
    Operation,
    Tensor,
    Window,
)
from taktgate_prep.compile.refusal import UnfitError
from taktgate_prep.errors import InputError

_INPUTS = {Kind.INPUT: 0, Kind.ADD: 2, Kind.GATE: 2}  # of the others: 1
_SCORES = (Kind.LOGITS, Kind.SCORES)
_WINDOWED = (Kind.CONV, Kind.DEPTHWISE)


def from_bytes(data: bytes, where: str = "network") -> Network:
    """What `to_bytes` wrote. That sizes follow from each other is for the device's reader to check."""
    bits, counts = _header(data, where)
    with _refused(where):
        return _Reader(data, bits, counts, where).network()


@contextmanager
def _refused(where: str) -> Iterator[None]:
    """The file's name before what is wrong."""
    try:
        yield
    except UnfitError as why:
        raise InputError(f"{where}: {why}: compile the model again") from None


def _header(data: bytes, where: str) -> tuple[int, list[int]]:
    """The bits of the weights, and how many things the sections hold."""
    if len(data) < HEADER.size or data[: len(MAGIC)] != MAGIC:
        raise InputError(f"{where}: expected a compiled network, got another file: make one with taktgate-prep compile")
    _, version, crc, size, bits, *counts = HEADER.unpack_from(data)
    if version != VERSION:
        raise InputError(
            f"{where}: expected a compiled network of version {VERSION}, got version {version}: compile it again"
        )
    if size != len(data) or zlib.crc32(data[CRC_END:]) != crc:
        raise InputError(f"{where}: expected {size} bytes that fit their checksum, got a damaged file: copy it again")
    return bits, counts


class _Reader:
    """Takes the sections apart; raises UnfitError, or InputError where it can say which thing is wrong."""

    def __init__(self, data: bytes, bits: int, counts: Sequence[int], where: str) -> None:
        for count in (counts[0], counts[1], counts[6]):
            check_count(count)
        sizes = [
            count * each + -(count * each) % ALIGNMENT
            for count, each in zip(counts, (TENSOR.size, OPERATION.size, CODES, 1, 4, 4, OUTPUT.size), strict=True)
        ]
        *begins, end = accumulate(sizes, initial=HEADER.size)
        if end != len(data):
            raise UnfitError(f"{end} bytes, as the counts say", str(len(data)))
        if bits not in LARGEST_WEIGHT:
            raise UnfitError("weights of 7 or 8 bits", str(bits))
        self._data, self._where, self._counts, self._begins = data, where, counts, begins
        self._most = LARGEST_WEIGHT[bits]
        self._tables = np.frombuffer(data, np.uint8, counts[2] * CODES, begins[2]).reshape(-1, CODES)
        self._numbers = [
            np.frombuffer(data, kind, count, begin)
            for kind, count, begin in zip(("<i1", "<i4", "<f4"), counts[3:6], begins[3:6], strict=True)
        ]
        self._tensors: list[Tensor] = []
        self._made: dict[int, Kind] = {}  # tensors, by what makes them

    def network(self) -> Network:
        """Section after section."""
        for k in range(self._counts[0]):
            with _refused(f"{self._where}: tensor {k}"):
                self._tensors.append(_tensor(self._data, self._begins[0] + k * TENSOR.size))
        operations = []
        for k in range(self._counts[1]):
            with _refused(f"{self._where}: operation {k}"):
                operations.append(
                    self._operation(OPERATION.unpack_from(self._data, self._begins[1] + k * OPERATION.size))
                )
        if not any(one.kind in _SCORES for one in operations):
            raise UnfitError("an operation that gives the logits", "none")
        outputs = []
        for k in range(self._counts[6]):
            with _refused(f"{self._where}: extra output {k}"):
                outputs.append(self._output(*OUTPUT.unpack_from(self._data, self._begins[6] + k * OUTPUT.size)))
        return Network(self._tensors, operations, outputs)

    def _operation(self, fields: tuple[int, ...]) -> Operation:
        if fields[0] not in set(Kind):
            raise UnfitError(f"a kind from 0 to {max(Kind)}", str(fields[0]))
        kind = Kind(fields[0])
        first, second, result = self._places(kind, fields[8:11])
        window = _window(fields[1:7]) if kind in _WINDOWED else None
        channels = self._tensors[result].channels
        depth = self._tensors[first].channels if first >= 0 else 0
        shape, biases, multipliers = _parts(kind, window, channels, depth)
        weights, bias, multiplier = (
            _slice(array, begin, count, name)
            for array, begin, count, name in zip(
                self._numbers,
                fields[12:],
                (math.prod(shape), biases, multipliers),
                ("weights", "biases", "multipliers"),
                strict=True,
            )
        )
        largest = int(np.abs(weights.astype(np.int64)).max(initial=0))
        if largest > self._most:
            raise UnfitError(f"weights from -{self._most} to {self._most}", f"one of size {largest}")
        operation = Operation(
            kind,
            result,
            first,
            second,
            fields[7],
            window,
            self._table(kind, fields[11], channels),
            weights.reshape(shape),
            bias,
            multiplier,
        )
        check(operation, self._tensors)
        self._made[result] = kind
        return operation

    def _places(self, kind: Kind, numbers: Sequence[int]) -> tuple[int, int, int]:
        """Of the inputs and the result; -1: none."""
        if (kind == Kind.INPUT) != (not self._made):
            raise UnfitError("the input first, and once", kind.name.lower())
        if kind in _SCORES and any(made in _SCORES for made in self._made.values()):
            raise UnfitError("one operation that gives the logits", "two")
        *inputs, result = numbers
        for k, number in enumerate(inputs):
            wanted = k < _INPUTS.get(kind, 1)
            if wanted and self._made.get(number, Kind.LOGITS) in _SCORES:
                raise UnfitError("inputs that an operation before it makes as codes", f"tensor {number}")
            if not wanted and number != NONE:
                raise UnfitError(f"{_INPUTS.get(kind, 1)} inputs", f"tensor {number} as another one")
        if result >= len(self._tensors) or result in self._made:
            raise UnfitError("a result that no operation before it makes", f"tensor {result}")
        first, second = (-1 if number == NONE else number for number in inputs)
        return first, second, result

    def _table(self, kind: Kind, index: int, channels: int) -> Codes | None:
        if index == NONE:
            if kind in (Kind.INPUT, Kind.TABLE):
                raise UnfitError("a table", "none")
            return None
        if kind in (*_SCORES, Kind.SELECT):
            raise UnfitError("no table", f"table {index}")
        count = channels if kind == Kind.INPUT else 1
        found = _slice(self._tables, index, count, "tables")
        return found if kind == Kind.INPUT else found[0]

    def _output(self, tensor: int, role: int) -> ExtraOutput:
        if role >= len(ROLES):
            raise UnfitError(f"a role from 0 to {len(ROLES) - 1}", str(role))
        if self._made.get(tensor, Kind.LOGITS) in _SCORES:
            raise UnfitError("a tensor that an operation makes as codes", f"tensor {tensor}")
        return ExtraOutput(tensor, ROLES[role])


def _tensor(data: bytes, at: int) -> Tensor:
    tensor = Tensor(*TENSOR.unpack_from(data, at))
    if min(tensor.height, tensor.width, tensor.channels) < 1:
        raise UnfitError("sides and channels of at least 1", f"{tensor.height} x {tensor.width} x {tensor.channels}")
    if not math.isfinite(tensor.scale) or tensor.scale <= 0:
        raise UnfitError("a scale above 0", f"{tensor.scale:g}")
    return tensor


def _window(sides: Sequence[int]) -> Window:
    kernel, stride, pad = ((sides[k], sides[k + 1]) for k in (0, 2, 4))
    check_window(kernel, stride, pad)
    return Window(kernel, stride, pad)


def _slice(section: npt.NDArray[Any], begin: int, count: int, name: str) -> npt.NDArray[Any]:
    if begin + count > len(section):
        raise UnfitError(f"{name} in the file, which has {len(section)}", f"{count} from {begin} on")
    return section[begin : begin + count]


def _parts(kind: Kind, window: Window | None, channels: int, depth: int) -> tuple[tuple[int, ...], int, int]:
    """The shape of the weights, and how many biases and multipliers there are."""
    kernel = (1, 1) if window is None else window.kernel
    if kind in (Kind.CONV, Kind.LOGITS):
        return (channels, *kernel, depth), channels, channels
    if kind == Kind.DEPTHWISE:
        return (channels, *kernel), channels, channels
    return (0,), 0, {Kind.ADD: 2, Kind.MEAN: 1, Kind.GATE: 1, Kind.SCORES: 1}.get(kind, 0)
