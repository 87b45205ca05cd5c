"""Static INT8 quantisation: uint8 activations, int8 weights per channel, one file for x86-64 and aarch64."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)

from taktgate_prep import graph_edit
from taktgate_prep.errors import InputError
from taktgate_prep.left_float import Counts, check_bias_scales, count_nodes
from taktgate_prep.model_file import MAX_MODEL, Model
from taktgate_prep.runtime import first_line

_CHUNK_BYTES = 512 << 20  # activations held at once while calibrating


@dataclass(frozen=True)
class Settings:
    """How the activation ranges are found."""

    method: str = "percentile"
    percentile: float = 99.999


@dataclass(frozen=True)
class Quantised:
    """The INT8 model and what is known about it."""

    model: bytes
    counts: Counts
    hard_swish: int


def quantise(model: Model, data: npt.NDArray[np.float32], settings: Settings) -> Quantised:
    """Calibrates on tensors [N, C, H, W]; refuses a result of which a Conv or Gemm stays float. Deterministic."""
    if any(node.op_type in ("QuantizeLinear", "DequantizeLinear") for node in model.proto.graph.node):
        raise InputError(f"{model.path}: expected a float model, got one that is quantised already: give the model "
                         "that it was made from")
    source = onnx.ModelProto()
    source.CopyFrom(model.proto)
    source = graph_edit.fold(source)
    split = graph_edit.split_hard_swish(source)
    graph_edit.name_nodes(source)
    input_name = source.graph.input[0].name
    quantised = _quantise_static(source, _Reader(input_name, data, _chunk(source)), settings, model.path)
    _merge_metadata(quantised, source)
    names = graph_edit.slim(quantised)
    result = bytes(quantised.SerializeToString(deterministic=True))
    if len(result) > MAX_MODEL:
        raise InputError(f"{model.path}: expected a model of at most {MAX_MODEL} bytes after quantisation, got "
                         f"{len(result)}: take a smaller network")
    check_bias_scales(quantised, names, str(model.path))
    return Quantised(result, count_nodes(result, source, names, str(model.path)), split)


def _quantise_static(source: onnx.ModelProto, reader: _Reader, settings: Settings, path: Path) -> onnx.ModelProto:
    methods = {"percentile": CalibrationMethod.Percentile, "minmax": CalibrationMethod.MinMax}
    prepared = onnx.ModelProto()
    prepared.CopyFrom(source)
    onnx.helper.set_model_props(prepared, {"onnx.quant.pre_process": "onnxruntime.quant"})
    options: dict[str, Any] = {"ActivationSymmetric": False, "WeightSymmetric": True,
                               "CalibStridedMinMax": reader.stride}
    if settings.method == "percentile":
        options["CalibPercentile"] = settings.percentile
    with tempfile.TemporaryDirectory(prefix="taktgate-prep.") as folder, _quiet():
        source_file, target = Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
        onnx.save(prepared, str(source_file))
        try:
            quantize_static(str(source_file), str(target), reader, quant_format=QuantFormat.QDQ,
                            activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, per_channel=True,
                            calibrate_method=methods[settings.method], extra_options=options)
        except Exception as error:  # it raises whatever its parts raise
            raise InputError(f"{path}: expected a model that can be quantised, got: {type(error).__name__}: "
                             f"{first_line(error)}: try --method minmax, or export the model again") from None
        return onnx.load(str(target))


def _merge_metadata(quantised: onnx.ModelProto, source: onnx.ModelProto) -> None:
    """Only the domains in use, the IR version of the source."""
    used = {"" if node.domain == "ai.onnx" else node.domain for node in quantised.graph.node}
    keep = [entry for entry in quantised.opset_import if entry.domain in used]
    del quantised.opset_import[:]
    quantised.opset_import.extend(keep)
    quantised.ir_version = max(source.ir_version, 8)


def _chunk(source: onnx.ModelProto) -> int:
    """Windows whose activations fit into the memory set aside for them."""
    inferred = onnx.shape_inference.infer_shapes(source, data_prop=True)
    values = sum(int(np.prod([max(dim.dim_value, 1) for dim in value.type.tensor_type.shape.dim]))
                 for value in inferred.graph.value_info)
    return max(8, _CHUNK_BYTES // max(1, 8 * values))


class _Reader(CalibrationDataReader):  # type: ignore[misc]  # it has no types
    """Hands out one window after another, in chunks of equal length as ONNX Runtime wants them."""

    def __init__(self, name: str, data: npt.NDArray[np.float32], limit: int) -> None:
        self._name = name
        self._data = data
        chunks = -(-len(data) // limit)
        self.stride = -(-len(data) // chunks)
        self._length = self.stride * chunks
        self._rows = iter(range(0))

    def __len__(self) -> int:
        return self._length

    def set_range(self, start_index: int, end_index: int) -> None:
        rows = len(self._data)
        # The last chunk may be shorter; were it empty, it repeats the last window.
        self._rows = iter(range(min(start_index, rows - 1), min(end_index, rows)))

    def get_next(self) -> dict[str, npt.NDArray[np.float32]] | None:
        row = next(self._rows, None)
        return None if row is None else {self._name: self._data[row:row + 1]}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The calibrator prints to stdout."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield
