"""A running station gets another release between two parts: `taktgate release` (docs/station-file.md, Orders)."""

import hashlib
import json
import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from forms import form
from program import PROGRAM, ROOT, json_lines, must, refused, taktgate
from test_program import read_members

from taktgate_prep.bundle import ustar

NAME = "M. Weber"
DEMO = ROOT / "demo" / "demo.tgb"
# 200 parts a second, and a moment without a part between any two.
STATION = """
[station]
name = "line 3"
state = "state"
[release]
bundle = "{bundle}"
[camera]
acquisition_delay = "500us"
acquisition_jitter = "100us"
capture_until = "3ms"
defect_share = {defects}
[line]
parts_per_second = {rate}
[deadline]
window = "4ms"
pass_hold = "400us"
[record]
file = "r.jsonl"
[incident]
folder = "incidents"
[alarms]
enabled = false
"""


@pytest.fixture(scope="module")
def second(tmp_path_factory) -> Path:
    """The demo's release as version 2: the same model, another id."""
    members = read_members(DEMO)
    manifest = json.loads(members[0][1])
    manifest["version"] = "2"
    members[0] = (members[0][0], json.dumps(manifest).encode())
    path = tmp_path_factory.mktemp("second") / "second.tgb"
    path.write_bytes(ustar.archive(members))
    return path


@pytest.fixture(scope="module")
def fainter(tmp_path_factory) -> Path:
    """The demo's release with pixels half a per cent darker: it gives no board the same score."""
    members = dict(read_members(DEMO))
    contract = json.loads(members["contract.json"])
    contract["input"]["scale"] = [0.995 * scale for scale in contract["input"]["scale"]]
    members["contract.json"] = json.dumps(contract).encode()
    manifest = json.loads(members["manifest.json"])
    manifest["version"] = "3"
    for file in manifest["files"]:
        if file["name"] == "contract.json":
            file["size"] = len(members["contract.json"])
            file["sha256"] = hashlib.sha256(members["contract.json"]).hexdigest()
    members["manifest.json"] = json.dumps(manifest).encode()
    path = tmp_path_factory.mktemp("fainter") / "fainter.tgb"
    path.write_bytes(ustar.archive(list(members.items())))
    return path


def short_id(bundle: Path) -> str:
    """As records name it."""
    return hashlib.sha256(read_members(bundle)[0][1]).hexdigest()[:12]


def station_file(folder: Path, rate: int = 200, defects: float = 0.1) -> Path:
    path = folder / "station.toml"
    path.write_text(STATION.format(bundle=DEMO, rate=rate, defects=defects))
    return path


def await_that(true, process: subprocess.Popen) -> None:
    """Until it holds; the end is for a program that is broken, and says nothing about speed."""
    give_up = time.monotonic() + 120
    while not true():
        assert time.monotonic() < give_up, "did not happen within two minutes"
        assert process.poll() is None, "the station has ended"
        os.sched_yield()


@contextmanager
def running(path: Path, *options: str | Path):
    """The station, online and taking orders; killed at the end if it is still there."""
    with (
        path.with_suffix(".log").open("w") as words,
        subprocess.Popen([PROGRAM, "run", path, *options], stdout=words, stderr=words) as process,
    ):
        try:
            await_that(lambda: taktgate("status", path).returncode == 0, process)
            yield process
        finally:
            process.kill()


