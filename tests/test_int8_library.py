"""The INT8 engine as a library: what is installed is found, compiled against and run as another project would."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from program import PROGRAM, ROOT
from random_networks import NetworkMaker

from taktgate_prep.compile.network import to_bytes
from taktgate_prep.compile.reader import from_bytes
from taktgate_prep.compile.reference import Reference

BUILD = PROGRAM.parent
EXAMPLE = ROOT / "include" / "example"
LIBRARY = "libtaktgate_int8.so.1"


def out_of(*command: object, **environment: str) -> str:
    """Standard output of a command that must work."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, **environment}, timeout=600)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library alone, in a tree that was moved after it was installed."""
    folder = tmp_path_factory.mktemp("library")
    out_of("cmake", "--install", BUILD, "--component", "int8", "--prefix", folder / "first", "--strip")
    return (folder / "first").rename(folder / "moved")


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, np.ndarray]:
    """A network, a picture, and the logits that the plain reference gives."""
    folder = tmp_path_factory.mktemp("question")
    network = NetworkMaker(3).network()
    first = network.input
    shape = (1, first.height, first.width, first.channels)
    pixels = np.random.default_rng(3).integers(0, 256, shape).astype(np.uint8)
    (folder / "network.tgn").write_bytes(to_bytes(network))
    (folder / "pixels").write_bytes(pixels.tobytes())
    return folder / "network.tgn", folder / "pixels", Reference(network).run(pixels)[0]


def assert_answers(program: Path, question: tuple[Path, Path, np.ndarray], **environment: str) -> None:
    network, pixels, logits = question
    answer = out_of(program, network, pixels, **environment).split()
    assert np.array_equal(np.array(answer, np.float32), logits)


def test_a_program_that_finds_it_by_pkg_config_gives_the_reference_logits(
    installed: Path, question: tuple[Path, Path, np.ndarray], tmp_path: Path
) -> None:
    if not shutil.which("pkg-config"):
        pytest.skip("pkg-config is not installed")
    path = {"PKG_CONFIG_PATH": str(installed / "lib" / "pkgconfig")}
    flags = out_of("pkg-config", "--cflags", "--libs", "taktgate_int8", **path).split()
    program, source = tmp_path / "classify", EXAMPLE / "classify.c"
    out_of("cc", "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", source, "-o", program, *flags)
    assert_answers(program, question, LD_LIBRARY_PATH=str(installed / "lib"))
    assert out_of("pkg-config", "--modversion", "taktgate_int8", **path).strip() == "0.1.0"


def test_a_program_that_finds_it_by_cmake_gives_the_reference_logits(
    installed: Path, question: tuple[Path, Path, np.ndarray], tmp_path: Path
) -> None:
    out_of("cmake", "-S", EXAMPLE, "-B", tmp_path, f"-DCMAKE_PREFIX_PATH={installed}")
    out_of("cmake", "--build", tmp_path)
    assert_answers(tmp_path / "classify", question)


def test_the_example_says_what_is_wrong(
    installed: Path, question: tuple[Path, Path, np.ndarray], tmp_path: Path
) -> None:
    program, (network, pixels, _) = tmp_path / "classify", question
    out_of("cc", EXAMPLE / "classify.c", "-o", program, f"-I{installed}/include", installed / "lib" / LIBRARY)
    missing, long, size = tmp_path / "missing", tmp_path / "long", pixels.stat().st_size
    with long.open("wb") as file:
        file.truncate(2**26 + 1)  # takes no room on the disk
    for words, code, said in [
        ([], 2, "expected classify NETWORK PIXELS"),
        ([pixels, pixels], 1, f"{pixels}: expected a compiled network"),
        ([missing, pixels], 1, f"{missing}: No such file or directory"),
        ([network, missing], 1, f"{missing}: No such file or directory"),
        ([tmp_path, pixels], 1, f"{tmp_path}: Is a directory"),
        ([long, pixels], 1, f"{long}: expected at most 67108864 bytes, got more"),
        ([network, network], 1, f"{network}: expected {size} bytes, "),
        ([network, network], 1, f"got {network.stat().st_size}; give a picture of the network's size"),
    ]:
        done = subprocess.run(
            [program, *words], capture_output=True, text=True, env={"LD_LIBRARY_PATH": str(installed / "lib")}
        )
        assert (done.returncode, said in done.stderr, done.stdout) == (code, True, ""), done.stderr


def test_it_shows_the_functions_of_its_header_and_nothing_else(installed: Path) -> None:
    library = installed / "lib" / LIBRARY
    shown = {line.split()[-1].split("@")[0] for line in out_of("nm", "-D", "--defined-only", library).splitlines()}
    header = (installed / "include" / "taktgate" / "int8.h").read_text(encoding="utf-8")
    declared = set(re.findall(r"^[a-z][\w* ]*?(taktgate_int8_\w+)\(", header, re.MULTILINE))
    assert shown - {"TAKTGATE_INT8_1"} == declared
    assert "taktgate_int8_run" in declared


def test_it_is_small_and_needs_the_systems_libraries_alone(installed: Path) -> None:
    library = installed / "lib" / LIBRARY
    assert library.stat().st_size <= 500_000
    dynamic = out_of("readelf", "-d", library)
    assert f"[{LIBRARY}]" in dynamic
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
    assert needed <= {"libstdc++.so.6", "libm.so.6", "libgcc_s.so.1", "libc.so.6", "ld-linux-aarch64.so.1"}


def test_the_python_of_the_page_gives_the_reference_logits(question: tuple[Path, Path, np.ndarray]) -> None:
    network, _, _ = question
    page = (ROOT / "include" / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    first = from_bytes(network.read_bytes(), "network").input
    shape = (4, first.height, first.width, first.channels)
    assert "np.zeros((4, 64, 64, 2), np.uint8)" in code
    code = code.replace("(4, 64, 64, 2)", str(shape)).replace("network.tgn", str(network))
    logits = Reference(from_bytes(network.read_bytes(), "network")).run(np.zeros(shape, np.uint8))
    assert out_of(sys.executable, "-c", code).strip().endswith(str(logits.argmax(axis=1)))
