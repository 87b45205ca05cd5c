"""The settings that quantise tried, as a table of a page: the taken one first, and every stage of the search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from taktgate_prep.report.html import Markup, element, section, table

_MOST_ROWS = 30
_SPACE = "\N{NO-BREAK SPACE}"
_HEAD = (
    "stage",
    "calibrator",
    "draw",
    "weight bits",
    "equalised",
    "bias corrected",
    "hard-swish",
    "lost / won",
    "loss, points",
    "95 % interval",
    "logits, dB",
    "float nodes",
    "note",
)

Rows = list[dict[str, Any]]


def search_section(record: dict[str, Any]) -> list[Markup]:
    """Of a record of quantise; nothing where it has no search."""
    search = record.get("search")
    rows = [row for row in search if isinstance(row, dict)] if isinstance(search, list) else []
    if not rows:
        return []
    shown = chosen_rows(rows)
    notes = (
        [element("p", f"{len(rows) - len(shown)} more settings are in the record of quantise.", class_="note")]
        if len(shown) < len(rows)
        else []
    )
    content = element(
        "p",
        "Chosen on training and validation data only; lost and won: validation verdicts against "
        "FP32. Interval: 95 %, Tango.",
        class_="note",
    )
    return [section("Settings tried for INT8", _table(shown), content, *notes, *_hard_swish(record.get("hard_swish")))]


def chosen_rows(rows: Rows) -> Rows:
    """At most 30: the taken one, the cleanest of every stage, then the first ones; the taken one first, the others in
    the order of the search."""
    order = [i for i, row in enumerate(rows) if row.get("chosen")]
    for stage in dict.fromkeys(str(row.get("stage")) for row in rows):
        of_stage = [i for i, row in enumerate(rows) if str(row.get("stage")) == stage]
        order.append(max(of_stage, key=lambda i: _number(rows[i].get("sqnr_db"))))
    kept = list(dict.fromkeys([*order, *range(len(rows))]))[:_MOST_ROWS]
    return [rows[i] for i in sorted(kept, key=lambda i: (not rows[i].get("chosen"), i))]


def _table(rows: Sequence[dict[str, Any]]) -> Markup:
    return table(_HEAD, [_cells(row) for row in rows], "fit", ["taken" if row.get("chosen") else None for row in rows])


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    stage = f"taken: {_cell(row.get('stage'))}" if row.get("chosen") else _cell(row.get("stage"))
    names = ("calibrator", "draw", "weight_bits", "equalised", "bias_correction", "hard_swish")
    interval = row.get("interval95_points")
    ends = "-"
    if isinstance(interval, list) and len(interval) == 2 and all(isinstance(end, int | float) for end in interval):
        ends = f"{interval[0]:+.2f} to {interval[1]:+.2f}".replace(" ", _SPACE)
    return (
        stage,
        *(_cell(row.get(name)).replace(" ", _SPACE) for name in names),
        f"{_cell(row.get('lost'))} / {_cell(row.get('won'))}".replace(" ", _SPACE),
        _cell(row.get("loss_points"), "+.2f"),
        ends,
        _cell(row.get("sqnr_db"), ".1f"),
        _cell(row.get("float_nodes")),
        _cell(row.get("note")),
    )


def _cell(value: Any, form: str = ".3f") -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return format(value, form) if isinstance(value, float) else str(value)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else float("-inf")


def _hard_swish(found: Any) -> list[Markup]:
    """Why the integer form was not taken, if it was tried."""
    if not isinstance(found, dict) or not found.get("not_taken_because"):
        return []
    return [element("p", f"Hard-swish as integers was not taken: {found['not_taken_because']}.")]
