"""From --data to two sets of windows: which channels, which classes, which contract."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.classes import Classes, check_counts, find_classes, missing_verdicts, refuse_empty_folders
from taktgate_prep.data.load import load_samples
from taktgate_prep.data.readable import LeftOut, leave_out_unreadable
from taktgate_prep.data.sample import Sample, place, select
from taktgate_prep.data.window import load_window
from taktgate_prep.data.window_set import WindowSet, cut_windows
from taktgate_prep.errors import InputError
from taktgate_prep.files.names import SPLITS
from taktgate_prep.terminal.progress import Progress, Rate
from taktgate_prep.train.options import TrainOptions
from taktgate_prep.train.pictures import check_marks
from taktgate_prep.train.plans import Marks
from taktgate_prep.train.trainset import TrainSet

_SCALE = 0.00784313725490196  # 2/255: a pixel becomes -1 to 1
_PROBED_IMAGES = 64
_GREY_SPREAD = 8  # levels between the channels of a pixel that JPEG may cause in a grey image


@dataclass(frozen=True)
class Inputs:
    """Everything that is learned from, and the contract it was cut by.

    counts: samples per split and class; turns: whether mirrored and turned windows are learned from too; left_out:
    images that could not be read.
    """

    contract: Contract
    classes: Classes
    train: TrainSet
    val: WindowSet
    counts: dict[str, dict[str, int]]
    turns: bool
    left_out: LeftOut

    def digests(self) -> dict[str, str]:
        """SHA-256 of what is trained and validated on."""
        return {"train": self.train.digest(), "val": self.val.digest()}


def read_inputs(options: TrainOptions, progress: Progress) -> Inputs:
    """Reads the list or folder and cuts its training and validation windows."""
    refuse_empty_folders(options.data)
    samples = load_samples(options.data, val_share=options.val_share, note=progress.line)
    left_out = LeftOut()
    if options.bad_images == "skip":
        samples, left_out = leave_out_unreadable(samples, progress)
    train, val = (_labelled(samples, split, progress) for split in ("train", "val"))
    if not train:
        raise InputError(
            f"{options.data}: expected labelled samples of split `train`, got none: name the split "
            "in the list, or use folders train/CLASS/image"
        )
    classes = find_classes(samples, options.good, options.data)
    check_counts(classes, train, val, options.data)
    for note in missing_verdicts(classes, val):
        progress.line(f"{options.data}: split val has {note}")
    contract = make_contract(options, classes, train + val)
    check_marks(samples, train)
    rate = Rate(len(val))
    val_set = cut_windows(val, contract, classes, lambda done: _show(progress, "val", done, len(val), rate))
    rate = Rate(len(train))
    train_set = TrainSet(
        train,
        Marks(samples, classes),
        contract,
        classes,
        lambda done, count: _show(progress, "train", done, count, rate),
    )
    turns = wants_turns(options.turns, train_set.from_anywhere(), contract)
    return Inputs(contract, classes, train_set, val_set, _counts(samples, classes), turns, left_out)


def wants_turns(wish: str, from_anywhere: bool, contract: Contract) -> bool:
    """Whether windows are mirrored and turned.

    A window cut from a larger image, with a golden image that turns with it, is judged by what differs between the
    two: nothing in it can depend on its orientation alone. A whole frame, or a window without a golden image, may be
    wrong just because a part lies the other way round, so there it has to be asked for; and the device never sees the
    places of a recipe turned.
    """
    return wish == "yes" or (wish == "auto" and from_anywhere and contract.golden)


def _counts(samples: Sequence[Sample], classes: Classes) -> dict[str, dict[str, int]]:
    found = {split: dict.fromkeys(classes.names, 0) for split in SPLITS}
    for sample in samples:
        if sample.label is not None and sample.split is not None:
            found[sample.split][sample.label] += 1
    return found


def _show(progress: Progress, name: str, done: int, count: int, rate: Rate) -> None:
    progress.status(f"{name}: reading {done}/{count}, {rate.text(done)}")


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
            "fit": options.fit,
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
    boxes = sum(1 for sample in chosen if not sample.label and sample.box)
    rest = len(chosen) - len(kept) - boxes
    if boxes:
        progress.line(f"{split}: {boxes} rows without a label mark places that are not good")
    if rest:
        progress.line(f"{split}: {rest} of {len(chosen)} rows have no label and are left out")
    return kept
