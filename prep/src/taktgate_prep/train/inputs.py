"""From --data to two sets of windows: which channels, which classes, which contract."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from taktgate_prep.contract import Contract, load_window
from taktgate_prep.errors import InputError
from taktgate_prep.samples import Sample, load_samples, place, select
from taktgate_prep.train.classes import Classes, check_counts, find_classes, refuse_empty_folders
from taktgate_prep.train.options import TrainOptions
from taktgate_prep.train.progress import Progress, Rate
from taktgate_prep.train.windows import WindowSet, cut_windows

_SCALE = 0.00784313725490196  # 2/255: a pixel becomes -1 to 1
_PROBED_IMAGES = 64
_GREY_SPREAD = 8  # levels between the channels of a pixel that JPEG may cause in a grey image


@dataclass(frozen=True)
class Inputs:
    """Everything that is learned from, and the contract it was cut by."""

    contract: Contract
    classes: Classes
    train: WindowSet
    val: WindowSet


def read_inputs(options: TrainOptions, progress: Progress) -> Inputs:
    """Reads the list or folder and cuts its training and validation windows."""
    refuse_empty_folders(options.data)
    samples = load_samples(options.data, val_share=options.val_share, seed=options.seed)
    train, val = (_labelled(samples, split, progress) for split in ("train", "val"))
    if not train:
        raise InputError(
            f"{options.data}: expected labelled samples of split `train`, got none: name the split "
            "in the list, or use folders train/CLASS/image"
        )
    classes = find_classes(samples, options.good)
    check_counts(classes, train, val)
    contract = make_contract(options, classes, train + val)
    return Inputs(
        contract,
        classes,
        _cut("train", train, contract, classes, options.shift, progress),
        _cut("val", val, contract, classes, 0, progress),
    )


def make_contract(options: TrainOptions, classes: Classes, samples: Sequence[Sample]) -> Contract:
    """The contract of the model to be trained."""
    golden = _wants_golden(options.golden, samples)
    contract = _contract(options, classes, "rgb", golden)
    channels = options.channels
    if channels == "auto":
        channels = "grey" if _all_grey(samples, contract) else "rgb"
    return _contract(options, classes, channels, golden)


def _contract(options: TrainOptions, classes: Classes, channels: str, golden: bool) -> Contract:
    count = {"grey": 1, "rgb": 3}[channels] + int(golden)
    fields: dict[str, Any] = {
        "schema": 1,
        "input": {
            "name": "input",
            "width": options.width,
            "height": options.height,
            "channels": channels,
            "golden": golden,
            "resize": options.resize,
            "scale": [_SCALE] * count,
            "offset": [-1.0] * count,
        },
        "outputs": [{"name": "logits", "role": "logits"}],
        "labels": classes.to_labels(),
    }
    return Contract.from_dict(fields)


def _wants_golden(wish: str, samples: Sequence[Sample]) -> bool:
    without = [sample for sample in samples if sample.golden is None]
    if wish == "no" or (wish == "auto" and len(without) == len(samples)):
        return False
    if without:
        first = without[0]
        raise InputError(
            f"{place(first)}: expected a golden image in every row, got none in {len(without)} of "
            f"{len(samples)}: name them, or train without (--golden no)"
        )
    return True


def _all_grey(samples: Sequence[Sample], contract: Contract) -> bool:
    """Whether some images, evenly chosen, have three equal channels (nearly: JPEG rounds)."""
    first_rows = list({sample.image: sample for sample in samples}.values())
    plain = dataclasses.replace(contract, golden=False, scale=contract.scale[:3], offset=contract.offset[:3])
    chosen = np.linspace(0, len(first_rows) - 1, min(_PROBED_IMAGES, len(first_rows))).astype(int)
    for i in chosen:
        pixels = load_window(first_rows[i], plain).astype(np.int16)
        if int(np.ptp(pixels, axis=2).max()) > _GREY_SPREAD:
            return False
    return True


def _labelled(samples: Sequence[Sample], split: str, progress: Progress) -> list[Sample]:
    chosen = list(select(samples, split))
    kept = [sample for sample in chosen if sample.label]
    if len(kept) < len(chosen):
        progress.line(f"{split}: {len(chosen) - len(kept)} of {len(chosen)} rows have no label and are left out")
    return kept


def _cut(
    name: str,
    samples: Sequence[Sample],
    contract: Contract,
    classes: Classes,
    shift: int,
    progress: Progress,
) -> WindowSet:
    rate = Rate(len(samples))
    return cut_windows(
        samples,
        contract,
        classes,
        shift,
        lambda done: progress.status(f"{name}: reading {done}/{len(samples)}, {rate.text(done)}"),
    )
