"""A station that is killed with signal 9: every part has one record afterwards, and ids go on."""

import os
import random
import signal
import subprocess

from program import PROGRAM, ROOT, json_lines, must, taktgate

STATION = """
[station]
state = "state"
[release]
bundle = "{bundle}"
[line]
parts_per_second = 100
parts = {parts}
[record]
file = "r.jsonl"
[alarms]
enabled = false
"""


def write(folder, parts):
    path = folder / "station.toml"
    path.write_text(STATION.format(bundle=ROOT / "demo" / "demo.tgb", parts=parts))
    return path


def decisions(folder, boot):
    """Sequence -> record of one run; every part has exactly one."""
    found = {}
    for record in json_lines((folder / "r.jsonl").read_text()):
        if record["kind"] != "decision" or not record["part"].startswith(f"{boot}-"):
            continue
        sequence = int(record["part"].split("-")[1])
        assert sequence not in found, f"two decisions about {record['part']}"
        found[sequence] = record
    return found


def run_and_kill(path, parts):
    """Run until so many parts of this run are recorded, then kill -9; the parts that were recorded before it."""
    file = path.parent / "r.jsonl"
    before = file.stat().st_size if file.exists() else 0

    def recorded():
        if not file.exists():
            return []
        whole = file.read_bytes()[before:].rpartition(b"\n")[0].decode()
        return [r["part"] for r in json_lines(whole) if r["kind"] == "decision" and r["reason"] != "restart"]

    with subprocess.Popen([PROGRAM, "run", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as station:
        assert "READY" in station.stdout.readline()
        while len(seen := recorded()) < parts:
            assert station.poll() is None, station.stderr.read()
            os.sched_yield()
        station.send_signal(signal.SIGKILL)
    return set(seen)


def test_parts_of_a_killed_run_are_closed_by_the_next_one(tmp_path):
    kills = 5
    chance = random.Random(1)
    seen = [run_and_kill(write(tmp_path, parts=0), 10 + chance.randrange(30)) for _ in range(kills)]
    done = taktgate("run", write(tmp_path, parts=20))
    must(done)
    assert "did not end with all its records" in done.stderr
    restarts = 0
    for boot in range(1, kills + 2):
        records = decisions(tmp_path, boot)
        assert sorted(records) == list(range(1, len(records) + 1)), "no part is missing"
        assert len(records) >= 10
        closed = [record for record in records.values() if record["reason"] == "restart"]
        assert not any(record["released"] for record in closed)
        if boot <= kills:
            assert not seen[boot - 1] & {record["part"] for record in closed}, "it was decided before the kill"
        restarts += len(closed)
    print(f"{kills} kills: {restarts} parts in flight closed as restart")
    assert len(decisions(tmp_path, kills + 1)) == 20


def test_a_clean_end_owes_nothing(tmp_path):
    path = write(tmp_path, parts=10)
    must(taktgate("run", path))
    again = taktgate("run", path)
    must(again)
    assert "before this one" not in again.stderr
    assert len(decisions(tmp_path, 1)) == len(decisions(tmp_path, 2)) == 10


def test_a_journal_that_is_gone_is_said(tmp_path):
    path = write(tmp_path, parts=0)
    run_and_kill(path, 5)
    (tmp_path / "state" / "run").write_text("7 began\n")  # the journal is of another run
    done = taktgate("run", write(tmp_path, parts=10))
    must(done)
    assert "is not known" in done.stderr
    unknown = [r for r in json_lines((tmp_path / "r.jsonl").read_text()) if r["kind"] == "restart"]
    assert unknown == [{"kind": "restart", "boot": 7, "in_flight": None}]
