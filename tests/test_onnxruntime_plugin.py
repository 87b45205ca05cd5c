"""The INT8 engine inside an ONNX Runtime that knows nothing of it; `make onnxruntime-plugin` builds what this needs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper
from program import ROOT
from random_networks import NetworkMaker

from taktgate_prep.compile.network import Network, to_bytes
from taktgate_prep.compile.reference import Reference

sys.path.insert(0, str(ROOT / "plugin" / "onnxruntime"))

from ep_context import PROVIDER, model_of

PLUGIN = ROOT / "build" / "plugin" / "lib" / "libtaktgate_onnxruntime.so"
pytestmark = pytest.mark.skipif(not PLUGIN.exists(), reason="the plugin is not built: make onnxruntime-plugin")


@pytest.fixture(scope="module")
def options() -> ort.SessionOptions:
    if PROVIDER not in {device.ep_name for device in ort.get_ep_devices()}:
        ort.register_execution_provider_library("taktgate", str(PLUGIN))
    made = ort.SessionOptions()
    made.log_severity_level = 4
    made.add_provider_for_devices([device for device in ort.get_ep_devices() if device.ep_name == PROVIDER], {})
    return made


def pixels_of(network: Network, count: int) -> np.ndarray:
    first = network.input
    shape = (count, first.height, first.width, first.channels)
    return np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)


@pytest.mark.parametrize("seed", range(6))
def test_a_session_gives_the_bytes_of_the_reference(options: ort.SessionOptions, seed: int) -> None:
    network = NetworkMaker(seed).network()
    session = ort.InferenceSession(model_of(to_bytes(network), "net").SerializeToString(), options)
    for count in (1, 16, 37):
        pixels = pixels_of(network, count)
        logits, *codes = session.run(None, {"pixels": pixels})
        reference = Reference(network)
        assert logits.tobytes() == reference.run(pixels).tobytes()
        for came, output in zip(codes, network.extra_outputs, strict=True):
            assert came.tobytes() == reference.codes[output.tensor].tobytes()


def test_other_nodes_of_a_model_are_left_to_onnx_runtime(options: ort.SessionOptions) -> None:
    network = NetworkMaker(1).network()
    model = model_of(to_bytes(network), "net")
    model.graph.node.append(helper.make_node("ArgMax", ["logits"], ["winner"], axis=1, keepdims=0))
    model.graph.output.append(helper.make_tensor_value_info("winner", TensorProto.INT64, ["images"]))
    session = ort.InferenceSession(model.SerializeToString(), options)
    pixels = pixels_of(network, 5)
    logits, winner = session.run(["logits", "winner"], {"pixels": pixels})
    assert np.array_equal(winner, logits.argmax(axis=1))
    assert logits.tobytes() == Reference(network).run(pixels).tobytes()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data[:-1], "bytes"),
        (lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:], "ep_cache_context"),
        (lambda _: b"", "ep_cache_context"),
    ],
)
def test_a_damaged_network_is_refused_in_words(options: ort.SessionOptions, change: object, said: str) -> None:
    model = model_of(to_bytes(NetworkMaker(1).network()), "net")
    (held,) = [attribute for attribute in model.graph.node[0].attribute if attribute.name == "ep_cache_context"]
    held.s = change(held.s)  # type: ignore[operator]
    with pytest.raises(Exception, match=said):
        ort.InferenceSession(model.SerializeToString(), options)


def test_pixels_of_another_size_are_refused_in_words(options: ort.SessionOptions) -> None:
    network = NetworkMaker(1).network()
    model = model_of(to_bytes(network), "net")
    shape = model.graph.input[0].type.tensor_type.shape
    shape.dim[1].Clear()
    shape.dim[1].dim_param = "height"
    session = ort.InferenceSession(model.SerializeToString(), options)
    with pytest.raises(Exception, match=r"expected uint8 pixels of images x \d+ x \d+ x \d+, got type 2 of 3 x"):
        session.run(None, {"pixels": pixels_of(network, 3)[:, :-1]})


def test_a_node_of_another_source_is_not_taken(options: ort.SessionOptions) -> None:
    model = model_of(to_bytes(NetworkMaker(1).network()), "net")
    (source,) = [attribute for attribute in model.graph.node[0].attribute if attribute.name == "source"]
    source.s = b"Another"
    with pytest.raises(Exception, match="Another"):
        ort.InferenceSession(model.SerializeToString(), options)


def test_the_python_of_the_page_runs(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "plugin" / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    network = tmp_path / "network.tgn"
    network.write_bytes(to_bytes(NetworkMaker(2).network()))
    model = tmp_path / "model.onnx"
    subprocess.run([sys.executable, ROOT / "plugin/onnxruntime/ep_context.py", network, model], check=True)
    code = code.replace("model.onnx", str(model)).replace("build/plugin/lib", str(PLUGIN.parent))
    done = subprocess.run([sys.executable, "-c", code + "print(logits.shape[0])"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "8\n"), done.stderr
