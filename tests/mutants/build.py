"""One program of each test program with all mutants of a room in it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from mutants.mutant import Mutant
from mutants.operators import find
from mutants.rooms import DEV, ROOT, SOURCES, Room
from mutants.schemata import Mutated, mutate
from mutants.source import Names, Source

HERE = Path(__file__).resolve().parent
_PLACE = r"^(?P<file>/[^:\n]+):(?P<line>\d+):(?P<column>\d+): +"
_ERROR = re.compile(_PLACE + r"(?P<kind>error|note|fatal error): (?P<text>.*)", re.M)
_REQUIRED = re.compile(_PLACE + r"required from", re.M)
_QUOTED = re.compile(r"'(?:\w+::)*(\w+)")
_INCLUDE = re.compile(r'^#include "([^"]+)"', re.M)
_COMPILER = re.compile(r"(^|/)[\w-]*(c\+\+|g\+\+)(-\d+)?$")
_ROUNDS = 12
_ENVIRONMENT = os.environ | {"LC_ALL": "C"}  # plain quotes in messages


class BuildError(Exception):
    """Something does not compile, and no mutant is to blame."""


@dataclass(frozen=True)
class Unit:
    """One source of a program, and how it is compiled: what is compiled is the last word."""

    source: Path
    words: tuple[str, ...]
    made: Path


@dataclass
class Mutants:
    """The mutants of a room by number; those that do not compile are set apart."""

    room: Room
    folder: Path  # of the mutated copies: <folder>/src/<room>/...
    all: dict[int, Mutant]
    texts: dict[str, bytes]
    not_built: dict[int, str] = field(default_factory=dict)
    mutated: dict[str, Mutated] = field(default_factory=dict)
    remembered: bool = False  # all of not_built is known from a build of the same sources

    @classmethod
    def find(cls, room: Room, names: Names) -> Mutants:
        """Read the room's files as they are now."""
        texts = {str(path.relative_to(SOURCES)): path.read_bytes() for path in room.paths()}
        every = [mutant for name, text in texts.items() for mutant in find(Source.read(name, text), names)]
        mutants = cls(room, ROOT / "build" / "mutants" / room.name, dict(enumerate(every, 1)), texts)
        mutants._remember()
        return mutants

    def _state(self) -> str:
        """Give what decides which mutants compile: the sources, and how they are mutated."""
        return _digest([*(text.decode() for text in self.texts.values()), *(str(one) for one in self.all.values())])

    def _remember(self) -> None:
        """Read which mutants did not compile when the sources were the same."""
        path = self.folder / "not_built.json"
        if path.exists():
            known = json.loads(path.read_text())
            if known["state"] == self._state():
                self.not_built = {int(number): why for number, why in known["not_built"].items()}
                self.remembered = True

    def keep(self) -> None:
        """Write down which mutants do not compile."""
        path = self.folder / "not_built.json"
        path.write_text(json.dumps({"state": self._state(), "not_built": self.not_built}))

    def alive(self) -> dict[int, Mutant]:
        """Give those that compile, as far as is known."""
        return {number: mutant for number, mutant in self.all.items() if number not in self.not_built}

    def write(self) -> set[str]:
        """Write the copies; give the names of those that have changed."""
        changed = set()
        alive = self.alive()
        for name, text in self.texts.items():
            of_file = {number: mutant for number, mutant in alive.items() if mutant.key.file == name}
            self.mutated[name] = mutate(text, of_file)
            path = self.folder / "src" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_bytes() != self.mutated[name].text:
                path.write_bytes(self.mutated[name].text)
                changed.add(name)
        return changed

    def clear_old(self) -> None:
        """Remove copies of files that are no more."""
        for path in (self.folder / "src").rglob("*"):
            if path.is_file() and str(path.relative_to(self.folder / "src")) not in self.texts:
                path.unlink()

    def drop(self, errors: str) -> bool:
        """Set apart the mutants that the compiler's errors are about; false when none is."""
        blamed: dict[int, str] = {}
        for match in _ERROR.finditer(errors):
            if match["kind"] == "note":
                continue
            for number in self._at(match):
                blamed.setdefault(number, match["text"])
        if not blamed:
            for match in _REQUIRED.finditer(errors):
                blamed.update((number, "in a template") for number in self._at(match))
        if not blamed:  # a constexpr variable that must stay one
            named = {name for match in _ERROR.finditer(errors) for name in _QUOTED.findall(match["text"])}
            blamed = {number: "must stay constexpr" for number, mutant in self.all.items()
                      if mutant.constant and mutant.constant in named}  # fmt: skip
        self.not_built.update({number: text for number, text in blamed.items() if number not in self.not_built})
        return bool(blamed)

    def _at(self, match: re.Match[str]) -> set[int]:
        try:
            name = str(Path(match["file"]).relative_to(self.folder / "src"))
        except ValueError:
            return set()
        mutated = self.mutated.get(name)
        return mutated.blamed(int(match["line"]), int(match["column"])) if mutated else set()


