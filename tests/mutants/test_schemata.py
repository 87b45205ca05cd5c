"""What a mutant does at run time is what its line says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mutants.mutant import Mutant
from mutants.operators import find
from mutants.schemata import mutate
from mutants.source import Names, Source

CHOSEN = """
#include <cstdlib>
namespace taktgate_mutants { int chosen = 0; inline bool Alive(int n) { return chosen == n; } }
using taktgate_mutants::chosen;
"""
SNIPPET = """
#include <algorithm>
#include <cstdio>
enum class E { kA, kB };
constexpr int kTable[] = {5, 6};
int calls = 0;
bool Call() { ++calls; return true; }
int F(int a, int b) {
  int sum = 0;
  if (a < b && Call()) sum += 100; else sum += 200;
  for (int i = 0; i < a; ++i) { sum += std::min(i, b); if (sum > 1000) break; }
  if (const int* p = a > 1 ? &b : nullptr) sum = sum + *p;
  E e = E::kA;
  return e == E::kA ? sum : sum - kTable[0];
}
int main(int, char** argv) {
  chosen = std::atoi(argv[1]);
  const int first = F(1, 2), second = F(2, 2);
  std::printf("%d %d %d", first, second, calls);
}
"""


def all_of(text: str) -> dict[int, Mutant]:
    source = Source.read("room/a.cc", text.encode())
    names = Names()
    names.add("room", source.root)
    return dict(enumerate(find(source, names), 1))


def compiled(folder: Path, text: bytes) -> Path:
    (folder / "a.cc").write_bytes(CHOSEN.encode() + text)
    subprocess.run(["c++", "-std=c++20", "-w", "-o", folder / "a", folder / "a.cc"], check=True)
    return folder / "a"


def said(program: Path, number: int) -> str:
    run = subprocess.run([program, str(number)], capture_output=True, text=True, check=False, timeout=20)
    return run.stdout if run.returncode == 0 else f"ends with {run.returncode}"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("schemata"), mutate(SNIPPET.encode(), all_of(SNIPPET)).text)


def plain(folder: Path, mutant: Mutant) -> Path:
    """Compile the program with the changed statement itself in it."""
    data = SNIPPET.encode()
    assert mutant.form.name == "REPLACE"
    return compiled(folder, data[: mutant.start] + mutant.new.encode() + data[mutant.end :])


def test_without_a_mutant_all_is_as_it_was(program: Path, tmp_path: Path) -> None:
    assert said(program, 0) == said(compiled(tmp_path, SNIPPET.encode()), 0)


@pytest.mark.parametrize("operator", ["compare", "calculate", "enumerator", "least and greatest", "step", "logic"])
def test_a_choice_behaves_as_the_changed_source(program: Path, tmp_path: Path, operator: str) -> None:
    found = [(number, one) for number, one in all_of(SNIPPET).items() if one.operator == operator
             and "i < a" not in one.key.before]  # fmt: skip
    assert found
    for number, mutant in found[:2]:
        assert said(program, number) == said(plain(tmp_path, mutant), 0), mutant.key.after


@pytest.mark.parametrize(("before", "after", "output"), [
    ("if (a < b && Call())", "if (false)", "200 203 1"),  # the call is still made
    ("if (a < b && Call())", "if (true)", "100 103 1"),
    ("if (a < b && Call())", "if (a < b && true)", "100 203 1"),
    ("if (a < b && Call())", "if (true && Call())", "100 103 2"),
    ("sum += 100;", ";", "0 203 1"),
    ("if (const int* p = a > 1 ? &b : nullptr)", "if (false)", "100 201 1"),
    ("constexpr int kTable[] = {5, 6};", "constexpr int kTable[] = {5 + 1, 6};", "100 203 1"),
    ("return true;", "return false;", "200 203 1"),
])  # fmt: skip
def test_a_choice_does_what_its_line_says(program: Path, before: str, after: str, output: str) -> None:
    numbers = [number for number, one in all_of(SNIPPET).items() if (one.key.before, one.key.after) == (before, after)]
    assert len(numbers) == 1
    assert said(program, numbers[0]) == output


def test_lines_stay_and_errors_find_their_mutant() -> None:
    text = "int F(int a) {\n  a = a + 1; a = a * 2;\n  return a;\n}\n"
    mutants = all_of(text)
    mutated = mutate(text.encode(), mutants)
    assert mutated.text.count(b"\n") == text.count("\n")
    line = mutated.text.split(b"\n")[1].decode()
    number = next(number for number, one in mutants.items() if one.new == "a / 2")
    assert mutated.blamed(2, line.index("a / 2") + 1) == {number}
    assert mutated.blamed(3, 3) == set()
