"""What a certificate cannot prove, said on its page in the same words whatever the figures are."""

from __future__ import annotations

from typing import Any

from taktgate_prep.figures.floor import rounded_down
from taktgate_prep.report.html import Markup, element, section

_LIMITS = (
    "That tomorrow's parts look like the tested ones.",
    "That the labels are right.",
    "More than the number of windows allows: windows of one part are counted as independent of each other; --groups "
    "gives figures for each lot, board or day.",
    "That no part was seen in training under another name: two different photos of one part can be missed by the "
    "leakage check.",
)


def limits(report: dict[str, Any]) -> Markup:
    """The rule of the floor with the bound of each side, and what no figure on this page says."""
    floor = report["floor"]
    content: list[Markup] = []
    if floor is not None:
        sides = ", ".join(
            f"{side['name']} {side['windows'] - side['wrong']:,} of {side['windows']:,} right, at least "
            f"{rounded_down(side['lower_bound'])}"
            for side in floor["sides"]
        )
        content = [
            element("p", element("b", f"The floor of {100 * floor['floor']:g} %. "), floor["rule"]),
            element("p", f"By side (one-sided exact 95 % lower bounds): {sides}."),
        ]
    return section("What it cannot prove", element("ul", *(element("li", text) for text in _LIMITS)), *content)
