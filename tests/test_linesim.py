"""The simulated line: nominal, with every fault script, on bad input, and what it shows (docs/linesim.md)."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from forms import form
from program import PROGRAM, ROOT, must, refused, taktgate

FAULTS = ROOT / "demo" / "faults"
LINES = ROOT / "demo" / "lines"
# What must have happened with each script, or the fault was not there: reasons, or other counters with
# how often at least in 100,000 parts. A script that is not named here fails the test below.
EXPECTED = {
    "answer_after_the_next_edge": {"late": 500, "no_slack": 500},
    "barrier_stuck": {"tracking_lost": 10, "missed": 500},
    "belt_reverses": {"tracking_lost": 200, "double_edge": 10},
    "belt_speed_x3": {},
    "belt_stops": {},
    "bin_misses": {"alarms": 10, "line_stops": 1},
    "bounce": {"double_edge": 2000},
    "camera_stalls_50ms": {"no_frame": 1000, "alarms": 300},
    "camera_stalls_5s": {"no_frame": 500, "line_stopped": 1000, "line_stops": 50},
    "camera_stalls_for_ever": {"no_frame": 5000, "line_stopped": 5000},
    "challenge": {"challenge": 50},
    "chattering_edge": {"double_edge": 300, "crossings": 200_000},
    "clock_stands": {"double_edge": 1000},
    "clock_stands_by_time": {"double_edge": 500},
    "counters_wrap": {},
    "counts_ahead": {},
    "double_edge": {"double_edge": 3000},
    "encoder_backwards": {"tracking_lost": 5000},
    "encoder_dead": {"tracking_lost": 100},
    "frame_late": {"no_frame": 1000, "no_slack": 10},
    "frame_lost": {"no_frame": 2000, "partial_frame": 1000},
    "frame_of_the_part_before": {"stale_frame": 500, "frame_mismatch": 500},
    "gate_starved": {"gate_missed": 1000, "late": 50},
    "gate_starved_at_camera": {"no_frame": 1000, "late": 100},
    "lens_cap": {"image_unhealthy": 20, "line_stops": 1},
    "many_at_once": {"double_edge": 100, "plc_mismatch": 50, "lost_with_station": 5},
    "missing_edge": {"tracking_lost": 1000, "missed": 1000},
    "model_20_times_as_slow": {"late": 500, "late_answers": 500},
    "model_hangs": {"no_slack": 100, "offline": 500, "stations": 10},
    "model_nan": {"model_error": 2000},
    "model_ramp": {"no_slack": 1000},
    "model_slow_tail": {"late": 500, "late_answers": 500},
    "model_twice_as_slow": {},
    "output_slow": {"late": 1000},
    "part_removed": {"tracking_lost": 500, "removed": 300},
    "plc_beat_high": {"plc_absent": 1000},
    "plc_beat_low": {"plc_absent": 1000},
    "plc_beat_slow": {"plc_absent": 1000},
    "plc_number_late": {"plc_mismatch": 500, "plc_absent": 100},
    "plc_numbers": {"plc_mismatch": 1000, "plc_absent": 300},
    "rejects_in_a_row": {"low_confidence": 10_000, "line_stops": 30},
    "release_change": {"offline": 1000},
    "release_swap": {"offline": 300},
    "release_swap_at_camera": {"offline": 300, "late_answers": 100},
    "ring_full": {"overrun": 1, "double_edge": 500},
    "signals_starved": {"tracking_lost": 1000, "gate_missed": 100},
    "station_killed": {"lost_with_station": 100, "stations": 50},
    "station_killed_at_camera": {"lost_with_station": 50, "stations": 100},
    "station_stops": {"offline": 3000},
    "suspended": {"tracking_lost": 500, "missed": 2000},
    "trigger_ignored": {"no_frame": 500, "frame_mismatch": 500},
    "triggers_coalesced": {"no_frame": 500, "frame_mismatch": 500},
    "two_frames": {"frame_mismatch": 1000},
}


def linesim(out: Path, *arguments: object) -> dict:
    """Run a line that must hold all invariants; give its JSON and print one row."""
    said = must(taktgate("linesim", "--json", out, *arguments))
    assert "all invariants hold" in said
    result = json.loads(out.read_text())
    assert not any(result["violations"].values())
    name = Path(str(arguments[-1])).stem
    print(
        f"[linesim] {name:<28} {result['parts']:>8} parts  0 violations  passed {result['passed']:>7}"
        f"  {result['cpu']['parts_per_second'] / 1000:>6.0f} k parts/s"
    )
    return result


def happened(result: dict) -> dict[str, int]:
    """All that can be counted, in one table."""
    return {**result, **result["edges"], **result["frames"], **result["reasons"]}


@pytest.mark.parametrize("belt", ["camera", "time", "count"])
def test_a_million_parts_on_a_sound_line(tmp_path, belt):
    parts = form(f"parts on the sound line {belt}", 200_000, 1_000_000)
    result = linesim(tmp_path / "out.json", "--parts", parts, "--seed", 11, "--line", LINES / f"{belt}.toml")
    assert result["parts"] == parts
    # All but the defective ones, the model's errors and the parts before READY.
    assert result["passed"] > 0.89 * parts
    assert result["passed"] == result["released"]
    assert result["passes_cut_short"] == 0
    reasons = {reason for reason, count in result["reasons"].items() if count}
    assert reasons == {"defect", "low_confidence", "offline"}


@pytest.mark.parametrize("line", sorted(path.stem for path in LINES.glob("*.toml")))
def test_every_line_of_the_demo(tmp_path, line):
    parts = form(f"parts on the line {line}", 20_000, 100_000)
    result = linesim(tmp_path / "out.json", "--parts", parts, "--line", LINES / f"{line}.toml")
    # Parts that touch lose both; a line stop of those weighs more in the short form.
    least = {"camera_doubtful": 0.4, "time_touching": 0.75}.get(line, 0.8)
    assert result["passed"] > least * parts
    if line.endswith("touching"):
        assert result["reasons"]["double_edge"] > parts / 100


def test_every_fault_script_is_expected_to_do_something():
    assert sorted(path.stem for path in FAULTS.glob("*.toml")) == sorted(EXPECTED)


@pytest.mark.parametrize("script", sorted(EXPECTED))
def test_many_parts_with_each_fault(tmp_path, script):
    parts = form(f"parts with the fault {script}", 20_000, 100_000)
    result = linesim(tmp_path / "out.json", "--parts", parts, "--seed", 5, "--fault", FAULTS / f"{script}.toml")
    counted = happened(result)
    for what, in_100_000 in EXPECTED[script].items():
        least = max(1, in_100_000 * parts // 100_000)
        assert counted[what] >= least, f"{what}: {counted[what]}, expected {least} at least"
    assert result["passed"] > 0


def test_a_stopped_or_fast_belt_costs_no_part(tmp_path):
    parts = form("parts on each belt that stops, is fast or wraps", 20_000, 50_000)
    for script in ("belt_stops", "belt_speed_x3", "counters_wrap"):
        sound = linesim(tmp_path / "out.json", "--parts", parts, "--seed", 5, "--fault", FAULTS / f"{script}.toml")
        # 0.89 is what is left of good parts by the model's own errors.
        assert sound["released"] > 0.88 * parts, script


def test_admission_follows_a_model_that_slows_down(tmp_path):
    result = linesim(tmp_path / "out.json", "--parts", 100_000, "--seed", 5, "--fault", FAULTS / "model_ramp.toml")
    assert result["reasons"]["no_slack"] > 1000
    assert result["reasons"]["late"] < 100, "turned away before they were late"


def test_a_cap_on_the_lens_lets_nothing_pass(tmp_path):
    script = tmp_path / "cap.toml"
    script.write_text('[[fault]]\nkind = "lens_cap"\n')
    result = linesim(tmp_path / "out.json", "--parts", 5000, "--fault", script)
    assert result["passed"] == 0
    assert result["reasons"]["image_unhealthy"] > 100


def test_the_same_seed_gives_the_same_line_whatever_the_wall_clock_says(tmp_path):
    """Everything that asks for the wall clock gets one that jumps by a year at each call."""
    compiler = shutil.which("c++") or shutil.which("g++")
    assert compiler, "expected a C++ compiler"
    source = tmp_path / "jumps.cc"
    source.write_text(
        "#include <sys/time.h>\n#include <time.h>\n#include <unistd.h>\n#include <sys/syscall.h>\n"
        "static long jumps() { static long calls = 0; return ++calls % 2 ? 31536000 : -86400; }\n"
        'extern "C" {\n'
        "int clock_gettime(clockid_t which, struct timespec* time) noexcept {\n"
        "  long failed = syscall(SYS_clock_gettime, which, time);\n"
        "  if (which == CLOCK_REALTIME) time->tv_sec += jumps();\n  return static_cast<int>(failed);\n}\n"
        "int gettimeofday(struct timeval* time, void*) noexcept {\n"
        "  time->tv_sec = 1800000000 + jumps();\n  time->tv_usec = 0;\n  return 0;\n}\n"
        "time_t time(time_t* at) noexcept {\n  time_t now = 1800000000 + jumps();\n"
        "  if (at) *at = now;\n  return now;\n}\n}\n"
    )
    shim = tmp_path / "jumps.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-w", "-o", str(shim), str(source)], check=True)
    results = []
    for environment in ({}, {"LD_PRELOAD": str(shim)}):
        out = tmp_path / "out.json"
        command = [str(PROGRAM), "linesim", "--parts", "20000", "--json", str(out)]
        command += ["--fault", str(FAULTS / "many_at_once.toml")]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        result = json.loads(out.read_text())
        del result["cpu"]
        results.append(result)
    assert results[0] == results[1]


def test_a_violation_ends_with_one_and_is_told(tmp_path):
    """A line that no software can save: an encoder that loses counts, and no gate sensor to notice."""
    line, script, out = tmp_path / "line.toml", tmp_path / "fault.toml", tmp_path / "out.json"
    line.write_text('belt = "count"\n')
    script.write_text('[[fault]]\nkind = "encoder_dead"\nat = "3s"\nfor = "10ms"\nagain = "1700ms"\n')
    done = taktgate("linesim", "--parts", 5000, "--line", line, "--fault", script, "--json", out)
    assert done.returncode == 1
    assert "VIOLATIONS, the first:" in done.stdout
    assert "went past the ejector unreleased" in done.stdout
    result = json.loads(out.read_text())
    assert result["violations"]["I7"] > 0
    assert result["first_violation"].startswith("I7 at ")


def test_bad_input_is_refused(tmp_path):
    script, line = tmp_path / "fault.toml", tmp_path / "line.toml"
    refused(taktgate("linesim", "--fault", script), "fault.toml")
    script.write_text('[[fault]]\nkind = "bounce"\ncount = 2\ntime = "1ms"\nevry = 3\n')
    refused(taktgate("linesim", "--fault", script), 'unknown key "evry"', "every")
    script.write_text("[[fault\n")
    refused(taktgate("linesim", "--fault", script), "line 1")
    script.write_text('line = "nowhere.toml"\n')
    refused(taktgate("linesim", "--fault", script), "nowhere.toml")
    line.write_text("parts_per_second = 120\n")
    refused(taktgate("linesim", "--line", line), "9000000", "lower parts_per_second")
    stops = FAULTS / "belt_stops.toml"
    refused(taktgate("linesim", "--fault", stops, "--line", LINES / "camera.toml"), "belt_stops", '"count"')
    both = ("--fault", stops, "--fault", FAULTS / "double_edge.toml")
    refused(taktgate("linesim", *both), "different lines", "--line")
    refused(taktgate("linesim", "--parts", 0), code=2)
    refused(taktgate("linesim", "--mode", "x"), code=2)
    assert "Example: taktgate linesim" in must(taktgate("linesim", "--help"))
