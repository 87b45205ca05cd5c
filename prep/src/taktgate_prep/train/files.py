"""The four files of a run: all are made beside their place first, then moved in."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from taktgate_prep.errors import InputError
from taktgate_prep.train.options import TrainOptions

CHECKPOINT_FORMAT = "taktgate-checkpoint-1"


@dataclass(frozen=True)
class Outputs:
    """Where the files of one run go."""

    model: Path

    @property
    def contract(self) -> Path:
        return self.model.with_suffix(".contract.json")

    @property
    def checkpoint(self) -> Path:
        return self.model.with_suffix(".checkpoint.pt")

    @property
    def record(self) -> Path:
        return self.model.with_suffix(".train.json")


def check_out(out: Path) -> Outputs:
    """Refuses a place that cannot be written, before hours are spent."""
    if out.suffix != ".onnx":
        raise InputError(f"--out {out}: expected a name that ends in .onnx")
    if not out.parent.is_dir():
        raise InputError(f"--out {out}: expected the folder {out.parent} to exist: make it first")
    if out.is_dir() or not os.access(out.parent, os.W_OK):
        raise InputError(f"--out {out}: expected a file in a folder that can be written, choose another place")
    return Outputs(out)


def write_all(writers: dict[Path, Callable[[Path], None]]) -> None:
    """Calls each writer with a temporary name; only when all are written they get their own names."""
    temporary = {path: path.with_name(f".{path.name}.{os.getpid()}.tmp") for path in writers}
    try:
        for path, write in writers.items():
            write(temporary[path])
            with temporary[path].open("rb") as file:
                os.fsync(file.fileno())
        for path in writers:
            os.replace(temporary[path], path)
    except OSError as error:
        raise InputError(f"expected to write {error.filename or 'the results'}, got: {error.strerror}: make room "
                         "or choose another --out") from None
    finally:
        for path in temporary.values():
            path.unlink(missing_ok=True)


def write_checkpoint(path: Path, arch: str, contract: dict[str, Any], state: dict[str, torch.Tensor]) -> None:
    torch.save({"format": CHECKPOINT_FORMAT, "arch": arch, "contract": contract, "state": state}, path)


def read_checkpoint(path: Path, arch: str) -> dict[str, torch.Tensor]:
    """Weights by name, from a checkpoint of `train` or a plain state dictionary of torchvision."""
    if not path.is_file():
        raise InputError(f"--from {path}: expected a checkpoint file, found none: check the path")
    try:
        data = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever the unpickler makes of a foreign file
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"--from {path}: expected a checkpoint written by `taktgate-prep train` or a state "
                         f"dictionary, got: {reason}") from None
    if not isinstance(data, dict):
        raise InputError(f"--from {path}: expected a dictionary of weights, got {type(data).__name__}")
    if "format" not in data:
        return data
    if data["format"] != CHECKPOINT_FORMAT or not isinstance(data.get("state"), dict):
        raise InputError(f"--from {path}: expected format {CHECKPOINT_FORMAT}, got {data['format']!r}")
    if data.get("arch") != arch:
        raise InputError(f"--from {path}: expected weights of --arch {arch}, got {data.get('arch')!r}: "
                         "use the same --arch")
    return dict(data["state"])


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def options_record(options: TrainOptions) -> dict[str, Any]:
    """The options as plain JSON; paths by their last part, so that a record names no machine."""
    record = asdict(options)
    for key in ("data", "out", "start"):
        record[key] = None if record[key] is None else Path(record[key]).name
    return record


def versions() -> dict[str, str]:
    import numpy
    import onnx
    import onnxruntime
    import torchvision

    return {"python": platform.python_version(), "torch": torch.__version__,
            "torchvision": torchvision.__version__, "numpy": numpy.__version__, "onnx": onnx.__version__,
            "onnxruntime": onnxruntime.__version__, "machine": platform.machine()}


def write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, allow_nan=False) + "\n", encoding="utf-8")
