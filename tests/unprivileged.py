"""The program as another user runs it, who may have no way into the folder of the working tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from program import PROGRAM, ROOT

NOBODY = 65534


@dataclass(frozen=True)
class Unprivileged:
    """A folder that anybody may read, with copies of the program, its libraries and the demo release."""

    folder: Path

    @property
    def bundle(self) -> Path:
        return self.folder / "demo.tgb"

    def run(self, *arguments: object, before: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
        """Call it, as nobody where this is root; `before` runs in the new process first."""
        return subprocess.run(
            [str(self.folder / PROGRAM.name), *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=120,
            cwd="/",
            env=os.environ | {"LD_LIBRARY_PATH": str(self.folder)},
            preexec_fn=before,
            **({"user": NOBODY, "group": NOBODY} if os.getuid() == 0 else {}),
        )


@contextmanager
def unprivileged() -> Iterator[Unprivileged]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for path in (PROGRAM, ROOT / "demo" / "demo.tgb", *_own_libraries()):
            shutil.copy(path, folder)
        yield Unprivileged(folder)


def _own_libraries() -> list[Path]:
    """Those that do not lie where the system's are; under the names that the program asks for."""
    listed = subprocess.run(["ldd", PROGRAM], capture_output=True, text=True, check=True).stdout
    paths = [Path(line.split(" => ")[1].split(" (")[0]) for line in listed.splitlines() if " => /" in line]
    return [path for path in paths if not path.is_relative_to("/lib") and not path.is_relative_to("/usr/lib")]
