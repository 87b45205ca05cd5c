"""Instructions of the INT8 engine on emulated ARM cores do not grow unseen, and are constant.

Needs the cross build (`make arm64`); skipped where it is absent, or of another compiler than the
stored counts are.
"""

import instruction_counts
import pytest
from instruction_counts import CASES, TOLERANCE, Case

STORED_COMPILER, STORED = instruction_counts.stored()
pytestmark = pytest.mark.skipif(not instruction_counts.PROGRAM.is_file(), reason="no aarch64 build here (make arm64)")


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    return instruction_counts.build_plugin(tmp_path_factory.mktemp("plugin"))


def test_every_case_has_a_stored_count():
    assert list(STORED) == [str(case) for case in CASES]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_counts_are_those_stored_and_constant(case: Case, plugin, tmp_path):
    totals = [instruction_counts.total(run) for run in instruction_counts.runs_of(case, plugin, tmp_path)]
    print(f"{case}: {totals[0]:,} instructions")
    assert len(totals) == instruction_counts.RUNS - 1
    assert len(set(totals)) == 1, "one run takes more instructions than another"
    if instruction_counts.compiler() != STORED_COMPILER:
        pytest.skip(f"counts are of {STORED_COMPILER}, this is {instruction_counts.compiler()}")
    assert totals[0] <= STORED[str(case)] * (1 + TOLERANCE), "it has become slower: see docs/performance.md"
    assert totals[0] >= STORED[str(case)] * (1 - TOLERANCE), (
        "it has become faster: keep it with `make arm64-counts ARGS=--update`"
    )


def test_two_processes_count_the_same(plugin, tmp_path):
    first, second = (instruction_counts.runs_of(CASES[-1], plugin, tmp_path) for _ in range(2))
    assert first == second
