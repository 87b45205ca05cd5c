"""One runtime with one network in a process of its own: `python -m engines.worker FOLDER RUNTIME [KEY=VALUE]...`.

Says what it is on its first line, with its logits of the first images in a file. Then each line with a number gets a
line with as many times in nanoseconds; with a second number, that many milliseconds of sleep go before each. An empty
line ends it.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
import time
from pathlib import Path

import numpy as np

from engines.opened import Opened

UNRECORDED = 10  # runs before those that count, in each round
FIRST_RUNS = 50


def main(words: list[str]) -> None:
    """Loads, checks, then answers until nobody asks."""
    folder, runtime, *options = words
    given = dict(option.split("=", 1) for option in options)
    answers = Path(given.pop("answers"))
    opened = importlib.import_module(f"engines.runtimes.{runtime}").open_network(Path(folder), **given)
    np.save(answers, logits_of(opened, len(np.load(Path(folder) / "reference.npy"))))
    times(opened, FIRST_RUNS)
    gc.collect()
    gc.disable()
    print(json.dumps({"version": opened.version}), flush=True)
    for line in sys.stdin:
        if not line.strip():
            break
        runs, *pause = map(int, line.split())
        times(opened, UNRECORDED)
        print(json.dumps(times(opened, runs, *pause)), flush=True)


def logits_of(opened: Opened, count: int) -> np.ndarray:
    """Of the first `count` images; the first one is shown again at the end."""
    found = []
    for index in range(count):
        opened.show(index)
        opened.run()
        found.append(opened.logits())
    opened.show(0)
    return np.stack(found)


def times(opened: Opened, count: int, pause_ms: int = 0) -> list[int]:
    """Nanoseconds of each of so many runs."""
    clock, run, found = time.perf_counter_ns, opened.run, [0] * count
    for k in range(count):
        if pause_ms:
            time.sleep(pause_ms / 1e3)
        begin = clock()
        run()
        found[k] = clock() - begin
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
