"""The same network however it was exported: all integer, with its extra outputs; what is not is said."""

from __future__ import annotations

from pathlib import Path

import foreign_nets as foreign
import nets
import numpy as np
import onnx
import pytest
from foreign_nets import CONTRACT, Tail, answers, load, network
from onnx import TensorProto, helper

from taktgate_prep.errors import InputError
from taktgate_prep.extra_outputs import extend
from taktgate_prep.quantise.finish import finish
from taktgate_prep.quantise.float_graph import FloatGraph, prepare
from taktgate_prep.quantise.left_float import Counts
from taktgate_prep.quantise.observe import observe
from taktgate_prep.quantise.plan import Plan
from taktgate_prep.quantise.qdq import write
from taktgate_prep.quantise.ranges import ranges
from taktgate_prep.quantise.windows import Windows

WINDOWS = Windows(np.random.default_rng(6).integers(0, 256, (12, 32, 32, 1)).astype(np.uint8), CONTRACT)


def quantised(graph: FloatGraph) -> tuple[onnx.ModelProto, Counts]:
    observed = observe(graph, WINDOWS, [range(len(WINDOWS))], lambda _: None)[0]
    plan = Plan(ranges(graph, observed, "minmax"))
    return write(graph, plan), finish(write(graph, plan), graph).counts


def reduce(kind: str, axes: list[int], keep: bool, as_input: str) -> Tail:
    """ReduceMean and its like in a spelling of their own, then a row."""

    def head(net: nets.NetBuilder, x: str) -> str:
        if as_input == "Constant":
            value = helper.make_tensor("axes", TensorProto.INT64, [len(axes)], axes)
            named = net.op("Constant", [], value=value)
        else:
            named = foreign.whole(net, "axes", axes)
        pooled = net.op(kind, [x, named], keepdims=int(keep))
        return net.op("Flatten", [pooled]) if keep else pooled

    return head


def through(perm: list[int], axes: list[int], keep: bool) -> Tail:
    def head(net: nets.NetBuilder, x: str) -> str:
        turned = net.op("Transpose", [x], perm=perm)
        pooled = net.op("ReduceMean", [turned, foreign.whole(net, "axes", axes)], keepdims=int(keep))
        return net.op("Flatten", [pooled]) if keep else pooled

    return head


def flat(net: nets.NetBuilder, x: str) -> str:
    return net.op(
        "ReduceMean",
        [net.op("Reshape", [x, foreign.whole(net, "form", [1, 16, 64])]), foreign.whole(net, "axes", [-1])],
        keepdims=0,
    )


def average(net: nets.NetBuilder, x: str) -> str:
    return net.op("Flatten", [net.op("AveragePool", [x], kernel_shape=[8, 8])])


@pytest.mark.parametrize(
    "head",
    [
        foreign.plain_head,
        average,
        flat,
        through([0, 2, 3, 1], [1, 2], True),
        through([0, 2, 3, 1], [-3, -2], False),
        *(
            reduce("ReduceMean", axes, keep, how)
            for axes, keep, how in (
                ([2, 3], True, "weight"),
                ([-1, -2], True, "Constant"),
                ([3, 2], False, "Constant"),
                ([-2, -1], False, "weight"),
            )
        ),
        reduce("ReduceSum", [2, 3], False, "weight"),
    ],
)
def test_a_mean_over_all_places_is_integer_and_feeds_the_extra_outputs(tmp_path: Path, head: Tail) -> None:
    given = network(head)
    graph = prepare(load(given, tmp_path))
    assert np.allclose(answers(graph.proto), answers(given), atol=1e-5)
    model, counts = quantised(graph)
    assert counts.float_line() is None and counts.optimised["QLinearConv"] == 2
    extended = extend(model, WINDOWS.tensors(len(WINDOWS)))
    assert [output.role for output in extended.outputs] == ["channel_means", "embedding", "class_map"]
    assert extended.missing == ()


@pytest.mark.parametrize(
    "head",
    [reduce("ReduceMax", [-1, -2], False, "weight"), lambda net, x: net.op("Flatten", [net.op("GlobalMaxPool", [x])])],
)
def test_a_maximum_is_integer_and_what_is_missing_is_said(tmp_path: Path, head: Tail) -> None:
    given = network(head)
    graph = prepare(load(given, tmp_path))
    assert np.allclose(answers(graph.proto), answers(given), atol=1e-5)
    model, counts = quantised(graph)
    assert counts.float_line() is None
    assert extend(model, WINDOWS.tensors(len(WINDOWS))).missing == (
        "no embedding and no class_map: there is no global average pool before the classifier",
    )


def normalised(net: nets.NetBuilder, x: str) -> str:
    shifted = net.op("Sub", [x, net.weight("mean", np.full((1, 16, 1, 1), 0.2))])
    return foreign.plain_head(net, net.op("Div", [shifted, net.weight("std", np.linspace(0.5, 2, 16)[:, None, None])]))


def with_constant(net: nets.NetBuilder, x: str) -> str:
    """Eight channels, and eight that are the same in every image."""
    fixed = net.weight("fixed", net.rng.uniform(0, 1, (1, 8, 8, 8)))
    return foreign.plain_head(net, net.op("Concat", [net.conv(x, 16, 8, 3), fixed], axis=1))


@pytest.mark.parametrize(
    ("head", "batch_norm"), [(normalised, False), (with_constant, False), (foreign.plain_head, True)]
)
def test_arithmetic_with_constants_is_integer(tmp_path: Path, head: Tail, batch_norm: bool) -> None:
    given = network(head, batch_norm=batch_norm)
    graph = prepare(load(given, tmp_path))
    assert np.allclose(answers(graph.proto), answers(given), atol=1e-5)
    assert quantised(graph)[1].float_line() is None


def split(net: nets.NetBuilder, x: str) -> str:
    """Two halves of the channels, one of them through a convolution."""
    node = helper.make_node("Split", [x], ["half_a", "half_b"], name="/halves", axis=1, num_outputs=2)
    net.nodes.append(node)
    return foreign.plain_head(net, net.op("Concat", [net.conv("half_b", 8, 8, 3), "half_a"], axis=1))


def halves(net: nets.NetBuilder, x: str) -> str:
    one = net.op("Slice", [x, *(foreign.whole(net, f"s{i}", [value]) for i, value in enumerate((0, 8, 1)))])
    two = net.op("Gather", [x, foreign.whole(net, "rest", list(range(8, 16)))], axis=1)
    return foreign.plain_head(net, net.op("Concat", [net.conv(two, 8, 8, 3), one], axis=1))


def shuffled(net: nets.NetBuilder, x: str) -> str:
    apart = net.op("Reshape", [x, foreign.whole(net, "apart", [1, 2, 8, 8, 8])])
    turned = net.op("Transpose", [apart], perm=[0, 2, 1, 3, 4])
    return foreign.plain_head(
        net, net.conv(net.op("Reshape", [turned, foreign.whole(net, "back", [1, 16, 8, 8])]), 16, 16, 3)
    )


@pytest.mark.parametrize("head", [split, halves, shuffled])
def test_operators_that_only_move_values_pass_through(tmp_path: Path, head: Tail) -> None:
    given = network(head)
    graph = prepare(load(given, tmp_path))
    assert np.allclose(answers(graph.proto), answers(given), atol=1e-5)
    model, counts = quantised(graph)
    assert counts.float_line() is None
    difference = np.abs(answers(model) - answers(given)).max()
    assert difference < 0.1 * np.abs(answers(given)).max() + 0.02


def last_layer_of(kind: str, **attributes: object) -> Tail:
    return lambda net, x: foreign.plain_head(net, net.conv(net.op(kind, [x], **attributes), 16, 16, 3))


@pytest.mark.parametrize(
    ("head", "kinds"),
    [
        (last_layer_of("Gelu"), ["Gelu"]),
        (last_layer_of("Mish"), None),
        (last_layer_of("Elu"), ["Elu"]),
        (last_layer_of("Tanh"), ["Tanh"]),
        (last_layer_of("LRN", size=3), ["LRN"]),
        (last_layer_of("Softplus"), ["Softplus"]),
        (last_layer_of("Abs"), ["Abs"]),
        (last_layer_of("Erf"), ["Erf"]),
        (last_layer_of("ThresholdedRelu"), None),
    ],
)
def test_an_operator_without_integer_form_passes_through_and_is_named(
    tmp_path: Path, head: Tail, kinds: list[str] | None
) -> None:
    given = network(head, opset=20)
    counts = quantised(prepare(load(given, tmp_path)))[1]
    line = counts.float_line()
    assert line is not None and line.startswith("in float, as ONNX Runtime makes no integer operator of them: ")
    assert counts.optimised["QLinearConv"] == 3
    assert kinds is None or all(f"1 {kind} " in line for kind in kinds)


def test_a_branch_that_does_not_fold_is_refused_by_name(tmp_path: Path) -> None:
    net = nets.NetBuilder(1, 32, 2, seed=3)
    x = foreign.features(net)
    flag = net.op("Greater", [net.op("ReduceMax", [x], keepdims=0), net.weight("zero", np.array(0.0))])
    branches = [
        helper.make_graph(
            [helper.make_node(kind, [x], [f"{kind}_out"])],
            kind,
            [],
            [helper.make_tensor_value_info(f"{kind}_out", TensorProto.FLOAT, None)],
        )
        for kind in ("Relu", "Neg")
    ]
    x = net.op("If", [flag], then_branch=branches[0], else_branch=branches[1])
    model = net.finish(net.gemm(foreign.plain_head(net, x), 16, 2))
    with pytest.raises(InputError, match=r"expected a graph without branches or loops, got If \('/If_\d+'\): export"):
        prepare(load(model, tmp_path))


def test_numbers_that_are_none_are_named(tmp_path: Path) -> None:
    given = network(lambda net, x: foreign.plain_head(net, net.op("Log", [net.op("Neg", [x])])))
    with pytest.raises(InputError, match=r"expected finite numbers inside the network, .* first in '/Log_\d+_out'"):
        quantised(prepare(load(given, tmp_path)))
