"""The whole program without ONNX Runtime. Long: it is built for this; every test build has the room infer so."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from forms import NIGHTLY
from program import ROOT

DEMO = ROOT / "demo" / "demo.tgb"

pytestmark = pytest.mark.skipif(not NIGHTLY, reason="builds the program: make nightly")


@pytest.fixture(scope="module")
def program() -> Path:
    """Built where no ONNX Runtime is to be found."""
    folder = ROOT / "build" / "alone"
    options = ("-DTAKTGATE_ONNXRUNTIME=OFF", "-DONNXRUNTIME_ROOT=/nowhere", "-DTAKTGATE_UNITY=ON")
    subprocess.run(
        ["cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", *options], check=True
    )
    jobs = os.environ.get("JOBS", str(os.cpu_count()))
    subprocess.run(["cmake", "--build", folder, "--parallel", jobs, "--target", "taktgate"], check=True)
    return folder / "taktgate"


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in arguments], capture_output=True, text=True, timeout=600)


def test_it_runs_a_line_with_the_demo_release(program):
    assert "onnxruntime" not in run("ldd", program).stdout
    done = run(program, "demo", "--bundle", DEMO, "--seconds", 2)
    assert done.returncode == 0, done.stderr
    assert "taktgate INT8 engine" in done.stdout
    assert "ONNX Runtime is not in this build" in run(program, "version").stdout


def test_a_release_that_needs_it_is_refused_in_words(program):
    done = run(program, "demo", "--bundle", DEMO, "--seconds", 2, "--runtime", "onnxruntime")
    assert done.returncode == 1
    assert "as this taktgate was built without it" in done.stderr
    assert "--runtime: ask for taktgate, or install" in done.stderr
