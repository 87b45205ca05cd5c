"""NumPy, plain C++ and every instruction set of the INT8 engine give the same bytes (docs/int8.md)."""

from __future__ import annotations

import json
import sys
import tarfile

import numpy as np
import pytest
import zstandard
from forms import form
from int8_twins import compare, of_python, pixels_of
from program import ROOT, must, prep
from random_networks import NetworkMaker

from taktgate_prep.compile.network import Kind, to_bytes

sys.path.append(str(ROOT / "prep" / "tests"))  # models of other tools
import compiled_sets
import mobile_forms
from mobile_forms import Spelling
from onnxruntime.quantization import QuantType

IMAGES = 3


@pytest.mark.parametrize("seed", range(24))
def test_random_networks(tmp_path, seed):
    file = tmp_path / "network.tgn"
    file.write_bytes(to_bytes(NetworkMaker(seed).network()))
    network, _ = compare(file, count=IMAGES, seed=seed)
    assert {one.kind for one in network.operations} >= set(Kind) - {Kind.LOGITS, Kind.SCORES}
    assert network.weight_bits == (7 if seed % 2 else 8)
    spread = [len(np.unique(np.frombuffer(part, np.uint8))) for part in of_python(network, pixels_of(network, 1, 0))[0]]
    assert np.median(spread) > 3, "codes that saturate would compare little"


@pytest.mark.parametrize(("which", "channels"), [("small", 1), ("small", 4), ("large", 3), ("second", 2)])
def test_mobilenets(tmp_path, which, channels):
    """Every layer shape of MobileNetV3 and V2, fed by the layers before it."""
    file = tmp_path / "network.tgn"
    file.write_bytes(to_bytes(NetworkMaker(channels).mobilenet(which, 32, channels, 10)))
    network, ran = compare(file, count=form(f"images through {which}", IMAGES, 10_000), seed=1)
    print(f"{which}: {len(network.operations)} operations, compared on {', '.join(ran)}")
    spread = [len(np.unique(np.frombuffer(part, np.uint8))) for part in of_python(network, pixels_of(network, 1, 0))[0]]
    assert np.median(spread) > 8, "codes that saturate would compare little"


@pytest.mark.parametrize(
    "how",
    [
        Spelling(norm=True, opset=16),
        Spelling(swish="clip", pad="Pad", flat="Squeeze", opset=13),
        Spelling(head="timm", pool="ReduceMean", dense="MatMul", opset=18),
    ],
    ids=["norm", "clip", "timm"],
)
def test_models_of_other_tools(tmp_path, how):
    """Quantised without preparation: batch norms, pads and biases are operations of their own."""
    pair = compiled_sets.quantised_by_runtime(
        mobile_forms.mobile(how), mobile_forms.CONTRACT, tmp_path, QuantType.QInt8, per_channel=True, balance=False
    )
    file = tmp_path / "network.tgn"
    file.write_bytes(to_bytes(pair.network))
    compare(file, pixels=compiled_sets.windows(pair.contract, form("windows", 6, 1000), 2).pixels)


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
    network, _ = compare(file, count=8, seed=1)
    assert len(network.operations) > 80
