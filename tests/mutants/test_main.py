"""The account of `make mutants`: what fits the time, what is called a survivor, and when it fails."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from mutants import __main__ as program
from mutants import runs
from mutants.build import Mutants
from mutants.mutant import Form, Key, Mutant
from mutants.rooms import ROOMS
from mutants.runs import End, Fate

COMPILING = 1000.0  # seconds


class Bench:
    """The program with a clock, a compiler and tests of our own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
        self.now = 0.0
        self.fates = [End.KILLED]  # the next one first; the last one stays
        self.ran: list[int] = []
        self._patch = monkeypatch
        mutants = {number: Mutant(Key("gate/a.cc", "F", f"a = {number};", ";"), 1, "delete", Form.DELETE, 0, 6, number)
                   for number in range(1, count + 1)}  # fmt: skip
        self.work = program.Work(Mutants(ROOMS[0], Path("none"), mutants, {}), [], [], {})
        replaced = {"time": SimpleNamespace(monotonic=lambda: self.now, strftime=time.strftime), "fate": self._fate,
                    "make": self._make, "prepare": lambda *_: [self.work], "Compiler": lambda _: None,
                    "write_not_built": lambda _: None}  # fmt: skip
        for name, value in replaced.items():
            monkeypatch.setattr(program, name, value)

    def _make(self, *_: object) -> None:
        self.now += COMPILING

    def _fate(self, number: int, *_: object) -> Fate:
        self.now += 1
        self.ran.append(number)
        return Fate(self.fates.pop(0) if len(self.fates) > 1 else self.fates[0], "a test")

    def main(self, *arguments: str) -> int:
        self._patch.setattr("sys.argv", ["mutants", "--jobs", "1", "--seed", "1", *arguments])
        return program.main()


def test_the_budget_is_for_running_not_for_compiling(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, 10)
    assert bench.main("--budget", "4") == 0
    assert len(bench.ran) == 4


def test_a_room_of_which_nothing_was_run_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = Bench(monkeypatch, 10)
    assert bench.main("--budget", "0") == 1
    assert bench.ran == []
    assert "gate: not a single mutant was run, of 10 that compile" in capsys.readouterr().out


def test_a_survivor_is_run_once_more(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench(monkeypatch, 1)
    bench.fates = [End.SURVIVED, End.KILLED]
    assert bench.main() == 0
    assert bench.ran == [1, 1]
    assert "survived (" not in capsys.readouterr().out


@pytest.mark.parametrize("end", [End.SURVIVED, End.NOT_REACHED])
def test_what_survives_all_tests_is_a_survivor(
    end: End, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = Bench(monkeypatch, 1)
    bench.fates = [end]
    assert bench.main() == 1
    assert bench.ran == [1, 1, 1]
    output = capsys.readouterr().out
    assert output.count("src/gate/a.cc:1: F: survived (") == 2  # at once, and after the account


def test_a_mutant_that_no_test_came_by_meets_every_test(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, 1)
    bench.work.tests = [runs.Test(Path("t"), "Threads.MeetInAnotherOrder", 0.1, 0.1, frozenset())]
    came_by: list[bool] = []

    def met(number: int, tests: list[runs.Test], _: object) -> Fate:
        came_by.append(any(number in test.mutants for test in tests))
        return Fate(End.KILLED if came_by[-1] else End.NOT_REACHED, "a test")

    monkeypatch.setattr(program, "fate", met)
    assert bench.main() == 0
    assert came_by == [False, False, True]


def test_what_is_killed_is_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, 3)
    assert bench.main("--all") == 0
    assert sorted(bench.ran) == [1, 2, 3]
