"""Chosen thresholds as a table for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from taktgate_prep.terminal.text_table import columns


def lines(document: dict[str, Any]) -> Iterator[str]:
    """thresholds.json, line by line."""
    data, point = document["data"], document["point"]
    sure = f"{100 * document['wanted']['confidence']:g} %"
    yield f"{data['good']} good windows and {data['defects']} defects of split {data['split']}"
    yield f"answers of     {document['runtime']['name']}"
    yield f"pass at most   {threshold_text(point['pass_at_most'])}"
    yield f"fail at least  {threshold_text(point['fail_at_least'])}"
    yield point["statement"]
    yield point["band_statement"]
    yield ""
    yield from columns(
        [
            ("class", "at the point", f"upper bound ({sure})"),
            *(
                (row["label"], f"{row['what']} {row['count']} of {row['of']}", f"{100 * row['upper_bound']:.2f} %")
                for row in document["per_class"]
            ),
        ]
    )
    yield ""
    yield from columns(
        [
            ("what if", "pass at most", "fail at least", "missed", "false rejects", "unknown (95 %)"),
            *(
                (
                    row["point"],
                    threshold_text(row["pass_at_most"]),
                    threshold_text(row["fail_at_least"]),
                    *(rate_text(row[key]) for key in ("missed", "false_rejects", "unknown")),
                )
                for row in document["what_if"]
            ),
        ]
    )


def threshold_text(value: float) -> str:
    """A threshold with four digits that count, also near 1."""
    return f"{value:.4g}" if value < 0.99 else f"1 - {1 - value:.3g}" if value < 1 else "1"


def rate_text(rate: dict[str, Any]) -> str:
    """Count, per cent and interval."""
    if rate["value"] is None:
        return "-"
    low, high = rate["interval95"]
    return f"{rate['count']}, {100 * rate['value']:.2f} % ({100 * low:.2f}-{100 * high:.2f})"
