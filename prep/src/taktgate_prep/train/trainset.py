"""The training windows: whole frames as they are, windows of a larger image cut anew whenever they are drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.classes import Classes
from taktgate_prep.data.image import Pixels, brought_to
from taktgate_prep.data.sample import Box, Sample
from taktgate_prep.data.window import load_window
from taktgate_prep.data.window_set import by_image, cut_windows, labels_of
from taktgate_prep.train.content import Content
from taktgate_prep.train.pictures import Key, Pictures
from taktgate_prep.train.plans import Marks, make_plans, partners

CONTENT = 0.05 * 255  # grey levels between the means of a good window and of a defect window of its image

_TRIES = (16, 64, 512)  # places drawn for one window: most are found at once, a rare content takes many


class TrainSet:
    """N training windows; `cut` gives any of them, each time from another place where its label allows that.

    label: int64 [N]; still: bool [N], which of them cutting does not move, or hardly.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        marks: Marks,
        contract: Contract,
        classes: Classes,
        progress: Callable[[int, int], None],
    ) -> None:
        self._samples, self._contract = samples, contract
        self.label = labels_of(samples, classes)
        whole = np.array([sample.window is None for sample in samples], bool)
        frames = [sample for sample in samples if sample.window is None]
        self._frame_at = np.cumsum(whole) - 1
        self._frames = cut_windows(frames, contract, classes, lambda done: progress(done, len(frames)))
        windows = [sample for sample in samples if sample.window is not None]
        self._pictures = Pictures(windows, contract, progress) if windows else None
        for i in by_image(windows):
            load_window(windows[i], contract)  # says what is wrong with a window before training begins
        self._plans = make_plans(samples, self._image_size, marks, classes)
        self.still = np.array([i not in self._plans or self._plans[i].still for i in range(len(samples))], bool)
        self._contents: dict[tuple[Key, tuple[int, int]], Content] = {}
        self._levels: dict[int, tuple[float, ...]] = {}
        self._find_content(classes)

    def __len__(self) -> int:
        return len(self._samples)

    def from_anywhere(self) -> bool:
        """Whether every window is cut from a larger image, and none at a place of a recipe."""
        return not len(self._frames) and not any(plan.recipe for plan in self._plans.values())

    def digest(self) -> str:
        """SHA-256 over all that is learned from: frames, images, places and labels."""
        parts = [
            self._frames.digest(),
            "" if self._pictures is None else self._pictures.digest(),
            repr(self.label.tolist()),
            *(f"{plan.drawn} {plan.reach.text()}" for plan in self._plans.values()),
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def cut(self, index: npt.NDArray[np.int64], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
        """uint8 [B, height, width, channels] of the windows `index`, each placed afresh."""
        contract = self._contract
        size, how = (contract.width, contract.height), (contract.resize, contract.fit)
        out = np.empty((len(index), contract.height, contract.width, contract.channels_total), np.uint8)
        of_size: dict[tuple[int, int], list[tuple[int, Pixels]]] = {}
        for k, i in enumerate(index.tolist()):
            if i in self._plans:
                x, y, w, h = self.place(i, rng)
                of_size.setdefault((w, h), []).append((k, self._picture(i)[y : y + h, x : x + w]))
            else:
                out[k] = self._frames.pixels[self._frame_at[i]]
        for group in of_size.values():  # all of one size at once
            out[[k for k, _ in group]] = brought_to(np.stack([part for _, part in group]), size, how)
        return out

    def place(self, i: int, rng: np.random.Generator) -> Box:
        """Where window `i` lies this time; as in the list where no drawn place will do."""
        reach = self._plans[i].reach
        if not self._plans[i].drawn:
            allowed = reach.draw(rng.random((_TRIES[0], 2)))
            return (*allowed[0].tolist(), *reach.size) if len(allowed) else (*reach.own, *reach.size)
        levels, content = self._levels[i], self._contents[self._content_key(i)]
        wanted = levels[int(rng.integers(len(levels)))]
        for tries in _TRIES:
            allowed = reach.draw(rng.random((tries, 2)))
            fits = allowed[np.abs(content.levels(allowed) - wanted) <= CONTENT]
            if len(fits):
                return *fits[0].tolist(), *reach.size
        return *reach.own, *reach.size

    def levels(self, i: int) -> tuple[float, ...]:
        """The levels that a drawn window is matched with."""
        return self._levels[i]

    def shown(self, i: int) -> Pixels:
        """What content is told by: the golden image of sample `i`, where there is none the image."""
        picture = self._picture(i)
        return picture[..., -1:] if self._contract.golden else picture

    def _find_content(self, classes: Classes) -> None:
        """Levels of the defect windows of the same image; of the window in the list where there is none."""
        of_image = partners(self._samples, classes)
        at: dict[int, float] = {}
        for i, plan in self._plans.items():
            if not plan.drawn:
                continue
            key = self._content_key(i)
            if key not in self._contents:
                self._contents[key] = Content(self.shown(i), plan.reach.size)
            for j in (beside := of_image.get(self._samples[i].image, [i])):
                if j not in at:
                    at[j] = self._level(j)
            self._levels[i] = tuple(at[j] for j in beside)

    def _level(self, i: int) -> float:
        reach = self._plans[i].reach
        content = self._contents.get(self._content_key(i))
        content = content or Content(self.shown(i), reach.size)
        return float(content.levels(np.array([reach.own], np.int64))[0])

    def _content_key(self, i: int) -> tuple[Key, tuple[int, int]]:
        assert self._pictures is not None
        return self._pictures.key(self._samples[i]), self._plans[i].reach.size

    def _image_size(self, i: int) -> tuple[int, int]:
        height, width = self._picture(i).shape[:2]
        return width, height

    def _picture(self, i: int) -> Pixels:
        assert self._pictures is not None
        return self._pictures.of(self._samples[i])
