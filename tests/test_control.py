"""Orders to a running station: alarms are acknowledged with a name, a line is stopped and started."""

import json
import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from program import PROGRAM, ROOT, json_lines, must, refused, taktgate

NAME = "M. Weber"
DEMO = ROOT / "demo" / "demo.tgb"


def station_file(folder: Path, alarms: str = "", defects: float = 1.0) -> Path:
    """A line of boards that all have a defect, slow enough for any machine."""
    path = folder / "station.toml"
    path.write_text(
        f'[station]\nname = "line 3"\nstate = "state"\n[release]\nbundle = "{DEMO}"\n'
        f"[camera]\ndefect_share = {defects}\n[line]\nparts_per_second = 5\n"
        f'[deadline]\nwindow = "180ms"\n[record]\nfile = "r.jsonl"\n[alarms]\n{alarms}\n'
    )
    return path


@contextmanager
def running(path: Path):
    """The station, online and taking orders; killed at the end if it is still there."""
    log = path.with_suffix(".log")
    with log.open("w") as words, subprocess.Popen([PROGRAM, "run", path], stdout=words, stderr=words) as process:
        try:
            await_that(lambda: taktgate("status", path).returncode == 0, process, log)
            yield process
        finally:
            process.kill()


def await_that(true, process=None, log: Path | None = None):
    give_up = time.monotonic() + 120
    while not true():
        assert time.monotonic() < give_up, "did not happen within two minutes"
        assert process is None or process.poll() is None, log.read_text()
        os.sched_yield()


def status(path: Path) -> dict:
    return json.loads(must(taktgate("status", path, "--json")))


def records(path: Path, kind: str) -> list[dict]:
    return [r for r in json_lines((path.parent / "r.jsonl").read_text()) if r["kind"] == kind]


