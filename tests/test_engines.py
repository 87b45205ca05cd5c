"""Which engine runs a release: by what it holds, and by what is asked for."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest
from program import ROOT, json_lines, must, refused, taktgate

from taktgate_prep.bundle import ustar

DEMO = ROOT / "demo" / "demo.tgb"


@pytest.fixture(scope="module")
def boards(tmp_path_factory) -> Path:
    """A list of simulated boards."""
    folder = tmp_path_factory.mktemp("boards")
    must(taktgate("sim", "--out", folder, "--parts", 40, "--seed", 7, "--defect-share", 0.5))
    return folder / "parts.tsv"


@pytest.fixture(scope="module")
def without(tmp_path_factory) -> dict[str, Path]:
    """The demo release without the member of a role."""
    folder = tmp_path_factory.mktemp("bundles")
    with tarfile.open(DEMO) as archive:
        members = {member.name: archive.extractfile(member).read() for member in archive}
    made = {}
    for role in ("model", "network"):
        manifest = json.loads(members["manifest.json"])
        manifest["files"] = [entry for entry in manifest["files"] if entry["role"] != role]
        made[role] = folder / f"no-{role}.tgb"
        files = [(entry["name"], members[entry["name"]]) for entry in manifest["files"]]
        made[role].write_bytes(ustar.archive([("manifest.json", json.dumps(manifest).encode()), *files]))
    return made


def inspected(bundle: Path, boards: Path, *more: object) -> tuple[list[dict], str]:
    """What is said of each board, and which engine said it."""
    *lines, summary = json_lines(must(taktgate("inspect", bundle, "--data", boards, "--json", *more)))
    return lines, summary["engine"]


def test_every_set_of_kernels_gives_the_same_answers(boards):
    fastest, engine = inspected(DEMO, boards)
    assert engine.startswith("taktgate/")
    assert inspected(DEMO, boards, "--runtime", engine) == (fastest, engine)
    assert inspected(DEMO, boards, "--runtime", "taktgate/scalar") == (fastest, "taktgate/scalar")


def test_onnx_runtime_gives_the_same_verdicts_where_no_score_is_near_a_threshold(boards):
    ours, _ = inspected(DEMO, boards)
    theirs, engine = inspected(DEMO, boards, "--runtime", "onnxruntime")
    assert engine == "onnxruntime"
    for a, b in zip(ours, theirs, strict=True):
        if a["verdict"] != b["verdict"]:
            assert abs(a["score"] - b["score"]) < 0.1, (a, b)


def test_a_release_without_what_is_asked_for_is_refused(boards, without):
    assert inspected(without["network"], boards)[1] == "onnxruntime"
    assert inspected(without["model"], boards)[1].startswith("taktgate/")
    for role, runtime, needs in (
        ("network", "taktgate", "a compiled network"),
        ("model", "onnxruntime", "an ONNX model"),
    ):
        done = taktgate("inspect", without[role], "--data", boards, "--runtime", runtime)
        refused(done, f"expected a release with {needs}, as the engine {runtime} was asked for", "pack the release")
    refused(taktgate("inspect", DEMO, "--data", boards, "--runtime", "gpu"), "expected auto, onnxruntime", "got 'gpu'")


def test_bundle_show_says_what_a_release_runs_on(without):
    assert "engines   taktgate, onnxruntime\n" in must(taktgate("bundle", "show", DEMO))
    assert "engines   onnxruntime (it has no compiled network)\n" in must(
        taktgate("bundle", "show", without["network"])
    )
    assert "engines   taktgate (it has no ONNX model)\n" in must(taktgate("bundle", "show", without["model"]))


def test_bench_has_both_engines_where_a_release_holds_both(without):
    few = ("--rounds", 1, "--seconds", 0, "--parts", 10)
    said = must(taktgate("bench", DEMO, *few))
    assert "both engines, all windows of a part, in turns, N 25\n" in said
    assert "  onnxruntime " in said
    assert "both engines" not in must(taktgate("bench", without["model"], *few))


def test_a_station_says_its_engine_at_its_start_in_its_records_and_at_its_end(tmp_path):
    station = tmp_path / "station.toml"
    for wanted in ("taktgate/scalar", "onnxruntime"):
        station.write_text(
            f'[station]\nstate = "state"\n[release]\nbundle = "{DEMO}"\n[camera]\nsource = "sim"\n'
            f'[line]\nparts = 20\nparts_per_second = 20\n[deadline]\nwindow = "40ms"\n'
            f'[inference]\nengine = "{wanted}"\n[record]\nfile = "{wanted[:4]}.jsonl"\n'
        )
        said = must(taktgate("run", station, "--json", tmp_path / "end.json"))
        assert f") on {wanted}, reserve " in said
        assert json.loads((tmp_path / "end.json").read_text())["engine"] == wanted
        lines = json_lines((tmp_path / f"{wanted[:4]}.jsonl").read_text())
        answered = [line for line in lines if "score" in line]
        assert answered
        assert {line["engine"] for line in answered} == {wanted}
