"""Compile each mutation of tests/gate_mutants.txt and run the gate's tests on it: all must be killed."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "dev"
GATE = ROOT / "src" / "gate"
# The unit tests take a tenth of a second, the small world some; what the first kill the second need not see.
STAGES = (("unit tests", "-SmallWorld.*"), ("small world", "SmallWorld.*"))


@dataclass(frozen=True)
class Mutant:
    """One line of the list."""

    name: str
    file: str
    old: str
    new: str


def read_list(path: Path) -> list[Mutant]:
    """Read `name | file | old | new`; a separating bar has a space on both sides."""
    mutants = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split(" | ")]
        if len(fields) != 4:
            raise SystemExit(f"{path.name}:{number}: expected name | file | old | new, came {len(fields)} fields")
        mutants.append(Mutant(*fields))
    return mutants


def mutate(mutant: Mutant) -> str:
    """Give the file's text with the mutation in it."""
    text = (GATE / mutant.file).read_text()
    if text.count(mutant.old) != 1:
        times = text.count(mutant.old)
        raise SystemExit(f"{mutant.name}: {mutant.old!r} occurs {times} times in {mutant.file}, not once")
    return text.replace(mutant.old, mutant.new)


def compile_commands() -> dict[str, str]:
    """Give the compile command of each source of the gate."""
    entries = json.loads((BUILD / "compile_commands.json").read_text())
    return {Path(entry["file"]).name: entry["command"] for entry in entries if Path(entry["file"]).parent == GATE}


def link_command() -> list[str]:
    """Give the command that links the gate's unit tests, split."""
    command = ["ninja", "-C", str(BUILD), "-t", "commands", "taktgate_gate_test"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    words = shlex.split(lines[-1])
    return [word for word in words if word not in {":", "&&"}]


def build(mutant: Mutant, folder: Path, compiles: dict[str, str], link: list[str]) -> Path | None:
    """Build the gate's tests with the mutation; None when it does not compile."""
    source = folder / mutant.file
    source.write_text(mutate(mutant))
    words = shlex.split(compiles[mutant.file])
    made = folder / "mutant.o"
    words[words.index("-o") + 1] = str(made)
    words[-1] = str(source)
    # A mutation may leave a name unused; that is not what is asked here.
    if subprocess.run([*words, "-w", "-Wno-error"], cwd=BUILD, capture_output=True, check=False).returncode != 0:
        return None
    program = folder / "gate_test"
    words = list(link)
    words[words.index("-o") + 1] = str(program)
    archive = next(index for index, word in enumerate(words) if word.endswith("taktgate_gate.a"))
    words.insert(archive, str(made))  # ahead of the archive, whose own object is then not taken
    subprocess.run(words, cwd=BUILD, check=True, capture_output=True)
    return program


def killer(program: Path) -> str:
    """Name the first test that fails, or nothing."""
    for stage, tests in STAGES:
        command = [str(program), f"--gtest_filter={tests}", "--gtest_fail_fast", "--gtest_brief=1"]
        try:
            run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        except subprocess.TimeoutExpired:
            return f"{stage}: hangs"
        if run.returncode != 0:
            failed = re.search(r"\[  FAILED  \] (\S+?)[, ]", run.stdout)
            return f"{stage}: {failed.group(1) if failed else 'ends abnormally'}"
    return ""


def main() -> int:
    """Print the table; 1 when a mutant survives or does not compile."""
    mutants = read_list(ROOT / "tests" / "gate_mutants.txt")
    compiles, link = compile_commands(), link_command()
    started, left = time.monotonic(), 0
    print(f"{'mutant':<48}killed by")
    for mutant in mutants:
        with tempfile.TemporaryDirectory() as folder:
            program = build(mutant, Path(folder), compiles, link)
            killed = killer(program) if program else ""
        left += not killed
        print(f"{mutant.name:<48}{killed or ('SURVIVES' if program else 'DOES NOT COMPILE')}", flush=True)
    print(f"{len(mutants)} mutants, {len(mutants) - left} killed, {time.monotonic() - started:.0f} s")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
