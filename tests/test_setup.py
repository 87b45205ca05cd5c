"""The scripts under setup/: what they find, when they stop, and that they do nothing twice."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

DEB822 = """\
# the project's own mirror
Types: deb deb-src
URIs: http://one.example/debian http://two.example/debian
Suites: {suites}
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main
"""


@pytest.fixture
def tree(repository: Path, tmp_path: Path) -> Path:
    """Return a copy of setup/ with an os-release and an empty etc/apt beside it."""
    shutil.copytree(repository / "setup", tmp_path / "setup")
    (tmp_path / "os-release").write_text("ID=debian\nVERSION_ID=12\nVERSION_CODENAME=bookworm\n")
    (tmp_path / "apt" / "sources.list.d").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    return tmp_path


def run(tree: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the tree; programs in its bin/ go before the system's."""
    environment = {**os.environ, "TAKTGATE_OS_RELEASE": str(tree / "os-release"), **variables}
    environment["PATH"] = f"{tree / 'bin'}:{environment['PATH']}"
    if "ONNXRUNTIME_ROOT" not in variables:
        environment.pop("ONNXRUNTIME_ROOT", None)
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def fake(tree: Path, name: str, script: str) -> None:
    """Put a program of this name before the system's."""
    path = tree / "bin" / name
    path.write_text(f"#!/bin/bash\n{script}\n")
    path.chmod(0o755)


def mirror(tree: Path) -> str:
    """Return the mirror that the scripts find in the tree's etc/apt."""
    done = run(tree, "bash", "-euc", f". setup/steps.sh; debian_mirror {tree / 'apt'}")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("suites", ["bookworm bookworm-updates", "bookworm-updates bookworm", "stable"])
def test_the_mirror_is_read_from_deb822(tree: Path, suites: str) -> None:
    (tree / "apt/sources.list.d/debian.sources").write_text(DEB822.format(suites=suites))
    assert mirror(tree) == "http://one.example/debian"


@pytest.mark.parametrize(
    "line",
    [
        "deb http://one.example/debian bookworm main",
        "deb [arch=amd64 signed-by=/usr/share/keyrings/k.gpg] http://one.example/debian bookworm main contrib",
        "deb\thttp://one.example/debian  bookworm   contrib main",
    ],
)
@pytest.mark.parametrize("place", ["sources.list", "sources.list.d/debian.list"])
def test_the_mirror_is_read_from_one_line_sources(tree: Path, line: str, place: str) -> None:
    (tree / "apt" / place).write_text(
        "deb-src http://source.example/debian bookworm main\n# deb http://old.example/debian bookworm main\n"
        f"deb http://security.example/debian-security bookworm-security main\n{line}\n"
    )
    assert mirror(tree) == "http://one.example/debian"


@pytest.mark.parametrize(
    "text",
    [
        "deb http://third.example/party anything main\n",
        "deb http://one.example/debian bookworm contrib\n",
        "deb-src http://one.example/debian bookworm main\n",
    ],
)
def test_no_other_source_is_taken_for_the_mirror(tree: Path, text: str) -> None:
    (tree / "apt/sources.list").write_text(text)
    off = DEB822.format(suites="bookworm").replace("Types: deb deb-src", "Enabled: no\nTypes: deb")
    (tree / "apt/sources.list.d/off.sources").write_text(off)
    assert mirror(tree) == ""


def test_packages_that_are_there_need_neither_apt_nor_root(tree: Path) -> None:
    fake(tree, "dpkg-query", 'shift 3; for name in "$@"; do echo "installed $name"; done')
    fake(tree, "apt-get", "echo called >> apt-was-called; exit 1")
    fake(tree, "id", "echo 1000")
    done = run(tree, "setup/packages.sh", "demo", "test", "lint", "arm64")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (tree / "apt-was-called").exists()


