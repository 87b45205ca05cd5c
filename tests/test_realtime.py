"""Real time is reported honestly: what is refused, a strict start, cores, and a process that dies of a bug."""

import os
import re
import resource
import signal
import subprocess
from pathlib import Path

import pytest
from program import PROGRAM, ROOT, must, refused, taktgate
from unprivileged import Unprivileged, unprivileged

DEMO = ROOT / "demo" / "demo.tgb"
STATION = '[release]\nbundle = "{bundle}"\n[line]\nparts = 20\n'
NO_CORE = 4095


def station(folder: Path, text: str = "", bundle: Path = DEMO) -> Path:
    """A station file of a short line."""
    path = folder / "station.toml"
    path.write_text(STATION.format(bundle=bundle) + text)
    return path


def give_up() -> None:
    """No memory may be locked, no thread may have real-time priority."""
    resource.setrlimit(resource.RLIMIT_RTPRIO, (0, 0))
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (65536, 65536))


def without_privilege(other: Unprivileged, text: str = "", *options: str) -> subprocess.CompletedProcess[str]:
    """Run a short line of this station file as a user with no such rights."""
    return other.run("run", *options, station(other.folder, text, other.bundle), before=give_up)


@pytest.fixture
def other():
    with unprivileged() as one:
        yield one


def alarm(line: str) -> bool:
    """A plain message about parts that a busy machine missed."""
    return re.match(r"taktgate: (warn|amber|line stop): \w+, part \d+-\d+: ", line) is not None


def test_a_strict_start_is_refused_with_a_line_for_each_thing(other):
    done = without_privilege(other, "", "--strict-rt")
    refused(done, "memory is not locked: the limit is 65536 bytes", "LimitMEMLOCK=infinity")
    refused(
        done,
        "threads gate (80), trigger (75), camera (70), inference (60): no real-time",
        "LimitRTPRIO=99",
        "--strict-rt",
    )
    assert len(done.stderr.splitlines()) == 3, done.stderr
    assert "READY" not in done.stdout
    by_file = without_privilege(other, "[realtime]\nstrict = true\n")
    assert (by_file.returncode, by_file.stderr) == (1, done.stderr)


def test_without_strict_it_runs_and_says_each_thing_once(other):
    done = without_privilege(other)
    assert "parts 20," in must(done)
    lines = done.stderr.splitlines()
    kinds = [
        "memory is not locked"
        if "memory is not locked" in line
        else "no real-time priority"
        if "no real-time priority" in line
        else "alarm"
        if alarm(line)
        else line
        for line in lines
    ]
    assert sorted(kind for kind in kinds if kind != "alarm") == ["memory is not locked", "no real-time priority"]
    assert len(set(lines)) == len(lines), "nothing is said twice"


def test_a_strict_start_that_asks_for_nothing_is_granted(other):
    text = "[realtime]\nstrict = true\nlock_memory = false\nthreads = false\n"
    assert "READY" in must(without_privilege(other, text))


@pytest.mark.parametrize("thread", ["gate", "camera", "inference"])
def test_a_core_that_is_not_there_is_refused_with_those_that_are(tmp_path, thread):
    path = station(tmp_path, f"[realtime]\n{thread}_core = {NO_CORE}\n")
    words = refused(taktgate("run", path), f"{thread}_core", f"got {NO_CORE}")
    for core in os.sched_getaffinity(0):
        assert str(core) in words.split("(")[1].split(")")[0].split(", ")


def test_threads_are_kept_on_their_cores(tmp_path):
    core = max(os.sched_getaffinity(0))
    path = station(tmp_path, f"[realtime]\ngate_core = {core}\ninference_core = {core}\n")
    path.write_text(path.read_text().replace("parts = 20", "parts = 0"))
    with subprocess.Popen([PROGRAM, "run", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert "READY" in running.stdout.readline()
        masks = {}
        for task in Path(f"/proc/{running.pid}/task").iterdir():
            masks[(task / "comm").read_text().strip()] = os.sched_getaffinity(int(task.name))
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=60)
    assert running.returncode == 0
    assert masks["gate"] == masks["inference"] == {core}
    assert masks["camera"] == masks["trigger"] == os.sched_getaffinity(0)


def test_a_process_that_dies_of_a_bug_says_so_and_makes_its_lines_safe(tmp_path):
    path = station(tmp_path)
    path.write_text(path.read_text().replace("parts = 20", "parts = 0"))
    with subprocess.Popen(
        [PROGRAM, "run", path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
    ) as running:
        assert "READY" in running.stdout.readline()
        running.send_signal(signal.SIGSEGV)
        _, words = running.communicate(timeout=60)
    assert running.returncode == -signal.SIGSEGV
    assert "internal error: SIGSEGV; every line was made safe" in words


def test_kept_warm_a_line_decides_as_without(tmp_path):
    path = station(tmp_path, '[inference]\nkeep_warm = "15ms"\n')
    path.write_text(path.read_text().replace("parts = 20", "parts = 20\nparts_per_second = 20"))
    text = must(taktgate("run", path))
    parts, misses = map(int, re.search(r"parts (\d+), .* misses (\d+)", text).groups())
    stray, dropped = map(int, re.search(r"stray frames (\d+), events dropped (\d+)", text).groups())
    assert (parts, dropped) == (20, 0)
    assert stray <= misses, "only a busy machine's: a frame that overtook its edge, and that part is missed"


def test_selftest_shows_cores_strictness_and_keep_warm(tmp_path):
    core = min(os.sched_getaffinity(0))
    path = station(
        tmp_path,
        f'[inference]\nkeep_warm = "200ms"\n[realtime]\ngate_core = {core}\n'
        f"inference_core = {NO_CORE}\nstrict = true\n",
    )
    done = taktgate("selftest", path, "--seconds", 0.1)
    assert done.returncode == 1
    rows = {line[16:36].strip(): line for line in done.stdout.splitlines() if line[:1].strip()}
    assert f"core {core}" in rows["gate core"]
    assert rows["inference core"].startswith("FAIL")
    assert rows["strict start"].startswith("FAIL")
    assert str(NO_CORE) in rows["strict start"]
    assert "no part came for 200 ms" in rows["keep warm"]