class Compiler:
    """Compiles with the options of build/dev, but quicker, and with the mutated copies in front."""

    def __init__(self, jobs: int) -> None:
        entries = json.loads((DEV / "compile_commands.json").read_text())
        self._commands = {Path(entry["file"]): shlex.split(entry["command"]) for entry in entries}
        self._jobs = jobs
        self._ahead = ROOT / "build" / "mutants" / "ahead.h"

    def sources(self, room: str, tests: bool) -> list[Path]:
        """Give the room's sources, or its tests."""
        return sorted(path for path in self._commands if path.parent == SOURCES / room
                      and path.stem.endswith("_test") == tests)  # fmt: skip

    def precompile(self) -> None:
        """Compile what comes ahead of everything."""
        text = (HERE / "ahead.h").read_text()
        made = self._ahead.with_name("ahead.h.gch")
        words = self._options(self.sources("gate", tests=True)[0])
        words += ["-x", "c++-header", str(self._ahead), "-o", str(made)]
        if made.exists() and _stamp_of(made) == _digest([*words, text]):
            return
        self._ahead.parent.mkdir(parents=True, exist_ok=True)
        self._ahead.write_text(text)
        run = subprocess.run(words, cwd=DEV, env=_ENVIRONMENT, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise BuildError(f"ahead.h does not compile:\n{run.stderr}")
        _write_stamp(made, _digest([*words, text]))

    def unit(self, source: Path, mutants: Mutants) -> Unit:
        """Say how a source is compiled for these mutants."""
        copy = mutants.folder / "src" / source.relative_to(SOURCES) if source.is_relative_to(SOURCES) else source
        made = mutants.folder / "objects" / f"{source.parent.name}_{source.stem}.o"
        like = source if source in self._commands else self.sources("gate", tests=True)[0]
        words = self._options(like)
        at = words.index(f"-I{SOURCES}")
        words[at:at] = [f"-I{mutants.folder / 'src'}"]
        compiled = copy if copy.exists() else source
        return Unit(source, (*words, "-include", str(self._ahead), "-o", str(made), "-c", str(compiled)), made)

    def _options(self, like: Path) -> list[str]:
        """Give compiler and options as for this source, without what costs time; bounds are checked instead."""
        words = self._commands[like]
        at = next(number for number, word in enumerate(words) if _COMPILER.search(word))
        kept = [word for word in words[at:] if word.startswith(("-I", "-D", "-std", "-f", "-pthread"))]
        isystem = [word for number, word in enumerate(words) if "-isystem" in words[max(number - 1, 0) : number + 1]]
        return [words[at], *kept, *isystem, "-O1", "-w", "-D_GLIBCXX_ASSERTIONS", "-DGTEST_HAS_PTHREAD=1",
                "-fmax-errors=0"]  # fmt: skip

    def compile(self, units: Iterable[Unit]) -> dict[Unit, str]:
        """Compile what has changed since the last time; give the errors by unit."""

        def one(unit: Unit) -> tuple[Unit, str]:
            stamp = _digest([*unit.words, *(path.read_text() for path in _seen_by(unit))])
            if unit.made.exists() and _stamp_of(unit.made) == stamp:
                return unit, ""
            unit.made.parent.mkdir(parents=True, exist_ok=True)
            unit.made.unlink(missing_ok=True)
            run = self._compile(unit, [])
            if run.returncode == 0:
                _write_stamp(unit.made, stamp)
            return unit, run.stderr if run.returncode != 0 else ""

        with ThreadPoolExecutor(self._jobs) as pool:
            return {unit: errors for unit, errors in pool.map(one, units) if errors}

    def check(self, units: Iterable[Unit]) -> dict[Unit, str]:
        """Look for errors only."""
        with ThreadPoolExecutor(self._jobs) as pool:
            runs = list(pool.map(lambda unit: (unit, self._compile(unit, ["-fsyntax-only"])), units))
        return {unit: run.stderr for unit, run in runs if run.returncode != 0}

    def _compile(self, unit: Unit, options: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*unit.words, *options], cwd=DEV, env=_ENVIRONMENT, capture_output=True, text=True,
                              check=False)  # fmt: skip


def _digest(words: list[str]) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def _stamp_of(made: Path) -> str:
    stamp = made.with_suffix(".stamp")
    return stamp.read_text() if stamp.exists() else ""


