"""Whatever spelling an exporter chose, quantised by whichever tool: the compiled network answers as ONNX Runtime."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import compiled_sets
import numpy as np
import pytest
from compiled_sets import Pair, of_reference, of_runtime, windows
from forms import NIGHTLY, form
from mobile_forms import CONTRACT, Spelling, mobile
from onnxruntime.quantization import QuantType

from taktgate_prep.compile.compiler import compiled
from taktgate_prep.compile.network import Kind, to_bytes

SPELLINGS = {
    "plain": Spelling(),
    "gate": Spelling(swish="gate", opset=13),
    "clip": Spelling(swish="clip", ends="Constant", opset=13),
    "clip, numbers": Spelling(swish="clip", ends="value_float", six=True, opset=21),
    "minmax": Spelling(swish="minmax", opset=15),
    "six": Spelling(six=True, opset=14),
    "norm": Spelling(norm=True, opset=16),
    "means of torch": Spelling(pool="ReduceMean", flat="Reshape 0", opset=18),
    "means from the end": Spelling(pool="ReduceMean -", flat="Reshape", opset=14),
    "means by AveragePool": Spelling(pool="AveragePool", flat="Squeeze", opset=20),
    "computed shape": Spelling(flat="Shape", opset=17),
    "excite of fully connected": Spelling(excite="Gemm", flat="Reshape", opset=17),
    "excite by MatMul": Spelling(excite="Gemm", dense="MatMul", opset=18),
    "Gemm N": Spelling(dense="Gemm N", opset=19),
    "MatMul": Spelling(dense="MatMul", flat="Squeeze", opset=21),
    "auto pad": Spelling(pad="auto", opset=14),
    "Pad": Spelling(pad="Pad", opset=18),
    "timm": Spelling(head="timm", pool="ReduceMean", flat="Reshape 0", opset=18),
    "one layer": Spelling(head="none", idle=True, opset=17),
    "computed bias": Spelling(bias="Expand", norm=True, opset=18),
}
# Of the codes of a tensor, those that may differ by one step.
SHARE = {Kind.CONV: 5e-4, Kind.DEPTHWISE: 5e-3, Kind.ADD: 2e-3, Kind.MEAN: 0.5}


def by_prep(how: Spelling, folder: Path, integer_gates: bool = False) -> Pair:
    """As `taktgate-prep quantise` writes it."""
    return compiled_sets.quantised(mobile(how), CONTRACT, folder, balance=False, integer_gates=integer_gates)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Spelling], Pair]:
    """The first spelling of a network that computes the same as one of these."""

    @cache
    def made(how: Spelling) -> Pair:
        return by_prep(how, tmp_path_factory.mktemp("plain"))

    return lambda how: made(Spelling(head=how.head, norm=how.norm, bias=how.bias, opset=18))


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_spelling_is_the_same_network(name: str, plain: Callable[[Spelling], Pair], tmp_path: Path) -> None:
    """Of its own quantiser, to the byte."""
    how = SPELLINGS[name]
    wanted, came = plain(how).network, by_prep(how, tmp_path).network
    if how.swish == "minmax":  # six times as large before its last product: other steps
        assert [one.kind for one in wanted.operations] == [one.kind for one in came.operations]
    else:
        assert to_bytes(wanted) == to_bytes(came)


@pytest.mark.parametrize("integer_gates", [False, True])
def test_nothing_but_sums_is_rounded_otherwise_than_by_onnx_runtime(integer_gates: bool, tmp_path: Path) -> None:
    """Of the network that its own quantiser writes; a sum of two tensors has another order there."""
    pair = by_prep(Spelling(swish="clip", opset=13), tmp_path, integer_gates)
    found = compiled_sets.first_differences(pair, windows(CONTRACT, form("windows", 60, 1000), 2))
    assert {(one.kind, one.largest) for one in found} <= {(Kind.ADD, 1)}
    assert all(one.codes <= max(2, SHARE[Kind.ADD] * one.of) for one in found), found


@dataclass(frozen=True)
class Tool:
    """How ONNX Runtime's own tool is called."""

    activations: QuantType = QuantType.QUInt8
    per_channel: bool = True
    symmetric: bool = False
    reduce_range: bool = False
    prepared: bool = False

    def __str__(self) -> str:
        words = [self.activations.name, "per channel" if self.per_channel else "per tensor"]
        words += [word for word in ("symmetric", "reduce_range", "prepared") if getattr(self, word)]
        return ", ".join(words)


TOOLS = [Tool(*settings) for settings in itertools.product((QuantType.QUInt8, QuantType.QInt8), *[(False, True)] * 4)]
PAIRS = [(name, tool) for name in SPELLINGS for tool in TOOLS if SPELLINGS[name].bias != "Expand" or tool.prepared]
# Each spelling once, each way of calling the tool about once.
SHORT = [(name, TOOLS[(k * 11) % len(TOOLS)]) for k, name in enumerate(SPELLINGS) if SPELLINGS[name].bias != "Expand"]


def by_tool(how: Spelling, tool: Tool, folder: Path) -> Pair:
    return compiled_sets.quantised_by_runtime(
        mobile(how), CONTRACT, folder, tool.activations, tool.per_channel, balance=False, prepared=tool.prepared,
        count=24, reduce_range=tool.reduce_range, extra_options={"ActivationSymmetric": tool.symmetric},
    )  # fmt: skip


@pytest.mark.parametrize(("name", "tool"), PAIRS if NIGHTLY else SHORT, ids=str)
def test_what_the_tool_quantised_answers_as_onnx_runtime(name: str, tool: Tool, tmp_path: Path) -> None:
    pair = by_tool(SPELLINGS[name], tool, tmp_path)
    rounded: list[str] = []
    compiled(pair.model, pair.contract, rounded.append)
    seen = windows(CONTRACT, form("windows", 40, 100), 2)
    wanted, came = (found(pair, seen)["logits"] for found in (of_runtime, of_reference))
    off = np.abs(wanted - came)
    same = (wanted.argmax(axis=1) == came.argmax(axis=1)).mean()
    print(f"{name}, {tool}: same class {same:.4f}, same bits {(off == 0).mean():.3f}, largest {off.max():.4f}")
    first = compiled_sets.first_differences(pair, seen)
    assert all(one.largest == 1 and one.codes <= max(2, SHARE[one.kind] * one.of) for one in first), first
    assert {one.kind for one in first} <= {Kind.CONV, Kind.DEPTHWISE, Kind.ADD} | ({Kind.MEAN} if rounded else set())
    assert same >= (0.8 if rounded else 0.97)
    assert np.median(off) <= (0.05 if rounded else 0.01) * np.ptp(wanted)
