"""The outputs of a model that a contract names: the logits, and what drift and pages use (docs/formats.md, 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from taktgate_prep.errors import InputError
from taktgate_prep.files import strict_json

_MAX_SIZE = 4096
_MAX_SIDE = 320
_ROLES = ("logits", "embedding", "channel_means", "class_map")


@dataclass(frozen=True)
class ExtraOutput:
    """A uint8 output beside the logits, batch 1; a value q stands for (q - zero_point) * scale.

    role: embedding or channel_means, shape (values,); class_map, shape (height, width).
    """

    name: str
    role: str
    shape: tuple[int, ...]
    scale: float
    zero_point: int

    @property
    def size(self) -> int:
        """How many values."""
        count = 1
        for side in self.shape:
            count *= side
        return count


def read_outputs(top: strict_json.Fields, where: str) -> tuple[str, tuple[ExtraOutput, ...]]:
    """The key `outputs`: the name of the logits, and the others in their order."""
    logits: list[str] = []
    extra: list[ExtraOutput] = []
    for i, item in enumerate(top.items("outputs", 1, len(_ROLES))):
        fields = strict_json.Fields(item, f"{where}.outputs[{i}]")
        name, role = fields.text("name"), fields.choice("role", _ROLES)
        if role == "logits":
            logits.append(name)
        else:
            extra.append(_read_extra(fields, name, role))
        fields.done()
    roles = [*("logits" for _ in logits), *(output.role for output in extra)]
    names = [*logits, *(output.name for output in extra)]
    if len(logits) != 1 or len(set(roles)) < len(roles) or len(set(names)) < len(names):
        raise InputError(
            f"{where}.outputs: expected the role logits once, every other at most once, and names of "
            f"their own, got the roles {', '.join(roles)} and the names {', '.join(names)}: correct them"
        )
    return logits[0], tuple(extra)


def outputs_list(logits_name: str, extra: tuple[ExtraOutput, ...]) -> list[dict[str, Any]]:
    """The JSON form."""
    return [{"name": logits_name, "role": "logits"}, *(_extra_dict(output) for output in extra)]


def _read_extra(fields: strict_json.Fields, name: str, role: str) -> ExtraOutput:
    shape = (
        (fields.whole("height", 1, _MAX_SIDE), fields.whole("width", 1, _MAX_SIDE))
        if role == "class_map"
        else (fields.whole("size", 1, _MAX_SIZE),)
    )
    scale = fields.number("scale", 0, 1e30)
    if scale == 0:
        raise InputError(f"{fields.where}.scale: expected a number above 0, got 0")
    return ExtraOutput(name, role, shape, scale, fields.whole("zero_point", 0, 255))


def _extra_dict(output: ExtraOutput) -> dict[str, Any]:
    shape = (
        dict(zip(("height", "width"), output.shape, strict=True))
        if output.role == "class_map"
        else {"size": output.shape[0]}
    )
    return {"name": output.name, "role": output.role, **shape, "scale": output.scale, "zero_point": output.zero_point}
