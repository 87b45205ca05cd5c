"""quantise, evaluate and pack from the command line, on a small network and small images."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import nets
import numpy as np
import onnx
import pytest
import zstandard
from PIL import Image

from taktgate_prep.bundle import ustar
from taktgate_prep.cli import main
from taktgate_prep.contract.contract import Contract
from taktgate_prep.errors import InputError
from taktgate_prep.figures.statistics import clopper_pearson


def call(*args: object) -> int:
    return main([str(arg) for arg in args])


@pytest.fixture(scope="module")
def made(boards: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with model.onnx, model.int8.onnx and their contracts."""
    folder = tmp_path_factory.mktemp("made")
    nets.write_net(nets.small_net(), folder, nets.contract_for())
    assert (
        call(
            "quantise",
            folder / "model.onnx",
            "--data",
            boards,
            "--out",
            folder / "model.int8.onnx",
            "--calibration-samples",
            20,
        )
        == 0
    )
    return folder


@pytest.fixture(scope="module")
def report(boards: Path, made: Path) -> dict[str, Any]:
    assert (
        call(
            "evaluate",
            made / "model.onnx",
            made / "model.int8.onnx",
            "--data",
            boards,
            "--split",
            "test",
            "--json",
            made / "model.int8.report.json",
            "--scores",
            made / "scores.tsv",
        )
        == 0
    )
    return json.loads((made / "model.int8.report.json").read_text())


def test_quantise_writes_model_contract_and_record(boards: Path, made: Path, tmp_path: Path) -> None:
    before, after = (Contract.load(made / f"model{kind}.contract.json") for kind in ("", ".int8"))
    assert replace(after, extra_outputs=()) == before
    assert [output.role for output in after.extra_outputs] == ["channel_means", "embedding", "class_map"]
    record = json.loads((made / "model.int8.quantise.json").read_text())
    data = (made / "model.int8.onnx").read_bytes()
    assert record["int8"] == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    assert record["nodes"]["optimised"]["QLinearConv"] == 7
    assert record["calibration"]["windows"] == 20
    again = tmp_path / "again.int8.onnx"
    assert call("quantise", made / "model.onnx", "--data", boards, "--out", again, "--calibration-samples", 20) == 0
    assert again.read_bytes() == data
    second = json.loads(again.with_suffix(".quantise.json").read_text())
    assert second.pop("command") == record.pop("command").replace("model.int8.onnx", "again.int8.onnx")
    assert {**second, "time": None} == {**record, "time": None}


