"""The recipe: what is inspected (docs/formats.md, 3)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from taktgate_prep.contract.judge import Thresholds
from taktgate_prep.data.image_health import HealthLimits
from taktgate_prep.data.resize import MAX_SIDE
from taktgate_prep.data.sample import Box
from taktgate_prep.errors import InputError
from taktgate_prep.files import strict_json
from taktgate_prep.files.whole import read_bytes

_WINDOW_NAME = re.compile(r"[a-z0-9_-]{1,32}")
WHOLE_FRAME = "whole_frame"


@dataclass(frozen=True)
class Alignment:
    """The shift of the part is found once, by projection profiles; pixels."""

    max_shift: int
    min_score: float


@dataclass(frozen=True)
class Recipe:
    """windows None: one window, the whole frame; frame (width, height) None: any size; golden: a file's name; health
    None: frames of any look; health_named: the recipe's file speaks of it."""

    frame: tuple[int, int] | None = None
    golden: str | None = None
    windows: tuple[tuple[str, Box], ...] | None = None
    alignment: Alignment | None = None
    health: HealthLimits | None = None
    health_named: bool = False
    thresholds: Thresholds = field(default_factory=Thresholds)

    @classmethod
    def load(cls, path: Path) -> Recipe:
        """Reads and checks a recipe file."""
        return cls.from_dict(strict_json.parse(read_bytes(path, 1 << 20, "a recipe"), str(path)), str(path))

    @classmethod
    def from_dict(cls, value: Any, where: str = "recipe") -> Recipe:
        """Checks every field; unknown keys are errors."""
        top = strict_json.Fields(value, where)
        top.whole("schema", 1, 1)
        named = top.has("health")
        health = top.optional("health", None)
        recipe = cls(
            frame=_frame(top.take("frame"), f"{where}.frame"),
            golden=_golden(top, where),
            windows=_windows(top, where),
            alignment=_alignment(top.take("alignment"), f"{where}.alignment"),
            health=None if health is None else HealthLimits.from_dict(health, f"{where}.health"),
            health_named=named,
            thresholds=_thresholds(top.fields("thresholds"), where),
        )
        top.done()
        recipe._check(where)
        return recipe

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "schema": 1,
            "frame": None if self.frame is None else {"width": self.frame[0], "height": self.frame[1]},
            "golden": self.golden,
            "windows": WHOLE_FRAME
            if self.windows is None
            else [{"name": name, **dict(zip("xywh", box, strict=True))} for name, box in self.windows],
            "alignment": None
            if self.alignment is None
            else {"method": "profiles", "max_shift": self.alignment.max_shift, "min_score": self.alignment.min_score},
            "health": None if self.health is None else self.health.to_dict(),
            "thresholds": {
                "pass_at_most": self.thresholds.pass_at_most,
                "fail_at_least": self.thresholds.fail_at_least,
            },
        }

    def with_thresholds(self, pass_at_most: float | None, fail_at_least: float | None) -> Recipe:
        """With one or both thresholds replaced."""
        thresholds = Thresholds(
            self.thresholds.pass_at_most if pass_at_most is None else pass_at_most,
            self.thresholds.fail_at_least if fail_at_least is None else fail_at_least,
        )
        if thresholds.pass_at_most > thresholds.fail_at_least:
            raise InputError(
                f"expected pass_at_most up to fail_at_least, got {thresholds.pass_at_most:g} and "
                f"{thresholds.fail_at_least:g}: give both --pass-at-most and --fail-at-least"
            )
        return replace(self, thresholds=thresholds)

    def _check(self, where: str) -> None:
        if self.alignment is not None and (self.golden is None or self.frame is None):
            missing = "golden" if self.golden is None else "frame"
            raise InputError(
                f"{where}.{missing}: expected one, because the part is aligned to the golden image of the "
                "frame's size, got null: name it, or set alignment to null"
            )
        width, height = self.frame or (MAX_SIDE, MAX_SIDE)
        for name, (x, y, w, h) in self.windows or ():
            if x + w > width or y + h > height:
                raise InputError(
                    f"{where}.windows: expected window {name!r} inside a frame of {width} x {height} px, "
                    f"got x {x}, y {y}, w {w}, h {h}: correct it"
                )


def _frame(value: Any, where: str) -> tuple[int, int] | None:
    if value is None:
        return None
    fields = strict_json.Fields(value, where)
    size = fields.whole("width", 1, MAX_SIDE), fields.whole("height", 1, MAX_SIDE)
    fields.done()
    return size


def _golden(top: strict_json.Fields, where: str) -> str | None:
    value = top.take("golden")
    if value is not None and not (isinstance(value, str) and strict_json.is_plain(value, 96)):
        raise InputError(f"{where}.golden: expected a file name or null, got {strict_json.shown(value)}")
    return value


def _windows(top: strict_json.Fields, where: str) -> tuple[tuple[str, Box], ...] | None:
    value = top.take("windows")
    if value == WHOLE_FRAME:
        return None
    if not isinstance(value, list) or not 1 <= len(value) <= 64:
        came = f"{len(value)} entries" if isinstance(value, list) else strict_json.shown(value)
        raise InputError(f"{where}.windows: expected {WHOLE_FRAME!r} or a list of 1 to 64 windows, got {came}")
    windows: dict[str, Box] = {}
    for i, item in enumerate(value):
        fields = strict_json.Fields(item, f"{where}.windows[{i}]")
        name = fields.text("name", 32)
        if not _WINDOW_NAME.fullmatch(name) or name in windows:
            raise InputError(
                f"{where}.windows[{i}].name: expected a name of its own of 1 to 32 of a-z, 0-9, _ and -, got {name!r}"
            )
        windows[name] = (
            fields.whole("x", 0, MAX_SIDE),
            fields.whole("y", 0, MAX_SIDE),
            fields.whole("w", 1, MAX_SIDE),
            fields.whole("h", 1, MAX_SIDE),
        )
        fields.done()
    return tuple(windows.items())


def _alignment(value: Any, where: str) -> Alignment | None:
    if value is None:
        return None
    fields = strict_json.Fields(value, where)
    fields.choice("method", ("profiles",))
    alignment = Alignment(fields.whole("max_shift", 1, 16), fields.number("min_score", 0, 1))
    fields.done()
    return alignment


def _thresholds(fields: strict_json.Fields, where: str) -> Thresholds:
    thresholds = Thresholds(fields.number("pass_at_most", 0, 1), fields.number("fail_at_least", 0, 1))
    fields.done()
    if thresholds.pass_at_most > thresholds.fail_at_least:
        raise InputError(
            f"{where}.thresholds: expected pass_at_most up to fail_at_least, got "
            f"{thresholds.pass_at_most:g} and {thresholds.fail_at_least:g}: exchange them"
        )
    return thresholds
