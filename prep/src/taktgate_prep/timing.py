"""Time per window, of several models in turn: so that what else the machine does hits all of them alike."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from taktgate_prep.model_file import Model
from taktgate_prep.runtime import open_session, run_one

_ROUNDS = 200
_WARM_UP = 20


def time_models(models: Sequence[Model], tensor: npt.NDArray[np.float32]) -> list[dict[str, Any]]:
    """Least and median microseconds for one tensor [1, C, H, W], one thread, of each model."""
    sessions = [open_session(model.to_bytes(), str(model.path)) for model in models]
    taken = np.zeros((len(sessions), _ROUNDS))
    for turn in range(-_WARM_UP, _ROUNDS):
        for i, session in enumerate(sessions):
            start = time.perf_counter()
            run_one(session, tensor)
            taken[i, max(0, turn)] = 1e6 * (time.perf_counter() - start)
    return [{"min_us": float(row.min()), "median_us": float(np.median(row)), "rounds": _ROUNDS, "threads": 1}
            for row in taken]
