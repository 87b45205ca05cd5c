"""LiteRT: the network in TensorFlow's operators, converted as its users do.

`as-is` has hard-swish as the converter knows it; it becomes HARD_SWISH, which XNNPACK does not take in INT8.
`rewritten` has x * relu6(x + 3) and relu6(x + 3) in place of hard-swish and hard-sigmoid, with the factor of 1/6 in the
weights behind: XNNPACK then takes the whole network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tensorflow as tf
from onnx import numpy_helper

Values = dict[str, tuple[Any, float]]  # by name: a tensor, and how many times too large it is


class _Walk:
    """The ONNX graph, node by node, in TensorFlow's operators (NHWC)."""

    def __init__(self, graph: onnx.GraphProto, rewritten: bool) -> None:
        self._graph, self._rewritten = graph, rewritten
        self._weights = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
        self._values: Values = {}

    def run(self, pixels: Any) -> Any:
        self._values["input"] = (pixels, 1.0)
        for node in self._graph.node:
            given = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
            self._values[node.output[0]] = getattr(self, f"_{node.op_type.lower()}")(node.input, given)
        logits, factor = self._values["logits"]
        assert factor == 1.0
        return logits

    def _conv(self, names: Any, given: dict[str, Any]) -> tuple[Any, float]:
        x, factor = self._values[names[0]]
        weights, bias = self._weights[names[1]].transpose(2, 3, 1, 0) / factor, self._weights[names[2]]
        stride = list(given["strides"])
        if given["group"] > 1:
            y = tf.nn.depthwise_conv2d(x, weights.transpose(0, 1, 3, 2), [1, *stride, 1], "SAME")
        else:
            y = tf.nn.conv2d(x, weights, stride, "SAME")
        return tf.nn.bias_add(y, bias), 1.0

    def _gemm(self, names: Any, _: dict[str, Any]) -> tuple[Any, float]:
        x, factor = self._values[names[0]]
        return tf.matmul(x, (self._weights[names[1]] / factor).T) + self._weights[names[2]], 1.0

    def _hardswish(self, names: Any, _: dict[str, Any]) -> tuple[Any, float]:
        x, _factor = self._values[names[0]]
        y = x * tf.nn.relu6(x + 3.0)
        return (y, 6.0) if self._rewritten else (y * (1.0 / 6.0), 1.0)

    def _hardsigmoid(self, names: Any, _: dict[str, Any]) -> tuple[Any, float]:
        x, _factor = self._values[names[0]]
        y = tf.nn.relu6(x + 3.0)
        return (y, 6.0) if self._rewritten else (y * (1.0 / 6.0), 1.0)

    def _mul(self, names: Any, _: dict[str, Any]) -> tuple[Any, float]:
        (x, of_x), (y, of_y) = (self._values[name] for name in names)
        return x * y, of_x * of_y

    def _add(self, names: Any, _: dict[str, Any]) -> tuple[Any, float]:
        parts = [x if factor == 1.0 else x * (1.0 / factor) for x, factor in (self._values[name] for name in names)]
        return parts[0] + parts[1], 1.0

    def _relu(self, names: Any, _: dict[str, Any]) -> tuple[Any, float]:
        x, factor = self._values[names[0]]
        return tf.nn.relu(x), factor

    def _globalaveragepool(self, names: Any, _: dict[str, Any]) -> tuple[Any, float]:
        x, factor = self._values[names[0]]
        return tf.reduce_mean(x, [1, 2], keepdims=True), factor

    def _flatten(self, names: Any, _: dict[str, Any]) -> tuple[Any, float]:
        x, factor = self._values[names[0]]
        return tf.reshape(x, [1, x.shape[-1]]), factor


def convert(folder: Path) -> None:
    """litert-fp32.tflite, litert-int8-as-is.tflite, litert-int8-rewritten.tflite."""
    graph = onnx.load(str(folder / "fp32.onnx")).graph
    seen = np.load(folder / "calibration.npy").transpose(0, 2, 3, 1)
    for name, rewritten, int8 in (("fp32", False, False), ("int8-as-is", False, True), ("int8-rewritten", True, True)):
        function = tf.function(_Walk(graph, rewritten).run).get_concrete_function(
            tf.TensorSpec([1, *seen.shape[1:]], tf.float32)
        )
        converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
        if int8:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = _rows(seen)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = converter.inference_output_type = tf.int8
        (folder / f"litert-{name}.tflite").write_bytes(converter.convert())


def _rows(seen: np.ndarray) -> Callable[[], Iterator[list[np.ndarray]]]:
    return lambda: ([row[None]] for row in seen)
