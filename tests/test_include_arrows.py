"""The arrows of docs/architecture.md hold in the sources: who includes and who links whom."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.MULTILINE)
ROW = re.compile(r"^\| `([\w/]+)/`([^|]*)\|[^|]*\|([^|]+)\|$", re.MULTILINE)
DRAWERS = {"util", "utils", "common", "helpers", "misc"}


@dataclass(frozen=True)
class Table:
    """The table of rooms: what each may use, and which are not there yet."""

    uses: dict[str, set[str]]
    planned: set[str]


def read_table(page: str) -> Table:
    """Read the table of rooms out of the text of docs/architecture.md."""
    uses: dict[str, set[str]] = {}
    planned: set[str] = set()
    for room, remark, words in ROW.findall(page):
        above = set(uses)
        words = words.strip()
        if words == "nothing":
            allowed = set()
        elif words.startswith("all above"):
            _, _, without = words.partition(" but ")
            allowed = above - set(without.split())
        else:
            allowed = {word.strip() for word in words.split(",")}
        if not allowed <= above:
            raise ValueError(f"room {room}: the table names {sorted(allowed - above)}, which do not stand above it")
        uses[room] = allowed
        if "not there yet" in remark:
            planned.add(room)
    if not uses:
        raise ValueError("expected a table with rows of the form | `room/` | holds | may use |, got none")
    return Table(uses, planned)


def rooms_below(folder: Path, above: str = "") -> set[str]:
    """Name the rooms in a folder: those it holds, and those inside them, as line/gpio."""
    found: set[str] = set()
    for path in folder.iterdir():
        if path.is_dir():
            found |= {above + path.name} | rooms_below(path, above + path.name + "/")
    return found


def sources(folder: Path) -> list[Path]:
    """List the C++ files below a folder."""
    return sorted(path for suffix in ("*.h", "*.cc") for path in folder.rglob(suffix))


def include_faults(root: Path, table: Table) -> list[str]:
    """List every include that is no arrow of the table."""
    faults = []
    rooms = rooms_below(root / "src") | set(table.uses)
    for path in [path for folder in ("src", "bench", "fuzz") for path in sources(root / folder)]:
        folder = path.relative_to(root).parent
        room = folder.relative_to("src").as_posix() if folder.parts[0] == "src" else folder.parts[0]
        # Benchmarks and fuzz targets may use every room, but not the program.
        allowed = set(table.uses) - {"apps"} if room in ("bench", "fuzz") else table.uses.get(room, set()) | {room}
        for name in INCLUDE.findall(path.read_text(encoding="utf-8")):
            used = Path(name).parent.as_posix()
            if used in rooms and used not in allowed:
                faults.append(f"{path.relative_to(root)}: includes {name}; {room} may use {sorted(allowed)}")
            if "onnxruntime" in name and room != "infer":
                faults.append(f"{path.relative_to(root)}: includes {name}; only infer may")
    return faults


def room_faults(root: Path, table: Table) -> list[str]:
    """List rooms that the table does not name, names though they are missing, or that are drawers."""
    existing = rooms_below(root / "src")
    expected = set(table.uses) - table.planned
    faults = [f"src/{name}: no room of the table" for name in sorted(existing - set(table.uses))]
    all_rooms = sorted(existing | set(table.uses))
    faults += [f"src/{name}: a drawer, not a room" for name in all_rooms if Path(name).name in DRAWERS]
    faults += [f"src/{name}: in the table, but not there" for name in sorted(expected - existing)]
    faults += [f"src/{name}: there, but marked as not there yet" for name in sorted(existing & table.planned)]
    return faults


def link_faults(root: Path, table: Table) -> list[str]:
    """List rooms whose CMake USES are not exactly the arrows of the table to rooms that exist."""
    faults = []
    existing = rooms_below(root / "src")
    for path in sorted((root / "src").rglob("CMakeLists.txt")):
        room, text = path.parent.relative_to(root / "src").as_posix(), path.read_text(encoding="utf-8")
        call = re.search(r"taktgate_room\(\s*([\w/]+)\s*(?:USES\s+([\w/\s]*?))?\s*(?:LIBRARIES[^)]*)?\)", text)
        if call is None:
            linked = set(re.findall(r"\btaktgate_(\w+)\b", text)) & set(table.uses) - {room}
            if not linked <= table.uses[room]:
                faults.append(f"src/{room}: links {sorted(linked - table.uses[room])}, which it may not use")
            continue
        if call[1] != room:
            faults.append(f"src/{room}: its target is called {call[1]}")
        linked, expected = set((call[2] or "").split()), table.uses[room] & existing
        if linked != expected:
            faults.append(f"src/{room}: USES {sorted(linked)}, the table says {sorted(expected)}")
    return faults


@pytest.fixture(scope="module")
def table(repository: Path) -> Table:
    """Return the table of the project's own page."""
    return read_table((repository / "docs" / "architecture.md").read_text(encoding="utf-8"))


