"""The aarch64 program under user-mode emulation: same verdicts as on this machine.

Needs the cross build (`make arm64`); skipped where it is absent. On the DeepPCB windows where that
data is there, on simulated boards otherwise.
"""

import subprocess
from pathlib import Path

import deeppcb
import picture_corpus
import pytest
from forms import NIGHTLY, form
from program import PROGRAM, ROOT, json_lines, must, taktgate

ARM_PROGRAM = ROOT / "build" / "arm64" / "taktgate"
QEMU_PREFIX = ROOT / ".deps" / "arm64" / "qemu"
pytestmark = pytest.mark.skipif(not ARM_PROGRAM.is_file(), reason="no aarch64 build here (make arm64)")

# ONNX Runtime rounds differently on different CPUs (its float hard-sigmoid and its quantised add),
# so verdicts may differ only where the score is this close to a threshold.
MARGIN = 0.05
KERNELS = {"cortex-a53": "neon", "cortex-a76": "neon-dot", "max": "neon-i8mm"}  # that a core runs


def on_arm(cpu: str, *arguments: object, program: Path = ARM_PROGRAM) -> subprocess.CompletedProcess[str]:
    emulator = ["qemu-aarch64", "-L", str(QEMU_PREFIX), "-cpu", cpu]
    return subprocess.run(
        [*emulator, str(program), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=3000,
    )


@pytest.fixture(scope="module")
def task(tmp_path_factory) -> tuple[Path, Path]:
    """A bundle and a list of rows for it."""
    folder, count = tmp_path_factory.mktemp("arm64"), form("windows on an emulated core", 100, 1000)
    if not deeppcb.DEEPPCB.is_dir():
        must(taktgate("sim", "--out", folder, "--parts", count, "--seed", 5, "--defect-share", 0.5))
        return ROOT / "demo" / "demo.tgb", folder / "parts.tsv"
    made = deeppcb.make(folder)
    head, *rows = made.data.read_text().splitlines()
    split = head.split("\t").index("split")
    test = [row for row in rows if row.split("\t")[split] == "test"]
    few = folder / "few.tsv"
    few.write_text("\n".join([head, *test[:: len(test) // count][:count]]) + "\n")
    return made.bundle, few


@pytest.fixture(scope="module")
def here(task) -> list[dict]:
    """What this machine says."""
    bundle, rows = task
    return json_lines(must(taktgate("inspect", bundle, "--data", rows, "--json")))[:-1]


@pytest.mark.parametrize("cpu", list(KERNELS) if NIGHTLY else ["cortex-a53", "cortex-a76"])
def test_verdicts_agree_with_this_machine(task, here, cpu):
    bundle, rows = task
    *there, summary = json_lines(must(on_arm(cpu, "inspect", bundle, "--data", rows, "--json")))
    assert summary["engine"] == f"taktgate/{KERNELS[cpu]}"
    assert len(there) == len(here) == len(rows.read_text().splitlines()) - 1
    differences = [abs(a["score"] - b["score"]) for a, b in zip(here, there, strict=True)]
    logits = [
        abs(p - q)
        for a, b in zip(here, there, strict=True)
        for v, w in zip(a["windows"], b["windows"], strict=True)
        for p, q in zip(v["logits"], w["logits"], strict=True)
    ]
    differing = sum(d > 0 for d in differences)
    print(
        f"{cpu} against this machine: {differing} of {len(here)} scores differ, by at most "
        f"{max(differences):.3g}; logits by at most {max(logits):.3g}"
    )
    assert max(logits) == 0, "the INT8 engine gives the same bytes everywhere"
    for a, b in zip(here, there, strict=True):
        if abs(a["score"] - 0.5) > MARGIN:
            assert a["verdict"] == b["verdict"], (a, b)


@pytest.mark.parametrize("cpu", KERNELS)
def test_a_core_runs_the_fastest_kernels_that_it_has(tmp_path, cpu):
    """So the unit tests of int8 on this core, which take every set of its CPU, have them among theirs."""
    must(taktgate("sim", "--out", tmp_path, "--parts", 1))
    arguments = ("inspect", ROOT / "demo" / "demo.tgb", "--data", tmp_path / "parts.tsv", "--json")
    assert json_lines(must(on_arm(cpu, *arguments)))[-1]["engine"] == f"taktgate/{KERNELS[cpu]}"


def test_the_version_runs_under_emulation():
    assert "ONNX Runtime" in must(on_arm("cortex-a53", "version"))


def test_images_are_the_same_pixels_as_on_this_machine(tmp_path):
    """Damaged ones too: a unit judges what the maker has seen."""
    tool = PROGRAM.parent / "tests" / "picture_tool"
    (tmp_path / "made").mkdir()
    subprocess.run([tool, "make", tmp_path / "made"], check=True)
    (tmp_path / "all").mkdir()
    for case in picture_corpus.corpus(tmp_path / "made"):
        (tmp_path / "all" / case.name).write_bytes(case.data)
    here = subprocess.run([tool, "decode", tmp_path / "all"], check=True, capture_output=True, text=True).stdout
    arm_tool = ARM_PROGRAM.parent / "tests" / "picture_tool"
    there = must(on_arm("cortex-a53", "decode", tmp_path / "all", program=arm_tool))
    assert len(there.splitlines()) > 2000
    assert there == here
