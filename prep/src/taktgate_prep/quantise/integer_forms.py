"""Operators that have no integer form, written as ones that have: exporters differ in how they write the same mean.

Each rule computes the same function. What no rule knows stays as it is, and is named where it computes in float.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

Shapes = dict[str, tuple[int, ...]]
_PLACES = {2, 3}  # height and width in NCHW


def use_integer_forms(model: onnx.ModelProto, shapes: Shapes) -> int:
    """Rewrites in place what it can; returns how many nodes. shapes: of all float tensors that are known."""
    return _Rewriter(model, shapes).run()


class _Rewriter:
    def __init__(self, model: onnx.ModelProto, shapes: Shapes) -> None:
        self._model, self._shapes = model, shapes
        self._values = {tensor.name: tensor for tensor in model.graph.initializer}
        self._maker = {name: node for node in model.graph.node for name in node.output}
        self._rules: dict[str, Callable[[Any], list[Any] | None]] = {
            "ReduceMean": self._mean,
            "ReduceSum": self._sum,
            "ReduceMax": self._max,
            "AveragePool": self._average,
            "GlobalMaxPool": self._global_max,
            "Sub": self._sub,
            "Div": self._div,
            "BatchNormalization": self._batch_norm,
        }

    def run(self) -> int:
        count = 0
        nodes: list[Any] = []
        for node in self._model.graph.node:
            rule = self._rules.get(node.op_type) if node.domain in ("", "ai.onnx") else None
            written = rule(node) if rule is not None else None
            count += written is not None
            nodes += [node] if written is None else written
        if count:
            kept = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
            del self._model.graph.node[:]
            self._model.graph.node.extend(kept)
        return count

    def _mean(self, node: Any) -> list[Any] | None:
        source, axes = self._over_places(node)
        if source is None:
            return None
        return self._pooled(node, "GlobalAveragePool", source, axes)

    def _sum(self, node: Any) -> list[Any] | None:
        source, axes = self._over_places(node)
        if source is None:
            return None
        count = int(np.prod(self._shapes[source][2:]))
        mean = f"{node.output[0]}/mean"
        factor = self._constant(f"{node.output[0]}/count", np.array(count, np.float32))
        pool, *forms = self._pooled(node, "GlobalAveragePool", source, axes)
        last = forms[-1] if forms else pool
        last.output[0] = mean
        return [pool, *forms, helper.make_node("Mul", [mean, factor], [node.output[0]], name=f"{node.name}/times")]

    def _max(self, node: Any) -> list[Any] | None:
        source, axes = self._over_places(node)
        if source is None:
            return None
        return self._pooled(node, "MaxPool", source, axes, kernel_shape=self._shapes[source][2:])

    def _global_max(self, node: Any) -> list[Any] | None:
        shape = self._shapes.get(node.input[0], ())
        if len(shape) != 4:
            return None
        return [helper.make_node("MaxPool", node.input, node.output, name=node.name, kernel_shape=shape[2:])]

    def _average(self, node: Any) -> list[Any] | None:
        """One that covers the whole map."""
        given = _attributes(node)
        whole = list(given["kernel_shape"]) == list(self._shapes.get(node.input[0], ())[2:])
        if not whole or any(given.get("pads", ())) or given.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID"):
            return None
        return [helper.make_node("GlobalAveragePool", node.input, node.output, name=node.name)]

    def _sub(self, node: Any) -> list[Any] | None:
        return self._with_constant(node, "Add", np.negative)

    def _div(self, node: Any) -> list[Any] | None:
        return self._with_constant(node, "Mul", lambda value: 1 / value)

    def _with_constant(
        self, node: Any, kind: str, change: Callable[[npt.NDArray[Any]], npt.NDArray[Any]]
    ) -> list[Any] | None:
        value = self._float(node.input[1])
        if value is None or (kind == "Mul" and not value.all()):
            return None
        changed = change(value.astype(np.float64)).astype(np.float32)
        other = self._constant(f"{node.output[0]}/{kind.lower()}", changed)
        return [helper.make_node(kind, [node.input[0], other], node.output, name=node.name)]

    def _batch_norm(self, node: Any) -> list[Any] | None:
        """One that no Conv before it could take: a Conv of its own, one weight for each channel."""
        numbers = [self._float(name) for name in node.input[1:5]]
        if len(self._shapes.get(node.input[0], ())) != 4 or any(value is None for value in numbers):
            return None
        scale, bias, mean, variance = (np.asarray(value, np.float64) for value in numbers)
        factor = scale / np.sqrt(variance + _attributes(node).get("epsilon", 1e-5))
        weights = self._constant(f"{node.output[0]}/weights", factor.astype(np.float32).reshape(-1, 1, 1, 1))
        shift = self._constant(f"{node.output[0]}/bias", (bias - mean * factor).astype(np.float32))
        return [
            helper.make_node(
                "Conv",
                [node.input[0], weights, shift],
                [node.output[0]],
                name=node.name,
                kernel_shape=[1, 1],
                group=len(factor),
            )
        ]

    def _over_places(self, node: Any) -> tuple[str | None, Sequence[int]]:
        """The tensor NCHW of which the node takes in all places, and nothing else; the axes that it names."""
        name = node.input[0]
        shape, axes = self._shapes.get(name, ()), self._axes(node)
        if len(shape) == 4 and set(axes) == _PLACES:
            return name, axes
        before = self._maker.get(name)
        if before is None or len(axes) == 0:
            return None, axes
        source = before.input[0]
        inner = self._shapes.get(source, ())
        flat = (
            before.op_type in ("Reshape", "Flatten")
            and len(inner) == 4
            and shape[:2] == inner[:2]
            and len(shape) == 3
            and set(axes) == {2}
        )
        turned = (
            before.op_type == "Transpose" and _attributes(before).get("perm") == [0, 2, 3, 1] and set(axes) == {1, 2}
        )
        return (source if flat or turned else None), axes

    def _axes(self, node: Any) -> list[int]:
        """From 0 on; none where they are not constant."""
        given = _attributes(node).get("axes")
        if given is None and len(node.input) > 1 and node.input[1] in self._values:
            given = numpy_helper.to_array(self._values[node.input[1]]).ravel().tolist()
        rank = len(self._shapes.get(node.input[0], ()))
        return [int(axis) % rank for axis in given] if given is not None and rank else []

    def _pooled(self, node: Any, kind: str, source: str, axes: Sequence[int], **attributes: Any) -> list[Any]:
        """The pool, and what gives its result the form that the node gave it."""
        keeps = bool(_attributes(node).get("keepdims", 1))
        if keeps and set(axes) == _PLACES:
            return [helper.make_node(kind, [source], node.output, name=node.name, **attributes)]
        pooled = f"{node.output[0]}/pooled"
        batch, channels = self._shapes[source][:2]
        form = {
            True: [batch, *([1] * len(axes)), channels] if len(axes) == 2 else [batch, channels, 1],
            False: [batch, channels],
        }[keeps]
        pool = helper.make_node(kind, [source], [pooled], name=node.name, **attributes)
        if not keeps:
            return [pool, helper.make_node("Flatten", [pooled], node.output, name=f"{node.name}/flat", axis=1)]
        shape = self._constant(f"{node.output[0]}/form", np.array(form, np.int64))
        return [pool, helper.make_node("Reshape", [pooled, shape], node.output, name=f"{node.name}/form")]

    def _float(self, name: str) -> npt.NDArray[Any] | None:
        tensor = self._values.get(name)
        return None if tensor is None or tensor.data_type != onnx.TensorProto.FLOAT else numpy_helper.to_array(tensor)

    def _constant(self, name: str, value: npt.NDArray[Any]) -> str:
        self._values[name] = numpy_helper.from_array(value, name)
        self._model.graph.initializer.append(self._values[name])
        return name


def _attributes(node: Any) -> dict[str, Any]:
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