def test_quantise_leaves_nothing_behind_on_failure(
    boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net = nets.NetBuilder(2, 32, 2)
    x = net.op("ConvTranspose", [net.conv("input", 2, 8, 3), net.weight("up", net.rng.normal(0, 1, (8, 8, 2, 2)))])
    model = net.finish(net.gemm(net.op("Flatten", [net.op("GlobalAveragePool", [x])]), 8, 2))
    path = nets.write_net(model, tmp_path, nets.contract_for())
    assert call("quantise", path, "--data", boards, "--out", tmp_path / "out.onnx") == 1
    assert "/ConvTranspose_1" in capsys.readouterr().err
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["model.contract.json", "model.onnx"]


def test_report_adds_up(report: dict[str, Any], boards: Path) -> None:
    assert report["data"]["windows"] == 12
    assert report["data"]["parts"] == 6
    assert report["data"]["per_label"] == [6, 6]
    for model in (report["fp32"], report["int8"]):
        confusion = np.array(model["confusion"])
        assert confusion.sum() == 12
        assert model["classes"]["right"] == int(np.trace(confusion))
        assert model["binary"]["wrong"] == model["missed"] + model["false_rejects"]
        assert model["binary"]["interval95"] == list(clopper_pearson(model["binary"]["right"], 12) or ())
        assert sum(model["verdicts"].values()) == 12
        assert [recall["count"] for recall in model["recall"]] == [6, 6]
    first, second = report["fp32"], report["int8"]
    paired = report["paired"]["binary"]
    assert second["binary"]["wrong"] - first["binary"]["wrong"] == paired["lost"] - paired["won"]
    assert report["size"]["cut_percent"] == pytest.approx(100 * (1 - second["size"]["bytes"] / first["size"]["bytes"]))


def test_scores_hold_every_window(report: dict[str, Any], made: Path, boards: Path) -> None:
    with (made / "scores.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) == 12
    for row in rows:
        logits = [float(text) for text in row["logits"].split(",")]
        assert all(float(np.float32(value)) == pytest.approx(value, rel=1e-8) for value in logits)
        weights = np.exp(np.array(logits) - max(logits))
        assert float(row["score"]) == pytest.approx(1 - weights[0] / weights.sum(), abs=1e-9)
        assert row["verdict"] == ("pass" if float(row["score"]) < 0.5 else "fail")
        assert row["class"] == ("good", "dot")[int(np.argmax(logits))]
    assert int(rows[0]["row"]) == 7  # the first row of the list that is in split test


def test_thresholds_make_unknowns(made: Path, boards: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    assert (
        call(
            "evaluate", made / "model.onnx", "--data", boards, "--json", out, "--pass-at-most", 0, "--fail-at-least", 1
        )
        == 0
    )
    model = json.loads(out.read_text())["model"]
    assert model["verdicts"] == {"unknown": 12}
    assert (model["missed"], model["false_rejects"]) == (0, 6)  # unknown is not passed on


def pack(made: Path, boards: Path, out: Path, *more: object) -> int:
    return call("pack", made / "model.int8.onnx", "--data", boards, "--out", out, *more)


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {info.name: (tar.extractfile(info) or io.BytesIO()).read() for info in tar.getmembers()}


def test_bundle_holds_what_the_manifest_says(report: dict[str, Any], made: Path, boards: Path, tmp_path: Path) -> None:
    assert pack(made, boards, tmp_path / "b-1.tgb", "--version", "2.0") == 0
    found = members(tmp_path / "b-1.tgb")
    manifest = json.loads(found["manifest.json"])
    assert (manifest["schema"], manifest["name"], manifest["version"]) == (1, "b-1", "2.0")
    roles = [entry["role"] for entry in manifest["files"]]
    assert roles == ["model", "network", "contract", "labels", "recipe", "certificate"]
    assert list(found) == ["manifest.json", *(entry["name"] for entry in manifest["files"])]
    for entry in manifest["files"]:
        data = found[entry["name"]]
        assert (entry["size"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert call("compile", made / "model.int8.onnx", "--out", tmp_path / "model.tgn") == 0
    model, network = manifest["files"][:2]
    for entry, file in ((model, made / "model.int8.onnx"), (network, tmp_path / "model.tgn")):
        decoded = zstandard.ZstdDecompressor().decompress(found[entry["name"]])
        assert decoded == file.read_bytes()
        assert (entry["encoding"], entry["decoded_size"]) == ("zstd", len(decoded))
        assert entry["decoded_sha256"] == hashlib.sha256(decoded).hexdigest()
    assert "labels" not in json.loads(found["contract.json"])
    assert json.loads(found["labels.json"]) == {
        "schema": 1,
        "labels": [{"name": "good", "pass": True}, {"name": "dot", "pass": False}],
    }
    assert json.loads(found["recipe.json"]) == {
        "schema": 1,
        "frame": None,
        "golden": None,
        "windows": "whole_frame",
        "alignment": None,
        "health": None,
        "thresholds": {"pass_at_most": 0.5, "fail_at_least": 0.5},
    }
    certificate = json.loads(found["certificate.json"])
    assert certificate["evaluation"] == {key: value for key, value in report.items() if key != "time"}
    assert certificate["quantisation"]["int8"]["sha256"] == certificate["model"]["sha256"] == model["decoded_sha256"]


def test_engine_only_leaves_the_onnx_model_out(
    made: Path, boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pack(made, boards, tmp_path / "both.tgb", "--name", "x") == 0
    assert "runs on ONNX Runtime or the INT8 engine\n" in capsys.readouterr().out
    assert pack(made, boards, tmp_path / "one.tgb", "--name", "x", "--engine-only") == 0
    said = capsys.readouterr().out
    assert "runs on the INT8 engine\n" in said
    assert (
        "checked on 12 windows, with answers of the " in said and "the INT8 engine" in said.split("with answers of ")[1]
    )
    both, one = members(tmp_path / "both.tgb"), members(tmp_path / "one.tgb")
    del both["model.onnx.zst"]
    files = json.loads(both.pop("manifest.json"))["files"][1:]
    assert json.loads(one.pop("manifest.json"))["files"] == files
    assert one == both


def test_what_cannot_be_compiled_runs_on_onnx_runtime(
    made: Path, boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "bent.onnx"
    proto = onnx.load(made / "model.int8.onnx")
    place, last = next((k, node) for k, node in enumerate(proto.graph.node) if "logits" in node.output)
    last.output[0] = "before"
    proto.graph.node.insert(place + 1, onnx.helper.make_node("Tanh", ["before"], ["logits"], name="tail"))
    onnx.save(proto, model)
    (tmp_path / "bent.contract.json").write_bytes((made / "model.int8.contract.json").read_bytes())
    command = ("pack", model, "--data", boards, "--out", tmp_path / "x.tgb")
    assert call(*command) == 0
    said = capsys.readouterr()
    assert f"not compiled: {model}: node 'tail' (Tanh): expected " in said.err
    assert "; the release runs on ONNX Runtime\n" in said.err
    assert "runs on ONNX Runtime\n" in said.out
    assert "checked on 12 windows, with answers of ONNX Runtime " in said.out
    assert "network.tgn.zst" not in members(tmp_path / "x.tgb")
    (tmp_path / "x.tgb").unlink()
    assert call(*command, "--engine-only") == 1
    said = capsys.readouterr()
    assert "node 'tail' (Tanh)" in said.err
    assert "; --engine-only then leaves nothing that runs: pack without it" in said.err
    assert not (tmp_path / "x.tgb").exists()


def test_bundle_is_strict_ustar_and_the_same_bytes_each_time(made: Path, boards: Path, tmp_path: Path) -> None:
    assert pack(made, boards, tmp_path / "a.tgb", "--name", "x") == 0
    assert pack(made, boards, tmp_path / "b.tgb", "--name", "x") == 0
    data = (tmp_path / "a.tgb").read_bytes()
    assert data == (tmp_path / "b.tgb").read_bytes()
    assert len(data) % 512 == 0
    assert data[-1024:] == bytes(1024)
    with tarfile.open(tmp_path / "a.tgb") as tar:
        for info in tar.getmembers():
            assert info.isreg()
            assert (info.mode, info.uid, info.gid, info.mtime, info.uname, info.gname) == (0o444, 0, 0, 0, "", "")
    assert data[257:265] == b"ustar\x0000"
    assert data[345:512] == bytes(167)


def test_ustar_writer_against_tarfile_and_bad_names() -> None:
    content = [("manifest.json", b"x" * 513), ("a/b-c_d.bin", b""), ("z", b"y" * 512)]
    with tarfile.open(fileobj=io.BytesIO(ustar.archive(content)), errorlevel=2) as tar:
        assert [(info.name, (tar.extractfile(info) or io.BytesIO()).read()) for info in tar] == content
    for name in ("", "/a", "a/../b", "a//b", "A", "a" * 97, "./a", "a/", "ä"):
        with pytest.raises(ValueError, match="expected a member name"):
            ustar.archive([(name, b"")])


def test_pack_calibrates_the_look_of_frames_unless_the_recipe_speaks_of_it(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(3)
    rows = ["image\tgolden\tlabel\tsplit"]
    for i in range(24):
        dark = i >= 22  # test images have no say
        Image.fromarray((random.integers(90, 160, (36, 40)) // (8 if dark else 1)).astype(np.uint8)).save(
            tmp_path / f"{i}.png"
        )
        rows.append(f"{i}.png\t{i}.png\tgood\t{'test' if dark else 'train'}")
    frames = tmp_path / "frames.tsv"
    frames.write_text("\n".join(rows) + "\n")
    assert pack(made, frames, tmp_path / "a.tgb") == 0
    assert "image health: brightness" in capsys.readouterr().err
    health = json.loads(members(tmp_path / "a.tgb")["recipe.json"])["health"]
    assert 80 < health["brightness"]["low"] < 125 < health["brightness"]["high"] < 170
    (tmp_path / "recipe.json").write_text(
        json.dumps(
            {
                "schema": 1,
                "frame": None,
                "golden": None,
                "windows": "whole_frame",
                "alignment": None,
                "health": None,
                "thresholds": {"pass_at_most": 0.2, "fail_at_least": 0.9},
            }
        )
    )
    assert pack(made, frames, tmp_path / "b.tgb", "--recipe", tmp_path / "recipe.json") == 0
    assert json.loads(members(tmp_path / "b.tgb")["recipe.json"])["health"] is None


def test_pack_with_recipe_and_golden(made: Path, boards: Path, tmp_path: Path) -> None:
    recipe = {
        "schema": 1,
        "frame": {"width": 40, "height": 36},
        "golden": "board.png",
        "windows": [
            {"name": "left", "x": 0, "y": 4, "w": 32, "h": 32},
            {"name": "right", "x": 8, "y": 4, "w": 32, "h": 32},
        ],
        "alignment": {"method": "profiles", "max_shift": 4, "min_score": 0.5},
        "thresholds": {"pass_at_most": 0.2, "fail_at_least": 0.8},
    }
    (tmp_path / "recipe.json").write_text(json.dumps(recipe))
    golden = (boards.parent / "golden.png").read_bytes()
    (tmp_path / "board.png").write_bytes(golden)
    frames = tmp_path / "frames.tsv"
    Image.open(boards.parent / "00.png").save(tmp_path / "f.png")
    frames.write_text("image\tlabel\nf.png\tgood\n")
    out = tmp_path / "r.tgb"
    assert pack(made, frames, out, "--recipe", tmp_path / "recipe.json", "--fail-at-least", "0.9") == 0
    found = members(out)
    assert found["golden.png"] == golden
    assert json.loads(found["recipe.json"]) == {
        **recipe,
        "golden": "golden.png",
        "health": None,
        "thresholds": {"pass_at_most": 0.2, "fail_at_least": 0.9},
    }


def refused(capsys: pytest.CaptureFixture[str], said: str, *args: object) -> None:
    capsys.readouterr()
    assert call(*args) == 1
    error = capsys.readouterr().err
    lines = [line for line in error.splitlines() if line.startswith("taktgate-prep: ")]
    assert len(lines) == 1
    assert said in lines[0]


def test_pack_refusals(made: Path, boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = made / "model.int8.onnx"
    base: Sequence[object] = ("pack", model, "--out", tmp_path / "o.tgb", "--data")
    Image.new("L", (40, 36)).save(tmp_path / "f.png")
    Image.new("L", (30, 30)).save(tmp_path / "small.png")
    plain = tmp_path / "plain.tsv"
    plain.write_text("image\nf.png\n")
    recipe = tmp_path / "recipe.json"
    document = {
        "schema": 1,
        "frame": {"width": 64, "height": 64},
        "golden": None,
        "windows": "whole_frame",
        "alignment": None,
        "thresholds": {"pass_at_most": 0.5, "fail_at_least": 0.5},
    }
    recipe.write_text(json.dumps(document))
    refused(capsys, "none in the list: name it with --golden", *base, plain)
    refused(
        capsys,
        "expected a golden image of 40 x 36 px like its image, got 30 x 30",
        *base,
        plain,
        "--golden",
        tmp_path / "small.png",
    )
    refused(
        capsys,
        "expected a golden image of 64 x 64 px as in the recipe",
        *base,
        plain,
        "--recipe",
        recipe,
        "--golden",
        tmp_path / "f.png",
    )
    recipe.write_text(json.dumps({**document, "golden": "none.png"}))
    refused(capsys, "expected the golden image 'none.png' beside the recipe", *base, plain, "--recipe", recipe)
    recipe.write_text(json.dumps({**document, "frame": {"width": 41, "height": 36}}))
    frames = tmp_path / "frames.tsv"
    frames.write_text("image\tgolden\nf.png\tf.png\n")
    refused(capsys, "expected a frame of 41 x 36 px as in the recipe, got 40 x 36", *base, frames, "--recipe", recipe)
    refused(capsys, "expected --name of 1 to 64 letters", *base, boards, "--name", "a b")
    refused(capsys, "expected a name that ends in .tgb", "pack", model, "--data", boards, "--out", tmp_path / "o.tar")
    refused(capsys, "expected the folder", "pack", model, "--data", boards, "--out", tmp_path / "no" / "o.tgb")
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"schema": 1, "int8": {"size": {"sha256": "0" * 64}}}))
    refused(capsys, "got one about another model", *base, boards, "--certificate", other)
    assert not (tmp_path / "o.tgb").exists()


@pytest.mark.parametrize(
    ("passing", "said"),
    [((True, True), "got only such that pass (good, dot)"), ((False, False), "got only such that fail (good, dot)")],
)
def test_a_release_that_only_passes_or_only_fails_is_refused(
    boards: Path, tmp_path: Path, passing: tuple[bool, bool], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    contract = nets.contract_for()
    labels = tuple(replace(label, passes=passes) for label, passes in zip(contract.labels, passing, strict=True))
    path = nets.write_net(nets.small_net(), tmp_path, replace(contract, labels=labels))
    assert call("pack", path, "--data", boards, "--out", tmp_path / "out.tgb") == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out.tgb").exists()


def test_a_report_about_another_model_is_not_taken(made: Path, boards: Path, tmp_path: Path) -> None:
    for name in ("model.int8.onnx", "model.int8.contract.json"):
        (tmp_path / name).write_bytes((made / name).read_bytes())
    (tmp_path / "report.json").write_text(json.dumps({"schema": 1, "int8": {"size": {"sha256": "0" * 64}}}))
    assert pack(tmp_path, boards, tmp_path / "o.tgb") == 0
    certificate = json.loads(members(tmp_path / "o.tgb")["certificate.json"])
    assert set(certificate) == {"schema", "model", "thresholds", "packed_by"}


def test_dynamic_batch_is_packed_fixed(boards: Path, tmp_path: Path) -> None:
    nets.write_net(nets.small_net(batch="n"), tmp_path, nets.contract_for())
    assert call("pack", tmp_path / "model.onnx", "--data", boards, "--out", tmp_path / "o.tgb") == 0
    packed = members(tmp_path / "o.tgb")["model.onnx.zst"]
    model = onnx.load_from_string(zstandard.ZstdDecompressor().decompress(packed))
    assert [dim.dim_value for dim in model.graph.input[0].type.tensor_type.shape.dim] == [1, 2, 32, 32]


def test_evaluate_refusals(made: Path, boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    int8 = made / "model.int8.onnx"
    refused(capsys, "expected one or two models, got 3", "evaluate", int8, int8, int8, "--data", boards)
    refused(capsys, "exchange them", "evaluate", int8, "--data", boards, "--pass-at-most", 0.9)
    refused(capsys, "expected a sample list", "evaluate", int8, "--data", tmp_path / "none")
    plain = tmp_path / "plain.tsv"
    Image.new("L", (40, 36)).save(tmp_path / "f.png")
    plain.write_text("image\tsplit\nf.png\ttest\n")
    refused(capsys, "got none with a label", "evaluate", int8, "--data", plain)
    plain.write_text("image\tlabel\tsplit\nf.png\tgreen\ttest\n")
    refused(capsys, "expected a label of the contract (good, dot), got 'green'", "evaluate", int8, "--data", plain)
    plain.write_text("image\tlabel\tsplit\nf.png\tgood\ttest\n")
    refused(capsys, "expected a golden image, which the contract wants", "evaluate", int8, "--data", plain)
    other = nets.write_net(nets.small_net(), tmp_path, nets.contract_for(names=("ok", "dot")), "other")
    refused(capsys, "only models of one contract can be compared", "evaluate", int8, other, "--data", boards)
    (tmp_path / "lonely.onnx").write_bytes(int8.read_bytes())
    lonely = tmp_path / "lonely.onnx"
    refused(capsys, "expected its contract lonely.contract.json", "evaluate", lonely, "--data", boards)
    assert call("evaluate", lonely, "--contract", made / "model.contract.json", "--data", boards) == 0


@pytest.mark.parametrize("command", ["evaluate", "thresholds", "quantise", "pack"])
@pytest.mark.parametrize("given", [False, True])
def test_an_output_that_no_contract_names_is_refused_by_every_command(
    boards: Path, tmp_path: Path, command: str, given: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    model = nets.small_net()
    model.graph.output.append(
        onnx.helper.make_tensor_value_info(model.graph.node[0].output[0], onnx.TensorProto.FLOAT, [1, 16, 16, 16])
    )
    path = nets.write_net(model, tmp_path, nets.contract_for())
    out = {
        "evaluate": (),
        "thresholds": ("--out", tmp_path / "t.json"),
        "quantise": ("--out", tmp_path / "o.onnx"),
        "pack": ("--out", tmp_path / "o.tgb"),
    }[command]
    more = ("--contract", tmp_path / "model.contract.json") if given else ()
    refused(
        capsys,
        "expected no output but those of the contract (logits), got '/Conv_0_out' too",
        command,
        path,
        "--data",
        boards,
        *out,
        *more,
    )


def test_no_passing_class_has_no_binary_figures(made: Path, boards: Path, tmp_path: Path) -> None:
    contract = json.loads((made / "model.contract.json").read_text())
    contract["labels"][0]["pass"] = False
    (tmp_path / "c.json").write_text(json.dumps(contract))
    out = tmp_path / "r.json"
    assert (
        call(
            "evaluate",
            made / "model.onnx",
            made / "model.int8.onnx",
            "--contract",
            tmp_path / "c.json",
            "--data",
            boards,
            "--json",
            out,
        )
        == 0
    )
    report = json.loads(out.read_text())
    assert report["fp32"]["binary"] is None
    assert "binary" not in report["paired"]


def run(*args: object, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "taktgate_prep", *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        **options,
    )


@pytest.mark.parametrize("command", ["train", "quantise", "thresholds", "evaluate", "pack"])
def test_help_has_an_example_and_exit_codes(command: str) -> None:
    text = run(command, "--help").stdout
    assert f"example:\n  taktgate-prep {command}" in text
    assert "130 interrupted" in text


def test_wrong_use_exits_2_and_bad_input_1(tmp_path: Path) -> None:
    assert run().returncode == 2
    assert run("quantise", "m.onnx").returncode == 2
    assert run("evaluate", "m.onnx", "--data", "d", "--pass-at-most", "2").returncode == 2
    done = run("evaluate", tmp_path / "m.onnx", "--data", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("taktgate-prep: ")
    assert "Traceback" not in done.stderr


def test_other_commands_do_not_import_torch() -> None:
    code = "import sys, taktgate_prep.cli as c; c.build_parser(); sys.exit('torch' in sys.modules)"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        ).returncode
        == 0
    )


def test_interrupt_ends_quietly(
    monkeypatch: pytest.MonkeyPatch, made: Path, boards: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("taktgate_prep.figures.evaluation.answer", interrupted)
    # As at a terminal: what a shell starts in the background inherits that SIGINT is ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert call("evaluate", made / "model.onnx", "--data", boards) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().err == "taktgate-prep: interrupted\n"


def test_disk_full_is_one_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from taktgate_prep.files.whole import write_atomic

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "f").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left on device: make room"):
        write_atomic(tmp_path / "f", b"new")
    assert (tmp_path / "f").read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["f"]
