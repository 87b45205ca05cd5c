"""Incidents of a running station, and `taktgate replay`: the same decisions, bit for bit, or a clear refusal."""

import hashlib
import json
import signal
import struct
import subprocess
import time
from pathlib import Path

import pytest
from PIL import Image
from program import PROGRAM, ROOT, must, refused, taktgate
from test_program import read_members

from taktgate_prep.bundle import ustar

DEMO = ROOT / "demo" / "demo.tgb"
DIGEST = 64
DECISIONS, RELEASED = 40, 12  # so many at least are in the incident


def station(folder: Path, text: str = "") -> Path:
    """Write a station file that keeps incidents, of a line that is slow enough for any machine."""
    path = folder / "station.toml"
    path.write_text(
        f'[station]\nname = "line 3"\nstate = "state"\n[release]\nbundle = "{DEMO}"\n'
        f'[alarms]\nenabled = false\n[incident]\nfolder = "incidents"\n{text}'
        '[line]\nparts_per_second = 10\n[deadline]\nwindow = "90ms"\n'
    )
    return path


def wait_for(condition, what: str) -> None:
    """Wait until it holds; the limit is for a broken program, and says nothing about speed."""
    give_up = time.monotonic() + 240
    while not condition():
        assert time.monotonic() < give_up, what
        time.sleep(0.02)


def decided(records: Path) -> dict[str, dict]:
    """The decisions that are recorded by now."""
    whole = records.read_text().rpartition("\n")[0] if records.exists() else ""
    every = [json.loads(line) for line in whole.splitlines()]
    return {record["part"]: record for record in every if record["kind"] == "decision"}


