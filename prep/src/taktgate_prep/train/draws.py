"""Which samples an epoch sees: balanced over the classes, every sample of a class equally often."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from taktgate_prep.data.classes import Classes

_MIN_STEPS = 20  # of an epoch: a small set is drawn several times


def steps_per_epoch(count: int, batch: int) -> int:
    """An epoch sees as many windows as there are, but has at least 20 steps."""
    return max(_MIN_STEPS, -(-count // batch))


class Draws:
    """Endless draws; a class is used up before one of its samples comes again."""

    def __init__(self, label: npt.NDArray[np.int64], classes: Classes, balance: str, rng: np.random.Generator) -> None:
        self._rng = rng
        count = np.bincount(label, minlength=len(classes.names))
        self._share = class_shares(count, classes, balance)
        self._members = [np.flatnonzero(label == i) for i in range(len(classes.names))]
        self._left = [np.zeros(0, np.int64) for _ in classes.names]

    def left(self) -> list[list[int]]:
        """What is left of every class before it is drawn anew; `put_left` goes on from it."""
        return [part.tolist() for part in self._left]

    def put_left(self, left: list[list[int]]) -> None:
        """Back to where `left` was taken."""
        self._left = [np.array(part, np.int64) for part in left]

    def next(self, batch: int, steps: int) -> npt.NDArray[np.int64]:
        """Indices [steps, batch] of one epoch."""
        total = batch * steps
        quota = np.floor(self._share * total).astype(np.int64)
        rest = self._rng.choice(len(quota), total - int(quota.sum()), p=self._share)
        np.add.at(quota, rest, 1)
        drawn = np.concatenate([self._take(i, int(n)) for i, n in enumerate(quota)])
        return self._rng.permutation(drawn).reshape(steps, batch)

    def _take(self, index: int, count: int) -> npt.NDArray[np.int64]:
        pool = [self._left[index]]
        have = len(pool[0])
        while have < count:
            pool.append(self._rng.permutation(self._members[index]))
            have += len(pool[-1])
        joined = np.concatenate(pool)
        self._left[index] = joined[count:]
        return joined[:count]


def class_shares(count: npt.NDArray[np.int64], classes: Classes, balance: str) -> npt.NDArray[np.float64]:
    """Share of the draws that each class gets; they sum to one."""
    passing = np.array(classes.passing)
    share = np.ones(len(count))
    if balance == "off":
        share = count.astype(np.float64)
    elif balance == "verdict" and passing.any() and not passing.all():
        share[passing] = 1.0 / passing.sum()
        share[~passing] = 1.0 / (~passing).sum()
    share /= share.sum()
    return share