def test_a_line_stop_waits_for_an_acknowledgement_with_a_name(tmp_path):
    # Only what the boards bring about: a busy machine may miss some.
    others = "faults = [0, 0]\nmisses = [0, 0]\nrate = [0, 0]\nmisses_in_100 = 0"
    path = station_file(tmp_path, f"rejects = [2, 3]\n{others}")
    with running(path) as process:
        await_that(lambda: status(path)["severity"] == "line_stop")
        assert status(path)["alarms"]["rejects_in_a_row"] == "line_stop"
        assert "alarm      line_stop: rejects_in_a_row" in must(taktgate("status", path))
        refused(taktgate("ack", path), "--name", code=2)
        refused(taktgate("ack", path, "--name", "  "), "1 to 48 printable bytes")
        refused(taktgate("ack", path, "--name", "x" * 49), "1 to 48 printable bytes")
        assert status(path)["severity"] == "line_stop"
        stopped = status(path)["parts"]
        must(taktgate("ack", path, "--name", NAME))
        # The line goes on, and is stopped again by parts of its own.
        await_that(lambda: status(path)["severity"] == "line_stop" and status(path)["parts"] > stopped + 3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    alarms, orders = records(path, "alarm"), records(path, "order")
    assert [(a["alarm"], a["severity"]) for a in alarms][:2] == [
        ("rejects_in_a_row", "amber"),
        ("rejects_in_a_row", "line_stop"),
    ]
    assert [(o["order"], o["name"]) for o in orders] == [("ack", NAME)]
    assert alarms[1]["at_ns"] < orders[0]["at_ns"] < alarms[-1]["at_ns"]
    reasons = {r["reason"] for r in records(path, "decision")}
    assert "line_stopped" in reasons
    words = path.with_suffix(".log").read_text()
    assert "line stop: rejects_in_a_row" in words
    assert f"ack by {NAME}" in words


def test_stop_challenge_start(tmp_path):
    path = station_file(tmp_path, "enabled = false")
    with running(path) as process:
        refused(taktgate("start", path, "--name", NAME), "ContinuousExecution")
        must(taktgate("stop", path, "--name", NAME))
        assert status(path)["state"] == "Ready"
        refused(taktgate("stop", path, "--name", NAME), "the station is in Ready")
        before = status(path)["parts"]
        await_that(lambda: status(path)["parts"] > before + 2)
        refused(taktgate("challenge", path, "--parts", 3, "--name", NAME), "in Ready", "start it first")
        must(taktgate("start", path, "--name", NAME))
        must(taktgate("challenge", path, "--parts", 3, "--name", NAME))
        await_that(lambda: status(path)["challenge"]["rejected"] == 3)
        assert status(path)["challenge"]["passed"] is True
        assert "3 of 3 rejected" in must(taktgate("status", path))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    assert [o["order"] for o in records(path, "order")] == ["stop", "start", "challenge"]
    assert "offline" in {r["reason"] for r in records(path, "decision")}


def test_callers_that_misbehave_keep_nobody_waiting(tmp_path):
    path = station_file(tmp_path, "enabled = false")

    def call(data: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as caller:
            caller.settimeout(60)
            caller.connect(os.fspath(tmp_path / "state" / "control"))
            caller.sendall(data)
            return caller.recv(65536)

    with running(path):
        silent = [socket.socket(socket.AF_UNIX) for _ in range(20)]
        for caller in silent:
            caller.connect(os.fspath(tmp_path / "state" / "control"))
        assert status(path)["state"] == "ContinuousExecution"
        for caller in silent:
            caller.close()
        for nonsense in (
            b"\n",
            b"hello\n",
            b"[]\n",
            b'{"order":"dance"}\n',
            b'{"order":"ack"}\n',
            b'{"order":"ack","name":7}\n',
            b'{"order":"status","x":1}\n',
            b"\xff\xfe\n",
            b'{"order":"challenge","name":"a","parts":0}\n',
            b'{"order":"ack","name":"a\\u0007"}\n',
        ):
            answer = json.loads(call(nonsense))
            assert answer["taken"] is False, nonsense
            assert answer["error"], nonsense
        assert call(b"x" * 1500) == b""
        assert oct((tmp_path / "state" / "control").stat().st_mode & 0o777) == "0o660"
        assert status(path)["state"] == "ContinuousExecution"


def test_a_state_folder_has_one_station_and_outlives_a_kill(tmp_path):
    path = station_file(tmp_path, "enabled = false")
    with running(path) as process:
        refused(taktgate("run", path), "another station uses it")
        assert status(path)["boot"] == 1, "the second one has touched nothing"
        process.kill()
        process.wait()
        assert (tmp_path / "state" / "control").exists()
        refused(taktgate("status", path), "no station runs", "taktgate run")
    with running(path):
        assert status(path)["boot"] == 2


def test_a_long_path_is_no_obstacle(tmp_path):
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    path = station_file(folder, "enabled = false")
    with running(path):
        assert status(path)["state"] == "ContinuousExecution"


@pytest.mark.parametrize(
    ("alarms", "words"),
    [
        ("rejects = [5, 3]", "amber not above stop"),
        ("rejects = 5", "[amber, stop]"),
        ("rate = [30, 120]", "rate 120 is above rate_window 100"),
        ("enabled = false\nbin = [1, 2]", "goes with enabled alarms only"),
        ("rejcts = [1, 2]", "unknown key"),
    ],
)
def test_alarms_that_make_no_sense_are_refused(alarms, words, tmp_path):
    refused(taktgate("run", station_file(tmp_path, alarms)), words)


def test_a_station_without_a_state_folder_takes_no_orders(tmp_path):
    path = tmp_path / "station.toml"
    path.write_text(f'[release]\nbundle = "{DEMO}"\n')
    refused(taktgate("ack", path, "--name", NAME), "[station] state")
    path.write_text(f'[release]\nbundle = "{DEMO}"\n[alarms]\nenabled = true\n')
    refused(taktgate("run", path), "nobody could acknowledge")
