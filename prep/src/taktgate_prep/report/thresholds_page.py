"""The page beside thresholds.json: the point, the curve it stands on, and what other points would do."""

from __future__ import annotations

from typing import Any

from taktgate_prep.operating_point.text import rate_text, threshold_text
from taktgate_prep.report.curves import threshold_curve
from taktgate_prep.report.html import Markup, document, element, section, table


def page(chosen: dict[str, Any]) -> str:
    """The HTML of thresholds.json."""
    data, point = chosen["data"], chosen["point"]
    name = chosen["model"]["file"]
    about = (
        f"{data['good']:,} good windows and {data['defects']:,} defects of split {data['split']} of "
        f"{data['name']}; model sha256 {chosen['model']['sha256'][:16]}; "
        f"answers of: {chosen['runtime']['name']}"
    )
    verdicts = element(
        "ul",
        _verdict("Misses.", point["statement"], point["proved"] and point["useful"]),
        _verdict("Unknown.", point["band_statement"], point["band_proved"]),
        class_="verdicts",
    )
    return document(
        f"Thresholds of {name}",
        element("h1", f"Thresholds of {name}"),
        element("p", about, class_="soft"),
        verdicts,
        *thresholds_sections(chosen),
        section("Made by", element("p", element("code", chosen["command"]))),
    )


def thresholds_sections(chosen: dict[str, Any]) -> list[Markup]:
    """Thresholds with their curve, classes, what if."""
    point = chosen["point"]
    sure = f"{100 * chosen['wanted']['confidence']:g} %"
    numbers = table(
        ("", "defect score"),
        [
            ("passes at most", threshold_text(point["pass_at_most"])),
            ("fails from", threshold_text(point["fail_at_least"])),
        ],
    )
    classes = table(
        ("class", "", "windows", "of", f"upper bound ({sure})"),
        [
            (row["label"], row["what"], row["count"], row["of"], f"{100 * row['upper_bound']:.2f} %")
            for row in chosen["per_class"]
        ],
    )
    cost = [("cost per window",)] if "cost_per_window" in point else [()]
    what_if = table(
        ("point", "passes at most", "fails from", "missed defects", "false rejects", "unknown", *cost[0]),
        [
            (
                row["point"],
                threshold_text(row["pass_at_most"]),
                threshold_text(row["fail_at_least"]),
                rate_text(row["missed"]),
                rate_text(row["false_rejects"]),
                rate_text(row["unknown"]),
                *([f"{row['cost_per_window']:.4g}"] if cost[0] else []),
            )
            for row in chosen["what_if"]
        ],
    )
    return [
        section("The point", numbers, threshold_curve(chosen["curve"], point["pass_at_most"], point["fail_at_least"])),
        section(
            "What if",
            what_if,
            element(
                "p",
                "Stricter and looser: the odds of a defect at both thresholds halved "
                "and doubled. Default: 0.5 and 0.5. In brackets: 95 % intervals (Clopper and Pearson).",
                class_="note",
            ),
        ),
        section("By class", classes),
    ]


def _verdict(title: str, text: str, good: bool) -> Markup:
    return element("li", element("b", title), text, class_="good" if good else "warn")
