"""Which training windows the activation ranges are found on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.sample import Sample
from taktgate_prep.errors import InputError
from taktgate_prep.quantise.windows import Windows

_MOST_SHARE = 0.75  # of the windows there are, so that draws differ and some are left for bias correction


def draws(samples: Sequence[Sample], contract: Contract, size: int, count: int, seed: int) -> list[list[int]]:
    """`count` draws of indices of labelled samples, each of `size` or of three quarters of what there is."""
    labelled = [i for i, sample in enumerate(samples) if sample.label is not None]
    if not labelled:
        raise InputError(
            "expected labelled samples of split train to calibrate on, got none: name the split in the "
            "list, or use folders train/CLASS/image"
        )
    size = min(size, max(1, int(_MOST_SHARE * len(labelled))))
    known = [samples[i] for i in labelled]
    return [[labelled[i] for i in draw(known, contract, size, (seed, number))] for number in range(count)]


def draw(samples: Sequence[Sample], contract: Contract, size: int, seed: tuple[int, int]) -> list[int]:
    """`size` indices, half from the passing classes and half from the others where both are there, classes equal
    within a half as far as they reach; the rest at random. In random order, the same for the same seed."""
    rng = np.random.default_rng(seed)
    passing = dict(zip(contract.label_names, contract.passing, strict=True))
    halves: dict[bool, dict[str, list[int]]] = {True: {}, False: {}}
    for i in rng.permutation(len(samples)):
        label = samples[i].label or ""
        halves[passing.get(label, False)].setdefault(label, []).append(int(i))
    chosen: list[int] = []
    filled = [classes for classes in halves.values() if classes]
    for classes in filled:
        chosen += _even(classes, size // len(filled))
    rest = sorted(set(range(len(samples))) - set(chosen))
    chosen += [rest[i] for i in rng.permutation(len(rest))[: size - len(chosen)]]
    return [chosen[i] for i in rng.permutation(len(chosen))]


def missing_classes(samples: Sequence[Sample], contract: Contract) -> list[str]:
    """Classes of the contract without a sample."""
    there = {sample.label for sample in samples}
    return [name for name in contract.label_names if name not in there]


def digest(samples: Sequence[Sample], windows: Windows) -> str:
    """SHA-256 over what was calibrated on."""
    sha = hashlib.sha256(repr([sample.row for sample in samples]).encode())
    sha.update(np.ascontiguousarray(windows.pixels).tobytes())
    return sha.hexdigest()


def _even(classes: dict[str, list[int]], count: int) -> list[int]:
    """Takes from all classes in turn until `count` or nothing is left."""
    chosen: list[int] = []
    queues = [list(classes[label]) for label in sorted(classes)]
    while len(chosen) < count and any(queues):
        for queue in queues:
            if queue and len(chosen) < count:
                chosen.append(queue.pop())
    return chosen