def test_the_table_is_read_as_it_is_meant(table: Table) -> None:
    assert table.uses["base"] == set()
    assert table.uses["judge"] == {"base", "bundle"}
    assert "sim" not in table.uses["station"] and "infer" in table.uses["station"]
    assert table.uses["line/gpio"] == {"base", "image", "line"}
    assert "station" in table.uses["apps"] and "apps" not in table.uses["apps"]


def test_every_include_is_an_arrow(repository: Path, table: Table) -> None:
    assert len(sources(repository / "src")) > 50
    assert include_faults(repository, table) == []


def test_the_rooms_are_those_of_the_table(repository: Path, table: Table) -> None:
    assert room_faults(repository, table) == []


def test_the_links_are_the_arrows(repository: Path, table: Table) -> None:
    assert link_faults(repository, table) == []


PAGE = """
| room | holds | may use |
|---|---|---|
| `base/` | words | nothing |
| `image/` | pixels | base |
| `gate/` | decisions | base |
| `store/` *(not there yet)* | records | base, gate |
| `infer/` | the model | base, image |
| `line/` | devices | base |
| `line/gpio/` | pins | base, line |
| `station/` | wires | all above but image line/gpio |
"""


@pytest.fixture
def made_up(tmp_path: Path) -> Path:
    """Return a small tree that keeps to PAGE."""
    uses = {"base": "", "image": "USES base", "gate": "USES base", "infer": "USES base image LIBRARIES onnxruntime"}
    uses |= {"line": "USES base", "line/gpio": "USES base line", "station": "USES base gate infer line"}
    for room, words in uses.items():
        (tmp_path / "src" / room).mkdir(parents=True)
        (tmp_path / "src" / room / "CMakeLists.txt").write_text(f"taktgate_room({room} {words})\n")
        (tmp_path / "src" / room / "a.h").write_text('#include <vector>\n#include "base/a.h"\n')
    (tmp_path / "src" / "infer" / "a.cc").write_text('#include "infer/a.h"\n#include <onnxruntime_cxx_api.h>\n')
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "part_bench.cc").write_text('#include "station/a.h"\n')
    return tmp_path


def faults(root: Path) -> list[str]:
    """List all faults of a tree against PAGE."""
    table = read_table(PAGE)
    return include_faults(root, table) + room_faults(root, table) + link_faults(root, table)


def test_a_tree_that_keeps_to_the_table_has_no_faults(made_up: Path) -> None:
    assert faults(made_up) == []


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("src/gate/b.h", '#include "image/a.h"\n', "src/gate/b.h: includes image/a.h; gate may use"),
        ("src/station/b.cc", '#  include "image/a.h"\n', "src/station/b.cc: includes image/a.h"),
        ("src/gate/b_test.cc", "#include <station/a.h>\n", "src/gate/b_test.cc: includes station/a.h"),
        ("src/station/b.cc", "#include <onnxruntime_c_api.h>\n", "onnxruntime_c_api.h; only infer may"),
        ("bench/b.cc", '#include "onnxruntime/onnxruntime_c_api.h"\n', "only infer may"),
        ("src/util/b.h", "", "src/util: a drawer, not a room"),
        ("src/extra/b.h", "", "src/extra: no room of the table"),
        ("src/store/b.h", "", "src/store: there, but marked as not there yet"),
        ("src/line/b.cc", '#include "line/gpio/a.h"\n', "src/line/b.cc: includes line/gpio/a.h; line may use"),
        ("src/line/gpio/b.cc", '#include "gate/a.h"\n', "line/gpio/b.cc: includes gate/a.h; line/gpio may use"),
        ("src/line/usb/b.h", "", "src/line/usb: no room of the table"),
        ("src/line/util/b.h", "", "src/line/util: a drawer, not a room"),
        ("src/line/gpio/CMakeLists.txt", "taktgate_room(line/gpio USES base)\n", "src/line/gpio: USES ['base']"),
        ("src/gate/CMakeLists.txt", "taktgate_room(gate USES base image)\n", "src/gate: USES ['base', 'image']"),
        ("src/gate/CMakeLists.txt", "taktgate_room(gate)\n", "src/gate: USES []"),
        ("src/gate/CMakeLists.txt", "target_link_libraries(x taktgate_image)\n", "src/gate: links ['image']"),
    ],
)
def test_a_tree_that_does_not_is_found_out(made_up: Path, path: str, text: str, said: str) -> None:
    (made_up / path).parent.mkdir(exist_ok=True)
    (made_up / path).write_text(text)
    found = faults(made_up)
    assert any(said in fault for fault in found), found


def test_a_missing_room_is_found_out(made_up: Path) -> None:
    for path in (made_up / "src" / "image").iterdir():
        path.unlink()
    (made_up / "src" / "image").rmdir()
    assert any("src/image: in the table, but not there" in fault for fault in faults(made_up))


def test_a_table_whose_arrows_go_down_is_refused() -> None:
    with pytest.raises(ValueError, match=r"room base: the table names \['image'\]"):
        read_table("| `base/` | words | image |\n| `image/` | pixels | nothing |\n")
