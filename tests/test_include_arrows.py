"""The arrows of docs/architecture.md hold in the sources: who includes and who links whom."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.MULTILINE)
QUALIFIED = re.compile(r"\b([a-z]\w*)::")
COMMENT = re.compile(r"//.*")
ROW = re.compile(r"^\| `([\w/]+)/`([^|]*)\|[^|]*\|([^|]+)\|$", re.MULTILINE)
CALL = re.compile(
    r"taktgate_room\(\s*([\w/]+)\s*(?:USES\s+([\w/\s]*?))?\s*(?:TESTS\s+([\w/\s]*?))?\s*(?:LIBRARIES[^)]*)?\)"
)
DRAWERS = {"util", "utils", "common", "helpers", "misc"}


@dataclass(frozen=True)
class Table:
    """The table of rooms: what each may use, what its tests may use besides, and which are not there yet."""

    uses: dict[str, set[str]]
    tests: dict[str, set[str]]
    planned: set[str]
    whole: set[str]  # may use all above, whether they do or not

    def allowed(self, room: str, of_test: bool) -> set[str]:
        """What a source or a test of the room may include."""
        return self.uses.get(room, set()) | (self.tests.get(room, set()) if of_test else set()) | {room}


def read_table(page: str) -> Table:
    """Read the table of rooms out of the text of docs/architecture.md."""
    table = Table({}, {}, set(), set())
    for room, remark, cell in ROW.findall(page):
        above = set(table.uses)
        words, _, of_tests = cell.strip().partition("; *tests:* ")
        tests = {word.strip() for word in of_tests.split(",") if word}
        if words == "nothing":
            allowed = set()
        elif words.startswith("all above"):
            _, _, without = words.partition(" but ")
            allowed = above - set(without.split())
            table.whole.add(room)
        else:
            allowed = {word.strip() for word in words.split(",")}
        if not allowed | tests <= above:
            lower = sorted((allowed | tests) - above)
            raise ValueError(f"room {room}: the table names {lower}, which do not stand above it")
        table.uses[room], table.tests[room] = allowed, tests
        if "not there yet" in remark:
            table.planned.add(room)
    if not table.uses:
        raise ValueError("expected a table with rows of the form | `room/` | holds | may use |, got none")
    return table


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


def is_test(path: Path) -> bool:
    """Whether a file is one of the unit tests: themselves, and headers that only tests include."""
    return path.stem.endswith("_test") or path.name.startswith("test_")


def used_rooms(path: Path, rooms: set[str]) -> set[str]:
    """Name the rooms that a file includes a header of, or a name of."""
    text = COMMENT.sub("", path.read_text(encoding="utf-8"))
    return ({Path(name).parent.as_posix() for name in INCLUDE.findall(text)} | set(QUALIFIED.findall(text))) & rooms


def idle_faults(root: Path, table: Table) -> list[str]:
    """List arrows of the table that nobody uses, and those of sources that only tests use."""
    faults = []
    rooms = rooms_below(root / "src")
    for room in sorted(rooms & set(table.uses) - table.whole):
        used = {True: set(), False: set()}
        for path in (path for suffix in ("*.h", "*.cc") for path in (root / "src" / room).glob(suffix)):
            used[is_test(path)] |= used_rooms(path, rooms)
        faults += [f"src/{room}: only tests use {name}" for name in sorted(table.uses[room] & used[True] - used[False])]
        idle = (table.uses[room] & rooms - used[True] - used[False]) | (table.tests[room] & rooms - used[True])
        faults += [f"src/{room}: nobody uses {name}, which the table allows" for name in sorted(idle)]
    return faults


def include_faults(root: Path, table: Table) -> list[str]:
    """List every include that is no arrow of the table."""
    faults = []
    rooms = rooms_below(root / "src") | set(table.uses)
    for path in [path for folder in ("src", "bench", "fuzz") for path in sources(root / folder)]:
        folder = path.relative_to(root).parent
        room = folder.relative_to("src").as_posix() if folder.parts[0] == "src" else folder.parts[0]
        # Benchmarks and fuzz targets may use every room, but not the program.
        free = room in ("bench", "fuzz")
        allowed = set(table.uses) - {"apps"} if free else table.allowed(room, is_test(path))
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
        call = CALL.search(text)
        if call is None:
            linked = set(re.findall(r"\btaktgate_(\w+)\b", text)) & set(table.uses) - {room}
            if not linked <= table.uses[room]:
                faults.append(f"src/{room}: links {sorted(linked - table.uses[room])}, which it may not use")
            continue
        if call[1] != room:
            faults.append(f"src/{room}: its target is called {call[1]}")
        for word, names, allowed in (("USES", call[2], table.uses[room]), ("TESTS", call[3], table.tests[room])):
            linked, expected = set((names or "").split()), allowed & existing
            if linked != expected:
                faults.append(f"src/{room}: {word} {sorted(linked)}, the table says {sorted(expected)}")
    return faults


@pytest.fixture(scope="module")
def table(repository: Path) -> Table:
    """Return the table of the project's own page."""
    return read_table((repository / "docs" / "architecture.md").read_text(encoding="utf-8"))


