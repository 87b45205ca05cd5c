"""The file of a compiled network: what is written is read again, where docs/int8.md puts it."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from taktgate_prep.compile.network import ExtraOutput, Kind, Network, Operation, Tensor, Window, from_bytes, to_bytes
from taktgate_prep.errors import InputError


def whole(kind: type, *numbers: int) -> np.ndarray:
    return np.array(numbers, kind)


def network() -> Network:
    """One operation of each shape of parts; two operations name the same table."""
    rng = np.random.default_rng(1)
    turned = np.arange(255, -1, -1, dtype=np.uint8)
    tensors = [
        Tensor(4, 5, 2, 3, 0.5),
        Tensor(2, 3, 3, 7, 0.25),
        Tensor(2, 3, 3, 9, 0.125),
        Tensor(1, 1, 3, 0, 1.0),
        Tensor(1, 1, 2, 0, 1.0),
    ]
    operations = [
        Operation(Kind.INPUT, 0, table=rng.integers(0, 256, (2, 256)).astype(np.uint8)),
        Operation(
            Kind.CONV,
            1,
            0,
            window=Window((3, 3), (2, 2), (1, 1)),
            weights=rng.integers(-127, 128, (3, 3, 3, 2)).astype(np.int8),
            biases=whole(np.int32, 1, -2, 70000),
            multipliers=whole(np.float32, 1, 2, 3),
            table=turned,
        ),
        Operation(
            Kind.DEPTHWISE,
            2,
            1,
            window=Window((1, 5), (1, 1), (0, 2)),
            weights=rng.integers(-127, 128, (3, 1, 5)).astype(np.int8),
            biases=whole(np.int32, 4, 5, 6),
            multipliers=whole(np.float32, 4, 5, 6),
        ),
        Operation(Kind.MEAN, 3, 2, multipliers=whole(np.float32, 7), table=turned),
        Operation(
            Kind.LOGITS,
            4,
            3,
            weights=rng.integers(-127, 128, (2, 1, 1, 3)).astype(np.int8),
            biases=whole(np.int32, 8, 9),
            multipliers=whole(np.float32, 8, 9),
        ),
    ]
    return Network(tensors, operations, [ExtraOutput(3, "embedding"), ExtraOutput(2, "class_map")])


def test_what_is_written_is_read_again() -> None:
    given = network()
    data = to_bytes(given)
    read = from_bytes(data)
    assert list(read.tensors) == list(given.tensors)
    assert list(read.extra_outputs) == list(given.extra_outputs)
    for one, other in zip(given.operations, read.operations, strict=True):
        assert (one.kind, one.first, one.second, one.result) == (other.kind, other.first, other.second, other.result)
        assert one.window == other.window
        for name in ("weights", "biases", "multipliers", "table"):
            wanted, came = getattr(one, name), getattr(other, name)
            assert (wanted is None) == (came is None)
            if wanted is not None:
                assert wanted.dtype == came.dtype
                assert np.array_equal(wanted, came)
    assert to_bytes(read) == data
    assert (read.weight_bits, read.labels) == (8, 2)


def test_sections_lie_where_the_page_says() -> None:
    data = to_bytes(network())
    magic, version, crc, size, bits, *counts = struct.unpack_from("<8s4I7I", data)
    assert (magic, version, size, bits) == (b"taktint8", 1, len(data), 8)
    assert counts == [5, 5, 3, 54 + 15 + 6, 3 + 3 + 2, 3 + 3 + 1 + 2, 2]  # of two equal tables one is kept
    assert crc == zlib.crc32(data[16:])
    assert len(data) % 64 == 0
    assert struct.unpack_from("<3HBxf", data, 64) == (4, 5, 2, 3, 0.5)
    conv = struct.unpack_from("<8B4H3I", data, 64 + 128 + 64)  # tensors are 80 bytes, and 48 of zeros
    assert conv == (1, 3, 3, 2, 2, 1, 1, 0, 0, 65535, 1, 2, 0, 0, 0)
    logits = struct.unpack_from("<8B4H3I", data, 64 + 128 + 4 * 64)
    assert logits == (7, *[0] * 7, 3, 65535, 4, 65535, 69, 6, 7)
    assert data[-64:] == struct.pack("<HBxHBx", 3, 0, 2, 2) + bytes(56)


def test_small_weights_are_of_7_bits() -> None:
    given = network()
    small = [
        Operation(one.kind, one.result, one.first, weights=np.clip(one.weights, -64, 64)) for one in given.operations
    ]
    assert Network(given.tensors, small).weight_bits == 7


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data[:-64], "expected .* bytes that fit their checksum"),
        (lambda data: data[:70] + bytes([data[70] ^ 1]) + data[71:], "expected .* bytes that fit their checksum"),
        (lambda data: b"x" + data[1:], "expected a compiled network, got another file"),
        (lambda data: data[:40], "expected a compiled network, got another file"),
        (lambda data: data[:8] + b"\x02" + data[9:], "expected a compiled network of version 1, got version 2"),
    ],
)
def test_another_file_is_refused(change, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=words):
        from_bytes(change(to_bytes(network())), "model.tgn")
