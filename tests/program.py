"""The built programs, as a user calls them."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(os.environ.get("TAKTGATE_PROGRAM", ROOT / "build" / "dev" / "taktgate"))
DATA = Path(os.environ.get("TAKTGATE_DATA", ROOT.parent / "shared" / "data"))


def taktgate(*arguments: object, timeout: float = 600) -> subprocess.CompletedProcess[str]:
    """Run the device program and return what it printed."""
    return subprocess.run(
        [str(PROGRAM), *map(str, arguments)],
        capture_output=True,
        text=True,
        errors="replace",  # a file's name may be no UTF-8
        timeout=timeout,
    )


def prep(*arguments: object, timeout: float = 3000) -> subprocess.CompletedProcess[str]:
    """Run taktgate-prep in this Python environment."""
    return subprocess.run(
        [sys.executable, "-m", "taktgate_prep", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def must(done: subprocess.CompletedProcess[str]) -> str:
    """Standard output of a call that must have worked."""
    assert done.returncode == 0, f"{done.args}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def refused(done: subprocess.CompletedProcess[str], *words: str, code: int = 1) -> str:
    """The one message of a call that must be refused; it holds all `words`."""
    lines = done.stderr.strip().splitlines()
    assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    assert lines, "refused in silence"
    for word in words:
        assert word in done.stderr, done.stderr
    return done.stderr


def json_lines(text: str) -> list[dict]:
    """Parse one object per line."""
    return [json.loads(line) for line in text.splitlines()]
