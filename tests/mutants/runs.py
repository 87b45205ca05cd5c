"""Runs tests on a mutant: which ones come by it, and whether one of them falls."""

from __future__ import annotations

import contextlib
import math
import os
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

_FAILED = re.compile(r"^\[  FAILED  \] (\S+?)[, ]", re.M)
_MEMORY = 8 << 30
# What the tests of a run may take together, at the least: seconds. Above it, so many times what they take.
_LEAST_CPU = 2.0
_LEAST_WALL = 30.0
_TIMES = 10.0
# Tests are run in batches that take about so long, the quick ones first: seconds.
_BATCHES = (0.05, 0.5, 5.0, math.inf)


class End(Enum):
    """How a run with a mutant ended."""

    SURVIVED = "survived"
    KILLED = "killed"
    TIME = "time"  # it did not come to an end
    NOT_REACHED = "not reached"  # no quick test comes by it, and the slow ones do not notice


@dataclass(frozen=True)
class Test:
    """A unit test, and what it does without a mutant."""

    program: Path
    name: str
    cpu: float
    wall: float
    mutants: frozenset[int]


class SlowTests:
    """Tests that are run without a mutant only when one is there that all others let live."""

    def __init__(self, program: Path, wanted: str) -> None:
        self._program = program
        self._wanted = wanted
        self._tests: list[Test] | None = None
        self._lock = threading.Lock()

    def tests(self) -> list[Test]:
        """Give the tests; which mutants they come by is not known."""
        with self._lock:
            if self._tests is None:
                self._tests = listen(self._program, self._wanted, notes=False)
            return self._tests


@dataclass(frozen=True)
class Fate:
    """What became of a mutant."""

    end: End
    by: str = ""  # the test that fell


class UnsoundTestsError(Exception):
    """The tests fall without any mutant."""


def _limits(cpu: float) -> list[str]:
    """Give the command that sets limits and becomes what follows it."""
    seconds = math.ceil(cpu)
    return ["prlimit", f"--cpu={seconds}:{seconds + 1}", "--core=0", f"--as={_MEMORY}"]


def _run(command: list[str], values: dict[str, str], cpu: float, wall: float) -> tuple[int | None, str]:
    """Run with a limit of CPU time, and one of the clock for what sleeps; None: that one was reached."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        environment = os.environ | {"TMPDIR": folder, "TEST_TMPDIR": folder} | values
        process = subprocess.Popen(
            [*_limits(cpu), *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            env=environment, start_new_session=True, cwd=folder)  # fmt: skip
        try:
            output, _ = process.communicate(timeout=wall)
            return process.returncode, output
        except subprocess.TimeoutExpired:
            return None, ""
        finally:
            with contextlib.suppress(ProcessLookupError):  # children that it left behind
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def listen(program: Path, wanted: str, notes: bool = True) -> list[Test]:
    """Run tests without a mutant: how long each takes, and, with `notes`, which mutants it comes by."""
    path = program.with_name(f"{program.name}.{'quick' if notes else 'slow'}")
    path.unlink(missing_ok=True)
    values = {"TAKTGATE_MUTANT": "-1" if notes else "0", "TAKTGATE_MUTANT_NOTES": str(path)}
    code, output = _run([str(program), f"--gtest_filter={wanted}", "--gtest_brief=1"], values, 3600, 3600)
    if code != 0:
        raise UnsoundTestsError(_how_it_fell(program, code, path, output))
    return _read(program, path.read_text())


def _how_it_fell(program: Path, code: int | None, notes: Path, output: str) -> str:
    """Say how a program ended, and the last test that it had passed: a death leaves no other word."""
    passed = [line.split()[1] for line in _lines(notes)]
    return (f"{program.name} falls without a mutant, exit status {code}, "
            f"after {passed[-1] if passed else 'no test'}:\n{output[-3000:]}")  # fmt: skip


def _lines(notes: Path) -> list[str]:
    return notes.read_text().splitlines() if notes.exists() else []


def _read(program: Path, notes: str) -> list[Test]:
    tests, always = [], frozenset[int]()
    for line in notes.splitlines():
        _, name, cpu, wall, *numbers = line.split()
        mutants = frozenset(map(int, numbers))
        if name == "start":
            always = mutants
        else:
            tests.append(Test(program, name, int(cpu) / 1e6, int(wall) / 1e6, mutants | always))
    return tests


def _batches(tests: Iterable[Test]) -> Iterable[list[Test]]:
    """Sort tests into runs, the quick ones first."""
    ahead = sorted(tests, key=lambda test: max(test.cpu, test.wall))
    for most in _BATCHES:
        batch: list[Test] = []
        spent = 0.0
        while ahead and (not batch or spent + max(ahead[0].cpu, ahead[0].wall) <= most):
            spent += max(ahead[0].cpu, ahead[0].wall)
            batch.append(ahead.pop(0))
        if batch:
            yield batch


def fate(number: int, tests: list[Test], slow: list[SlowTests]) -> Fate:
    """Find out whether a test falls when this mutant is alive."""
    coming_by = [test for test in tests if number in test.mutants]
    for group in [lambda: coming_by, *(one.tests for one in slow)]:
        for batch in _batches(group()):
            found = _judge(number, batch)
            if found.end is not End.SURVIVED:
                return found
    return Fate(End.SURVIVED if coming_by else End.NOT_REACHED)


def _judge(number: int, batch: list[Test]) -> Fate:
    names = ":".join(test.name for test in batch)
    command = [str(batch[0].program), f"--gtest_filter={names}", "--gtest_fail_fast", "--gtest_brief=1"]
    cpu = max(_LEAST_CPU, _TIMES * sum(test.cpu for test in batch))
    wall = max(_LEAST_WALL, _TIMES * sum(test.wall for test in batch))
    code, output = _run(command, {"TAKTGATE_MUTANT": str(number)}, cpu, wall)
    if code is None or code in {-signal.SIGXCPU, -signal.SIGKILL}:
        return Fate(End.TIME, batch[0].name if len(batch) == 1 else f"one of {len(batch)} tests")
    if code == 0:
        return Fate(End.SURVIVED)
    failed = _FAILED.search(output)
    return Fate(End.KILLED, failed[1] if failed else "ends abnormally")
