"""The list of equivalent mutants is held to what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from mutants.equivalent import ListError, match, read
from mutants.mutant import Form, Key, Mutant

KEY = Key("gate/a.cc", "F", "a = 1;", ";")
MUTANT = Mutant(KEY, 1, "delete", Form.DELETE, 0, 6, 1)
SECOND = Mutant(KEY, 2, "delete", Form.DELETE, 20, 26, 3)
ENTRY = "# why not\ngate/a.cc F\n- a = 1;\n+ ;\n= a is 1 already\n"


def listed(folder: Path, text: str) -> Path:
    path = folder / "equivalent.txt"
    path.write_text(text)
    return path


def test_an_entry_is_found_by_its_statement(tmp_path: Path) -> None:
    entries = read(listed(tmp_path, ENTRY))
    assert match(entries, [MUTANT], {"gate/a.cc"})[MUTANT].why == "a is 1 already"


def test_an_entry_that_matches_nothing_is_an_error(tmp_path: Path) -> None:
    entries = read(listed(tmp_path, ENTRY.replace("a = 1;", "a = 2;")))
    with pytest.raises(ListError, match=r"equivalent.txt:2: no mutant"):
        match(entries, [MUTANT], {"gate/a.cc"})


def test_an_entry_that_two_mutants_share_must_say_which(tmp_path: Path) -> None:
    with pytest.raises(ListError, match=r"txt:2: 2 mutants .*`gate/a.cc F #1` .*, `gate/a.cc F #2` is in line 3"):
        match(read(listed(tmp_path, ENTRY)), [MUTANT, SECOND], {"gate/a.cc"})


@pytest.mark.parametrize(("number", "mutant"), [(1, MUTANT), (2, SECOND)])
def test_a_number_means_one_of_those_that_are_alike(number: int, mutant: Mutant, tmp_path: Path) -> None:
    entries = read(listed(tmp_path, ENTRY.replace(" F\n", f" F #{number}\n")))
    assert list(match(entries, [MUTANT, SECOND], {"gate/a.cc"})) == [mutant]


def test_each_of_those_that_are_alike_has_an_entry_of_its_own(tmp_path: Path) -> None:
    entries = read(listed(tmp_path, "".join(ENTRY.replace(" F\n", f" F #{number}\n") for number in (1, 2))))
    assert set(match(entries, [MUTANT, SECOND], {"gate/a.cc"})) == {MUTANT, SECOND}


def test_a_number_that_no_mutant_has_is_an_error(tmp_path: Path) -> None:
    entries = read(listed(tmp_path, ENTRY.replace(" F\n", " F #3\n")))
    with pytest.raises(ListError, match=r"equivalent.txt:2: no mutant"):
        match(entries, [MUTANT, SECOND], {"gate/a.cc"})


def test_what_is_in_no_function_can_have_a_number_too(tmp_path: Path) -> None:
    (entry,) = read(listed(tmp_path, ENTRY.replace(" F\n", " #2\n")))
    assert (entry.key.function, entry.nth) == ("", 2)


@pytest.mark.parametrize("number", ["#", "#0", "#two", "# 2"])
def test_a_number_that_is_none_is_an_error(number: str, tmp_path: Path) -> None:
    with pytest.raises(ListError, match="expected"):
        read(listed(tmp_path, ENTRY.replace(" F\n", f" {number}\n")))


def test_an_entry_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="twice"):
        match(read(listed(tmp_path, ENTRY * 2)), [MUTANT], {"gate/a.cc"})


def test_an_entry_without_a_reason_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="expected"):
        read(listed(tmp_path, "gate/a.cc F\n- a = 1;\n+ ;\n"))