def test_only_what_is_missing_is_installed(tree: Path) -> None:
    fake(
        tree,
        "dpkg-query",
        'shift 3; for name in "$@"; do if [ "$name" = libpng-dev ] && [ ! -e done ]; then continue; fi;'
        ' if [ "$name" = cmake ] && [ ! -e done ]; then echo "config-files $name"; continue; fi;'
        ' echo "installed $name"; done; [ -e done ]',
    )
    fake(tree, "apt-get", 'echo "$*" >> calls; case "$*" in *update*) exit 100;; *) touch done;; esac')
    fake(tree, "id", "echo 0")
    done = run(tree, "setup/packages.sh", "demo")
    assert done.returncode == 0, done.stderr
    assert "did not reach every source" in done.stderr  # and went on
    update, install = (tree / "calls").read_text().splitlines()
    assert "update" in update
    assert install.endswith("install --no-install-recommends cmake libpng-dev")
    assert "installing cmake libpng-dev" in done.stdout


def test_a_failed_installation_is_said(tree: Path) -> None:
    fake(tree, "dpkg-query", "exit 1")
    fake(tree, "apt-get", 'case "$*" in *update*) ;; *) echo "E: no space left" >&2; exit 100;; esac')
    fake(tree, "id", "echo 0")
    done = run(tree, "setup/packages.sh", "demo")
    assert done.returncode != 0
    assert "E: no space left" in done.stderr and "apt-get install" in done.stderr


def test_without_root_it_says_what_to_do(tree: Path) -> None:
    fake(tree, "dpkg-query", "exit 1")
    fake(tree, "apt-get", "exit 0")
    fake(tree, "id", "echo 1000")
    done = run(tree, "setup/packages.sh", "demo")
    assert done.returncode != 0
    for word in ("libpng-dev", "libjpeg62-turbo-dev", "sudo setup/packages.sh demo", "ONNXRUNTIME_ROOT"):
        assert word in done.stderr


def test_another_distribution_gets_the_list_of_packages(tree: Path) -> None:
    (tree / "os-release").write_text('ID=fedora\nVERSION_ID="41"\n')
    fake(tree, "dpkg-query", "exit 1")
    fake(tree, "apt-get", "touch apt-was-called")
    fake(tree, "id", "echo 0")
    done = run(tree, "setup/packages.sh", "demo")
    assert done.returncode != 0
    for word in ("fedora 41", "libsodium-dev", "ONNXRUNTIME_ROOT"):
        assert word in done.stderr
    assert not (tree / "apt-was-called").exists()


def test_an_unknown_group_is_refused(tree: Path) -> None:
    done = run(tree, "setup/packages.sh", "everything")
    assert done.returncode != 0
    assert "expected a group of packages (demo, test, lint, arm64), got `everything`" in done.stderr


def test_headers_with_another_hash_are_not_put_in_place(tree: Path) -> None:
    fake(tree, "apt-helper", 'for last; do :; done; echo garbage > "${@: -2:1}"')
    done = run(tree, "setup/onnxruntime.sh", TAKTGATE_APT_HELPER=str(tree / "bin" / "apt-helper"))
    assert done.returncode != 0
    assert "SHA-256" in done.stderr and "ONNXRUNTIME_ROOT" in done.stderr
    assert [path.name for path in (tree / ".deps" / "onnxruntime").iterdir()] == []


def test_an_onnxruntime_of_ones_own_is_left_alone(tree: Path) -> None:
    done = run(tree, "setup/onnxruntime.sh", ONNXRUNTIME_ROOT="/opt/onnxruntime")
    assert done.returncode == 0
    assert "/opt/onnxruntime" in done.stdout
    assert not (tree / ".deps").exists()


def test_an_unknown_architecture_is_refused(tree: Path) -> None:
    done = run(tree, "setup/onnxruntime.sh", "riscv64")
    assert done.returncode != 0
    assert "Expected architecture x86_64 or aarch64, got riscv64" in done.stderr


def test_a_missing_lock_is_said(tree: Path) -> None:
    (tree / ".deps/python/bin").mkdir(parents=True)
    (tree / ".deps/python/bin/python").write_text("#!/bin/bash\nexit 0\n")
    (tree / ".deps/python/bin/python").chmod(0o755)
    done = run(tree, "setup/python.sh")
    assert done.returncode != 0
    assert "prep/requirements.lock" in done.stderr


