"""Every operation of the reference, against cases worked by hand (docs/int8.md, 2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from taktgate_prep.compile.network import Kind, Network, Operation, Tensor, Window
from taktgate_prep.compile.reference import Reference, requantise

SAME = np.arange(256, dtype=np.uint8)
TURNED = SAME[::-1].copy()


def floats(*numbers: float) -> np.ndarray:
    return np.array(numbers, np.float32)


def whole(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int32)


def weights(*shape: int, numbers: Any) -> np.ndarray:
    return np.array(numbers, np.int8).reshape(shape)


def run(tensors: list[Tensor], operations: list[Operation], pixels: Any) -> Reference:
    """The first operation, which takes the pixels as they are, is added; all round with the zero point of their
    result."""
    first = tensors[0]
    operations = [replace(one, zero_point=tensors[one.result].zero_point) for one in operations]
    table = np.stack([SAME] * first.channels)
    network = Network(tensors, [Operation(Kind.INPUT, 0, table=table), *operations])
    reference = Reference(network)
    reference.run(np.array(pixels, np.uint8).reshape(-1, first.height, first.width, first.channels))
    return reference


def codes(reference: Reference, tensor: int) -> list[int]:
    return [int(code) for code in reference.codes[tensor].ravel()]


@pytest.mark.parametrize(
    ("total", "multiplier", "zero_point", "code"),
    [
        (1, 0.5, 10, 10),
        (3, 0.5, 10, 12),
        (-1, 0.5, 10, 10),
        (-3, 0.5, 10, 8),
        (5, 0.3, 0, 2),
        (1000, 1.0, 0, 255),
        (-1, 1.0, 0, 0),
        (-300, 1.0, 255, 0),
        (2**31 - 1, 0.25, 3, 255),
        (-(2**31), 0.25, 3, 0),
        (2**24 + 1, 2.0**-24, 0, 1),  # has no float of its own
        (2**24 + 3, 1.5 * 2.0**-24, 0, 2),
    ],
)
def test_requantisation_rounds_to_even_and_saturates(total: int, multiplier: float, zero_point: int, code: int) -> None:
    assert requantise(np.array([total], np.int64), np.float32(multiplier), zero_point).tolist() == [code]


def test_input_has_a_table_for_each_channel() -> None:
    network = Network([Tensor(1, 2, 2, 0, 1.0)], [Operation(Kind.INPUT, 0, table=np.stack([SAME, TURNED]))])
    reference = Reference(network)
    reference.run(np.array([[[[1, 2], [3, 4]]]], np.uint8))
    assert codes(reference, 0) == [1, 253, 3, 251]


def test_conv_counts_nothing_outside_and_looks_up_last() -> None:
    tensors = [Tensor(3, 3, 1, 10, 1.0), Tensor(3, 3, 1, 0, 1.0)]
    conv = Operation(
        Kind.CONV,
        1,
        0,
        window=Window((3, 3), (1, 1), (1, 1)),
        weights=np.ones((1, 3, 3, 1), np.int8),
        biases=whole(0),
        multipliers=floats(1),
    )
    pixels = [11, 12, 13, 14, 15, 16, 17, 18, 19]
    assert codes(run(tensors, [conv], pixels), 1) == [12, 21, 16, 27, 45, 33, 24, 39, 28]
    turned = Operation(
        conv.kind, 1, 0, window=conv.window, weights=conv.weights, biases=conv.biases, multipliers=conv.multipliers,
        table=TURNED,
    )  # fmt: skip
    assert codes(run(tensors, [turned], pixels), 1) == [243, 234, 239, 228, 210, 222, 231, 216, 227]


def test_before_a_table_an_operation_rounds_with_its_own_zero_point() -> None:
    """The result's, 200, is that of what the table gives."""
    tensors = [Tensor(1, 1, 1, 4, 1.0), Tensor(1, 1, 1, 200, 1.0)]
    mean = Operation(Kind.MEAN, 1, 0, zero_point=30, multipliers=floats(0.5), table=TURNED)
    network = Network(tensors, [Operation(Kind.INPUT, 0, table=SAME[None]), mean])
    reference = Reference(network)
    reference.run(np.array([[[[14]]]], np.uint8))
    assert codes(reference, 1) == [255 - 35]


def test_pointwise_conv_with_a_stride() -> None:
    """Channels 0: 1 a - 2 b + 5, halved; 1: 3 b, doubled, about the zero point 100."""
    conv = Operation(
        Kind.CONV,
        1,
        0,
        window=Window((1, 1), (1, 2), (0, 0)),
        weights=weights(2, 1, 1, 2, numbers=[1, -2, 0, 3]),
        biases=whole(5, 0),
        multipliers=floats(0.5, 2),
    )
    reference = run([Tensor(1, 3, 2, 0, 1.0), Tensor(1, 2, 2, 100, 1.0)], [conv], [8, 1, 99, 99, 1, 7])
    assert codes(reference, 1) == [106, 106, 96, 142]  # 11 / 2 = 5.5 is 6; -8 / 2 = -4


