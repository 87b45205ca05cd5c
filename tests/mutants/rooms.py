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
    # Compiled with the mutated headers; what is not here uses none of their functions, and is linked as it is.
    again: tuple[str, ...]
    # Tests that take long, as gtest filters by program: run last, and only on what the others let live. Of
    # the second program only these are run.
    slow: tuple[tuple[str, str], ...] = ()

    def paths(self) -> list[Path]:
        """Give the files under mutation: all but tests and what tests share."""
        found = {path for pattern in self.files for path in SOURCES.glob(pattern)}
        return sorted(path for path in found if path.suffix in {".h", ".cc"}
                      and not path.stem.endswith("_test") and not path.stem.startswith("test_"))  # fmt: skip


_STATION = tuple(f"station/{name}*" for name in ("loop", "signal_sources", "answer", "gate_records", "suspension",
                                                 "errands", "order_desk", "release_change", "last_catch"))  # fmt: skip
_WITH_ERRANDS = ("station/station.*", "station/station_view*", "station/hot_path*")
_JUDGE = tuple(f"judge/{name}*" for name in ("judge", "verdict"))
_RECORD = ("record/flight_journal*", "record/restart*")
ROOMS = (
    Room("gate", ("gate/*",), ("gate", "sim"), ("gate/*", "sim/soft_*", "sim/referee*", "sim/right_reasons*",
                                                "sim/broken_gate*", "sim/line_report*"),
         (("gate", "SmallWorld.*"), ("sim", "SoftLine.*"), ("sim", "*BrokenGate.*"))),
    # reason.h is a table, which the parser does not read.
    Room("judge", _JUDGE, ("judge",), ("judge/*",)),
    Room("inspect", ("inspect/accuracy*",), ("inspect",), ("inspect/accuracy*", "inspect/sample_*")),
    Room("control", ("control/orders*",), ("control",), ("control/orders*",)),
    Room("record", _RECORD, ("record",), _RECORD),
    Room("station", _STATION, ("station",), _STATION + _WITH_ERRANDS),
)  # fmt: skip
