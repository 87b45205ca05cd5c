"""The plain references of the INT8 engine, in NumPy and in C++, give the same bytes (docs/int8.md)."""

from __future__ import annotations

import itertools
import json
import subprocess
import tarfile
from pathlib import Path

import numpy as np
import pytest
import zstandard
from program import PROGRAM, ROOT, must, prep
from random_networks import NetworkMaker

from taktgate_prep.compile.network import Kind, Network, from_bytes, to_bytes
from taktgate_prep.compile.reference import Reference

NETWORK_DUMP = PROGRAM.parent / "tests" / "network_dump"
IMAGES = 3


def pixels_of(network: Network, count: int, seed: int) -> np.ndarray:
    first = network.tensors[0]
    shape = (count, first.height, first.width, first.channels)
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def of_python(network: Network, pixels: np.ndarray) -> list[list[bytes]]:
    """For each image the codes of every tensor, and the logits."""
    reference = Reference(network)
    logits = reference.run(pixels)
    assert logits.dtype == np.float32
    return [[*(codes[i].tobytes() for codes in reference.codes), logits[i].tobytes()] for i in range(len(pixels))]


def of_device(file: Path, network: Network, pixels: np.ndarray) -> list[list[bytes]]:
    """The same by src/int8, which checks the file first."""
    images, out = file.with_suffix(".pixels"), file.with_suffix(".out")
    images.write_bytes(pixels.tobytes())
    done = subprocess.run([NETWORK_DUMP, file, images, out], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    data = out.read_bytes()
    sizes = [t.height * t.width * t.channels for t in network.tensors] + [4 * network.labels]
    assert len(data) == len(pixels) * sum(sizes)
    ends = np.cumsum([0, *sizes * len(pixels)]).tolist()
    parts = [data[begin:end] for begin, end in itertools.pairwise(ends)]
    return [parts[i : i + len(sizes)] for i in range(0, len(parts), len(sizes))]


def compare(file: Path, count: int, seed: int) -> Network:
    network = from_bytes(file.read_bytes(), str(file))
    pixels = pixels_of(network, count, seed)
    wanted, came = of_python(network, pixels), of_device(file, network, pixels)
    for image, (ours, theirs) in enumerate(zip(wanted, came, strict=True)):
        wrong = [k for k, (one, other) in enumerate(zip(ours, theirs, strict=True)) if one != other]
        assert not wrong, f"image {image}: tensors {wrong} differ (the last number is the logits)"
    return network


@pytest.mark.parametrize("seed", range(24))
def test_random_networks(tmp_path, seed):
    file = tmp_path / "network.tgn"
    file.write_bytes(to_bytes(NetworkMaker(seed).network()))
    network = compare(file, IMAGES, seed)
    assert {one.kind for one in network.operations} >= set(Kind) - {Kind.LOGITS, Kind.SCORES}
    assert network.weight_bits == (7 if seed % 2 else 8)
    spread = [len(np.unique(np.frombuffer(part, np.uint8))) for part in of_python(network, pixels_of(network, 1, 0))[0]]
    assert np.median(spread) > 3, "codes that saturate would compare little"


def test_the_demo_release(tmp_path):
    """Compiled from its model, as a user does it."""
    with tarfile.open(ROOT / "demo" / "demo.tgb") as bundle:
        parts = {info.name: bundle.extractfile(info).read() for info in bundle.getmembers()}
    model = tmp_path / "demo.int8.onnx"
    model.write_bytes(zstandard.ZstdDecompressor().decompress(parts["model.onnx.zst"], max_output_size=64 << 20))
    contract = json.loads(parts["contract.json"]) | {"labels": json.loads(parts["labels.json"])["labels"]}
    (tmp_path / "demo.contract.json").write_text(json.dumps(contract))
    file = tmp_path / "demo.tgn"
    print(must(prep("compile", model, "--out", file)))
    network = compare(file, 8, 1)
    assert len(network.operations) > 80
