"""What the device program does with bad input, signals and missing things."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
import time
from pathlib import Path

import pytest
from PIL import Image
from program import PROGRAM, ROOT, json_lines, must, refused, taktgate

from taktgate_prep.bundle import ustar

DEMO = ROOT / "demo" / "demo.tgb"


@pytest.fixture(scope="module")
def boards(tmp_path_factory) -> Path:
    """A few simulated boards with their list."""
    folder = tmp_path_factory.mktemp("boards")
    must(taktgate("sim", "--out", folder, "--parts", 40, "--seed", 77, "--defect-share", 0.5))
    return folder


def read_members(bundle: Path) -> list[tuple[str, bytes]]:
    """The files of a bundle, in order."""
    with tarfile.open(bundle) as archive:
        return [(member.name, archive.extractfile(member).read()) for member in archive]


def station(folder: Path, text: str) -> Path:
    path = folder / "station.toml"
    state = "" if "[station]" in text else '[station]\nstate = "state"\n'
    path.write_text(f'{state}[release]\nbundle = "{DEMO}"\n{text}')
    return path


def test_help_shows_an_example_for_every_command():
    assert "COMMAND" in must(taktgate("--help"))
    commands = (
        "demo",
        "run",
        "selftest",
        "replay",
        "inspect",
        "bench",
        "bundle",
        "sim",
        "linesim",
        "version",
        "status",
        "ack",
        "stop",
        "start",
        "challenge",
    )
    for command in commands:
        assert "Example: taktgate" in must(taktgate(command, "--help")), command
    refused(taktgate(), code=2)
    refused(taktgate("fly"), code=2)


def test_version_names_program_and_runtime():
    text = must(taktgate("version"))
    assert text.startswith("taktgate ")
    assert "ONNX Runtime" in text


def test_a_result_that_nobody_gets_is_no_success():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([PROGRAM, "version"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    refused(done, "standard output cannot be written: No space left on device")
    with subprocess.Popen([PROGRAM, "version"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as done:
        done.stdout.close()  # as `head` does when it has enough
        assert done.stderr.read() == ""


def test_bundle_show_and_verify():
    assert "signature none" in must(taktgate("bundle", "show", DEMO))
    said = must(taktgate("bundle", "verify", DEMO))
    assert "whole and sound" in said
    assert "signature none" in said


def test_bundle_verify_does_not_call_a_signed_bundle_unsigned(tmp_path):
    members = read_members(DEMO)
    members.insert(1, ("manifest.sig", b"64 bytes that nobody checks yet"))
    signed = tmp_path / "signed.tgb"
    signed.write_bytes(ustar.archive(members))
    for command in ("show", "verify"):
        said = must(taktgate("bundle", command, signed))
        assert "signature present, not checked" in said
        assert "signature none" not in said


def test_a_cut_or_flipped_bundle_is_refused(tmp_path):
    sound = DEMO.read_bytes()
    broken = tmp_path / "broken.tgb"
    for size in (0, 1, 511, 512, len(sound) // 2, len(sound) - 512, len(sound) - 1):
        broken.write_bytes(sound[:size])
        refused(taktgate("bundle", "verify", broken), "broken.tgb")
    for offset in range(0, len(sound), len(sound) // 20):
        flipped = bytearray(sound)
        flipped[offset] ^= 0x10
        broken.write_bytes(flipped)
        refused(taktgate("bundle", "verify", broken), "broken.tgb")


def test_inspect_judges_images_and_adds_them_up(boards):
    lines = json_lines(must(taktgate("inspect", DEMO, "--data", boards / "parts.tsv", "--json")))
    assert [line["kind"] for line in lines] == ["image"] * 40 + ["summary"]
    summary = lines[-1]
    assert summary["images"] == 40
    assert summary["binary_accuracy"] > 0.9
    assert sum(map(sum, summary["confusion"])) == 40
    text = must(taktgate("inspect", DEMO, "--data", boards / "parts.tsv"))
    assert "missed defects" in text


def test_inspect_names_the_image_that_it_cannot_judge_and_judges_the_rest(boards, tmp_path):
    good = next((boards).rglob("*.png"))
    whole = sorted(p for p in boards.rglob("*.png") if p.name != "golden.png")[0]
    empty = tmp_path / "empty.png"
    empty.write_bytes(b"")
    cut = tmp_path / "cut.png"
    cut.write_bytes(whole.read_bytes()[:300])
    text = tmp_path / "text.png"
    text.write_text("not an image")
    done = taktgate("inspect", DEMO, empty, whole, cut, text, "--json")
    refused(done, "empty.png", "cut.png", "text.png")
    lines = json_lines(done.stdout)
    assert len(lines) == 5
    assert [("error" in line) for line in lines[:4]] == [True, False, True, True]
    assert lines[0]["verdict"] == "unknown"
    assert lines[-1]["refused"] == 3
    assert good.exists()


def test_inspect_names_and_counts_what_it_leaves_out(boards, tmp_path):
    folder = tmp_path / "data" / "test" / "good"
    folder.mkdir(parents=True)
    whole = sorted(p for p in boards.rglob("*.png") if p.name != "golden.png")[0]
    with Image.open(whole) as image:
        for name in ("a.png", "b.bmp", "c.tif"):
            image.save(folder / name)
    (folder / "d.webp").write_bytes(b"")
    done = taktgate("inspect", DEMO, "--data", tmp_path / "data", "--json")
    *judged, summary = json_lines(must(done))
    assert len(judged) == 3 and len({line["score"] for line in judged}) == 1
    assert summary["left_out"] == 1
    assert done.stderr.endswith("left out 1 file that is no PNG, JPEG, BMP or TIFF: test/good/d.webp\n")
    assert "left out 1;" in must(taktgate("inspect", DEMO, "--data", tmp_path / "data"))


def test_inspect_judges_what_viewers_show(boards, tmp_path):
    """A picture stored on its side with an orientation tag, and the same one upright."""
    whole = sorted(p for p in boards.rglob("*.png") if p.name != "golden.png")[0]
    tag = Image.Exif()
    tag[0x0112] = 6
    with Image.open(whole) as image:
        image.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "tagged.png", exif=tag)
    lines = json_lines(must(taktgate("inspect", DEMO, whole, tmp_path / "tagged.png", "--json")))
    assert lines[0]["windows"] == lines[1]["windows"]


def test_inspect_refuses_a_frame_of_another_size(tmp_path):
    small = tmp_path / "small.png"
    Image.new("L", (100, 100)).save(small)
    refused(taktgate("inspect", DEMO, small), "192 x 192", "100 x 100")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("x\ty\nfoo\t1\n", ["image"]),
        ("image\tcolour\na.png\tred\n", ["colour"]),
        ("image\tlabel\n/etc/passwd\tgood\n", ["/etc/passwd"]),
        ("image\tlabel\n../a.png\tgood\n", [".."]),
        ("image\tlabel\nnone.png\tgood\n", ["none.png"]),
        ("image\tlabel\n{image}\tpurple\n", ["purple"]),
        ("image\tx\ty\tw\th\n{image}\t1\t1\n", []),
        ("image\tx\ty\tw\th\n{image}\t1\t1\tten\t10\n", ["ten"]),
    ],
)
def test_lists_are_refused_by_line(boards, tmp_path, content, words):
    image = sorted(boards.rglob("*.png"))[0]
    shutil.copy(image, tmp_path / "a.png")
    listing = tmp_path / "list.tsv"
    listing.write_text(content.replace("{image}", "a.png"))
    refused(taktgate("inspect", DEMO, "--data", listing), *words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[camera]\nsource = 'gige'\n", ["sim", "replay"]),
        ("[lime]\n", ["lime"]),
        ("[deadline]\nwindow = 8\n", ["unit"]),
        ("[line]\nparts_per_second = -5\n", ["-5"]),
        ("[line]\nparts_per_second = 200\n", ["5 ms", "9 ms"]),
        ("[camera]\nsource = 'replay'\ndata = 'none.tsv'\n", ["none.tsv"]),
    ],
)
def test_station_files_are_refused_in_words(tmp_path, text, words):
    refused(taktgate("run", station(tmp_path, text)), *words)


def test_run_replays_a_list_and_writes_a_record_per_part(boards, tmp_path):
    shutil.copytree(boards, tmp_path / "boards")
    path = station(
        tmp_path,
        '[station]\nstate = "state"\n[camera]\nsource = "replay"\ndata = "boards/parts.tsv"\n'
        '[line]\nparts = 120\n[record]\nfile = "r.jsonl"\n',
    )
    for boot in (1, 2):
        must(taktgate("run", path))
        records = json_lines((tmp_path / "r.jsonl").read_text())
        decisions = [r for r in records if r["kind"] == "decision"]
        assert [d["part"] for d in decisions[-120:]] == [f"{boot}-{n}" for n in range(1, 121)]
    for decision in decisions:
        assert decision["released"] == (decision["reason"] == "none")
        if decision["released"]:
            assert decision["slack_us"] > 0


def test_an_unwritable_record_path_does_not_stop_the_line(tmp_path):
    path = station(tmp_path, '[line]\nparts = 50\n[record]\nfile = "no/such/folder/r.jsonl"\n')
    done = taktgate("run", path)
    assert "parts 50" in must(done)
    assert "goes on deciding" in done.stderr


def test_a_link_that_leads_nowhere_is_named_and_does_not_stop_the_line(tmp_path):
    (tmp_path / "r.jsonl").symlink_to("r.jsonl")
    done = taktgate("run", station(tmp_path, '[line]\nparts = 20\n[record]\nfile = "r.jsonl"\n'))
    must(done)
    assert "r.jsonl: Too many levels of symbolic links" in done.stderr


def test_the_last_counts_come_as_json(tmp_path):
    path = station(tmp_path, "[line]\nparts = 40\n")
    last = tmp_path / "last.json"
    text = must(taktgate("run", path, "--json", last))
    counts = json.loads(last.read_text())
    assert counts["parts"] == 40
    assert counts["pass"] + counts["reject"] == 40
    assert sum(counts["reasons"].values()) == counts["reject"]
    assert f"pass {counts['pass']}, reject {counts['reject']}, misses {counts['misses']}" in text
    assert not counts["stopped_by_signal"]
    refused(taktgate("run", path, "--json", tmp_path / "no folder" / "last.json"), "no folder")


def test_a_full_disk_does_not_stop_the_line(tmp_path):
    path = station(tmp_path, '[line]\nparts = 50\n[record]\nfile = "/dev/full"\n')
    done = taktgate("run", path)
    assert "parts 50" in must(done)
    assert "No space left" in done.stderr


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_line_safely(tmp_path, stop):
    path = station(tmp_path, '[record]\nfile = "r.jsonl"\n')
    with subprocess.Popen([PROGRAM, "run", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert "READY" in process.stdout.readline()
        records = tmp_path / "r.jsonl"
        give_up = time.monotonic() + 60
        while not (records.exists() and records.stat().st_size > 0):
            assert time.monotonic() < give_up, "no part was decided"
            os.sched_yield()
        process.send_signal(stop)
        text, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "REJECT" in text
    lines = records.read_text()
    assert lines.endswith("\n")
    decided = [r for r in json_lines(lines) if r["kind"] == "decision"]
    assert f"parts {len(decided)}," in text, "every part of the last count is recorded"


def test_signals_that_come_together_end_the_line_safely(tmp_path):
    """Stopping a group of processes, or closing a terminal, sends several."""
    path = station(tmp_path, '[record]\nfile = "r.jsonl"\n')
    for _ in range(3):
        with subprocess.Popen(
            [PROGRAM, "run", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert "READY" in process.stdout.readline()
            for stop in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
                process.send_signal(stop)
            text, words = process.communicate(timeout=60)
        assert process.returncode == 0, words
        assert "stopped by a signal; the output is at REJECT" in text


def test_a_signal_ends_a_start_that_takes_for_ever(tmp_path):
    path = station(tmp_path, "[inference]\nwarm_up_runs = 10000\n")
    with subprocess.Popen([PROGRAM, "run", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        give_up = time.monotonic() + 60
        while not (tmp_path / "state").exists():
            assert time.monotonic() < give_up, "the state folder was not claimed"
            os.sched_yield()
        process.send_signal(signal.SIGTERM)
        text, words = process.communicate(timeout=60)
    assert process.returncode == 0, words
    assert not text
    assert words == "taktgate: stopped by a signal before READY; every line is safe\n"


def test_who_does_not_read_holds_nothing(tmp_path):
    """A pipe that is full from the start takes no message; the line still runs, records and stops."""
    path = station(tmp_path, '[line]\nparts = 200\n[record]\nfile = "r.jsonl"\n')
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"." * 4096)
    os.set_blocking(writer, True)
    done = subprocess.run([PROGRAM, "run", path], stdout=writer, stderr=writer, timeout=120, check=False)
    os.close(writer)
    os.close(reader)
    assert done.returncode == 0
    decided = [r for r in json_lines((tmp_path / "r.jsonl").read_text()) if r["kind"] == "decision"]
    assert len(decided) == 200


def test_the_demo_judges_its_boards(tmp_path):
    text = must(taktgate("demo", "--seconds", 3, "--rate", 50))
    assert "parts 150" in text
    assert "Truth against verdict" in text
    assert "deadline" in text
    assert "PASS after the deadline 0" in text


def test_the_demo_says_by_how_much_the_machine_is_too_slow():
    """The frame is there at 2.5 to 2.7 ms: plain loops cannot decide in what is left of such a window."""
    text = must(taktgate("demo", "--seconds", 2, "--rate", 20, "--window", 2.75, "--runtime", "taktgate/scalar"))
    parts, misses = map(int, re.search(r"parts (\d+)   misses .*?\) (\d+) ", text).groups())
    assert parts == 40
    assert misses > 0
    said = re.search(r"(\d+) of (\d+) parts \(([\d.]+) %\) had no answer within the window of 2.75 ms", text)
    assert (int(said[1]), int(said[2])) == (misses, parts)
    assert float(said[3]) == pytest.approx(100 * misses / parts, abs=0.05)
    takes, over, frame, inspection, output = map(
        float,
        re.search(
            r"too slow for a window of 2.75 ms: .* would take ([\d.]+) ms, ([\d.]+) ms too long "
            r"\(frame there ([\d.]+) ms, inspection ([\d.]+) ms, output ([\d.]+) ms, .* of \d+ tried",
            text,
        ).groups(),
    )
    assert takes == pytest.approx(frame + inspection + output, abs=0.02)
    assert over == pytest.approx(takes - 2.75, abs=0.02)


def test_a_release_that_is_slower_than_the_line_is_refused(tmp_path):
    """Parts that come every 0.1 ms: no machine decides that fast."""
    path = station(
        tmp_path,
        '[line]\nparts_per_second = 10000\n[camera]\ncapture_until = "90us"\nacquisition_delay = "50us"\n'
        'acquisition_jitter = "0us"\n[belt]\nmode = "time"\ndistance = "20ms"\nlead = "40us"\nhold = "40us"\n'
        'spacing = "100us"\nparts_in_flight = 300\n',
    )
    refused(taktgate("run", path), "parts come every 0.1 ms", "to decide about one takes")
