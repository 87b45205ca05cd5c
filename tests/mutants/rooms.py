"""What is mutated, and which tests must notice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "src"
DEV = ROOT / "build" / "dev"


@dataclass(frozen=True)
class Room:
    """Files that are mutated together, and the rooms whose test programs judge them, the first one first."""

    name: str
    files: tuple[str, ...]  # patterns below src/
    judges: tuple[str, ...]

    def paths(self) -> list[Path]:
        """Give the files under mutation: all but tests and what tests share."""
        found = {path for pattern in self.files for path in SOURCES.glob(pattern)}
        return sorted(path for path in found if path.suffix in {".h", ".cc"}
                      and not path.stem.endswith("_test") and not path.stem.startswith("test_"))  # fmt: skip


ROOMS = (
    Room("gate", ("gate/*",), ("gate", "sim")),
    Room("judge", ("judge/*",), ("judge",)),
    Room("station", ("station/loop.cc", "station/orders.*", "station/flight_journal.*", "station/restart.*",
                     "station/last_catch.*"), ("station",)),
)  # fmt: skip
