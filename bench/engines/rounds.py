"""A process for each row, all loaded, one running: in rounds, and whoever goes first changes."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engines.figures import rotated
from engines.networks import ROOT
from engines.rows import Row

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "TF_CPP_MIN_LOG_LEVEL": "3"}
Say = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """version: as the runtime says; logits: of the images that are checked; rounds: nanoseconds by run."""

    version: str
    logits: np.ndarray
    rounds: list[list[int]]


class Worker:
    """A row's process, on one core."""

    def __init__(self, row: Row, network: Path, cpu: int) -> None:
        self._answers = network / "answers" / f"{''.join(c if c.isalnum() else '-' for c in row.name)}.npy"
        self._answers.parent.mkdir(exist_ok=True)
        self._said = self._answers.with_suffix(".log")
        options = [f"{key}={value}" for key, value in row.options.items()]
        command = [row.python, "-m", "engines.worker", network, row.runtime, f"answers={self._answers}", *options]
        path = os.pathsep.join([str(ROOT / "bench"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
        with self._said.open("w", encoding="utf-8") as said:
            self._process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                env={**os.environ, **ONE_THREAD, **row.environment, "PYTHONPATH": path},
                preexec_fn=lambda: os.sched_setaffinity(0, {cpu}),
            )

    def start(self) -> tuple[str, np.ndarray]:
        """Version and logits, once it is ready."""
        version = str(json.loads(self._line())["version"])
        return version, np.load(self._answers)

    def times(self, runs: int, pause_ms: int = 0) -> list[int]:
        """Of so many runs, now; pause_ms: of standing still before each."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{runs} {pause_ms}\n")
        self._process.stdin.flush()
        return list(json.loads(self._line()))

    def end(self) -> None:
        """Also of one that has failed."""
        self._process.kill()
        self._process.wait()

    def _line(self) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(("{", "[")):  # what else is there, a runtime says
                return line
        said = self._said.read_text(encoding="utf-8").strip().splitlines()
        raise WorkerError(said[-1] if said else "it ended without a word")


class WorkerError(Exception):
    """The process has ended; the message is the last that it said."""


@dataclass(frozen=True)
class Running:
    """By name: processes that are loaded, what they said as they began, and why those that are missing did not."""

    workers: Mapping[str, Worker]
    begun: Mapping[str, tuple[str, np.ndarray]]
    failed: Mapping[str, str]


@contextmanager
def running(rows: Sequence[Row], network: Path, cpu: int, say: Say) -> Iterator[Running]:
    """All rows, each loaded before the next begins."""
    workers: dict[str, Worker] = {}
    begun: dict[str, tuple[str, np.ndarray]] = {}
    failed: dict[str, str] = {}
    with ExitStack() as stack:
        for row in rows:
            worker = Worker(row, network, cpu)
            stack.callback(worker.end)
            try:
                begun[row.name], workers[row.name] = worker.start(), worker
            except WorkerError as error:
                failed[row.name] = str(error)
                say(f"{row.name} did not run: {error}")
        yield Running(workers, begun, failed)


def measure(
    rows: Sequence[Row], network: Path, cpu: int, rounds: int, runs: int, say: Say
) -> tuple[dict[str, Outcome], Mapping[str, str]]:
    """By name what each row gave, and why those that are missing did not run."""
    with running(rows, network, cpu, say) as here:
        found: dict[str, list[list[int]]] = {name: [] for name in here.workers}
        for turn in range(rounds):
            for name in rotated(list(here.workers), turn):
                found[name].append(here.workers[name].times(runs))
            say(f"round {turn + 1} of {rounds}")
    return {name: Outcome(*here.begun[name], found[name]) for name in found}, here.failed
