"""Whether labels can decide, and a model, a recipe and a golden image fit the images they will meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from taktgate_prep.bundle.recipe import Recipe
from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.image import decoded
from taktgate_prep.data.sample import Sample, place
from taktgate_prep.data.window import load_window
from taktgate_prep.engine.deciding import Decider
from taktgate_prep.errors import InputError
from taktgate_prep.files.names import listed

_TRIED = 64


def check_labels(contract: Contract, where: Path) -> None:
    """One class at least passes and one fails: a release that always says the same decides nothing."""
    if len(set(contract.passing)) == 1:
        raise InputError(
            f"{where}: expected at least one label that passes and one that fails, got only such that "
            f"{'pass' if contract.passing[0] else 'fail'} ({listed(contract.label_names)}), which "
            'decides nothing on a line: correct "pass" of the labels'
        )


def check_golden(golden_size: tuple[int, int], recipe: Recipe) -> None:
    """The golden image has the frame's size and holds all windows."""
    if recipe.frame is not None and golden_size != recipe.frame:
        raise InputError(
            f"expected a golden image of {recipe.frame[0]} x {recipe.frame[1]} px as in the recipe, "
            f"got {golden_size[0]} x {golden_size[1]}: take the one of this view"
        )
    for name, (x, y, w, h) in recipe.windows or ():
        if x + w > golden_size[0] or y + h > golden_size[1]:
            raise InputError(
                f"expected window {name!r} inside the golden image of {golden_size[0]} x {golden_size[1]} "
                f"px, got x {x}, y {y}, w {w}, h {h}: correct the recipe"
            )


def check_samples(samples: Sequence[Sample], decider: Decider, recipe: Recipe, golden: Path | None) -> int:
    """Cuts and runs some evenly chosen samples as the device would; returns how many windows were tried."""
    contract = decider.contract
    if contract.golden and golden is None and all(sample.golden is None for sample in samples):
        raise InputError(
            f"{samples[0].source}: expected a golden image, which the contract wants as a channel, got "
            "none in the recipe and none in the list: name it with --golden, or fill the list's "
            "column golden"
        )
    tried = 0
    for i in np.unique(np.linspace(0, len(samples) - 1, min(_TRIED, len(samples))).astype(int)):
        for one in _windows(samples[i], contract, recipe):
            if one.golden is None:
                one = replace(one, golden=golden)
            logits = decider.logits(load_window(one, contract)[None])
            if not np.isfinite(logits).all():
                raise InputError(
                    f"{place(one)}: expected finite scores, got {logits[0].tolist()}: this model is broken"
                )
            tried += 1
    return tried


def _windows(sample: Sample, contract: Contract, recipe: Recipe) -> list[Sample]:
    """A row with a window as it is; a frame with the windows of the recipe."""
    if sample.window is not None:
        return [sample]
    height, width = decoded(sample.image, contract.channels, place(sample)).shape[:2]
    if recipe.frame is not None and (width, height) != recipe.frame:
        raise InputError(
            f"{place(sample)}: expected a frame of {recipe.frame[0]} x {recipe.frame[1]} px as in the "
            f"recipe, got {width} x {height} ({sample.image.name}): correct the recipe or the list"
        )
    return [replace(sample, window=box) for _, box in recipe.windows] if recipe.windows else [sample]
