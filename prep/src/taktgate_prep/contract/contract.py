"""The contract: how pixels become the input tensor, and what each output means (docs/formats.md, 2)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from taktgate_prep.contract.labels import Label, labels_dict, read_labels
from taktgate_prep.contract.outputs import ExtraOutput, outputs_list, read_outputs
from taktgate_prep.errors import InputError
from taktgate_prep.files import strict_json
from taktgate_prep.files.whole import read_bytes, write_atomic

_CHANNELS = {"grey": 1, "rgb": 3}


@dataclass(frozen=True)
class Contract:
    """One per model. `from_dict` and `load` check it; sizes in pixels, one scale and offset per tensor channel."""

    width: int
    height: int
    channels: str
    golden: bool
    resize: str
    scale: tuple[float, ...]
    offset: tuple[float, ...]
    labels: tuple[Label, ...]
    input_name: str = "input"
    logits_name: str = "logits"
    fit: str = "stretch"
    extra_outputs: tuple[ExtraOutput, ...] = ()

    @property
    def channels_total(self) -> int:
        """Channels of the tensor, the golden one included."""
        return _CHANNELS[self.channels] + int(self.golden)

    @property
    def label_names(self) -> tuple[str, ...]:
        """Class names in the order of the logits."""
        return tuple(label.name for label in self.labels)

    @property
    def passing(self) -> tuple[bool, ...]:
        """For each class whether its parts are good."""
        return tuple(label.passes for label in self.labels)

    @classmethod
    def from_dict(cls, value: Any, where: str = "contract") -> Contract:
        """Checks every field; unknown keys are errors."""
        top = strict_json.Fields(value, where)
        top.whole("schema", 1, 1)
        given = top.fields("input")
        channels, golden = given.choice("channels", ("grey", "rgb")), given.flag("golden")
        count = _CHANNELS[channels] + int(golden)
        logits_name, extra_outputs = read_outputs(top, where)
        contract = cls(
            input_name=given.text("name"),
            width=given.whole("width", 32, 320),
            height=given.whole("height", 32, 320),
            channels=channels,
            golden=golden,
            resize=given.choice("resize", ("area", "bilinear", "antialias")),
            scale=_numbers(given, "scale", count, where),
            offset=_numbers(given, "offset", count, where),
            fit=_fit(given),
            logits_name=logits_name,
            extra_outputs=extra_outputs,
            labels=read_labels(top, where),
        )
        given.done()
        top.done()
        _check_range(contract, where)
        return contract

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {**self.input_dict(), "labels": labels_dict(self.labels)}

    def input_dict(self) -> dict[str, Any]:
        """The JSON form without the labels, as a bundle has it."""
        return {
            "schema": 1,
            "input": {
                "name": self.input_name,
                "width": self.width,
                "height": self.height,
                "channels": self.channels,
                "golden": self.golden,
                "resize": self.resize,
                "fit": self.fit,
                "scale": list(self.scale),
                "offset": list(self.offset),
            },
            "outputs": outputs_list(self.logits_name, self.extra_outputs),
        }

    @classmethod
    def load(cls, path: Path) -> Contract:
        """Reads and checks a contract file."""
        data = read_bytes(path, 1 << 20, "a contract (model.contract.json)")
        return cls.from_dict(strict_json.parse(data, str(path)), str(path))

    def save(self, path: Path) -> None:
        """Writes the file, whole or not at all."""
        write_atomic(path, self.to_bytes())

    def to_bytes(self) -> bytes:
        """The file's bytes."""
        return strict_json.dump(self.to_dict())


def contract_path(model: Path, given: Path | None = None) -> Path:
    """The contract of a model file: `given`, or X.contract.json beside X.onnx (also beside X.int8.onnx)."""
    if given is not None:
        return given
    stem = model.name.removesuffix(".onnx")
    names = [f"{stem}.contract.json", f"{stem.removesuffix('.int8')}.contract.json"]
    for name in names:
        if model.with_name(name).is_file():
            return model.with_name(name)
    raise InputError(
        f"{model}: expected its contract {' or '.join(dict.fromkeys(names))} beside it, got none: name "
        "it with --contract (docs/formats.md says what is in it)"
    )


def files_of(model: Path, given: Path | None) -> list[Path | None]:
    """What is read with a model: itself, its contract, and the records beside it."""
    return [model, contract_path(model, given), *(model.with_suffix(end) for end in (".train.json", ".quantise.json"))]


def _numbers(given: strict_json.Fields, key: str, count: int, where: str) -> tuple[float, ...]:
    values = given.take(key)
    if not isinstance(values, list) or len(values) != count:
        came = f"{len(values)} numbers" if isinstance(values, list) else strict_json.shown(values)
        raise InputError(f"{where}.input.{key}: expected {count} numbers, one per tensor channel, got {came}")
    return tuple(strict_json.number(value, f"{where}.input.{key}[{i}]") for i, value in enumerate(values))


def _check_range(contract: Contract, where: str) -> None:
    """The tensor is float32: pixels of 0 and 255 must fit."""
    largest = float(np.finfo(np.float32).max)
    for scale, offset in zip(contract.scale, contract.offset, strict=True):
        if not (abs(offset) <= largest and abs(255 * scale + offset) <= largest):
            raise InputError(
                f"{where}.input.scale: expected pixel values that fit float32 after scaling, got scale "
                f"{scale:g} and offset {offset:g}: correct them"
            )


def _fit(given: strict_json.Fields) -> str:
    fit = given.optional("fit", "stretch")
    if fit not in ("stretch", "letterbox"):
        raise InputError(f"{given.where}.fit: expected stretch or letterbox, got {strict_json.shown(fit)}")
    return str(fit)
