"""The recipe's fields and what must hold between them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from taktgate_prep.bundle.recipe import Recipe
from taktgate_prep.contract.judge import Thresholds
from taktgate_prep.errors import InputError

GOOD: dict[str, Any] = {
    "schema": 1,
    "frame": {"width": 192, "height": 160},
    "golden": "golden.png",
    "windows": [{"name": "nw", "x": 0, "y": 0, "w": 64, "h": 64}, {"name": "se", "x": 128, "y": 96, "w": 64, "h": 64}],
    "alignment": {"method": "profiles", "max_shift": 16, "min_score": 0.6},
    "health": {
        "brightness": {"low": 40, "high": 200.5},
        "contrast": {"low": 10, "high": 90},
        "sharpness": {"low": 0.05, "high": 1},
    },
    "thresholds": {"pass_at_most": 0.3, "fail_at_least": 0.7},
}


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    for path, got in (
        (Path("/dev/null"), "a device or a pipe"),
        (tmp_path, "a folder"),
        (tmp_path / "x", "no such file"),
    ):
        with pytest.raises(InputError, match=rf"^{path}: expected a recipe, got {got}: check the path$"):
            Recipe.load(path)


def test_round_trip() -> None:
    recipe = Recipe.from_dict(GOOD)
    assert recipe.to_dict() == GOOD
    assert recipe.windows is not None
    assert recipe.windows[1] == ("se", (128, 96, 64, 64))
    assert Recipe.from_dict(Recipe().to_dict()) == Recipe(health_named=True)
    older = {key: value for key, value in GOOD.items() if key != "health"}
    assert Recipe.from_dict(older).health is None
    assert not Recipe.from_dict(older).health_named
    assert Recipe().to_dict()["windows"] == "whole_frame"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": 0}, "schema"),
        ({"speed": 1}, "expected no other key, got 'speed'"),
        ({"frame": [1, 2]}, "expected an object"),
        ({"frame": {"width": 0, "height": 1}}, "frame.width"),
        ({"frame": {"width": 1}}, "expected the key 'height'"),
        ({"golden": ""}, "golden: expected a file name or null"),
        ({"windows": "all"}, "expected 'whole_frame' or a list"),
        ({"windows": []}, "got 0 entries"),
        ({"windows": [{"name": "a", "x": 0, "y": 0, "w": 1, "h": 1}] * 65}, "65 entries"),
        ({"windows": [{"name": "A", "x": 0, "y": 0, "w": 1, "h": 1}]}, "windows[0].name"),
        ({"windows": [{"name": "a", "x": 0, "y": 0, "w": 1, "h": 1}] * 2}, "windows[1].name"),
        ({"windows": [{"name": "a", "x": 129, "y": 0, "w": 64, "h": 64}]}, "window 'a' inside a frame of 192 x 160 px"),
        ({"windows": [{"name": "a", "x": 0, "y": 0, "w": 0, "h": 64}]}, "windows[0].w"),
        (
            {"frame": None, "alignment": None, "windows": [{"name": "a", "x": 8000, "y": 0, "w": 193, "h": 64}]},
            "inside",
        ),
        ({"golden": None}, "recipe.golden: expected one"),
        ({"frame": None}, "recipe.frame: expected one"),
        ({"alignment": {"method": "phase", "max_shift": 1, "min_score": 0}}, "method: expected profiles"),
        ({"alignment": {"method": "profiles", "max_shift": 17, "min_score": 0}}, "max_shift"),
        ({"alignment": {"method": "profiles", "max_shift": 1, "min_score": 1.5}}, "min_score"),
        ({"health": {}}, "health: expected the key 'brightness'"),
        ({"health": {**GOOD["health"], "focus": 1}}, "expected no other key, got 'focus'"),
        (
            {"health": {**GOOD["health"], "contrast": {"low": 91, "high": 90}}},
            "health.contrast: expected low up to high",
        ),
        ({"health": {**GOOD["health"], "brightness": {"low": 1, "high": 256}}}, "health.brightness.high"),
        ({"thresholds": {"pass_at_most": 0.7, "fail_at_least": 0.3}}, "exchange them"),
        ({"thresholds": {"pass_at_most": -0.1, "fail_at_least": 0.3}}, "pass_at_most"),
    ],
)
def test_refuses(change: dict[str, Any], said: str) -> None:
    document = {**copy.deepcopy(GOOD), **change}
    with pytest.raises(InputError) as error:
        Recipe.from_dict(document)
    assert said in str(error.value)


def test_thresholds_can_be_replaced() -> None:
    recipe = Recipe.from_dict(GOOD)
    assert recipe.with_thresholds(None, None) == recipe
    assert recipe.with_thresholds(0.1, None).thresholds == Thresholds(0.1, 0.7)
    with pytest.raises(InputError, match="give both"):
        recipe.with_thresholds(0.9, None)
