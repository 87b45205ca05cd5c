"""Instructions of one run of the INT8 engine on emulated ARM cores (`make arm64-counts`).

Counted by a plugin of qemu-user from one call of the first kernel of a run to the next: exact, and
the same on every machine. Of another compiler they are other numbers, so its version is stored.
"""

import argparse
import itertools
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build" / "arm64" / "tests" / "int8_runs"
STORED = ROOT / "tests" / "instructions" / "counts.tsv"
QEMU_PREFIX = ROOT / ".deps" / "arm64" / "qemu"
TOLERANCE = 0.01
RUNS = 3
KERNEL = re.compile(r"(ReadIn|Dense|Depthwise|Gate|Add|Mean|Lookup)Neon")


@dataclass(frozen=True)
class Case:
    cpu: str
    isa: str
    side: int
    channels: int
    labels: int
    weight_bits: int

    def __str__(self) -> str:
        return f"{self.cpu} {self.isa} {self.side}x{self.side}x{self.channels} {self.weight_bits} bits"


CASES = [
    Case(cpu, isa, *network, bits)
    for (cpu, isa), network, bits in itertools.product(
        [("cortex-a53", "neon"), ("cortex-a76", "neon-dot"), ("max", "neon-i8mm")], [(224, 3, 1000), (64, 2, 4)], [7, 8]
    )
]


@dataclass(frozen=True)
class Call:
    kernel: str
    instructions: int


def compiler() -> str:
    said = subprocess.run(["aarch64-linux-gnu-g++", "--version"], check=True, capture_output=True, text=True).stdout
    return said.splitlines()[0]


def build_plugin(folder: Path) -> Path:
    plugin = folder / "count_plugin.so"
    source = ROOT / "tests" / "instructions" / "count_plugin.c"
    subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", source, "-o", plugin], check=True)
    return plugin


def runs_of(case: Case, plugin: Path, folder: Path) -> list[list[Call]]:
    """The calls of kernels of all whole runs but the last: what follows it is not counted."""
    out = folder / "counts"
    words = [case.isa, case.side, case.channels, case.labels, case.weight_bits, RUNS]
    emulator = ["qemu-aarch64", "-L", QEMU_PREFIX, "-cpu", case.cpu, "-plugin", f"{plugin},out={out},mark=Neon"]
    subprocess.run([*map(str, emulator), str(PROGRAM), *map(str, words)], check=True)
    calls = []
    for line in out.read_text().splitlines():
        word, _, rest = line.partition(" ")
        instructions, _, name = rest.partition(" ")
        kernel = KERNEL.search(name)
        if word == "call" and kernel:
            calls.append(Call(kernel[1], int(instructions)))
    begins = [k for k, call in enumerate(calls) if call.kernel == "ReadIn"][-RUNS:]
    return [calls[begin:end] for begin, end in itertools.pairwise(begins)]


def total(run: list[Call]) -> int:
    return sum(call.instructions for call in run)


def stored() -> tuple[str, dict[str, int]]:
    """The compiler, and the count of each case."""
    head, *rows = STORED.read_text().splitlines()
    return head.removeprefix("# "), {case: int(count) for case, count in (row.split("\t") for row in rows)}


def report(case: Case, run: list[Call]) -> None:
    by_kernel = {name: total([c for c in run if c.kernel == name]) for name in {c.kernel: 0 for c in run}}
    parts = ", ".join(f"{name} {count:,}" for name, count in sorted(by_kernel.items(), key=lambda p: -p[1]))
    print(f"{case}: {total(run):,} instructions ({parts})", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--update", action="store_true", help=f"write {STORED.relative_to(ROOT)}")
    parser.add_argument("--calls", action="store_true", help="show every call of a kernel, in order")
    options = parser.parse_args()
    if not PROGRAM.is_file():
        sys.exit(f"expected {PROGRAM.relative_to(ROOT)}, got none; run `make arm64-counts`, which builds it")
    counts = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plugin = build_plugin(folder)
        for case in CASES:
            run = runs_of(case, plugin, folder)[-1]
            counts[str(case)] = total(run)
            report(case, run)
            if options.calls:
                for call in run:
                    print(f"  {call.instructions:9,} {call.kernel}")
    if options.update:
        rows = "".join(f"{case}\t{count}\n" for case, count in counts.items())
        STORED.write_text(f"# {compiler()}\n{rows}")


if __name__ == "__main__":
    main()
