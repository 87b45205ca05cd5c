"""The measured figures of a certificate: models side by side, confusion, paired losses, scores, leaks, data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from taktgate_prep.certify.evaluation_text import MOST_CONFUSED, confused_title
from taktgate_prep.figures.evaluation import MODEL_KEYS
from taktgate_prep.report.curves import reliability_diagram
from taktgate_prep.report.html import Markup, element, section, table

_TITLES = {"fp32": "FP32", "int8": "INT8", "model": "Model"}
_MOST_PAIRS = 40


def sections(report: dict[str, Any]) -> list[Markup]:
    """All of them, in the order of the page."""
    models = [(_TITLES[key], report[key]) for key in MODEL_KEYS if key in report]
    found = [_side_by_side(models, report["data"]["labels"]), _confusion(models, report["data"]["labels"])]
    if "paired" in report:
        found.append(_paired(report["paired"], report["data"]["windows"]))
    if "groups" in report:
        found.append(_groups(report["groups"]))
    if any("reliability" in model for _, model in models):
        found.append(_reliability(models))
    if report["leakage"].get("pairs"):
        found.append(_leaks(report["leakage"]))
    return found


def share_text(share: dict[str, Any] | None) -> str:
    """Per cent, interval and wrong answers."""
    if share is None or share["value"] is None:
        return "-"
    low, high = share["interval95"]
    return f"{100 * share['value']:.3f} % ({100 * low:.2f}-{100 * high:.2f}), {share['wrong']} wrong"


def _of(key: str, total: str) -> Callable[[dict[str, Any]], str]:
    def text(model: dict[str, Any]) -> str:
        count, of = model[key], model.get(total)
        return "-" if count is None or not of else f"{count} of {of} ({100 * count / of:.2f} %)"

    return text


def _side_by_side(models: list[tuple[str, dict[str, Any]]], labels: list[str]) -> Markup:
    rows: list[tuple[str, Callable[[dict[str, Any]], str]]] = [
        ("right verdicts", lambda model: share_text(model["binary"])),
        ("right by class alone", lambda model: share_text(model["binary_by_class"])),
        ("missed defects", _of("missed", "defects")),
        ("good rejected", _of("false_rejects", "good")),
        ("unknown", lambda model: str(model["verdicts"].get("unknown", 0))),
        ("all classes right", lambda model: share_text(model["classes"])),
    ]
    head = ["", *(title for title, _ in models)]
    overall = table(head, [(name, *(text(model) for _, model in models)) for name, text in rows])
    by_verdict = (
        [_recall_table("recall by verdict", models, labels, "by_verdict")] if models[0][1]["binary"] is not None else []
    )
    recall = _recall_table("recall by class", models, labels, "")
    return section(
        "Side by side",
        overall,
        *by_verdict,
        recall,
        element(
            "p",
            "By verdict: a good window that passes, a defect that does not. By class: the largest logit is that of "
            "the label; such a window may still get the wrong verdict. In brackets: exact 95 % intervals (Clopper "
            "and Pearson). At least: one-sided exact lower bound. Windows are counted as independent of each other.",
            class_="note",
        ),
    )


def _recall_table(title: str, models: list[tuple[str, dict[str, Any]]], labels: list[str], of: str) -> Markup:
    return table(
        [title, *(f"{name}{what}" for name, _ in models for what in ("", ", at least (95 %)"))],
        [
            (
                label,
                *(
                    cell
                    for _, model in models
                    for cell in _recall(model["recall"][i][of] if of else model["recall"][i])
                ),
            )
            for i, label in enumerate(labels)
        ],
    )


def _recall(share: dict[str, Any]) -> tuple[str, str]:
    if share["value"] is None:
        return "no windows", "-"
    return f"{100 * share['value']:.2f} % of {share['count']}", f"{100 * share['lower95']:.2f} %"


def _confusion(models: list[tuple[str, dict[str, Any]]], labels: list[str]) -> Markup:
    if models[0][1]["confusion"] is None:
        return section("Confusion", *(_confused(title, model) for title, model in models))
    tables = [
        element("div", element("h3", title), _confusion_table(model["confusion"], labels)) for title, model in models
    ]
    return section(
        "Confusion",
        element("p", "Rows: label. Columns: class with the largest logit.", class_="note"),
        element("div", *tables, class_="pair"),
    )


def _confused(title: str, model: dict[str, Any]) -> Markup:
    """Of too many labels for a table."""
    rows = [(one["label"], one["class"], str(one["windows"])) for one in model["confused"][:MOST_CONFUSED]]
    head = ["label", "class with the largest logit", "windows"]
    return element("div", element("h3", f"{title}: {confused_title(model)}"), table(head, rows))


def _confusion_table(counts: list[list[int]], labels: list[str]) -> Markup:
    head = element("tr", element("th", ""), *(element("th", label, scope="col") for label in labels))
    body = [
        element(
            "tr",
            element("th", label, scope="row"),
            *(
                element("td", count or "·", class_="hit" if i == j else "off" if count else None)
                for j, count in enumerate(row)
            ),
        )
        for i, (label, row) in enumerate(zip(labels, counts, strict=True))
    ]
    return element(
        "div", element("table", element("thead", head), element("tbody", *body), class_="confusion"), class_="scroll"
    )


def _paired(paired: dict[str, Any], windows: int) -> Markup:
    rows = []
    for key, title in (
        ("binary", "by verdict"),
        ("binary_by_class", "by class, good or defect"),
        ("classes", "all classes"),
    ):
        if key in paired:
            one = paired[key]
            low, high = one["interval95_points"]
            rows.append(
                (
                    title,
                    one["lost"],
                    one["won"],
                    f"{one['loss_points']:+.3f}",
                    f"{low:+.3f} to {high:+.3f}",
                    f"{one['p']:.3g}",
                )
            )
    return section(
        "INT8 against FP32, window by window",
        table(("", "right to wrong", "wrong to right", "loss, points", "95 % (Tango)", "McNemar p"), rows),
        element(
            "p",
            f"Same verdict for {paired['same_verdict']:,}, same class for {paired['same_class']:,} "
            f"of {windows:,} windows.",
            class_="note",
        ),
    )


def _groups(groups: list[dict[str, Any]]) -> Markup:
    keys = [key for key in MODEL_KEYS if key in groups[0]]
    head = [
        "group",
        "windows",
        "parts",
        *(f"{_TITLES[key]} right verdicts" for key in keys),
        *(f"{_TITLES[key]} missed / rejected" for key in keys),
    ]
    rows = [
        (
            row["group"],
            row["windows"],
            row["parts"],
            *(share_text(row[key]["binary"]) for key in keys),
            *(f"{row[key]['missed']} / {row[key]['false_rejects']}" for key in keys),
        )
        for row in groups
    ]
    return section("By group", table(head, rows))


def _reliability(models: list[tuple[str, dict[str, Any]]]) -> Markup:
    drawn = [
        reliability_diagram(model["reliability"]["bins"], title) for title, model in models if "reliability" in model
    ]
    errors = ", ".join(
        f"{title} {model['reliability']['expected_calibration_error']:.4f}"
        for title, model in models
        if model.get("reliability", {}).get("expected_calibration_error") is not None
    )
    return section(
        "Do scores mean what they say",
        element("div", *drawn, class_="pair"),
        element("p", f"Expected calibration error: {errors}.", class_="note"),
    )


def _leaks(leak: dict[str, Any]) -> Markup:
    rows = [
        (
            f"{pair['tested']['image']}, row {pair['tested']['row']}",
            pair["kind"],
            f"{pair['other']['image']}, row {pair['other']['row']} ({pair['other']['split']})",
        )
        for pair in leak["pairs"][:_MOST_PAIRS]
    ]
    more = leak["leaked"] - len(rows)
    note = [element("p", f"{more:,} more: the JSON report names the first 200.", class_="note")] if more else []
    return section("Windows that the model may have seen", table(("tested", "", "also in"), rows, "text"), *note)
