"""The file: made small, checked, counted and measured."""

from __future__ import annotations

from dataclasses import dataclass

import onnx
import zstandard

from taktgate_prep.errors import InputError
from taktgate_prep.figures.evaluation import ZSTD_LEVEL
from taktgate_prep.model.model_file import MAX_MODEL
from taktgate_prep.quantise.float_graph import FloatGraph
from taktgate_prep.quantise.left_float import Counts, check_bias_scales, count_nodes
from taktgate_prep.quantise.slim import slim


@dataclass(frozen=True)
class Finished:
    """The INT8 model as it is stored; written: bytes of the graph before it was made small."""

    model: bytes
    counts: Counts
    written: int


@dataclass(frozen=True)
class Sizes:
    """Bytes: the float file, the graph as tools write it, the slim one, and both files as a bundle compresses them."""

    fp32: int
    fp32_zstd: int
    int8_as_written: int
    int8_slim: int
    int8_zstd: int

    @property
    def cuts(self) -> dict[str, float]:
        """Per cent saved: as written, slim and stored against the float file, and compressed against compressed."""
        pairs = {
            "as written": (self.int8_as_written, self.fp32),
            "slim": (self.int8_slim, self.fp32),
            "slim and compressed": (self.int8_zstd, self.fp32),
            "compressed against compressed": (self.int8_zstd, self.fp32_zstd),
        }
        return {name: 100 * (1 - small / large) for name, (small, large) in pairs.items()}


def finish(model: onnx.ModelProto, graph: FloatGraph, left_float: frozenset[str] = frozenset()) -> Finished:
    """Takes a QDQ model with the names of `write`, which it changes; outputs may have been added to it. Refuses a
    result of which a Conv or Gemm stays float that is not among the nodes `left_float`."""
    written = model.ByteSize()
    names = slim(model)
    data = bytes(model.SerializeToString(deterministic=True))
    if len(data) > MAX_MODEL:
        raise InputError(
            f"{graph.path}: expected a model of at most {MAX_MODEL} bytes after quantisation, got "
            f"{len(data)}: take a smaller network"
        )
    check_bias_scales(model, names, graph.path)
    return Finished(data, count_nodes(data, graph.proto, names, graph.path, left_float), written)


def measure(float_model: bytes, finished: Finished) -> Sizes:
    """Sizes of the float file and of the finished model."""
    packer = zstandard.ZstdCompressor(level=ZSTD_LEVEL)
    return Sizes(
        len(float_model),
        len(packer.compress(float_model)),
        finished.written,
        len(finished.model),
        len(packer.compress(finished.model)),
    )