def test_depthwise_keeps_channels_apart_and_halves_from_the_first_place() -> None:
    conv = Operation(
        Kind.DEPTHWISE,
        1,
        0,
        window=Window((3, 1), (2, 1), (1, 0)),
        weights=weights(2, 3, 1, numbers=[0, 1, 0, 1, 1, 1]),
        biases=whole(0, 1),
        multipliers=floats(1, 1),
    )
    reference = run([Tensor(3, 1, 2, 0, 1.0), Tensor(2, 1, 2, 0, 1.0)], [conv], [1, 10, 2, 20, 3, 30])
    assert codes(reference, 1) == [1, 31, 3, 51]


def test_add_rounds_the_sum_of_two_products() -> None:
    tensors = [Tensor(1, 1, 3, 10, 1.0), Tensor(1, 1, 3, 0, 1.0), Tensor(1, 1, 3, 1, 1.0)]
    operations = [
        Operation(Kind.TABLE, 1, 0, table=TURNED),
        Operation(Kind.ADD, 2, 0, 1, multipliers=floats(0.5, 0.25)),
    ]
    # (15 - 10) / 2 + 240 / 4 = 62.5: 62; (0 - 10) / 2 + 255 / 4 = 58.75: 59; (255 - 10) / 2 + 0 = 122.5: 122
    assert codes(run(tensors, operations, [15, 0, 255]), 2) == [63, 60, 123]


def test_mean_divides_by_its_multiplier() -> None:
    tensors = [Tensor(2, 2, 2, 4, 1.0), Tensor(1, 1, 2, 3, 1.0)]
    mean = Operation(Kind.MEAN, 1, 0, multipliers=floats(0.25))
    assert codes(run(tensors, [mean], [4, 0, 5, 0, 6, 0, 7, 0]), 1) == [5, 0]  # 6 / 4 = 1.5: 2; -4: below 0


def test_gate_multiplies_a_map_with_a_vector() -> None:
    tensors = [Tensor(1, 2, 2, 1, 1.0), Tensor(1, 1, 2, 2, 1.0), Tensor(1, 2, 2, 50, 1.0)]
    operations = [
        Operation(Kind.MEAN, 1, 0, multipliers=floats(0.5)),
        Operation(Kind.GATE, 2, 0, 1, multipliers=floats(0.1)),
    ]
    reference = run(tensors, operations, [11, 1, 21, 0])
    assert codes(reference, 1) == [17, 2]  # 30 / 2 + 2; -1 / 2 = -0.5: 0
    assert codes(reference, 2) == [65, 50, 80, 50]  # 10 * 15 / 10, ...


def test_logits_and_select_take_the_first_of_equal_ones() -> None:
    tensors = [Tensor(1, 1, 3, 1, 1.0), Tensor(1, 1, 3, 0, 1.0), Tensor(1, 1, 1, 1, 1.0)]
    logits = Operation(
        Kind.LOGITS,
        1,
        0,
        weights=weights(3, 1, 1, 3, numbers=[1, 0, 0, 0, 1, 0, 0, 0, 2]),
        biases=whole(0, 1, -2),
        multipliers=floats(0.5, 0.5, 0.5),
    )
    reference = run(tensors, [logits, Operation(Kind.SELECT, 2, 0)], [[4, 7, 5], [9, 3, 4]])
    assert reference.logits.tolist() == [[1.5, 3.5, 3.0], [4.0, 1.5, 2.0]]
    assert codes(reference, 2) == [7, 9]
    assert reference.logits.dtype == np.float32
    equal = run(tensors, [logits, Operation(Kind.SELECT, 2, 0)], [4, 3, 9])
    assert codes(equal, 2) == [9]
    tie = run(tensors, [logits, Operation(Kind.SELECT, 2, 0)], [8, 7, 5])
    assert tie.logits.tolist() == [[3.5, 3.5, 3.0]]
    assert codes(tie, 2) == [8]


def test_scores_are_codes_as_numbers() -> None:
    tensors = [Tensor(1, 1, 2, 100, 1.0), Tensor(1, 1, 2, 0, 1.0)]
    reference = run(tensors, [Operation(Kind.SCORES, 1, 0, multipliers=floats(0.1))], [[99, 107]])
    assert reference.logits.tolist() == [
        [float(np.float32(-1) * np.float32(0.1)), float(np.float32(7) * np.float32(0.1))]
    ]