def _write_stamp(made: Path, stamp: str) -> None:
    made.with_suffix(".stamp").write_text(stamp)


def _seen_by(unit: Unit) -> list[Path]:
    """Give the files of this project that a unit is compiled from; mutated copies are below the first -I."""
    first = next(Path(word[2:]) for word in unit.words if word.startswith("-I"))
    names = sorted(included(unit.source))
    return [HERE / "ahead.h", Path(unit.words[-1]),
            *(first / name if (first / name).exists() else SOURCES / name for name in names)]  # fmt: skip


def included(source: Path) -> set[str]:
    """Give the names, below src/, of all that a source includes from there."""
    found: set[str] = set()
    ahead = [source]
    while ahead:
        for name in _INCLUDE.findall(ahead.pop().read_text()):
            if name not in found and (SOURCES / name).is_file():
                found.add(name)
                ahead.append(SOURCES / name)
    return found


def _units_of(compiler: Compiler, mutants: Mutants, judge: str) -> list[Unit]:
    """Give what must be compiled again for a test program."""
    every = [*compiler.sources(mutants.room.name, tests=False), *compiler.sources(judge, tests=False),
             *compiler.sources(judge, tests=True)]  # fmt: skip
    wanted = [source for source in dict.fromkeys(every)
              if any(source.relative_to(SOURCES).match(pattern) for pattern in mutants.room.again)]  # fmt: skip
    return [compiler.unit(source, mutants) for source in [*wanted, HERE / "chosen.cc"]]


def _link_words(judge: str) -> list[str]:
    command = ["ninja", "-C", str(DEV), "-t", "commands", f"taktgate_{judge}_test"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [word for word in shlex.split(lines[-1]) if word not in {":", "&&"}]


def _link(units: list[Unit], judge: str, program: Path) -> None:
    """Link as build/dev does, each new object in the place of the old one, or ahead of the libraries."""
    words = _link_words(judge)
    words[words.index("-o") + 1] = str(program)
    made = {f"{unit.source.parent.name}/{unit.source.name}": unit.made for unit in units}
    kept = []
    for word in words:
        match = re.search(r"src/(\w+)/CMakeFiles/\w+\.dir/(\w+\.cc)\.o$", word)
        if match is None or f"{match[1]}/{match[2]}" not in made:
            kept.append(word)
    at = kept.index("-o")
    kept[at:at] = [str(path) for path in made.values()]
    run = subprocess.run(kept, cwd=DEV, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise BuildError(f"{program.name} does not link:\n{run.stderr}")


def build(mutants: Mutants, compiler: Compiler) -> dict[str, Path]:
    """Build the room's test programs; give them by the name of their room."""
    compiler.precompile()
    mutants.write()
    mutants.clear_old()
    units = {judge: _units_of(compiler, mutants, judge) for judge in mutants.room.judges}
    every = list(dict.fromkeys(unit for of_judge in units.values() for unit in of_judge))
    mutated = [unit for unit in every if unit.words[-1].startswith(str(mutants.folder))]
    # First all headers at once, then the mutated sources, quickly, unless it is known; then everything.
    if not mutants.remembered:
        _until_clean(mutants, [_all_headers(compiler, mutants)], compiler.check)
        _until_clean(mutants, mutated, compiler.check)
    _until_clean(mutants, every, compiler.compile)
    mutants.keep()
    programs = {}
    for judge, of_judge in units.items():
        programs[judge] = mutants.folder / f"{judge}_test"
        _link(of_judge, judge, programs[judge])
    return programs


def _all_headers(compiler: Compiler, mutants: Mutants) -> Unit:
    """Give a source that includes every mutated header."""
    source = mutants.folder / "all_headers.cc"
    source.write_text("".join(f'#include "{name}"\n' for name in mutants.texts if name.endswith(".h")))
    return compiler.unit(source, mutants)


def _until_clean(mutants: Mutants, units: list[Unit], compile_all: Callable[[list[Unit]], dict[Unit, str]]) -> None:
    """Compile, and drop the mutants that do not, until all the rest does."""
    ahead = units
    for _ in range(_ROUNDS):
        failed = compile_all(ahead)
        if not failed:
            return
        for unit, errors in failed.items():
            if not mutants.drop(errors):
                raise BuildError(f"{unit.source} does not compile, and no mutant is to blame:\n{errors[:4000]}")
        headers = any(name.endswith(".h") for name in mutants.write())
        ahead = units if headers else list(failed)
    raise BuildError(f"{mutants.room.name}: no end of mutants that do not compile")
