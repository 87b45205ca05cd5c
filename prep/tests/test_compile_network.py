"""The file of a compiled network: what is written is read again, where docs/int8.md puts it."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from taktgate_prep.compile.network import ExtraOutput, Kind, Network, Operation, Tensor, Window, to_bytes
from taktgate_prep.compile.reader import from_bytes
from taktgate_prep.engine.library import Engine, why_missing
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
            window=Window((3, 5), (2, 2), (1, 2)),
            weights=rng.integers(-127, 128, (3, 3, 5, 2)).astype(np.int8),
            biases=whole(np.int32, 1, -2, 70000),
            multipliers=whole(np.float32, 1, 2, 3),
            table=turned,
        ),
        Operation(
            Kind.DEPTHWISE,
            2,
            1,
            zero_point=9,
            window=Window((3, 3), (1, 1), (1, 1)),
            weights=rng.integers(-127, 128, (3, 3, 3)).astype(np.int8),
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
    assert counts == [5, 5, 3, 90 + 27 + 6, 3 + 3 + 2, 3 + 3 + 1 + 2, 2]  # of two equal tables one is kept
    assert crc == zlib.crc32(data[16:])
    assert len(data) % 64 == 0
    assert struct.unpack_from("<3HBxf", data, 64) == (4, 5, 2, 3, 0.5)
    conv = struct.unpack_from("<8B4H3I", data, 64 + 128 + 64)  # tensors are 80 bytes, and 48 of zeros
    assert conv == (1, 3, 5, 2, 2, 1, 2, 0, 0, 65535, 1, 2, 0, 0, 0)
    logits = struct.unpack_from("<8B4H3I", data, 64 + 128 + 4 * 64)
    assert logits == (7, *[0] * 7, 3, 65535, 4, 65535, 117, 6, 7)
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


OPERATIONS, OUTPUTS = 64 + 128, -64  # where they begin in the file of `network`


def changed(at: int, kind: str, value: float, right: bytes = to_bytes(network())) -> bytes:
    """Other bytes, and the checksum that they need."""
    data = bytearray(right)
    struct.pack_into(f"<{kind}", data, at % len(data), value)
    struct.pack_into("<I", data, 12, zlib.crc32(data[16:]))
    return bytes(data)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((OPERATIONS + 64, "B", 99), "operation 1: expected a kind from 0 to 9, got 99"),
        ((OPERATIONS, "B", 1), "operation 0: expected the input first, and once, got conv"),
        ((OPERATIONS + 64, "B", 0), "operation 1: expected the input first, and once, got input"),
        ((OPERATIONS + 64 + 8, "H", 4000), "operation 1: expected inputs that an operation before it makes as codes"),
        ((OPERATIONS + 64 + 8, "H", 3), "operation 1: expected inputs that an operation before it makes as codes"),
        ((OPERATIONS + 64 + 10, "H", 0), "operation 1: expected 1 inputs, got tensor 0 as another one"),
        ((OPERATIONS + 64 + 12, "H", 4000), "operation 1: expected a result that no operation before it makes"),
        ((OPERATIONS + 64 + 12, "H", 0), "operation 1: expected a result that no operation before it makes"),
        ((OPERATIONS + 64 + 14, "H", 3), "operation 1: expected tables in the file, which has 3, got 1 from 3 on"),
        ((OPERATIONS + 14, "H", 2), "operation 0: expected tables in the file, which has 3, got 2 from 2 on"),
        ((OPERATIONS + 14, "H", 65535), "operation 0: expected a table, got none"),
        ((OPERATIONS + 64 + 16, "I", 2**31), "operation 1: expected weights in the file, which has 123, got 90 from"),
        ((OPERATIONS + 64 + 20, "I", 6), "operation 1: expected biases in the file"),
        ((OPERATIONS + 64 + 24, "I", 2**32 - 1), "operation 1: expected multipliers in the file"),
        ((OPERATIONS + 64 + 1, "B", 0), "operation 1: expected a kernel of 1, 3, 5 or 7"),
        ((OPERATIONS + 64 + 3, "B", 3), "operation 1: expected a kernel of 1, 3, 5 or 7, a stride of 1 or 2"),
        ((OPERATIONS + 4 * 64 + 14, "H", 0), "operation 4: expected no table, got table 0"),
        ((OPERATIONS + 4 * 64, "B", 6), "operation 4: expected a table, got none"),
        ((64, "H", 0), "tensor 0: expected sides and channels of at least 1, got 0 x 5 x 2"),
        ((64 + 8, "f", float("nan")), "tensor 0: expected a scale above 0, got nan"),
        ((64 + 16, "H", 2000), "operation 1: expected sides of at most 1024"),
        ((OUTPUTS, "H", 4), "extra output 0: expected a tensor that an operation makes as codes, got tensor 4"),
        ((OUTPUTS, "H", 4000), "extra output 0: expected a tensor that an operation makes as codes"),
        ((OUTPUTS + 2, "B", 3), "extra output 0: expected a role from 0 to 2, got 3"),
        ((20, "I", 9), "expected weights of 7 or 8 bits, got 9"),
        ((20, "I", 7), "operation 1: expected weights from -64 to 64"),
        ((24, "I", 2**32 - 1), "expected at most 4096 tensors, operations and extra outputs, got 4294967295"),
        ((36, "I", 2**32 - 1), "expected .* bytes, as the counts say"),
        ((28, "I", 0), "expected .* bytes, as the counts say"),
    ],
)
def test_what_breaks_a_rule_is_refused_in_words(change: tuple[int, str, float], words: str) -> None:
    with pytest.raises(InputError, match=rf"^net.tgn: {words}.*: compile the model again$"):
        from_bytes(changed(*change), "net.tgn")


def test_logits_are_finite() -> None:
    """Of multipliers: the last two are those of the logits."""
    at = len(to_bytes(network())) - 128 + 7 * 4
    with pytest.raises(InputError, match="operation 4: expected logits that are finite, got up to"):
        from_bytes(changed(at, "f", 3e38))
    assert from_bytes(changed(at, "f", 1e30)).operations[4].multipliers[0] == np.float32(1e30)


def test_every_changed_byte_is_read_or_refused_in_words() -> None:
    """With a right checksum. What is refused here is refused by the device's reader, too."""
    right, engine = to_bytes(network()), not why_missing()
    if engine:
        Engine(right, "net.tgn", 1, "scalar")
    refused = 0
    for at in range(16, len(right)):
        for value in {0, 1, 127, 128, 255, right[at] ^ 1} - {right[at]}:
            data = changed(at, "B", value)
            try:
                from_bytes(data, "net.tgn")
            except InputError as error:
                refused += 1
                assert "\n" not in str(error)
                if engine:
                    with pytest.raises(InputError):
                        Engine(data, "net.tgn", 1, "scalar")
    assert refused > 500
