"""Chosen thresholds as a table for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def lines(document: dict[str, Any]) -> Iterator[str]:
    """thresholds.json, line by line."""
    data, point = document["data"], document["point"]
    sure = f"{100 * document['wanted']['confidence']:g} %"
    yield f"{data['good']} good windows and {data['defects']} defects of split {data['split']}"
    yield f"pass at most   {threshold_text(point['pass_at_most'])}"
    yield f"fail at least  {threshold_text(point['fail_at_least'])}"
    yield point["statement"]
    yield point["band_statement"]
    yield ""
    yield f"{'class':<24}{'at the point':<26}upper bound ({sure})"
    for row in document["per_class"]:
        at_point = f"{row['what']} {row['count']} of {row['of']}"
        yield f"{row['label']:<24}{at_point:<26}{100 * row['upper_bound']:.2f} %"
    yield ""
    yield f"{'what if':<10}{'pass at most':<14}{'fail at least':<15}{'missed':<27}{'false rejects':<27}unknown (95 %)"
    for row in document["what_if"]:
        yield (f"{row['point']:<10}{threshold_text(row['pass_at_most']):<14}"
               f"{threshold_text(row['fail_at_least']):<15}{rate_text(row['missed']):<27}"
               f"{rate_text(row['false_rejects']):<27}{rate_text(row['unknown'])}")


def threshold_text(value: float) -> str:
    """A threshold with four digits that count, also near 1."""
    return f"{value:.4g}" if value < 0.99 else f"1 - {1 - value:.3g}" if value < 1 else "1"


def rate_text(rate: dict[str, Any]) -> str:
    """Count, per cent and interval."""
    if rate["value"] is None:
        return "-"
    low, high = rate["interval95"]
    return f"{rate['count']}, {100 * rate['value']:.2f} % ({100 * low:.2f}-{100 * high:.2f})"
