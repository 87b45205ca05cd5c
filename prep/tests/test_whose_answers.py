"""thresholds and evaluate take the answers of what decides on the unit, and say what that is."""

from __future__ import annotations

import json
from pathlib import Path

import nets
import numpy as np
import pytest
import qdq_nets
from certified import call, read_page
from compiled_sets import quantised, written

from taktgate_prep.compile.network import to_bytes
from taktgate_prep.data.load import load_samples
from taktgate_prep.data.sample import select
from taktgate_prep.data.window import load_window
from taktgate_prep.engine import library
from taktgate_prep.engine.plain import PlainEngine

CONTRACT = nets.contract_for()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """The float and the INT8 model with its extra outputs, and the compiled network."""
    folder = tmp_path_factory.mktemp("models")
    pair = quantised(nets.small_net(), CONTRACT, folder, extra=True)
    pair.contract.save(folder / "model.int8.contract.json")
    return folder, to_bytes(pair.network)


@pytest.fixture(scope="module")
def thresholds(made: tuple[Path, bytes], boards: Path) -> Path:
    out = made[0] / "thresholds.json"
    page = out.with_suffix(".html")
    assert call("thresholds", made[0] / "model.int8.onnx", "--data", boards, "--out", out, "--html", page) == 0
    return out


def test_thresholds_name_the_engine(thresholds: Path) -> None:
    assert json.loads(thresholds.read_text())["runtime"] == {"name": "int8 engine"}
    assert "answers of: int8 engine" in read_page(thresholds.with_suffix(".html")).text


def test_the_certificate_is_about_the_engines_answers(
    made: tuple[Path, bytes], thresholds: Path, boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, network = made
    out = {name: tmp_path / name for name in ("r.json", "r.html", "s.tsv")}
    options = ("--thresholds", thresholds, "--json", out["r.json"], "--html", out["r.html"], "--scores", out["s.tsv"])
    assert call("evaluate", folder / "model.onnx", folder / "model.int8.onnx", "--data", boards, *options) == 0
    said, report = capsys.readouterr(), json.loads(out["r.json"].read_text())
    assert "model.int8.onnx: answers of the INT8 engine (" in said.err and "warning" not in said.err
    assert "\nruntime " in said.out
    assert report["fp32"]["runtime"] == {"name": "onnxruntime"} and report["int8"]["runtime"] == {"name": "int8 engine"}
    assert (report["time"]["fp32"]["runtime"], report["time"]["int8"]["runtime"]) == ("onnxruntime", "int8 engine")
    assert report["thresholds_from"]["runtime"] == {"name": "int8 engine"}
    assert "in onnxruntime and int8 engine, one thread" in read_page(out["r.html"]).text
    samples = select(load_samples(boards, CONTRACT.label_names, 0.15, print), "test")
    wanted = PlainEngine(network, "net").run(np.stack([load_window(sample, CONTRACT) for sample in samples])).logits
    rows = [line.split("\t") for line in out["s.tsv"].read_text().splitlines()[1:]]
    assert [row[-1] for row in rows] == [",".join(f"{value:.9g}" for value in one.tolist()) for one in wanted]


def test_thresholds_of_another_runtime_are_warned_of(
    made: tuple[Path, bytes], thresholds: Path, boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(thresholds.read_text())
    (tmp_path / "t.json").write_text(json.dumps({**document, "runtime": {"name": "onnxruntime"}}))
    options = ("--data", boards, "--thresholds", tmp_path / "t.json")
    assert call("evaluate", made[0] / "model.int8.onnx", *options) == 0
    assert (
        f"warning: {tmp_path / 't.json'}: chosen with answers of onnxruntime, measured with those of int8 engine; run "
        "taktgate-prep thresholds again" in capsys.readouterr().err
    )


def test_pack_warns_of_figures_of_another_runtime(
    made: tuple[Path, bytes], boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, report = made[0] / "model.int8.onnx", tmp_path / "r.json"
    assert call("evaluate", made[0] / "model.onnx", model, "--data", boards, "--json", report) == 0
    pack = ("pack", model, "--data", boards, "--certificate", report, "--out", tmp_path / "x.tgb")
    assert call(*pack) == 0
    assert "warning" not in capsys.readouterr().err
    document = json.loads(report.read_text())
    document["int8"]["runtime"] = {"name": "onnxruntime"}
    report.write_text(json.dumps(document))
    assert call(*pack) == 0
    warned = capsys.readouterr().err
    assert (
        "r.json: the report was made with the answers of onnxruntime, the release runs on int8 engine; run: " in warned
    )


def test_a_search_without_the_library_says_so_at_once_and_chooses_the_same(
    made: tuple[Path, bytes], boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    options = ("--data", boards, "--max-loss", 100, "--calibration-samples", 16, "--method", "minmax")
    options += ("--weight-bits", "7", "--extra-outputs", "none")
    records = []
    for name in ("with", "without"):
        out = tmp_path / f"{name}.onnx"
        assert call("quantise", made[0] / "model.onnx", *options, "--out", out) == 0
        records.append(json.loads(out.with_suffix(".quantise.json").read_text()))
        monkeypatch.setattr(library, "_LIBRARY", tmp_path / "none.so")
        monkeypatch.setattr(library, "_INSTALLED", "libtaktgate_none.so")
        library._library.cache_clear()
    monkeypatch.undo()
    library._library.cache_clear()
    assert "no INT8 engine (" in capsys.readouterr().err
    assert (tmp_path / "with.onnx").read_bytes() == (tmp_path / "without.onnx").read_bytes()
    assert records[0]["search"] == records[1]["search"]
    assert records[0]["runtime"] == records[1]["runtime"] == {"name": "int8 engine"}


def test_a_model_that_the_engine_does_not_take_is_said_with_its_node(
    boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, _ = written(nets.small_net(), CONTRACT, tmp_path, left_float=frozenset({"/Conv_0", "/HardSwish_1"}))
    (tmp_path / "mixed.onnx").write_bytes(data)
    CONTRACT.save(tmp_path / "mixed.contract.json")
    options = ("--data", boards, "--json", tmp_path / "r.json", "--html", tmp_path / "r.html")
    assert call("evaluate", tmp_path / "mixed.onnx", *options) == 0
    report = json.loads((tmp_path / "r.json").read_text())
    why = report["model"]["runtime"]["why_not_int8_engine"]
    assert report["model"]["runtime"]["name"] == report["time"]["model"]["runtime"] == "onnxruntime"
    assert f"since the INT8 engine does not take the model: {why}" in capsys.readouterr().err
    assert f"The INT8 engine does not take the model: {why}." in read_page(tmp_path / "r.html").text
    assert str(tmp_path) not in json.dumps(report)


@pytest.mark.parametrize("command", ["thresholds", "evaluate"])
def test_what_the_compiler_rounds_is_said(
    command: str, boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net = qdq_nets.QdqBuilder()
    pooled = net.op("GlobalAveragePool", [net.op("HardSwish", [net.features()])])
    model = net.finish(net.vector(net.op("Flatten", [net.both(pooled, 0.004, 60)]), 2))
    nets.write_net(model, tmp_path, qdq_nets.CONTRACT, "model.int8")
    out = ("--out", tmp_path / "t.json") if command == "thresholds" else ()
    code = call(command, tmp_path / "model.int8.onnx", "--data", boards, *out)
    assert code == (1 if command == "thresholds" else 0)  # there is no good line between random scores
    assert "(GlobalAveragePool) takes floats: they are rounded to steps of " in capsys.readouterr().err
