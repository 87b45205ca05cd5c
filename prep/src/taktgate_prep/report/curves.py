"""The charts that the pages share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from taktgate_prep.operating_point.scored import logit
from taktgate_prep.report.html import Markup, element, joined
from taktgate_prep.report.svg import COLOURS, Axis, Chart, even_ticks, legend

_SCORE_TICKS = (1e-6, 1e-4, 0.01, 0.1, 0.5, 0.9, 0.99, 0.9999, 0.999999)
_RATE_TICKS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


def threshold_curve(curve: dict[str, Any], pass_at_most: float, fail_at_least: float) -> Markup:
    """Miss rate and false-reject rate against the threshold: logit scale below, logarithmic at the side."""
    thresholds = [float(value) for value in curve["threshold"]]
    inner = [float(logit(value)) for value in thresholds if 0 < value < 1] or [0.0]
    low, high = min(-4.0, *inner) - 1, max(4.0, *inner) + 1
    x = Axis(
        "threshold on the defect score (logit scale)",
        low,
        high,
        [(float(logit(value)), f"{value:g}") for value in _SCORE_TICKS if low < float(logit(value)) < high],
    )
    floor = min((rate for key in ("miss_rate", "false_reject_rate") for rate in curve[key] if rate > 0), default=0.01)
    bottom = math.log10(min(0.001, floor)) - 0.3  # a rate of none is drawn at the bottom
    y = Axis(
        "share (logarithmic; none at the bottom)",
        bottom,
        0.0,
        [(math.log10(rate), f"{100 * rate:g} %") for rate in _RATE_TICKS if math.log10(rate) >= bottom],
    )
    chart = Chart(x, y, width=760, height=340)
    for key, colour in zip(("miss_rate", "false_reject_rate"), COLOURS[1::-1], strict=True):
        steps = [
            (place, rate)
            for i, (place, rate) in enumerate(zip(thresholds, curve[key], strict=True))
            if i == 0 or rate != curve[key][i - 1]
        ]
        points = [
            (min(high, max(low, float(logit(place)))), math.log10(rate) if rate > 0 else bottom)
            for place, rate in steps
        ]
        chart.line([(low, points[0][1]), *points, (high, points[-1][1])] if points else [], colour, steps=True)
    for row, (value, word) in enumerate(((pass_at_most, "pass at most"), (fail_at_least, "fail at least"))):
        chart.upright(float(logit(value)), word, "#1d2329", row)
    return element(
        "figure",
        chart.render("Miss rate and false-reject rate against the threshold"),
        legend([(COLOURS[1], "defects missed"), (COLOURS[0], "good windows rejected")]),
    )


def reliability_diagram(bins: Sequence[dict[str, Any]], title: str) -> Markup:
    """Share of defects against the mean score of each bin, with the number of windows above it."""
    axes = [
        Axis(text, 0.0, 1.0, even_ticks(0, 1, 5, lambda value: f"{value:g}"))
        for text in ("defect score", "share of defects")
    ]
    chart = Chart(axes[0], axes[1], width=420, height=330)
    chart.line([(0, 0), (1, 1)], "#9aa4ae", dashed=True)
    for entry in bins:
        if entry["count"]:
            chart.bar(entry["from"] + 0.01, entry["to"] - 0.01, entry["share_of_defects"], COLOURS[0], 0.35)
            chart.dot(entry["mean_score"], entry["share_of_defects"], COLOURS[0])
            chart.text((entry["from"] + entry["to"]) / 2, min(0.93, entry["share_of_defects"]), f"{entry['count']}")
    return element(
        "figure",
        chart.render(f"Reliability of {title}"),
        element(
            "figcaption",
            f"{title}: dots at the mean score of a bin, numbers are windows; on the "
            "dashed line a score means what it says",
        ),
    )


def layer_bars(layers: Sequence[dict[str, Any]]) -> Markup:
    """Signal-to-noise of every layer in the order of the network, dB."""
    values = [float(layer["sqnr_db"]) for layer in layers]
    top = max(10.0, 10 * math.ceil(max(values) / 10))
    low = min(0.0, 10 * math.floor(min(values) / 10))
    x = Axis(
        "layers in the order of the network",
        0.0,
        float(len(values)),
        [(float(i), str(i + 1)) for i in range(0, len(values), max(1, len(values) // 10))],
    )
    y = Axis("signal to noise, dB", low, top, even_ticks(low, top, 5, lambda value: f"{value:g}"))
    chart = Chart(x, y, width=760, height=260)
    for i, value in enumerate(values):
        chart.bar(i + 0.15, i + 0.85, value, COLOURS[0])
    return element("figure", chart.render("Signal to noise of each layer"))


def training_curves(epochs: Sequence[dict[str, Any]], best: int | None) -> Markup:
    """Loss of train and validation, and wrong verdicts on validation, by epoch."""
    parts = []
    numbers = [float(epoch["epoch"]) for epoch in epochs]
    lines = {
        "train loss": [epoch.get("train_loss") for epoch in epochs],
        "validation loss": [_val(epoch, "loss") for epoch in epochs],
    }
    parts.append(_by_epoch(numbers, lines, "loss", best))
    wrong = {
        "missed": [_val(epoch, "missed") for epoch in epochs],
        "false rejects": [_val(epoch, "false_rejects") for epoch in epochs],
    }
    parts.append(_by_epoch(numbers, wrong, "windows of validation", best))
    return element("div", joined(parts), class_="pair")


def _val(epoch: dict[str, Any], key: str) -> Any:
    val = epoch.get("val")
    return val.get(key) if isinstance(val, dict) else None


def _by_epoch(numbers: Sequence[float], lines: dict[str, list[Any]], title: str, best: int | None) -> Markup:
    drawn = {
        name: [
            (x, float(y))
            for x, y in zip(numbers, values, strict=True)
            if isinstance(y, int | float) and not isinstance(y, bool) and math.isfinite(y)
        ]
        for name, values in lines.items()
    }
    top = max((y for points in drawn.values() for _, y in points), default=0.0)
    if not any(drawn.values()) or top <= 0:
        return Markup()
    first, last = numbers[0], max(numbers[-1], numbers[0] + 1)
    step = max(1, round((last - first) / 6))
    x = Axis("epoch", first, last, [(value, f"{value:g}") for value in numbers if (value - first) % step == 0])
    chart = Chart(x, Axis(title, 0.0, top, even_ticks(0, top, 4, lambda value: f"{value:.3g}")), 420, 250)
    if best is not None:
        chart.upright(float(best), "taken", "#59636e")
    for colour, points in zip(COLOURS, drawn.values(), strict=False):
        chart.line(points, colour)
    return element("figure", chart.render(f"{title} by epoch"), legend(list(zip(COLOURS, drawn, strict=False))))
