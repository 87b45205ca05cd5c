"""`make mutants`: as many mutants as fit the time, in random order; `--all`: every one."""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from mutants import equivalent, report
from mutants.build import BuildError, Compiler, Mutants, build
from mutants.equivalent import ListError
from mutants.mutant import Mutant
from mutants.rooms import ROOMS, ROOT, SOURCES
from mutants.runs import End, Fate, SlowTests, Test, UnsoundTestsError, fate, listen
from mutants.source import Names, NotUnderstoodError

_LIVES = {End.SURVIVED, End.NOT_REACHED}


@dataclass
class Work:
    """A room's mutants, ready to run."""

    mutants: Mutants
    tests: list[Test]
    slow: list[SlowTests]
    equivalents: dict[Mutant, equivalent.Entry]
    fates: dict[int, Fate] = field(default_factory=dict)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--all", action="store_true", help="every mutant, however long it takes")
    parser.add_argument("--budget", type=float, default=240, help="seconds, when all is compiled (default: 240)")
    parser.add_argument("--quick", action="store_true", help="without the tests that take long: more mutants a minute")
    parser.add_argument("--seed", type=int, help="of the order (default: another one each commit and day)")
    parser.add_argument("--room", choices=[room.name for room in ROOMS], action="append", help="only these rooms")
    parser.add_argument("--file", action="append", default=[], help="only files whose name has this in it")
    parser.add_argument("--only", action="append", default=[], metavar="ID", help="only this mutant, with its tests")
    parser.add_argument("--show", action="store_true", help="list the mutants and run none")
    parser.add_argument("--jobs", type=int, default=int(os.environ.get("JOBS") or os.cpu_count() or 1))
    return parser.parse_args()


def seed_of_today() -> int:
    """Give a seed that another commit or day does not have."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return int(hashlib.sha256(f"{head}{time.strftime('%F')}".encode()).hexdigest()[:6], 16)


def wanted(mutant: Mutant, chosen: argparse.Namespace) -> bool:
    """Say whether the command line means this mutant."""
    if chosen.only:
        return mutant.id in chosen.only
    return not chosen.file or any(part in mutant.key.file for part in chosen.file)


def prepare(chosen: argparse.Namespace, entries: list[equivalent.Entry]) -> list[Work]:
    """Find and build the mutants of each room; run its tests without any."""
    names = Names.below(SOURCES)
    works = []
    for every in ROOMS:
        room = replace(every, judges=every.judges[:1]) if chosen.quick else every
        mutants = Mutants.find(room, names)
        matched = equivalent.match(entries, mutants.all.values(), mutants.texts)
        if chosen.room and room.name not in chosen.room:
            continue
        if not any(wanted(mutant, chosen) for mutant in mutants.all.values()):
            continue
        works.append(Work(mutants, [], [], matched))
    if not works:
        raise ListError("no mutant is meant by this command line")
    return works


def cpu_of_children() -> float:
    """Give the CPU time of all programs that were run so far: seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def make(work: Work, compiler: Compiler, without_slow: bool) -> None:
    """Compile a room's mutants and learn which test comes by which."""
    began, worked = time.monotonic(), cpu_of_children()
    programs = build(work.mutants, compiler)
    built, worked = time.monotonic() - began, cpu_of_children() - worked
    room = work.mutants.room
    first, quick = programs[room.judges[0]], "-" + ":".join(wanted for _, wanted in room.slow)
    work.tests = listen(first, quick if room.slow else "*")
    work.slow = [SlowTests(programs[judge], wanted) for judge, wanted in room.slow] if not without_slow else []
    print(f"{work.mutants.room.name}: {len(work.mutants.all)} mutants in {len(programs)} programs, "
          f"compiled in {built:.0f} s ({worked:.0f} s of CPU), {len(work.tests)} quick tests pass without a mutant in "
          f"{time.monotonic() - began - built:.0f} s", flush=True)  # fmt: skip


def order(works: list[Work], chosen: argparse.Namespace, seed: int) -> list[tuple[Work, int]]:
    """Give what is run, at random, each room at the same pace; what is equivalent only when all are run."""
    ranked = []
    for work in works:
        numbers = [number for number, mutant in work.mutants.alive().items() if wanted(mutant, chosen)
                   and (chosen.all or chosen.only or mutant not in work.equivalents)]  # fmt: skip
        random.Random(seed).shuffle(numbers)
        ranked += [((at + 0.5) / len(numbers), work, number) for at, number in enumerate(numbers)]
    ranked.sort(key=lambda one: one[0])
    return [(work, number) for _, work, number in ranked]


def doubted(number: int, work: Work) -> Fate:
    """Run the tests again on a mutant that lived: a busy machine may have hidden what they see.

    Threads come by different places in each run, so tests that did not come by it have their turn, too.
    """
    again = fate(number, work.tests, work.slow)
    if again.end not in _LIVES:
        return again
    everywhere = [replace(test, mutants=test.mutants | {number}) for test in work.tests]
    last = fate(number, everywhere, work.slow)
    return again if last.end in _LIVES else last