@pytest.fixture(scope="module")
def incident(tmp_path_factory) -> Path:
    """An incident that was asked for while the line ran, with parts that passed and more that did not."""
    folder = tmp_path_factory.mktemp("line")
    path = station(folder, '[record]\nfile = "r.jsonl"\n')
    records = folder / "r.jsonl"
    with subprocess.Popen([PROGRAM, "run", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert "READY" in process.stdout.readline()
        wait_for(
            lambda: (
                len(decided(records)) >= DECISIONS
                and sum(record["released"] for record in decided(records).values()) >= RELEASED
            ),
            "no parts",
        )
        (folder / "before.json").write_text(json.dumps(decided(records)))
        process.send_signal(signal.SIGUSR1)
        wait_for(lambda: list((folder / "incidents").glob("*.tgi")), "no incident")
        process.send_signal(signal.SIGTERM)
        text, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "incidents: 1 written, 0 not" in text
    assert "incident: request, written to" in said
    return folder / "incidents" / "incident-000001-request.tgi"


def resealed(content: bytes) -> bytes:
    """The file with a digest that fits again."""
    return content[:-DIGEST] + hashlib.sha256(content[:-DIGEST]).hexdigest().encode()


def test_every_decision_is_the_same_bit_for_bit(incident, tmp_path):
    report = tmp_path / "replay.json"
    text = must(taktgate("replay", incident, "--json", report))
    assert "request at station line 3, boot 1" in text
    assert "outputs are the same, bit for bit" in text
    every = must(taktgate("replay", incident, "--all"))  # a stalled machine may reject the last parts
    for words in ("edge", "frame", "answer", "PASS on", "decided PASS", "model started"):
        assert words in every
    written = json.loads(report.read_text())
    assert written["replay"]["same"] is True
    folder = incident.parent.parent
    before = json.loads((folder / "before.json").read_text())
    recorded = decided(folder / "r.jsonl")
    # What was on record when the incident was asked for is in it, and every decision in it is on record.
    replayed = {part["part"]: part for part in written["parts"] if "released" in part}
    assert len(before) >= DECISIONS
    assert set(before) <= set(replayed) <= set(recorded)
    assert written["replay"]["decisions"] == len(replayed)
    for name, part in replayed.items():
        assert part["released"] == recorded[name]["released"], part
        assert part["reason"] == recorded[name]["reason"], part
    assert len(every) > 2 * len(text)


def test_frames_are_inspected_again_and_written(incident, tmp_path):
    text = must(taktgate("replay", incident, "--bundle", DEMO, "--frames", tmp_path / "png"))
    assert "16 frames" in text
    assert ", 0 with another verdict" in text
    frames = sorted((tmp_path / "png").iterdir())
    assert len(frames) == 16
    for frame in frames:
        assert "-part-1-" in frame.name or frame.name.endswith("-none.png")
        with Image.open(frame) as image:
            assert image.size == (192, 192)
    judged = must(taktgate("inspect", DEMO, frames[0], "--json"))
    assert '"verdict"' in judged


def test_another_outcome_is_shown_where_it_begins(incident, tmp_path):
    report = tmp_path / "before.json"
    must(taktgate("replay", incident, "--json", report))
    content = bytearray(incident.read_bytes())
    released = [p for p in json.loads(report.read_text())["parts"] if p.get("released")]
    sequence = int(released[10]["part"].split("-")[1])
    # The answer about this part: kind 8, boot, sequence, verdict pass, reason none (formats.md, 8).
    answered = struct.pack("<BIQBB", 8, 1, sequence, 0, 0)
    assert content.count(answered) == 1
    at = content.index(answered) + len(answered) - 2
    content[at : at + 2] = bytes([1, 1])  # fail, defect
    changed = tmp_path / "changed.tgi"
    changed.write_bytes(resealed(bytes(content)))
    done = taktgate("replay", changed, "--json", report)
    assert done.returncode == 1
    assert "DIFFERENT at event" in done.stdout
    assert "recorded: PASS on" in done.stdout
    assert "replayed: decided REJECT: defect" in done.stdout
    assert json.loads(report.read_text())["replay"]["same"] is False


def test_damaged_files_are_refused_in_words(incident, tmp_path):
    whole = incident.read_bytes()
    broken = tmp_path / "broken.tgi"
    for size in (0, 5, 8, 15, 20, len(whole) // 2, len(whole) - 1):
        broken.write_bytes(whole[:size])
        refused(taktgate("replay", broken), "broken.tgi")
    broken.write_bytes(whole[: len(whole) // 2])
    refused(taktgate("replay", broken), f"expected {len(whole)} bytes, got {len(whole) // 2}")
    for offset in range(20, len(whole), len(whole) // 15):
        flipped = bytearray(whole)
        flipped[offset] ^= 0x04
        broken.write_bytes(flipped)
        refused(taktgate("replay", broken), "broken.tgi", "digest")
    broken.write_bytes(whole[:8] + struct.pack("<I", 5) + whole[12:])
    refused(taktgate("replay", broken), "format 5", "format 4")
    broken.write_bytes(b"\x89PNG\r\n\x1a\n and more")
    refused(taktgate("replay", broken), "expected an incident file")
    refused(taktgate("replay", tmp_path / "none.tgi"), "none.tgi")
    refused(taktgate("replay", tmp_path), "regular file")
    refused(taktgate("replay"), code=2)


def test_nonsense_under_a_digest_that_fits_never_crashes(incident, tmp_path):
    whole = incident.read_bytes()
    broken = tmp_path / "broken.tgi"
    for offset in (20, 30, *range(300, 6000, 190)):
        nonsense = bytearray(whole)
        nonsense[offset : offset + 8] = b"\xff" * 8
        broken.write_bytes(resealed(bytes(nonsense)))
        done = taktgate("replay", broken, timeout=60)
        if offset < 100:  # the header's length, the header
            refused(done, "broken.tgi")
        # Elsewhere it may be a setting that decided nothing; what it is, is said.
        assert done.returncode in (0, 1), (offset, done.stdout, done.stderr)
        assert "broken.tgi" in done.stdout + done.stderr


def test_the_bundle_must_be_the_one_that_decided(incident, tmp_path):
    members = read_members(DEMO)
    manifest = json.loads(members[0][1])
    manifest["version"] = "2"
    members[0] = (members[0][0], json.dumps(manifest).encode())
    other = tmp_path / "other.tgb"
    other.write_bytes(ustar.archive(members))
    refused(taktgate("replay", incident, "--bundle", other), "other.tgb", "name the bundle of that release")
    refused(taktgate("replay", incident, "--bundle", tmp_path / "none.tgb"), "none.tgb")


def test_a_request_without_a_folder_is_said_and_the_line_goes_on(tmp_path):
    path = station(tmp_path)
    path.write_text(path.read_text().replace('[incident]\nfolder = "incidents"\n', ""))
    with subprocess.Popen([PROGRAM, "run", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert "READY" in process.stdout.readline()
        process.send_signal(signal.SIGUSR1)
        assert "[incident] folder" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0


def test_the_table_is_strict(tmp_path):
    refused(taktgate("run", station(tmp_path, "frames = -1\n")), "frames", "0 to 256")
    refused(taktgate("run", station(tmp_path, "kept = 3\n")), "kept", "keep")
