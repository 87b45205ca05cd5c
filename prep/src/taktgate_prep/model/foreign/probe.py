"""Probabilities where logits are expected, found by looking at the answers: a softmax may be written in many ways."""

from __future__ import annotations

import numpy as np

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.window import to_tensor
from taktgate_prep.model.runtime import open_session, run_one

_IMAGES = 8
_NEAR = 1e-3


def gives_probabilities(model: bytes, where: str, contract: Contract) -> bool:
    """Whether the answers to images of noise are none below zero and always sum to one."""
    rng = np.random.default_rng(0)
    shape = (_IMAGES, contract.height, contract.width, contract.channels_total)
    pixels = rng.integers(0, 256, shape) * rng.uniform(0, 1, (_IMAGES, 1, 1, shape[3]))
    session = open_session(model, where)
    tensors = to_tensor(pixels.astype(np.uint8), contract)
    rows = np.stack([run_one(session, tensor[None]) for tensor in tensors])
    return bool((rows >= 0).all() and (np.abs(rows.sum(axis=1) - 1) < _NEAR).all())