def ask(folder: Path, order: dict) -> dict:
    """One order over the socket, as the program gives it."""
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(300)
        caller.connect(os.fspath(folder / "state" / "control"))
        caller.sendall(json.dumps(order).encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            more = caller.recv(65536)
            assert more, answer
            answer += more
    return json.loads(answer)


@dataclass
class InForce:
    """A release, and when it was in force, on the station's clock."""

    release: str
    since: int
    until: int = 1 << 63


@dataclass
class Swap:
    """One order, as its giver saw it."""

    release: str
    asked: int
    answered: int
    cut_off: int


def swap(folder: Path, bundle: Path) -> Swap:
    asked = time.monotonic_ns()
    answer = ask(folder, {"order": "release", "name": NAME, "bundle": os.fspath(bundle)})
    assert answer["taken"], answer
    name = short_id(bundle)
    assert f"({name})" in answer["release"]
    return Swap(name, asked, time.monotonic_ns(), answer["cut_off"])


def history(folder: Path, swaps: list[Swap], boot: int = 1) -> list[InForce]:
    """The releases of a run by its recorded orders, which are those that were given, when they were given."""
    orders = [
        record
        for record in json_lines((folder / "r.jsonl").read_text())
        if record["kind"] == "order" and record["part"].startswith(f"{boot}-")
    ]
    assert [order["release"] for order in orders] == [one.release for one in swaps]
    assert {(order["order"], order["name"]) for order in orders} == {("release", NAME)}
    found = [InForce(short_id(DEMO), 0)]
    for order, one in zip(orders, swaps, strict=True):
        assert one.asked <= order["at_ns"] <= one.answered
        found[-1].until = order["at_ns"]
        found.append(InForce(order["release"], order["at_ns"]))
    return found


def decisions(folder: Path, boot: int) -> dict[int, dict]:
    """Of one run, by their sequence; no part has two."""
    found = {}
    for record in json_lines((folder / "r.jsonl").read_text()):
        own, _, sequence = record.get("part", "").partition("-")
        if record["kind"] == "decision" and own == str(boot):
            assert int(sequence) not in found, f"two decisions about {record['part']}"
            found[int(sequence)] = record
    return found


def check_releases(found: dict[int, dict], releases: list[InForce], end: int) -> int:
    """Every record has a release that was in force at its part's edge, or when the station can have heard of it.

    How many of them could have no other one.
    """
    assert sorted(found) == list(range(1, len(found) + 1)), "each part once"
    sure = 0
    for record in found.values():
        edge = record["trigger_ns"]
        heard = edge + int(record["decided_us"] * 1000) if "decided_us" in record else end
        possible = {one.release for one in releases if one.since <= heard and edge <= one.until}
        assert record["release"] in possible, record
        sure += len(possible) == 1
    return sure


def test_swaps_at_200_parts_a_second(tmp_path, second):
    count = form("swaps of the release at 200 parts a second", 60, 1000)
    path = station_file(tmp_path)
    with running(path, "--json", tmp_path / "end.json") as process:
        swaps = [swap(tmp_path, second if k % 2 == 0 else DEMO) for k in range(count)]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    found = decisions(tmp_path, 1)
    sure = check_releases(found, history(tmp_path, swaps), time.monotonic_ns())
    cut_off = sum(one.cut_off for one in swaps)
    counts = json.loads((tmp_path / "end.json").read_text())
    assert (counts["release_changes"], counts["parts_cut_off"]) == (count, cut_off)
    assert f"changes of the release {count}, parts cut off by them {cut_off}" in path.with_suffix(".log").read_text()
    assert sum(record["reason"] == "offline" for record in found.values()) <= cut_off, "nothing else is lost"
    late = sum(record["reason"] in ("late", "no_slack", "no_frame") for record in found.values())
    print(
        f"{count} swaps, {len(found)} parts: {sure} could be of one release only, {cut_off} cut off, "
        f"{late} without an answer in time"
    )
    assert sure > count


def swapped_line(folder: Path, other: Path, swaps: int, *options: object) -> dict:
    """Mode R with orders to change the release; each record is right."""
    report = folder / "r.json"
    text = must(taktgate("linesim", "--mode", "r", "--swaps", swaps, "--swap-with", other, "--json", report, *options))
    assert "all invariants hold" in text
    result = json.loads(report.read_text())
    assert not any(result["violations"].values())
    # On a machine under load a station may fail and be started again; then an order finds nobody.
    assert result["swaps"] == swaps
    assert result["swaps_refused"] == 0 or result["failures"] > 0
    assert result["parts"] == result["decisions"] + result["no_station"] + result["lost_at_kill"]
    assert result["releases_wrong"] == 0
    assert result["cut_off_recorded"] <= result["cut_off"]
    assert result["passed_defective"] == 0
    print(
        f"{swaps} swaps in mode R, {result['parts']} parts: {result['releases_sure']} could be of one release only, "
        f"{result['cut_off']} cut off, {result['misses']['recorded']} without an answer in time"
    )
    return result


def test_swaps_of_the_real_station_on_a_line_of_200_parts_a_second(tmp_path, fainter):
    swaps = form("swaps of the release in mode R at 200 parts a second", 20, 1000)
    result = swapped_line(tmp_path, fainter, swaps, "--rate", 200, "--parts", 25 * swaps)
    assert result["parts"] >= 25 * swaps
    assert result["releases_sure"] > swaps


def test_swaps_on_a_belt_that_is_never_empty_cost_the_parts_in_flight(tmp_path, fainter):
    belt = ROOT / "demo" / "lines" / "time_fixed.toml"
    result = swapped_line(tmp_path, fainter, 2, "--line", belt, "--parts", 100)
    assert 0 < result["cut_off_recorded"] <= result["cut_off"]
    assert result["reasons"]["offline"] >= result["cut_off_recorded"]


def test_two_releases_are_needed_for_swaps():
    refused(
        taktgate("linesim", "--mode", "r", "--swaps", 2, "--swap-with", DEMO),
        "expected two releases to swap",
        "--swap-with",
    )


def test_a_restart_closes_each_part_with_its_release_and_begins_with_the_station_files(tmp_path, second):
    path = station_file(tmp_path)
    with running(path) as process:
        swaps = [swap(tmp_path, bundle) for bundle in (second, DEMO, second)]
        # The orders are in the record; what is in flight is not.
        await_that(lambda: (tmp_path / "r.jsonl").read_text().count('"kind":"order"') == len(swaps), process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    end = time.monotonic_ns()
    with running(path) as process:
        assert short_id(DEMO) in json.loads(must(taktgate("status", path, "--json")))["release"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    check_releases(decisions(tmp_path, 1), history(tmp_path, swaps), end)
    assert {record["release"] for record in decisions(tmp_path, 2).values()} == {short_id(DEMO)}


def test_an_incident_of_two_releases(tmp_path, second):
    path = station_file(tmp_path, rate=20)
    with running(path) as process:
        said = must(taktgate("release", path, second, "--name", NAME))
        assert f"demo-board 2 ({short_id(second)})" in said
        before = json.loads(must(taktgate("status", path, "--json")))["parts"]
        await_that(
            lambda: json.loads(must(taktgate("status", path, "--json")))["parts"] > before + 4,
            process,
        )
        process.send_signal(signal.SIGUSR1)
        await_that(lambda: list((tmp_path / "incidents").glob("*.tgi")), process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    assert f"release: demo-board 2 ({short_id(second)}) is in force, by order of {NAME}" in (
        path.with_suffix(".log").read_text()
    )
    incident = tmp_path / "incidents" / "incident-000001-request.tgi"
    report = tmp_path / "replay.json"
    text = must(taktgate("replay", incident, "--bundle", second, "--json", report))
    assert f"release 1: demo-board 1 ({short_id(DEMO)})" in text
    assert f"release 2: demo-board 2 ({short_id(second)})" in text
    written = json.loads(report.read_text())
    assert written["replay"]["same"] is True
    releases = {part["part"]: part["release"] for part in written["parts"] if "release" in part}
    assert set(releases.values()) == {1, 2}
    again = [look["part"] for look in written["inspected_again"] if look["part"]]
    assert again, "parts of release 2"
    assert {releases[part] for part in again} == {2}
    other = must(taktgate("replay", incident, "--bundle", DEMO))
    assert "inspected by another release" in other


def test_what_is_refused_leaves_the_release_in_force(tmp_path, second):
    path = station_file(tmp_path, rate=20, defects=1.0)
    refused(taktgate("release", path, second, "--name", NAME), "no station runs")
    with running(path) as process:
        refused(taktgate("release", path, second), "--name", code=2)
        refused(taktgate("release", path, DEMO, "--name", NAME), "is in force already")
        refused(taktgate("release", path, tmp_path / "none.tgb", "--name", NAME), "none.tgb")
        refused(taktgate("release", path, path, "--name", NAME), "station.toml", "512")
        assert not ask(tmp_path, {"order": "release", "name": NAME, "bundle": "relative.tgb"})["taken"]
        assert not ask(tmp_path, {"order": "release", "name": NAME})["taken"]
        must(taktgate("stop", path, "--name", NAME))
        assert "Ready" in must(taktgate("release", path, second, "--name", NAME))
        must(taktgate("start", path, "--name", NAME))
        must(taktgate("challenge", path, "--parts", 10_000, "--name", NAME))
        refused(taktgate("release", path, DEMO, "--name", NAME), "challenge")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    orders = [r for r in json_lines((tmp_path / "r.jsonl").read_text()) if r["kind"] == "order"]
    assert [order["order"] for order in orders] == [
        "stop",
        "release",
        "start",
        "challenge",
    ]
