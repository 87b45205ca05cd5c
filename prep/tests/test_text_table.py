"""Columns of the tables on a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from certified import evaluate, make_models, read_page

from taktgate_prep.certify import evaluation_text
from taktgate_prep.operating_point.text import lines
from taktgate_prep.terminal.text_table import columns


def test_columns_never_touch() -> None:
    rows = [
        ("", "FP32", "x"),
        ("recall of a very long class name", "100.000 % (99.55-100.00), 0 wrong", "1"),
        ("short", "a last cell that is much longer than the others of its column may be"),
    ]
    head, long, short = columns(rows)
    assert long == "recall of a very long class name  100.000 % (99.55-100.00), 0 wrong  1"
    assert head == " " * 34 + "FP32" + " " * 31 + "x"
    assert short.startswith("short" + " " * 29 + "a last cell")
    assert list(columns([("a", "1"), ("b", "100")], right=(1,))) == ["a    1", "b  100"]


def test_thresholds_of_which_all_good_windows_fail() -> None:
    """The widest cells that there are stand apart."""
    rate = {"count": 815, "value": 1.0, "interval95": [0.9955, 1.0]}
    row = {
        "point": "stricter",
        "pass_at_most": 0.01,
        "fail_at_least": 0.01,
        "missed": rate,
        "false_rejects": rate,
        "unknown": rate,
    }
    text = list(
        lines(
            {
                "runtime": {"name": "int8 engine"},
                "data": {"split": "val", "good": 815, "defects": 9},
                "wanted": {"confidence": 0.95},
                "point": {"pass_at_most": 0.01, "fail_at_least": 0.01, "statement": "", "band_statement": ""},
                "per_class": [
                    {
                        "label": "a class with a name of forty characters!",
                        "what": "missed",
                        "count": 1,
                        "of": 2,
                        "upper_bound": 0.5,
                    }
                ],
                "what_if": [row],
            }
        )
    )
    assert text[-1].count("815, 100.00 % (99.55-100.00)  815, 100.00 % (99.55-100.00)") == 1
    assert any(line.startswith("a class with a name of forty characters!  missed 1 of 2") for line in text)


@pytest.fixture(scope="module")
def measured(boards: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """At thresholds by which every defect passes, though all classes are right."""
    made = make_models(tmp_path_factory.mktemp("certificate"), boards)
    return made, evaluate(
        made, boards, made / "r.json", "--html", made / "r.html", "--pass-at-most", 1, "--fail-at-least", 1
    )


def test_recall_by_verdict_stands_beside_recall_by_class(measured: tuple[Path, dict[str, Any]]) -> None:
    made, report = measured
    dot = report["int8"]["recall"][1]
    assert (dot["label"], dot["value"]) == ("dot", 1.0)
    assert dot["by_verdict"] == {**dot["by_verdict"], "right": 0, "wrong": 6, "value": 0.0, "lower95": 0.0}
    assert report["int8"]["recall"][0]["by_verdict"]["value"] == 1.0
    text = "\n".join(evaluation_text.lines(report))
    by_class, by_verdict = text[text.index("recall by class") :].split("recall by verdict")
    assert "dot               100.000 %" in by_class
    assert "dot               0.000 % (0.00-45.93), 6 wrong" in by_verdict
    page = read_page(made / "r.html").text
    assert page.index("recall by verdict") < page.index("dot0.00 % of 60.00 %") < page.index("recall by class")
