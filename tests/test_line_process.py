"""Mode R of the line simulator: the real station as a process on a soft line, killed and frozen."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from program import PROGRAM, ROOT, must, refused, taktgate

VIOLATIONS = ("I1", "I2", "I3", "I4", "I5", "I7", "live")


def line(folder: Path, *options: object) -> dict:
    """Run a real line; all invariants hold."""
    text = must(taktgate("linesim", "--mode", "r", "--json", folder / "r.json", *options))
    assert "all invariants hold" in text
    result = json.loads((folder / "r.json").read_text())
    assert all(result["violations"][name] == 0 for name in VIOLATIONS)
    assert result["parts"] == result["decisions"] + result["no_station"] + result["lost_at_kill"]
    assert result["parts"] == result["passed"] + result["ejected"] + result["maybe_passed"]
    assert result["passes_behind_deadline"] == 0
    assert result["misses"]["good_recorded"] == result["misses"]["good_on_wire"]
    return result


def test_a_line_beside_two_hogs(tmp_path):
    result = line(tmp_path, "--parts", 1000, "--hogs", 2, "--seed", 5)
    assert result["parts"] == result["decisions"] == 1000
    assert result["starts"] == 1
    assert result["defective"] > 0
    # A machine under load may be too slow for many; what is answered in time must pass.
    assert result["released"] + sum(result["reasons"].values()) - result["reasons"]["none"] == 1000
    times = result["edge_to_wire_ms"]
    print(f"1000 parts beside 2 hogs: {result['misses']['recorded']} misses, "
          f"edge to PASS p50 {times['p50']:.2f} ms, max {times['p100']:.2f} ms, "
          f"decision to wire p50 {result['decided_to_wire_us']['p50']:.1f} us")


@pytest.mark.parametrize("belt", ["time_fixed", "count_fixed"])
def test_a_gate_behind_the_camera_with_sensors_and_a_plc(belt, tmp_path):
    result = line(tmp_path, "--line", ROOT / "demo" / "lines" / f"{belt}.toml", "--parts", 500)
    assert result["parts"] == result["decisions"] == 500
    # The PLC and the sensors are heard: without them nothing at all could pass.
    assert result["released"] > 0
    print(f"{belt}: {result['released']} of 500 released, {result['misses']['recorded']} misses")


def test_belt_and_plc_survive_kills(tmp_path):
    result = line(tmp_path, "--line", ROOT / "demo" / "lines" / "count_fixed.toml", "--kills", 3)
    assert result["kills"] == 3
    assert result["released"] > 0


@pytest.mark.parametrize(
    ("name", "word"), [("time_bursts", "spacing"), ("camera_sensors", "bin_within"),
                       ("camera_doubtful", "[model]")]
)
def test_a_line_that_cannot_be_played_is_refused(name, word):
    path = ROOT / "demo" / "lines" / f"{name}.toml"
    refused(taktgate("linesim", "--mode", "r", "--line", path), "mode r cannot play", word)


def test_a_station_that_is_killed_ten_times(tmp_path):
    result = line(tmp_path, "--parts", 1000, "--kills", 10, "--seed", 6)
    assert result["kills"] == 10
    assert result["starts"] >= 11
    assert result["decisions"] > 0
    restart = result["restart_ms"]
    print(f"10 kills: {result['restarts']} in flight closed as restart, {result['lost_at_kill']} "
          f"lost; READY again p50 {restart['p50']:.0f} ms, max {restart['p100']:.0f} ms")


def test_a_station_that_stands_still_meets_one_shot_and_relay(tmp_path):
    result = line(tmp_path, "--parts", 300, "--freezes", 1, "--seed", 4)
    assert result["freezes"] == 1
    assert result["relay_openings"] >= 1
    assert result["reasons"]["no_frame"] + result["reasons"].get("offline", 0) > 100


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


WIRING = '''
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
'''


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
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as running:
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
