"""What a model is, in the words of a refusal."""

from __future__ import annotations

from collections.abc import Sequence

import onnx

from taktgate_prep.model.foreign.walk import nodes

_DYNAMIC = ("DynamicQuantizeLinear", "MatMulInteger", "ConvInteger")
_GIVES_NO_LOGITS = {
    "ArgMax": "the number of a class and not how sure it is of each",
    "TopK": "the best classes and not how sure it is of each",
    "NonMaxSuppression": "boxes: it is a detector",
}
# How a file begins, from which byte on, and what it then is.
_FILES = (
    (b"PK\x03\x04", 0, "a checkpoint of PyTorch or Keras (or another archive): export the network as ONNX"),
    (b"\x80\x02", 0, "a pickle, as old checkpoints of PyTorch are: export the network as ONNX"),
    (b"\x89HDF", 0, "an HDF5 file of Keras: convert it with tf2onnx"),
    (b"TFL3", 4, "a TensorFlow Lite model: convert the model that it was made from with tf2onnx"),
    (b"ORTM", 4, "a model in ONNX Runtime's own format: give the ONNX file that it was made from"),
    (b"version https://git-lfs", 0, "a pointer of Git LFS in its place: fetch the file itself (git lfs pull)"),
)


def of_file(data: bytes) -> str:
    """What a file is that is no ONNX model, and what to do."""
    for magic, start, text in _FILES:
        if data[start : start + len(magic)] == magic:
            return text
    return "another or a damaged file: export it again"


def of_domain(domain: str, operator: str) -> str:
    """What an operator outside of the standard says about the model, and what to do."""
    if domain == "com.microsoft":
        return (
            f"an operator of ONNX Runtime alone ({domain}::{operator}), as its optimiser and quantiser write "
            "them: give the model that this one was made from"
        )
    if domain == "ai.onnx.ml":
        return (
            f"{domain}::{operator}: a model of trees, vectors or tables, as scikit-learn makes them, no network "
            "for images: train one with `taktgate-prep train`"
        )
    return f"the custom operator {domain}::{operator}: export without it"


def quantised_by(model: onnx.ModelProto) -> str:
    """How and by whom a quantised model was made."""
    kinds = {node.op_type for node in nodes(model.graph.node)}
    how = (
        "dynamically, its ranges found at run time"
        if kinds & set(_DYNAMIC)
        else "with integer operators"
        if any(kind.startswith("QLinear") for kind in kinds)
        else "with QuantizeLinear and DequantizeLinear"
    )
    who = " ".join(text for text in (model.producer_name, model.producer_version) if text)
    return f"one that is quantised already ({how}{f'; by {who}' if who else ''})"


def no_logits(operator: str) -> str | None:
    """What a network with such an end gives instead of logits."""
    return _GIVES_NO_LOGITS.get(operator)


def of_output(shape: Sequence[int | str] | None, labels: int) -> str:
    """What an output of this shape is, where that can be told; else empty."""
    if shape is None or len(shape) < 3 or any(not isinstance(side, int) for side in shape):
        return ""
    if len(shape) == 4 and shape[1] == labels:
        return f": a map of {shape[2]} x {shape[3]}, as networks for segmentation give"
    return ": more than a row, as detectors give (boxes)"
