"""What the three implementations of a compiled network give: NumPy, the plain reference in C++, its engine."""

from __future__ import annotations

import itertools
import re
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
from program import PROGRAM, must, taktgate

from taktgate_prep.compile.network import Network
from taktgate_prep.compile.reader import from_bytes
from taktgate_prep.compile.reference import Reference

NETWORK_DUMP = PROGRAM.parent / "tests" / "network_dump"
ISAS = ("scalar", "avx2", "avx-vnni", "avx512-vnni", "neon", "neon-dot", "neon-i8mm")
_NO_SUCH_CPU = 3
_AT_ONCE = 250  # images: what all tensors of all of them take


def pixels_of(network: Network, count: int, seed: int) -> np.ndarray:
    """Noise; of every eight images one is of the least and the most alone."""
    first = network.input
    shape = (count, first.height, first.width, first.channels)
    pixels = np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)
    pixels[7::8] = (pixels[7::8] > 127) * 255
    return pixels


def of_python(network: Network, pixels: np.ndarray) -> list[list[bytes]]:
    """For each image the codes of every tensor, and the logits."""
    reference = Reference(network)
    logits = reference.run(pixels)
    assert logits.dtype == np.float32
    return [[*(codes[i].tobytes() for codes in reference.codes), logits[i].tobytes()] for i in range(len(pixels))]


def of_device(file: Path, network: Network, pixels: np.ndarray) -> list[list[bytes]]:
    """The same by src/int8, which checks the file first."""
    sizes = [t.height * t.width * t.channels for t in network.tensors] + [4 * network.labels]
    done, data = _dumped(file, pixels)
    assert (done.returncode, done.stderr) == (0, "")
    return _parts(data, sizes, len(pixels))


def of_engine(file: Path, network: Network, pixels: np.ndarray, isa: str) -> list[list[bytes]] | None:
    """For each image the codes of every extra output, and the logits, on an instruction set; None: not on this CPU."""
    tensors = [network.tensors[output.tensor] for output in network.extra_outputs]
    sizes = [t.height * t.width * t.channels for t in tensors] + [4 * network.labels]
    done, data = _dumped(file, pixels, isa)
    if done.returncode == _NO_SUCH_CPU:
        return None
    assert (done.returncode, done.stderr) == (0, ""), isa
    return _parts(data, sizes, len(pixels))


def compare(file: Path, pixels: np.ndarray | None = None, count: int = 0, seed: int = 0) -> tuple[Network, list[str]]:
    """The same bytes by all; what was read, and the instruction sets that were compared."""
    network = from_bytes(file.read_bytes(), str(file))
    pixels = pixels_of(network, count, seed) if pixels is None else pixels
    ran: set[str] = set()
    for begin in range(0, len(pixels), _AT_ONCE):
        ran |= _compare(file, network, pixels[begin : begin + _AT_ONCE])
    assert ran == sets_of_this_cpu()
    return network, sorted(ran)


@cache
def sets_of_this_cpu() -> set[str]:
    """The instruction sets that the program says it has here."""
    named = re.search(r"^taktgate INT8 networks of version \d+ \((.*)\)$", must(taktgate("version")), re.MULTILINE)
    assert named is not None
    return set(named[1].split(", "))


def _compare(file: Path, network: Network, pixels: np.ndarray) -> set[str]:
    wanted, came = of_python(network, pixels), of_device(file, network, pixels)
    for image, (ours, theirs) in enumerate(zip(wanted, came, strict=True)):
        wrong = [k for k, (one, other) in enumerate(zip(ours, theirs, strict=True)) if one != other]
        assert not wrong, f"image {image}: tensors {wrong} differ (the last number is the logits)"
    shown = [output.tensor for output in network.extra_outputs] + [-1]
    ran = set()
    for isa in ISAS:
        found = of_engine(file, network, pixels, isa)
        if found is None:
            continue
        ran.add(isa)
        for image, (ours, theirs) in enumerate(zip(wanted, found, strict=True)):
            assert [ours[k] for k in shown] == theirs, f"{isa}, image {image}: other bytes than the reference"
    return ran


def _dumped(file: Path, pixels: np.ndarray, *isa: str) -> tuple[subprocess.CompletedProcess[str], bytes]:
    images, out = file.with_suffix(".pixels"), file.with_suffix(".out")
    images.write_bytes(pixels.tobytes())
    done = subprocess.run([NETWORK_DUMP, file, images, out, *isa], capture_output=True, text=True)
    return done, out.read_bytes()


def _parts(data: bytes, sizes: list[int], images: int) -> list[list[bytes]]:
    assert len(data) == images * sum(sizes)
    ends = np.cumsum([0, *sizes * images]).tolist()
    parts = [data[begin:end] for begin, end in itertools.pairwise(ends)]
    return [parts[i : i + len(sizes)] for i in range(0, len(parts), len(sizes))]
