"""The files of a run: the weights first and by themselves, then the others, made whole in memory."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from taktgate_prep.errors import InputError
from taktgate_prep.train.options import TrainOptions

CHECKPOINT_FORMAT = "taktgate-checkpoint-1"


@dataclass(frozen=True)
class Outputs:
    """Where the files of one run go: all beside the model."""

    model: Path

    @property
    def contract(self) -> Path:
        """How pixels become the tensor, and the labels."""
        return self.model.with_suffix(".contract.json")

    @property
    def checkpoint(self) -> Path:
        """The weights, for --from."""
        return self.model.with_suffix(".checkpoint.pt")

    @property
    def resume(self) -> Path:
        """All that --resume needs; only while a run is not done."""
        return self.model.with_suffix(".resume.pt")

    @property
    def record(self) -> Path:
        """Figures per epoch, options, versions, digests."""
        return self.model.with_suffix(".train.json")

    def all(self) -> tuple[Path, ...]:
        """Every file that a run may write."""
        return self.model, self.contract, self.checkpoint, self.resume, self.record


def checkpoint_bytes(arch: str, contract: dict[str, Any], state: dict[str, torch.Tensor]) -> bytes:
    """Weights by name with what they are for; only tensors and plain values, so that reading is safe."""
    return saved({"format": CHECKPOINT_FORMAT, "arch": arch, "contract": json.dumps(contract), "state": state})


def saved(data: dict[str, Any]) -> bytes:
    """What `torch.save` writes. It never gets a file: the file's own name would stand inside, and on a full disk its
    writer ends the process."""
    buffer = io.BytesIO()
    torch.save(data, buffer)
    return buffer.getvalue()


def read_checkpoint(path: Path, arch: str) -> dict[str, torch.Tensor]:
    """Weights by name, from a checkpoint of `train` or a plain state dictionary of torchvision."""
    if not path.is_file():
        raise InputError(f"--from {path}: expected a checkpoint file, got none: check the path")
    try:
        data = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # whatever the unpickler makes of a foreign file; its advice is not for users
        empty = path.stat().st_size == 0
        came = "an ONNX model" if path.suffix == ".onnx" else "an empty file" if empty else "another file"
        raise InputError(_no_checkpoint(path, came)) from None
    if not isinstance(data, dict):
        raise InputError(_no_checkpoint(path, f"a {type(data).__name__}"))
    if "format" not in data:
        return data
    if data["format"] != CHECKPOINT_FORMAT or not isinstance(data.get("state"), dict):
        raise InputError(_no_checkpoint(path, f"a file of format {data['format']!r}"))
    if data.get("arch") != arch:
        raise InputError(
            f"--from {path}: expected weights of --arch {arch}, got {data.get('arch')!r}: use the same --arch"
        )
    return dict(data["state"])


def _no_checkpoint(path: Path, came: str) -> str:
    return (
        f"--from {path}: expected a checkpoint of `taktgate-prep train` (MODEL.checkpoint.pt), got {came}: name the "
        "one beside the model"
    )


def options_record(options: TrainOptions) -> dict[str, Any]:
    """The options as plain JSON; paths by their last part, so that a record names no machine."""
    record = asdict(options)
    for key in ("data", "out", "start"):
        record[key] = None if record[key] is None else Path(record[key]).name
    return record
