"""What the tests of thresholds, evaluate and pack share: small models, calls, and a strict reader of pages."""

from __future__ import annotations

import io
import json
import tarfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nets
import numpy as np
import pytest

from taktgate_prep.cli import main

VOID = {"meta", "img", "br"}


def call(*args: object) -> int:
    return main([str(arg) for arg in args])


def refused(capsys: pytest.CaptureFixture[str], said: str, *args: object) -> None:
    capsys.readouterr()
    assert call(*args) == 1
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("taktgate-prep: ")]
    assert len(lines) == 1
    assert said in lines[0]


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {info.name: (tar.extractfile(info) or io.BytesIO()).read() for info in tar.getmembers()}


class PageReader(HTMLParser):
    """Checks that elements close in order, and collects what a test asks for."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read_page(path: Path) -> PageReader:
    reader = PageReader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    assert not reader.open
    names = {tag for tag, _ in reader.tags}
    assert not names & {"script", "link", "iframe", "object"}
    for _, attributes in reader.tags:
        for key, value in attributes.items():
            assert not key.startswith("on")
            assert key not in ("src", "href") or (value or "").startswith("data:image/png;base64,")
    assert "@import" not in reader.text and "url(" not in reader.text
    return reader


def make_models(folder: Path, boards: Path) -> Path:
    """Two models of one contract whose scores tell the boards apart, and thresholds for the second."""
    for name, offset in (("model", 0.0), ("model.int8", 0.01)):
        net = nets.NetBuilder(2, 32, 2)
        net.weights.clear()
        dark = net.op("Relu", [net.op("Sub", ["input", net.weight("level", np.array(-0.6))])])  # not the dot
        pooled = net.op("Flatten", [net.op("GlobalAveragePool", [dark])])
        weight, bias = np.array([[60.0, -60.0], [-60.0, 60.0]]), np.array([0.5 + offset, -0.5])
        nets.write_net(
            net.finish(net.op("Gemm", [pooled, net.weight("w", weight), net.weight("b", bias)], transB=1)),
            folder,
            nets.contract_for(),
            name,
        )
    assert (
        call(
            "thresholds",
            folder / "model.int8.onnx",
            "--data",
            boards,
            "--out",
            folder / "thresholds.json",
            "--html",
            folder / "thresholds.html",
        )
        == 0
    )
    return folder


def evaluate(made: Path, boards: Path, out: Path, *more: object) -> dict[str, Any]:
    assert call("evaluate", made / "model.onnx", made / "model.int8.onnx", "--data", boards, "--json", out, *more) == 0
    return json.loads(out.read_text())
