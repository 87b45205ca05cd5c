"""The certificate as a page: first what holds and what does not, then the figures, then the pictures."""

from __future__ import annotations

from typing import Any

from taktgate_prep.certify.evaluation_report import Measured
from taktgate_prep.figures.evaluation import MODEL_KEYS
from taktgate_prep.operating_point.text import threshold_text
from taktgate_prep.records.beside import quantisation_record, training_record
from taktgate_prep.report import figures_sections, limits_section, making_sections, sheet
from taktgate_prep.report.curves import threshold_curve
from taktgate_prep.report.html import Markup, document, element, section

_PROMISED_LOSS = 0.3  # points
_COLOURS = {"proved": "good", "likely": "warn", "unproved": "bad"}


def page(report: dict[str, Any], measured: Measured, curve: dict[str, Any] | None = None) -> str:
    """The HTML of a report of evaluate, with pictures of the windows; curve: of the file of the thresholds."""
    keys = [key for key in MODEL_KEYS if key in report]
    model = report[keys[-1]]
    data = report["data"]
    about = (
        f"{data['windows']:,} labelled windows of {data['parts']:,} parts, split {data['split']} of "
        f"{data['name']}; model sha256 {model['size']['sha256'][:16]}"
    )
    return document(
        f"Certificate of {model['file']}",
        element("h1", f"Certificate of {model['file']}"),
        *([element("p", element("b", report["caveat"]))] if "caveat" in report else []),
        element("p", about, class_="soft"),
        _headlines(report),
        *figures_sections.sections(report),
        *_curve(report["thresholds"], curve),
        *_sheets(measured),
        limits_section.limits(report),
        *making_sections.sections(
            report, training_record(measured.models[0]), quantisation_record(measured.models[-1])
        ),
    )


def _headlines(report: dict[str, Any]) -> Markup:
    lines = []
    leak = report["leakage"]
    leaked = element(
        "li",
        element("b", "Leakage."),
        leak["sentence"],
        class_="bad" if leak["summary"] else "good" if leak["against"] else "warn",
    )
    if leak["summary"]:
        lines.append(leaked)
    if report["floor"] is not None:
        verdict = report["floor"]["verdict"]
        lines.append(
            element("li", element("b", f"Floor {verdict}."), report["floor"]["sentence"], class_=_COLOURS[verdict])
        )
    if "paired" in report:
        lines.append(_loss(report["paired"]))
    if not leak["summary"]:
        lines.append(leaked)
    origin = report.get("thresholds_from")
    if origin is not None:
        lines.append(
            element(
                "li", element("b", "Thresholds."), origin["statement"], class_="good" if origin["proved"] else "warn"
            )
        )
    thresholds = report["thresholds"]
    points = (
        f"Passes at a defect score of at most {threshold_text(thresholds['pass_at_most'])}, fails from "
        f"{threshold_text(thresholds['fail_at_least'])} on"
        + (f" (from {origin['file']})." if origin is not None else ".")
    )
    return element("div", element("ul", *lines, class_="verdicts"), element("p", points, class_="note"))


def _loss(paired: dict[str, Any]) -> Markup:
    """By verdict, and by class too: thresholds amid the good windows make verdicts turn that classes do not."""
    name = "binary" if "binary" in paired else "classes"
    one = paired[name]
    text = (
        f"Against FP32 {one['lost']} windows turned wrong and {one['won']} right: {_points(one)}, McNemar p "
        f"{one['p']:.3g}."
    )
    if "binary_by_class" in paired:
        text += f" By class alone, whatever the thresholds: {_points(paired['binary_by_class'])}."
    good = one["interval95_points"][1] < _PROMISED_LOSS
    return element("li", element("b", "INT8."), text, class_="good" if good else "warn")


def _points(one: dict[str, Any]) -> str:
    low, high = one["interval95_points"]
    return f"loss {one['loss_points']:+.3f} points, 95 % interval {low:+.3f} to {high:+.3f}"


def _curve(thresholds: dict[str, float], curve: dict[str, Any] | None) -> list[Markup]:
    if curve is None:
        return []
    return [
        section(
            "What other thresholds would cost",
            threshold_curve(curve, thresholds["pass_at_most"], thresholds["fail_at_least"]),
            element(
                "p",
                f"Counted on split {curve['split']}, where the thresholds were chosen, not on the tested windows.",
                class_="note",
            ),
        )
    ]


def _sheets(measured: Measured) -> list[Markup]:
    """Missed defects, false rejects, least certain; without passing classes only wrong classes."""
    if not measured.truth.judged:
        wrong = sheet.wrong_class(measured)
        return [section(f"Wrong class: {len(wrong):,}", sheet.sheet(measured, wrong))]
    found = (("Missed defects", sheet.missed(measured)), ("False rejects", sheet.false_rejects(measured)))
    unsure = sheet.least_certain(measured)
    certain = section(
        "Least certain",
        element(
            "p", f"The {len(unsure)} windows with scores nearest to a threshold, but for those above.", class_="note"
        ),
        sheet.sheet(measured, unsure),
    )
    return [*(section(f"{title}: {len(places):,}", sheet.sheet(measured, places)) for title, places in found), certain]