def test_the_decoder_is_compiled_when_its_sources_changed(tree: Path) -> None:
    for name in ("bmp", "decode", "exif", "jpeg", "png", "samples", "shared_decoder", "tiff", "turn"):
        (tree / "src/image").mkdir(parents=True, exist_ok=True)
        (tree / f"src/image/{name}.cc").write_text(name)
    (tree / "src/base").mkdir()
    for name in ("base/result.cc", "base/file.cc", "base/result.h", "image/frame.h"):
        (tree / "src" / name).write_text(name)
    (tree / ".deps/python/lib").mkdir(parents=True)
    made = ".deps/python/lib/libtaktgate_decoder.so.new"
    fake(tree, "g++", f'[ "$1" = -dumpfullversion ] && echo 12 && exit; cat >/dev/null; echo >> calls; touch {made}')
    calls = []
    for changed in (None, None, "src/image/frame.h", None):
        if changed:
            (tree / changed).write_text("other")
        assert run(tree, "setup/decoder.sh", CXX="").returncode == 0
        calls.append(len((tree / "calls").read_text().splitlines()))
    assert calls == [1, 1, 2, 2]
    fake(tree, "g++", '[ "$1" = -dumpfullversion ] && echo 12 && exit; cat >/dev/null; exit 1')
    (tree / "src/image/png.cc").write_text("broken")
    done = run(tree, "setup/decoder.sh", CXX="")
    assert done.returncode != 0 and "could not be compiled" in done.stderr
    fake(tree, "g++", "exit 1")
    assert "expected the C++ compiler g++" in run(tree, "setup/decoder.sh", CXX="").stderr


def test_the_engine_is_compiled_with_the_flags_of_cmake_when_its_sources_changed(tree: Path) -> None:
    for folder in ("src/int8/kernels", "src/base", "include/taktgate", ".deps/python/lib"):
        (tree / folder).mkdir(parents=True, exist_ok=True)
    for name in ("src/base/result.cc", "src/base/result.h", "include/taktgate/int8.h", "src/int8/engine.h"):
        (tree / name).write_text(name)
    (tree / "src/int8/engine.cc").write_text("engine")
    for name in ("scalar_test", "scalar", "avx2", "neon", "neon_dot"):
        (tree / f"src/int8/kernels/kernels_{name}.cc").write_text(name)
    (tree / "src/int8/exports.map").write_text("{ global: taktgate_int8_*; };")
    (tree / "src/int8/kernels/CMakeLists.txt").write_text(
        "function(taktgate_kernels file)\n"
        "  taktgate_kernels(kernels_avx2.cc -mavx2 -mfma)\n"
        "  taktgate_kernels(kernels_neon.cc ${as_written})\n"
        "  taktgate_kernels(kernels_neon_dot.cc -march=armv8.2-a+dotprod ${as_written})\n"
    )
    made = ".deps/python/lib/libtaktgate_int8.so.new"
    fake(tree, "g++", f'[ "$1" = -dumpfullversion ] && echo 12 && exit; echo "$*" >> calls; touch {made}')
    counts = []
    for changed in (None, None, "src/int8/engine.h", None):
        if changed:
            (tree / changed).write_text("other")
        assert run(tree, "setup/engine.sh", CXX="").returncode == 0
        counts.append(len((tree / "calls").read_text().splitlines()))
    own, others = ("kernels_avx2.cc", "neon") if os.uname().machine == "x86_64" else ("kernels_neon_dot.cc", "avx")
    calls = (tree / "calls").read_text()
    once = calls.splitlines()[: counts[0]]
    assert counts == [len(once), len(once), 2 * len(once), 2 * len(once)]
    assert all("-ffp-contract=off" in call for call in once)
    assert [("-mavx2 -mfma" in call or "+dotprod" in call) for call in once if own in call] == [True]
    assert others not in calls and "_test.cc" not in calls and "as_written" not in calls
    fake(tree, "g++", '[ "$1" = -dumpfullversion ] && echo 12 && exit; exit 1')
    (tree / "src/int8/engine.cc").write_text("broken")
    done = run(tree, "setup/engine.sh", CXX="")
    assert done.returncode != 0 and "could not be compiled" in done.stderr
    fake(tree, "g++", "exit 1")
    assert "expected the C++ compiler g++" in run(tree, "setup/engine.sh", CXX="").stderr
