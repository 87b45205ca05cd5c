"""Weights in a file of their own beside the model, as torch writes them: read into the model."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import onnx

from taktgate_prep.errors import InputError
from taktgate_prep.files.whole import read_bytes
from taktgate_prep.model.foreign.walk import tensors


def take_external(model: onnx.ModelProto, path: Path, limit: int) -> dict[Path, bytes]:
    """The files that were read, at most `limit` bytes each; none lies outside of the model's folder."""
    files: dict[Path, bytes] = {}
    for tensor in tensors(model):
        if tensor.data_location != onnx.TensorProto.EXTERNAL and not tensor.external_data:
            continue
        where = {entry.key: entry.value for entry in tensor.external_data}
        file = _inside(path, where.get("location", ""), tensor.name)
        if file not in files:
            files[file] = _read(path, file, tensor.name, limit)
        tensor.raw_data = _cut(path, files[file], where, tensor.name)
        tensor.data_location = onnx.TensorProto.DEFAULT
        del tensor.external_data[:]
    return files


def _inside(path: Path, location: str, name: str) -> Path:
    parts = PurePosixPath(location).parts
    file = path.parent / location
    if (
        not parts
        or ".." in parts
        or "\\" in location
        or PurePosixPath(location).is_absolute()
        or not file.resolve().is_relative_to(path.parent.resolve())
    ):
        raise InputError(
            f"{path}: expected its external weights in a file of its own folder, got {location!r} for "
            f"{name!r}: save the model again as one file"
        )
    return file


def _read(path: Path, file: Path, name: str, limit: int) -> bytes:
    if not file.is_file():
        raise InputError(
            f"{path}: expected {file.name} beside it, where its exporter put the weights ({name!r}), "
            "got none: bring both files, or export with external_data=False"
        )
    return read_bytes(file, limit, "the weights of an ONNX model")


def _cut(path: Path, data: bytes, where: dict[str, str], name: str) -> bytes:
    texts = where.get("offset", "0"), where.get("length", "")
    if all(text.isascii() and text.isdigit() for text in texts if text):
        start = int(texts[0] or 0)
        length = int(texts[1]) if texts[1] else len(data) - start
        if 0 <= length <= len(data) - start:
            return data[start : start + length]
    raise InputError(
        f"{path}: expected {name!r} inside {where.get('location')} ({len(data)} bytes), got offset "
        f"{texts[0]} and length {texts[1]}: bring the file that was exported with this model"
    )
