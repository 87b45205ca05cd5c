"""The table of prep/README.md holds in the sources: which package imports which, and no module runs in a circle."""

from __future__ import annotations

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NAME = "taktgate_prep"
ROW = re.compile(r"^\| `(\w+)/` \|[^|]*\|([^|]*)\|$", re.MULTILINE)
OUTSIDE = {"errors", "cli", "__init__", "__main__"}  # modules that lie in no package


def table(page: str) -> dict[str, set[str]]:
    """Package -> what it may import; a row may name only what stands above it."""
    uses: dict[str, set[str]] = {}
    for package, words in ROW.findall(page):
        allowed = {word.strip() for word in words.split(",")} - {"nothing"}
        assert allowed <= set(uses), f"{package}: {sorted(allowed - set(uses))} do not stand above it"
        uses[package] = allowed
    return uses


def imports(source: Path) -> dict[str, set[str]]:
    """Module -> modules of this package that it names, inside functions too."""
    modules = {".".join(path.relative_to(source).with_suffix("").parts): path for path in source.rglob("*.py")}
    found: dict[str, set[str]] = {}
    for name, path in modules.items():
        found[name] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == NAME:
                base = (node.module or "").split(".")[1:]
                for alias in node.names:
                    whole = ".".join([*base, alias.name])
                    found[name].add(whole if whole in modules else ".".join(base) or "__init__")
        found[name] = {f"{one}.__init__" if (source / one.replace(".", "/")).is_dir() else one for one in found[name]}
    return found


def faults(found: dict[str, set[str]], uses: dict[str, set[str]]) -> list[str]:
    wrong = []
    for module, named in found.items():
        package = module.split(".")[0]
        if package in OUTSIDE:
            continue
        if package not in uses:
            wrong.append(f"{package}: no row of the table")
            continue
        others = {one.split(".")[0] for one in named} - OUTSIDE - {package}
        wrong += [f"{module} -> {other}" for other in sorted(others - uses[package])]
    return wrong


def test_packages_import_what_the_table_allows() -> None:
    uses = table((ROOT / "README.md").read_text(encoding="utf-8"))
    found = imports(ROOT / "src" / NAME)
    assert faults(found, uses) == []
    assert set(uses) == {module.split(".")[0] for module in found} - OUTSIDE
    arrows = {(module.split(".")[0], one.split(".")[0]) for module, named in found.items() for one in named}
    idle = [
        f"{package} -> {other}"
        for package, allowed in uses.items()
        for other in allowed
        if (package, other) not in arrows
    ]
    assert idle == [], "the table allows what nobody uses"


def test_no_module_runs_in_a_circle() -> None:
    TopologicalSorter(imports(ROOT / "src" / NAME)).prepare()


def test_faults_are_found(tmp_path: Path) -> None:
    """The two checks above can fail: an arrow upwards, and a circle through an import inside a function."""
    for folder in ("low", "high"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").touch()
    (tmp_path / "low" / "one.py").write_text(f"def f():\n    from {NAME}.high import two\n")
    (tmp_path / "high" / "two.py").write_text(f"from {NAME}.low.one import f\n")
    found = imports(tmp_path)
    assert faults(found, table("| `low/` | x | nothing |\n| `high/` | x | low |\n")) == ["low.one -> high"]
    with pytest.raises(CycleError):
        TopologicalSorter(found).prepare()
