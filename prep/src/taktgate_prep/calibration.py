"""Which training windows the activation ranges are found on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from taktgate_prep.contract import Contract
from taktgate_prep.errors import InputError
from taktgate_prep.samples import Sample
from taktgate_prep.train.progress import Progress
from taktgate_prep.windows import tensors


def draw(samples: Sequence[Sample], contract: Contract, count: int, seed: int) -> list[Sample]:
    """`count` samples, half from the passing classes and half from the others where both are there, classes equal
    within a half as far as they reach; the rest at random. In random order, the same for the same seed."""
    if not samples:
        raise InputError("expected samples of split train to calibrate on, got none: name the split in the list, or "
                         "use folders train/CLASS/image")
    rng = np.random.default_rng(seed)
    passing = dict(zip(contract.label_names, contract.passing, strict=True))
    halves: dict[bool, dict[str, list[int]]] = {True: {}, False: {}}
    for i in rng.permutation(len(samples)):
        label = samples[i].label or ""
        halves[passing.get(label, False)].setdefault(label, []).append(int(i))
    count = min(count, len(samples))
    chosen: list[int] = []
    filled = [classes for classes in halves.values() if classes]
    for classes in filled:
        chosen += _even(classes, count // len(filled))
    rest = sorted(set(range(len(samples))) - set(chosen))
    chosen += [rest[i] for i in rng.permutation(len(rest))[:count - len(chosen)]]
    return [samples[chosen[i]] for i in rng.permutation(len(chosen))]


def read(samples: Sequence[Sample], contract: Contract, progress: Progress) -> npt.NDArray[np.float32]:
    """Tensors [N, C, H, W] in the order of the samples."""
    shape = (len(samples), contract.channels_total, contract.height, contract.width)
    data = np.empty(shape, np.float32)
    for i, tensor in tensors(samples, contract, "calibrate: reading", progress):
        data[i] = tensor[0]
    return data


def digest(samples: Sequence[Sample], data: npt.NDArray[np.float32]) -> str:
    """SHA-256 over what was calibrated on."""
    sha = hashlib.sha256(repr([sample.row for sample in samples]).encode())
    sha.update(np.ascontiguousarray(data).tobytes())
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
