"""The script that makes an ONNX model of a compiled network; it needs no plugin."""

import subprocess
import sys

import onnx
import pytest
from program import ROOT, must, refused
from random_networks import NetworkMaker

from taktgate_prep.compile.network import to_bytes

SCRIPT = ROOT / "plugin" / "onnxruntime" / "ep_context.py"


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, *map(str, words)], capture_output=True, text=True)


@pytest.fixture
def file(tmp_path):
    made = tmp_path / "network.tgn"
    made.write_bytes(to_bytes(NetworkMaker(1).network()))
    return made


def test_the_model_holds_the_network(file, tmp_path):
    must(run(file, tmp_path / "model.onnx"))
    (node,) = onnx.load(tmp_path / "model.onnx").graph.node
    (held,) = [attribute.s for attribute in node.attribute if attribute.name == "ep_cache_context"]
    assert held == file.read_bytes()


def test_what_is_wrong_is_one_line(file, tmp_path):
    model, none = tmp_path / "model.onnx", tmp_path / "none.tgn"
    file.write_bytes(file.read_bytes()[:-1])
    for words, said in (
        ((file, model), f"{file}: expected .* bytes that fit their checksum, got a damaged file: copy it again"),
        ((none, model), f"{none}: expected a compiled network, got no such file: check the path"),
        ((file,), "expected NETWORK.tgn MODEL.onnx, got 1 names"),
    ):
        message = refused(run(*words), said.partition(".*")[0])
        assert message.count("\n") == 1
        assert not model.exists()