def test_the_table_is_read_as_it_is_meant(table: Table) -> None:
    assert table.uses["base"] == set()
    assert table.uses["judge"] == {"bundle"}
    assert "sim" not in table.uses["station"] and "inspect" in table.uses["station"]
    assert table.tests["station"] == {"infer", "judge", "line/shared"}
    assert table.uses["line/gpio"] == {"base", "line"}
    assert "station" in table.uses["apps"] and "apps" not in table.uses["apps"]


def test_every_include_is_an_arrow(repository: Path, table: Table) -> None:
    assert len(sources(repository / "src")) > 50
    assert include_faults(repository, table) == []


def test_the_rooms_are_those_of_the_table(repository: Path, table: Table) -> None:
    assert room_faults(repository, table) == []


def test_every_arrow_is_used(repository: Path, table: Table) -> None:
    assert idle_faults(repository, table) == []


def test_the_links_are_the_arrows(repository: Path, table: Table) -> None:
    assert link_faults(repository, table) == []


PAGE = """
| room | holds | may use |
|---|---|---|
| `base/` | words | nothing |
| `image/` | pixels | base |
| `gate/` | decisions | base; *tests:* image |
| `store/` *(not there yet)* | records | base, gate |
| `infer/` | the model | base, image |
| `line/` | devices | base |
| `line/gpio/` | pins | base, line |
| `station/` | wires | all above but image line/gpio |
"""


@pytest.fixture
def made_up(tmp_path: Path) -> Path:
    """Return a small tree that keeps to PAGE."""
    uses = {"base": "", "image": "USES base", "gate": "USES base TESTS image"}
    uses |= {
        "infer": "USES base image LIBRARIES onnxruntime",
        "line": "USES base",
        "line/gpio": "USES base line",
        "station": "USES base gate infer line",
    }
    for room, words in uses.items():
        (tmp_path / "src" / room).mkdir(parents=True)
        (tmp_path / "src" / room / "CMakeLists.txt").write_text(f"taktgate_room({room} {words})\n")
        includes = "".join(f'#include "{used}/a.h"\n' for used in re.split(" TESTS| LIBRARIES", words)[0].split()[1:])
        (tmp_path / "src" / room / "a.h").write_text("#include <vector>\n" + includes)
    (tmp_path / "src" / "gate" / "a_test.cc").write_text("image::Frame frame;\n")
    (tmp_path / "src" / "infer" / "a.cc").write_text('#include "infer/a.h"\n#include <onnxruntime_cxx_api.h>\n')
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "part_bench.cc").write_text('#include "station/a.h"\n')
    return tmp_path


def faults(root: Path) -> list[str]:
    """List all faults of a tree against PAGE."""
    table = read_table(PAGE)
    every = (include_faults, idle_faults, room_faults, link_faults)
    return [fault for faults_of in every for fault in faults_of(root, table)]


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
        ("src/gate/CMakeLists.txt", "taktgate_room(gate USES base)\n", "src/gate: TESTS []"),
        ("src/gate/a_test.cc", "// image::Frame\n", "src/gate: nobody uses image"),
        ("src/infer/a.h", '#include "base/a.h"\n', "src/infer: nobody uses image"),
        ("src/gate/b.h", "image::Frame frame;\n#include <image/a.h>\n", "src/gate/b.h: includes image/a.h"),
        ("src/gate/test_b.h", '#include "infer/a.h"\n', "src/gate/test_b.h: includes infer/a.h; gate may use"),
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


def test_an_arrow_that_only_tests_use_is_said_to_be_one(made_up: Path) -> None:
    (made_up / "src" / "station" / "a.h").write_text('#include "base/a.h"\n#include "gate/a.h"\n#include "line/a.h"\n')
    (made_up / "src" / "station" / "a_test.cc").write_text('#include "infer/a.h"\n')
    page = PAGE.replace("all above but image line/gpio", "base, gate, infer, line")
    assert idle_faults(made_up, read_table(page)) == ["src/station: only tests use infer"]


def test_a_table_whose_arrows_go_down_is_refused() -> None:
    with pytest.raises(ValueError, match=r"room base: the table names \['image'\]"):
        read_table("| `base/` | words | image |\n| `image/` | pixels | nothing |\n")