def run(ahead: list[tuple[Work, int]], jobs: int, until: float) -> None:
    """Run mutants until the time is over; report each survivor at once."""
    lock = threading.Lock()
    source: Iterator[tuple[Work, int]] = iter(ahead)

    def one() -> None:
        while time.monotonic() < until:
            with lock:
                work, number = next(source, (None, 0))
            if work is None:
                return
            mutant = work.mutants.all[number]
            found = fate(number, work.tests, work.slow)
            if found.end in _LIVES and mutant not in work.equivalents:
                found = doubted(number, work)
            with lock:
                work.fates[number] = found
                if found.end in _LIVES and mutant not in work.equivalents:
                    print(report.survivor(mutant, found), flush=True)

    with ThreadPoolExecutor(jobs) as pool:
        for future in [pool.submit(one) for _ in range(jobs)]:
            future.result()


def survivors(works: list[Work]) -> list[str]:
    """Tell the mutants that lived and should not have."""
    return [report.survivor(work.mutants.all[number], found) for work in works for number, found in work.fates.items()
            if found.end in _LIVES and work.mutants.all[number] not in work.equivalents]  # fmt: skip


def account(works: list[Work], chosen: argparse.Namespace) -> tuple[list[report.Line], list[str]]:
    """Give each mutant's line of the account, and what is wrong with the list of equivalent ones."""
    lines, wrong = [], []
    for work in works:
        for number, mutant in work.mutants.all.items():
            found = work.fates.get(number)
            entry = work.equivalents.get(mutant)
            # One that ran out of time may only have been slow, which is what some of them change.
            killed = found is not None and found.end is End.KILLED
            if not wanted(mutant, chosen):
                continue
            if entry is not None and killed and found is not None:
                wrong.append(f"equivalent.txt:{entry.line}: is not equivalent: {found.by} tells it apart ({mutant.id})")
            if entry is not None:
                column = "equivalent"
            elif number in work.mutants.not_built:
                column = "not built"
            else:
                column = report.column_of(found) if found is not None else "not run"
            lines.append(report.Line(mutant, column))
    return lines, wrong


def without_a_run(works: list[Work]) -> list[str]:
    """Name the rooms of which not a single mutant was run: nothing is known about their tests."""
    return [f"{work.mutants.room.name}: not a single mutant was run, of {len(work.mutants.alive())} that compile and "
            f"{len(work.equivalents)} equivalent; give it more time (ARGS='--budget 600'), or every one (--all)"
            for work in works if not work.fates]  # fmt: skip


def show(works: list[Work], chosen: argparse.Namespace) -> None:
    """List the mutants."""
    for work in works:
        for mutant in filter(lambda one: wanted(one, chosen), work.mutants.all.values()):
            print(f"{mutant.id} src/{mutant.key.file}:{mutant.line}: {mutant.key.function}: {mutant.operator}\n"
                  f"  - {mutant.key.before}\n  + {mutant.key.after}")  # fmt: skip


def write_not_built(works: list[Work]) -> Path:
    """Write down which mutants do not compile, and what the compiler said."""
    path = ROOT / "build" / "mutants" / "not_built.txt"
    with path.open("w") as file:
        for work in works:
            for number, why in work.mutants.not_built.items():
                mutant = work.mutants.all[number]
                key = mutant.key
                file.write(f"src/{key.file}:{mutant.line}\n  - {key.before}\n  + {key.after}\n  {why}\n")
    return path


def main() -> int:
    """Return 1 when a mutant survives that is not known to be equivalent, or none of a room was run."""
    chosen = arguments()
    began = time.monotonic()
    seed = chosen.seed if chosen.seed is not None else seed_of_today()
    works = prepare(chosen, equivalent.read())
    if chosen.show:
        show(works, chosen)
        return 0
    compiler = Compiler(chosen.jobs)
    for work in works:
        make(work, compiler, chosen.quick)
    write_not_built(works)
    until = float("inf") if chosen.all or chosen.only else time.monotonic() + chosen.budget
    run(order(works, chosen, seed), chosen.jobs, until)
    lines, wrong = account(works, chosen)
    print(report.table(lines))
    again = survivors(works)  # once more, where the end of a long output shows them
    print("\n".join(again), end="\n" if again else "")
    survived = sum(line.column == "survived" for line in lines)
    ran = sum(len(work.fates) for work in works)
    print(f"{ran} of {len(lines)} mutants run in {time.monotonic() - began:.0f} s, {survived} survived; "
          f"seed {seed} (again: ARGS='--seed {seed}')")  # fmt: skip
    wrong += without_a_run(works)
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if survived or wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (BuildError, ListError, NotUnderstoodError, UnsoundTestsError) as trouble:
        sys.exit(f"mutants: {trouble}")
