"""The list of equivalent mutants is held to what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from mutants.equivalent import ListError, match, read
from mutants.mutant import Form, Key, Mutant

KEY = Key("gate/a.cc", "F", "a = 1;", ";")
MUTANT = Mutant(KEY, 1, "delete", Form.DELETE, 0, 6, 1)
ENTRY = "# why not\ngate/a.cc F\n- a = 1;\n+ ;\n= a is 1 already\n"


def listed(folder: Path, text: str) -> Path:
    path = folder / "equivalent.txt"
    path.write_text(text)
    return path


def test_an_entry_is_found_by_its_statement(tmp_path: Path) -> None:
    entries = read(listed(tmp_path, ENTRY))
    assert match(entries, [MUTANT], {"gate/a.cc"})[KEY].why == "a is 1 already"


def test_an_entry_that_matches_nothing_is_an_error(tmp_path: Path) -> None:
    entries = read(listed(tmp_path, ENTRY.replace("a = 1;", "a = 2;")))
    with pytest.raises(ListError, match=r"equivalent.txt:2: no mutant"):
        match(entries, [MUTANT], {"gate/a.cc"})


def test_an_entry_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="twice"):
        match(read(listed(tmp_path, ENTRY * 2)), [MUTANT], {"gate/a.cc"})


def test_an_entry_without_a_reason_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="expected"):
        read(listed(tmp_path, "gate/a.cc F\n- a = 1;\n+ ;\n"))
