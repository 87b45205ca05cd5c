"""Running tests without a mutant."""

from pathlib import Path

import pytest

from mutants.runs import UnsoundTestsError, listen


def _program(folder: Path, script: str) -> Path:
    path = folder / "some_test"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_a_program_that_dies_is_told_with_its_end_and_the_last_test_it_passed(tmp_path: Path) -> None:
    dies = _program(tmp_path, 'echo "test A.passes 1 1 4" >"$TAKTGATE_MUTANT_NOTES"; kill -ABRT $$')
    with pytest.raises(UnsoundTestsError, match=r"some_test falls without a mutant, exit status -6, after A\.passes"):
        listen(dies, "*")


def test_a_program_that_dies_before_its_first_test_is_told_too(tmp_path: Path) -> None:
    with pytest.raises(UnsoundTestsError, match="exit status 3, after no test"):
        listen(_program(tmp_path, "exit 3"), "*")


def test_what_passes_is_known_by_its_notes(tmp_path: Path) -> None:
    passes = _program(
        tmp_path, 'printf "test start 0 0 9\\ntest A.passes 2000000 1000000 4 5\\n" >"$TAKTGATE_MUTANT_NOTES"'
    )
    (test,) = listen(passes, "*")
    assert (test.name, test.cpu, test.wall, test.mutants) == ("A.passes", 2.0, 1.0, {4, 5, 9})
