"""Bounds of the inner loops of the INT8 engine on ARM cores, by llvm-mca: `bench/arm_bounds.py`.

Takes the loops from the cross build (`make arm64-counts` makes what this needs) and asks llvm-mca
(Debian package llvm) how many cycles a turn takes at best on each core. A model of a core knows
nothing of caches; for Cortex-A72 and A76 llvm has the model of Cortex-A57.
"""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build" / "arm64" / "tests" / "int8_runs"
TURNS = 200


@dataclass(frozen=True)
class Loop:
    """A loop of a function: the one that has so many instructions that multiply."""

    name: str
    function: str
    multiplies: str
    how_many: int
    products: int
    cores: tuple[str, ...]


WITHOUT_DOT, WITH_DOT = ("cortex-a53", "cortex-a55", "cortex-a72"), ("cortex-a55", "cortex-a76")
LOOPS = [
    Loop("pointwise, 64 codes, 7-bit weights", "WideningBlock<true, false, 8>", "smull|smlal", 128, 1024, WITHOUT_DOT),
    Loop("pointwise, 64 codes, 8-bit weights", "WideningBlock<true, false, 2>", "smull|smlal", 128, 1024, WITHOUT_DOT),
    Loop("pointwise, SDOT", "LanesBlock<.*SignedLane, true, 4, 16>", "sdot", 80, 1280, WITH_DOT),
    Loop(
        "pointwise, SMMLA", "DenseByPairs<true>|PairBlock<true, 8>", "smmla", 32, 1024, ("cortex-a710", "neoverse-n2")
    ),
    Loop("depthwise 5x5, four places", "Depthwise(Block|Of)<true, (1, )?5, 1>", "smull|smlal", 200, 1600, WITHOUT_DOT),
    Loop("depthwise 3x3, four places", "Depthwise(Block|Of)<true, (3, )?3, 1>", "smull|smlal", 72, 576, WITHOUT_DOT),
]


def functions() -> dict[str, list[tuple[int, str]]]:
    """Address and text of the instructions of each function."""
    command = ["aarch64-linux-gnu-objdump", "-d", "-C", "--no-show-raw-insn", str(PROGRAM)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, list[tuple[int, str]]] = {}
    instructions: list[tuple[int, str]] = []
    for line in said.splitlines():
        if head := re.match(r"[0-9a-f]+ <(.*)>:$", line):
            instructions = found.setdefault(head[1], [])
        elif one := re.match(r"\s+([0-9a-f]+):\s+(.*?)(\s*//.*)?$", line):
            instructions.append((int(one[1], 16), one[2]))
    return found


def body_of(loop: Loop, instructions: list[tuple[int, str]]) -> list[str] | None:
    """From where a branch goes back to, without the branch."""
    places = {address: k for k, (address, _) in enumerate(instructions)}
    bodies = []
    for k, (address, text) in enumerate(instructions):
        back = re.match(r"(?:b\.\w+|cbn?z\s+\w+,|tbn?z\s+\w+, #\d+,)\s*([0-9a-f]+)", text)
        if not back or not int(back[1], 16) < address or int(back[1], 16) not in places:
            continue
        body = [t for _, t in instructions[places[int(back[1], 16)] : k]]
        if sum(bool(re.match(loop.multiplies, t)) for t in body) == loop.how_many:
            # Branches out of the loop are not taken, and mean nothing to llvm-mca.
            bodies.append([t for t in body if not re.match(r"b\b|b\.|cbn?z|tbn?z|nop", t)])
    return min(bodies, key=len, default=None)


def cycles(core: str, body: list[str]) -> float:
    command = ["llvm-mca", "-mtriple=aarch64", f"-mcpu={core}", "-mattr=+dotprod", f"-iterations={TURNS}"]
    said = subprocess.run(command, input="\n".join(body), check=True, capture_output=True, text=True).stdout
    total = re.search(r"Total Cycles:\s+(\d+)", said)
    assert total is not None
    return int(total[1]) / TURNS


def main() -> None:
    if shutil.which("llvm-mca") is None:
        sys.exit("expected llvm-mca, got none; install the Debian package llvm")
    if not PROGRAM.is_file():
        sys.exit(f"expected {PROGRAM.relative_to(ROOT)}, got none; run `make arm64-counts`, which builds it")
    all_functions = functions()
    print("| loop | core | instructions | cycles | products a cycle |")
    print("| --- | --- | --- | --- | --- |")
    for loop in LOOPS:
        fitting = [f for name, f in all_functions.items() if re.search(loop.function, name)]
        body = next((found for f in fitting if (found := body_of(loop, f))), None)
        if body is None:
            print(f"| {loop.name} | | not found in this build | | |")
            continue
        for core in loop.cores:
            needed = cycles(core, body)
            print(f"| {loop.name} | {core} | {len(body)} | {needed:.0f} | {loop.products / needed:.1f} |")


if __name__ == "__main__":
    main()
