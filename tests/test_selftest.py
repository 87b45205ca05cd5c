"""`taktgate selftest`: points with reasons, an exit code that follows from them, culprits by name."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from program import ROOT, refused, taktgate
from unprivileged import unprivileged

DEMO = ROOT / "demo" / "demo.tgb"
MACHINE = ["kernel", "CPU governor", "CPU frequency", "idle states", "real-time throttling", "memory lock", "swap"]
MACHINE += ["huge pages", "isolated cores", "clock source", "real-time priority", "timer latency"]
MACHINE += ["real-time threads", "temperature", "slowed down"]
# Uses a core at real-time priority while the test runs; a minute at most, if nobody ends it.
SPIN = """
import os, sys, time
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
print("spinning", flush=True)
parent, end = os.getppid(), time.monotonic() + 60
while os.getppid() == parent and time.monotonic() < end: pass
"""


def station(folder: Path, text: str = "") -> Path:
    """Write a station file with everything that selftest looks at."""
    path = folder / "station.toml"
    path.write_text(
        f'[station]\nname = "line 3"\nstate = "state"\n[release]\nbundle = "{DEMO}"\n[record]\nfile = "r.jsonl"\n{text}'
    )
    return path


def selftest(folder: Path, *arguments: object) -> tuple[subprocess.CompletedProcess[str], dict]:
    """Run it; what it printed and what it wrote."""
    report = folder / "selftest.json"
    done = taktgate("selftest", *arguments, "--json", report)
    assert done.stderr == ""
    return done, json.loads(report.read_text())


def points(report: dict) -> dict[str, dict]:
    """The points by name."""
    return {point["name"]: point for point in report["points"]}


def check(done: subprocess.CompletedProcess[str], report: dict) -> None:
    """What holds on any machine, fast or not."""
    standings = {point["standing"] for point in report["points"]}
    assert standings <= {"ok", "warn", "FAIL", "not applicable"}
    assert done.returncode == (1 if "FAIL" in standings else 0)
    assert report["standing"] == ("FAIL" if "FAIL" in standings else "warn" if "warn" in standings else "ok")
    for point in report["points"]:
        assert point["found"]
        assert bool(point["remedy"]) == (point["standing"] in {"warn", "FAIL"}), point
        assert point["found"] in done.stdout
    assert done.stdout.rstrip().endswith(report["conclusion"])
    assert "8 ms" in report["conclusion"]


def test_the_machine_alone(tmp_path):
    done, report = selftest(tmp_path, "--seconds", 0.3)
    check(done, report)
    assert list(points(report)) == MACHINE
    assert report["timer_latency"]["realtime"]["n"] == 300
    assert "ms |" in done.stdout


def test_a_station_is_tested_without_leaving_a_trace(tmp_path):
    done, report = selftest(tmp_path, station(tmp_path), "--seconds", 0.1)
    check(done, report)
    seen = points(report)
    grants = ["thread priorities", "thread cores", "strict start", "keep warm"]
    assert list(seen) == [*MACHINE, *grants, "release", "camera", "output", "state folder", "records", "disk space"]
    assert "demo-board 1" in seen["release"]["found"]
    assert seen["camera"]["standing"] == "ok", seen["camera"]
    assert "192 x 192" in seen["camera"]["found"]
    assert seen["output"]["standing"] == "ok"
    assert not any((tmp_path / "state").iterdir()), "no boot counter was raised"
    assert not (tmp_path / "r.jsonl").exists()


def test_a_station_that_cannot_run_fails_point_by_point(tmp_path):
    (tmp_path / "state").write_text("a file where a folder should be")
    path = station(tmp_path)
    path.write_text(path.read_text().replace(str(DEMO), "none.tgb").replace("r.jsonl", "no/folder/r.jsonl"))
    done, report = selftest(tmp_path, path, "--seconds", 0.1)
    check(done, report)
    seen = points(report)
    assert "none.tgb" in seen["release"]["found"]
    assert {seen[name]["standing"] for name in ("release", "state folder", "records")} == {"FAIL"}
    assert seen["camera"]["standing"] == "not applicable"
    assert "cannot be trusted here" in report["conclusion"]
    assert "release" in report["conclusion"]


def test_images_that_do_not_fit_the_release_fail_at_the_camera(tmp_path):
    from PIL import Image

    (tmp_path / "small" / "good").mkdir(parents=True)
    Image.new("L", (100, 100)).save(tmp_path / "small" / "good" / "a.png")
    path = station(tmp_path, '[camera]\nsource = "replay"\ndata = "small"\n')
    _, report = selftest(tmp_path, path, "--seconds", 0.1)
    camera = points(report)["camera"]
    assert camera["standing"] == "FAIL"
    assert "192 x 192" in camera["found"]
    assert "100 x 100" in camera["found"]


def test_a_spinning_realtime_thread_is_named(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", SPIN], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as spinner:
        if "spinning" not in spinner.stdout.readline():
            pytest.skip("no real-time priority is allowed here")
        done, report = selftest(tmp_path, "--seconds", 1.5)
        spinner.kill()
    check(done, report)
    culprit = points(report)["real-time threads"]
    assert culprit["standing"] == "FAIL", culprit
    assert f"({spinner.pid})" in culprit["found"]
    assert "FIFO 1" in culprit["found"]
    assert f"chrt -o -p 0 {spinner.pid}" in culprit["remedy"]


def test_it_runs_without_privilege():
    if os.getuid() != 0:
        pytest.skip("is without privilege anyway")
    with unprivileged() as other:
        done = other.run("selftest", "--seconds", "0.1")
    assert done.returncode == 1
    assert "SCHED_FIFO" in done.stdout or "no real-time priority" in done.stdout
    assert done.stderr == ""


def test_bad_input_is_refused_in_words(tmp_path):
    refused(taktgate("selftest", tmp_path / "none.toml"), "none.toml")
    refused(taktgate("selftest", station(tmp_path, "[lime]\n")), "lime")
    refused(taktgate("selftest", "--seconds", "-1"), "seconds", code=2)
    refused(taktgate("selftest", "--seconds", "0.1", "--json", tmp_path / "no" / "x.json"), "x.json")
    assert "Example: taktgate selftest" in taktgate("selftest", "--help").stdout
