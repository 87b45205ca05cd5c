"""Each operator is found where it should be, and nowhere else."""

from __future__ import annotations

from mutants.mutant import Mutant
from mutants.operators import find
from mutants.source import Names, Source


def mutants_of(text: str) -> list[Mutant]:
    source = Source.read("room/a.cc", text.encode())
    names = Names()
    names.add("room", source.root)
    return find(source, names)


def changes(text: str, operator: str = "") -> set[str]:
    return {m.key.after for m in mutants_of(text) if operator in {"", m.operator}}


def test_statements_are_deleted_but_not_what_an_if_alone_has() -> None:
    text = "void F() { a = 1; if (x) b(); while (y) { if (z) { c(); d(); } break; } return; }"
    found = [m.key.before for m in mutants_of(text) if m.operator == "delete"]
    assert found == ["a = 1;", "c();", "d();", "break;", "return;"]


def test_a_case_falls_through() -> None:
    text = "int F(int a) { switch (a) { case 1: return 2; default: return 3; } }"
    assert [m.key.before for m in mutants_of(text) if m.operator == "delete"] == ["return 2;", "return 3;"]


def test_conditions_hold_never_and_always_but_a_loop_ends() -> None:
    text = "void F() { if (a()) b(); while (c()) d(); for (; e();) g(); x = h() ? 1 : 2; }"
    assert changes(text, "false") == {"if (false)", "while (false)", "for (; false;)", "x = false ? 1 : 2;"}
    assert changes(text, "true") == {"if (true)", "x = true ? 1 : 2;"}


def test_a_declared_condition_holds_never() -> None:
    assert changes("void F() { if (const auto a = b()) c(*a); }", "false") == {"if (false)"}


def test_operands_are_left_out_one_by_one() -> None:
    found = changes("bool F() { return a && b && (c || d); }", "left out")
    assert found == {
        "return true && b && (c || d);", "return a && true && (c || d);", "return a && b && true;",
        "return a && b && (false || d);", "return a && b && (c || false);",
    }  # fmt: skip
    assert changes("bool F() { return a && b; }", "logic") == {"return a || b;"}


def test_a_function_says_the_same_for_ever() -> None:
    assert changes("bool F() { return G(); }") == {"return false;", "return true;"}
    assert changes("int F() { return G(); }") == set()
    assert changes("bool F() { bool a = b(); bool& c = d; }") == {"bool a = false;", "bool a = true;"}


def test_comparisons_are_relaxed() -> None:
    pairs = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
    for one, other in pairs.items():
        assert changes(f"void F() {{ if (a {one} b) x(); }}", "compare") == {f"if (a {other} b)"}


def test_arithmetic() -> None:
    text = 'void F() { a = b + c; ++d; e -= f; g = "text" + h; i = std::min(j, k); }'
    assert changes(text, "calculate") == {"a = b - c;"}
    assert changes(text, "step") == {"--d;"}
    assert changes(text, "assignment") == {"e += f;"}
    assert changes(text, "least and greatest") == {"i = std::max(j, k);"}


def test_off_by_one_and_by_a_nanosecond() -> None:
    text = "Duration wait_; void F(TimePoint now) { a = 7; b = now + wait_; c = d + e; }"
    assert changes(text, "off by one") == {"a = 7 + 1;", "b = now + wait_ + Duration(1);"}


def test_an_enumerator_becomes_its_neighbours() -> None:
    enums = "enum class E { kA, kB, kC, kD }; enum class Two { kX, kY };"
    text = "void F() { a = E::kA; b = ns::Two::kY; c = O::kZ; }"
    assert changes(enums + text, "enumerator") == {"a = E::kB;", "a = E::kD;", "b = ns::Two::kX;"}


def test_what_is_constant_when_compiling_is_left_alone() -> None:
    text = """
      static_assert(1 < 2);
      template <int kN = 3> struct S { static constexpr int kOne = 1; std::array<int, 4> a; int b[5]; };
      struct V { virtual int F() const = 0; };
      constexpr int F() { return 1; }
      void G(int a) { switch (a) { case 6: break; } if constexpr (7 > 6) { static_cast<T<8>>(a); } }
      // if (a < b) return;
    """
    assert changes(text) == {";"}  # the break, and the cast


def test_constexpr_tables_are_mutated_by_row() -> None:
    text = f"constexpr Row kRows[] = {{ {', '.join(['{1, true}'] * 40)} }};"
    found = mutants_of(text)
    assert {m.key.after for m in found} == {"{1 + 1, true}", "{1, false}"}
    assert {m.constant for m in found} == {"kRows"}


def test_a_mutant_is_known_by_its_statement_and_function_not_by_its_line() -> None:
    text = "struct A { void F() {\n g(1); g(1); } };"
    first, later = mutants_of(text), mutants_of("// more\n\n" + text.replace(" g(1);", "\n   g( 1);", 1))
    assert [m.id for m in first] == [m.id for m in later]
    assert len({m.id for m in first}) == len(first)
    assert {m.key.function for m in first} == {"A::F"}
