"""Time per window, of several models in turn: so that what else the machine does hits all of them alike."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from taktgate_prep.engine.deciding import Decider

_ROUNDS = 200
_WARM_UP = 20
_SURE = 1.05  # times closer than this may be chance


def time_models(deciders: Sequence[Decider], pixels: npt.NDArray[np.uint8]) -> list[dict[str, Any]]:
    """Least and median microseconds for one window [1, H, W, C], one thread, of each model in its runtime."""
    timed = [decider.timed(pixels) for decider in deciders]
    taken = np.zeros((len(timed), _ROUNDS))
    for turn in range(-_WARM_UP, _ROUNDS):
        for i, (_, run) in enumerate(timed):
            start = time.perf_counter()
            run()
            taken[i, max(0, turn)] = 1e6 * (time.perf_counter() - start)
    return [
        {
            "min_us": float(row.min()),
            "median_us": float(np.median(row)),
            "rounds": _ROUNDS,
            "threads": 1,
            "runtime": runtime,
        }
        for row, (runtime, _) in zip(taken, timed, strict=True)
    ]


def slower_sentence(time_of: dict[str, Any]) -> str | None:
    """Said where the INT8 model of a report is slower than its float one; None where it is not."""
    if "int8" not in time_of or time_of["int8"]["min_us"] <= _SURE * time_of["fp32"]["min_us"]:
        return None
    first, second = time_of["fp32"], time_of["int8"]
    return (
        f"INT8 is slower than FP32 on this machine: {second['min_us']:.0f} against "
        f"{first['min_us']:.0f} \N{MICRO SIGN}s per window (least of {second['rounds']} runs, one thread)."
    )
