"""A compiled network and its bytes: docs/int8.md, 3 and 4. `reader.py` reads them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

CODES = 256
LARGEST_WEIGHT = {7: 64, 8: 127}  # by bits
ROLES = ("embedding", "channel_means", "class_map")
MAGIC, VERSION, ALIGNMENT, NONE = b"taktint8", 1, 64, 65535
HEADER = struct.Struct("<8s4I7I12x")
TENSOR = struct.Struct("<3HBxf4x")
OPERATION = struct.Struct("<8B4H3I36x")
OUTPUT = struct.Struct("<HBx")
CRC_END = 16


class Kind(IntEnum):
    """What an operation computes."""

    INPUT = 0
    CONV = 1
    DEPTHWISE = 2
    ADD = 3
    MEAN = 4
    GATE = 5
    TABLE = 6
    LOGITS = 7
    SCORES = 8
    SELECT = 9


@dataclass(frozen=True)
class Tensor:
    """A map of codes; a code q stands for (q - zero_point) * scale."""

    height: int
    width: int
    channels: int
    zero_point: int
    scale: float

    @property
    def is_vector(self) -> bool:
        """Whether it has one place."""
        return self.height == 1 and self.width == 1


@dataclass(frozen=True)
class Window:
    """What of its input one place of a convolution's result sees: kernel, stride and pad as (height, width)."""

    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    pad: tuple[int, int] = (0, 0)


@dataclass(frozen=True, eq=False)
class Operation:
    """One step; tensors by number, -1 for none. zero_point: that it rounds with, before its table; table: [256], of
    `input` [channels, 256]; weights: [channels, kernel height, kernel width, input channels], of `depthwise` without
    the last."""

    kind: Kind
    result: int
    first: int = -1
    second: int = -1
    zero_point: int = 0
    window: Window | None = None
    table: Codes | None = None
    weights: npt.NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, np.int8))
    biases: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    multipliers: Floats = field(default_factory=lambda: np.zeros(0, np.float32))


@dataclass(frozen=True)
class ExtraOutput:
    """A tensor that is an output beside the logits; role: one of ROLES."""

    tensor: int
    role: str


@dataclass(frozen=True, eq=False)
class Network:
    """Operations in order, the first is the input."""

    tensors: Sequence[Tensor]
    operations: Sequence[Operation]
    extra_outputs: Sequence[ExtraOutput] = ()

    @property
    def weight_bits(self) -> int:
        """7 where no weight is larger than 64 in size."""
        largest = max((int(np.abs(one.weights.astype(int)).max(initial=0)) for one in self.operations), default=0)
        return 7 if largest <= LARGEST_WEIGHT[7] else 8

    @property
    def input(self) -> Tensor:
        """What the pixels become."""
        return self.tensors[self.operations[0].result]

    @property
    def labels(self) -> int:
        """How many logits there are."""
        return next(
            self.tensors[one.result].channels for one in self.operations if one.kind in (Kind.LOGITS, Kind.SCORES)
        )


def to_bytes(network: Network) -> bytes:
    """The file; equal tables stand in it once."""
    sections = _Sections()
    operations = b"".join(_operation(one, sections) for one in network.operations)
    parts = [
        b"".join(TENSOR.pack(t.height, t.width, t.channels, t.zero_point, t.scale) for t in network.tensors),
        operations,
        b"".join(sections.tables),
        _joined(sections.weights, "<i1"),
        _joined(sections.biases, "<i4"),
        _joined(sections.multipliers, "<f4"),
        b"".join(OUTPUT.pack(one.tensor, ROLES.index(one.role)) for one in network.extra_outputs),
    ]
    counts = (
        len(network.tensors),
        len(network.operations),
        len(sections.tables),
        *(sum(part.size for part in each) for each in (sections.weights, sections.biases, sections.multipliers)),
        len(network.extra_outputs),
    )
    body = b"".join(part + bytes(-len(part) % ALIGNMENT) for part in parts)
    header = HEADER.pack(MAGIC, VERSION, 0, HEADER.size + len(body), network.weight_bits, *counts)
    crc = zlib.crc32(header[CRC_END:] + body)
    return header[: CRC_END - 4] + struct.pack("<I", crc) + header[CRC_END:] + body


class _Sections:
    """What operations refer to by the index of its first."""

    def __init__(self) -> None:
        self.tables: list[bytes] = []
        self.weights: list[npt.NDArray[Any]] = []
        self.biases: list[npt.NDArray[Any]] = []
        self.multipliers: list[npt.NDArray[Any]] = []
        self._at: dict[bytes, int] = {}

    def table(self, codes: Codes) -> int:
        """The index of the first of these tables, which follow each other."""
        data = codes.astype(np.uint8).tobytes()
        if data not in self._at:
            self._at[data] = len(self.tables)
            self.tables += [data[k : k + CODES] for k in range(0, len(data), CODES)]
        return self._at[data]


def _put(section: list[npt.NDArray[Any]], numbers: npt.NDArray[Any]) -> int:
    if numbers.size == 0:
        return 0
    section.append(numbers.ravel())
    return sum(part.size for part in section[:-1])


def _operation(one: Operation, sections: _Sections) -> bytes:
    window = (0,) * 6 if one.window is None else (*one.window.kernel, *one.window.stride, *one.window.pad)
    return OPERATION.pack(
        one.kind,
        *window,
        one.zero_point,
        *(NONE if tensor < 0 else tensor for tensor in (one.first, one.second, one.result)),
        NONE if one.table is None else sections.table(one.table),
        _put(sections.weights, one.weights),
        _put(sections.biases, one.biases),
        _put(sections.multipliers, one.multipliers),
    )


def _joined(section: list[npt.NDArray[Any]], kind: str) -> bytes:
    return b"".join(part.astype(kind).tobytes() for part in section)
