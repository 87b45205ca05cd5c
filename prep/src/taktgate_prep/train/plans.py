"""How each window of a larger image is placed anew: jittered, or drawn from all good places of its image."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from taktgate_prep.data.classes import Classes
from taktgate_prep.data.sample import Box, Sample
from taktgate_prep.train.places import JITTER, RECIPE_JITTER, SMALL_JITTER, Reach, free_reach, jitter_reach

_MANY = 0.01  # of the images: windows drawn at random hardly meet so often


@dataclass(frozen=True)
class Plan:
    """Where a window may lie; `drawn`: anywhere in the image, where the content matches.

    still: it moves so little that it is to be augmented like a whole frame; recipe: it lies at a place of a recipe.
    """

    reach: Reach
    drawn: bool = False
    still: bool = False
    recipe: bool = False


class Marks:
    """What the whole list says about defects: boxes by image with their labels, images with a defect in no box."""

    def __init__(self, samples: Sequence[Sample], classes: Classes) -> None:
        self._boxes: dict[Path, list[tuple[Box, str | None]]] = defaultdict(list)
        self._unknown: set[Path] = set()
        for sample in samples:
            if sample.box is not None:
                self._boxes[sample.image].append((sample.box, sample.label))
            elif sample.label is not None and not classes.passing[classes.index(sample.label)]:
                self._unknown.add(sample.image)
        self.some = bool(self._boxes)

    def boxes(self, image: Path, other_than: str | None = None) -> list[Box]:
        """The boxes of an image, of all labels but one; boxes without a label are of every label."""
        found = self._boxes.get(image, ())
        return [box for box, label in found if label is None or label != other_than]

    def complete(self, image: Path) -> bool:
        """Whether every defect that the list names in this image has a box."""
        return self.some and image not in self._unknown

    def has_boxes(self, image: Path) -> bool:
        return image in self._boxes


def make_plans(
    samples: Sequence[Sample], size_of: Callable[[int], tuple[int, int]], marks: Marks, classes: Classes
) -> dict[int, Plan]:
    """Index -> plan for every sample with a window; `size_of`: width and height of its image.

    Windows that come again at the same place of many images belong to a recipe: they are where the device looks, so
    they stay near. Good windows are drawn anywhere only where there is one kind of good: elsewhere may be another.
    """
    images_of = Counter(window for window, _ in {(sample.window, sample.image) for sample in samples})
    many = max(2, 1 + math.ceil(_MANY * len({sample.image for sample in samples})))
    one_good = sum(classes.passing) == 1
    plans = {}
    for i, sample in enumerate(samples):
        if sample.window is None:
            continue
        passes = classes.passing[classes.index(sample.label or "")]
        if passes and one_good and images_of[sample.window] == 1 and sample.box is None and _free(sample, marks):
            plans[i] = Plan(free_reach(sample.window, size_of(i), marks.boxes(sample.image)), True)
            continue
        # good and bad move alike where the list knows its defects: else the place alone would tell them apart
        known = sample.box is not None or (passes and marks.complete(sample.image))
        others = marks.boxes(sample.image, other_than=None if passes else sample.label)
        recipe = images_of[sample.window] >= many
        share = SMALL_JITTER if not known else RECIPE_JITTER if recipe else JITTER
        reach = jitter_reach(sample.window, size_of(i), share, sample.box, others)
        plans[i] = Plan(reach, still=not known, recipe=recipe)
    return plans


def partners(samples: Sequence[Sample], classes: Classes) -> dict[Path, list[int]]:
    """Image -> indices of its defect windows."""
    found: dict[Path, list[int]] = defaultdict(list)
    for i, sample in enumerate(samples):
        if sample.window is not None and not classes.passing[classes.index(sample.label or "")]:
            found[sample.image].append(i)
    return found


def _free(sample: Sample, marks: Marks) -> bool:
    return marks.has_boxes(sample.image) and marks.complete(sample.image)
