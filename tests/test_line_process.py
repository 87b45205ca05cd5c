"""Mode R of the line simulator: the real station as a process on a soft line, killed and frozen."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from forms import form
from program import PROGRAM, ROOT, must, refused, taktgate

# Slow enough for a busy machine: a station refuses a line that is faster than its model.
RATE = 20
VIOLATIONS = ("I1", "I2", "I3", "I4", "I5", "I7", "live")


def line(folder: Path, *options: object) -> dict:
    """Run a real line; all invariants hold."""
    rate = () if {"--line", "--line-seed"} & set(options) else ("--rate", RATE)
    text = must(taktgate("linesim", "--mode", "r", "--json", folder / "r.json", *rate, *options))
    assert "all invariants hold" in text
    result = json.loads((folder / "r.json").read_text())
    assert all(result["violations"][name] == 0 for name in VIOLATIONS)
    assert result["parts"] == result["decisions"] + result["no_station"] + result["lost_at_kill"]
    assert result["parts"] == result["passed"] + result["ejected"] + result["maybe_passed"]
    assert result["passes_after_deadline"] == 0
    assert result["misses"]["good_recorded"] == result["misses"]["good_on_wire"]
    return result


def slowed(folder: Path, name: str) -> Path:
    """A line of the demo at RATE."""
    text = (ROOT / "demo" / "lines" / f"{name}.toml").read_text()
    assert "parts_per_second = 100\n" in text
    path = folder / f"{name}.toml"
    path.write_text(text.replace("parts_per_second = 100\n", f"parts_per_second = {RATE}\n"))
    return path


def test_a_line_beside_two_hogs(tmp_path):
    parts = form("parts beside two hogs", 200, 1000)
    result = line(tmp_path, "--parts", parts, "--hogs", 2, "--seed", 5)
    assert result["parts"] == parts
    # A model run that the hogs kept away for too long ends the station, and it is started again.
    assert result["starts"] == 1 + result["failures"]
    assert result["kills"] == 0
    assert result["lost_at_kill"] == 0 or result["failures"] > 0
    assert result["defective"] > 0
    assert result["passed_defective"] <= result["released"]
    # A machine under load may be too slow for many parts; one without a timely answer is a reject with its reason.
    assert sum(result["reasons"].values()) == result["decisions"]
    assert result["reasons"].get("none", 0) == result["released"]
    assert result["passed"] <= result["released"] + result["may_have_passed"]
    times = result["edge_to_wire_ms"]
    print(
        f"{parts} parts beside 2 hogs: {result['misses']['recorded']} misses, {result['failures']} failures, "
        f"edge to PASS p50 {times['p50']:.2f} ms, max {times['p100']:.2f} ms, "
        f"decision to wire p50 {result['decided_to_wire_us']['p50']:.1f} us"
    )


@pytest.mark.parametrize("belt", ["time_fixed", "count_fixed"])
def test_a_gate_behind_the_camera_with_sensors_and_a_plc(belt, tmp_path):
    parts = form(f"parts on the belt {belt}", 200, 500)
    result = line(tmp_path, "--line", slowed(tmp_path, belt), "--parts", parts)
    assert result["parts"] == result["decisions"] == parts
    # The PLC and the sensors are heard: without them nothing at all could pass.
    assert result["released"] > 0
    print(f"{belt}: {result['released']} of {parts} released, {result['misses']['recorded']} misses")


def test_belt_and_plc_survive_kills(tmp_path):
    result = line(tmp_path, "--line", slowed(tmp_path, "count_fixed"), "--kills", 3)
    assert result["kills"] == 3
    assert result["released"] > 0


@pytest.mark.parametrize(
    ("name", "word"), [("time_bursts", "spacing"), ("camera_sensors", "bin_within"), ("camera_doubtful", "[model]")]
)
def test_a_line_that_cannot_be_played_is_refused(name, word):
    path = ROOT / "demo" / "lines" / f"{name}.toml"
    refused(taktgate("linesim", "--mode", "r", "--line", path), "mode r cannot play", word)


def test_a_station_that_is_killed_again_and_again(tmp_path):
    kills = form("kills of a station on its line", 4, 10)
    result = line(tmp_path, "--parts", 25 * kills, "--kills", kills, "--seed", 6)
    assert result["kills"] == kills
    assert result["starts"] >= kills + 1
    assert result["decisions"] > 0
    restart = result["restart_ms"]
    print(
        f"{kills} kills: {result['restarts']} in flight closed as restart, {result['lost_at_kill']} "
        f"lost; READY again p50 {restart['p50']:.0f} ms, max {restart['p100']:.0f} ms"
    )


def test_stalls_on_lines_drawn_at_random(tmp_path):
    # SIGSTOP of 5 to 400 ms at any moment of a part, on random geometries.
    lines = form("lines with stalls", 4, 20)
    stalls = passed = decisions = 0
    for seed in range(1, lines + 1):
        result = line(tmp_path, "--line-seed", seed, "--stalls", 10, "--parts", 50)
        stalls += result["stalls"]
        passed += result["passed"]
        decisions += result["decisions"]
    assert stalls == 10 * lines
    assert decisions >= 50 * lines
    print(f"{lines} lines, {stalls} stalls of the real station, {decisions} parts, {passed} passed, 0 violations")


def test_a_station_that_stands_still_meets_one_shot_and_relay(tmp_path):
    result = line(tmp_path, "--parts", 100, "--freezes", 1, "--seed", 4)
    assert result["freezes"] == 1
    assert result["relay_openings"] >= 1
    assert result["reasons"].get("no_frame", 0) + result["reasons"].get("offline", 0) > RATE, "of 3 s"


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--mode", "r", "--fault", "x.toml"), "--fault"),
        (("--kills", 3), "--kills"),
        (("--hogs", 3), "--hogs"),
    ],
)
def test_options_of_the_other_mode_are_refused(options, word):
    refused(taktgate("linesim", *options), word, "does not go with --mode", code=2)


WIRING = """
[station]
trigger = "c/1"
pass = "c/2"
ready = "c/3"
heartbeat = "c/4"
[line]
trigger_out = "c/5"
trigger_back = "c/6"
pass = "c/7"
ready = "c/8"
"""


@pytest.mark.parametrize(
    ("replaced", "by", "words"),
    [
        ('trigger = "c/1"', "", "expected trigger"),
        ('trigger_out = "c/5"', "", "expected trigger_out"),
        ('ready = "c/8"', 'red = "c/8"', "expected red"),
        ('pass = "c/7"', 'pass = "7"', "CHIP/LINE"),
        ('pass = "c/7"', 'puss = "c/7"', 'unknown key "puss"'),
        ("[line]", "[lin]", "expected line"),
        ('pass = "c/7"', 'pass = "c/8"', "named twice"),
    ],
)
def test_a_board_that_makes_no_sense_is_refused(replaced, by, words, tmp_path):
    path = tmp_path / "board.toml"
    path.write_text(WIRING.replace(replaced, by))
    refused(taktgate("linesim", "--mode", "h", "--wiring", path), words)


def test_mode_h_needs_a_board(tmp_path):
    path = tmp_path / "board.toml"
    path.write_text(WIRING)
    refused(taktgate("linesim", "--mode", "h", "--wiring", path), "mode h needs a board", "GPIO chip")
    refused(taktgate("linesim", "--mode", "h"), "--wiring", code=2)
    refused(taktgate("linesim", "--mode", "h", "--wiring", path, "--kills", 1), "--kills", code=2)
    refused(taktgate("linesim", "--mode", "r", "--wiring", path), "--wiring", code=2)
    count = ROOT / "demo" / "lines" / "count_fixed.toml"
    refused(taktgate("linesim", "--mode", "h", "--wiring", path, "--line", count), "no encoder")


def test_a_bundle_that_is_not_there_is_refused():
    refused(taktgate("linesim", "--mode", "r", "--bundle", "no.tgb"), "no.tgb")


def test_a_stop_leaves_no_process_and_no_file(tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [PROGRAM, "linesim", "--mode", "r", "--parts", "100000"]
    with subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        try:
            give_up = time.monotonic() + 120
            while not (started := list(tmp_path.glob("taktgate-linesim-*/records.jsonl"))):
                assert time.monotonic() < give_up, "no station was started"
                os.sched_yield()
            name = started[0].parent.name
            running.send_signal(signal.SIGTERM)
            _, words = running.communicate(timeout=60)
        finally:
            running.kill()
    assert running.returncode == 3
    assert "stopped by a signal" in words
    assert not list(tmp_path.glob("taktgate-linesim-*"))
    assert not Path("/dev/shm", name).exists()
    left = subprocess.run(["pgrep", "-f", name], capture_output=True, text=True, check=False)
    assert left.stdout == ""


STATION = """
[station]
state = "state"
[release]
bundle = "{bundle}"
[line]
shared = "{shared}"
[record]
file = "r.jsonl"
"""


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "no such file"), (b"short", "shorter than"), (b"x" * 4096, "no shared line")],
)
def test_a_station_refuses_a_file_that_is_no_line(tmp_path, content, words):
    shared = tmp_path / "line"
    if content is not None:
        shared.write_bytes(content)
    path = tmp_path / "station.toml"
    path.write_text(STATION.format(bundle=ROOT / "demo" / "demo.tgb", shared=shared))
    refused(taktgate("run", path), str(shared), words)
