"""Contact sheets: the windows that a person should look at, as pictures inside the page."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from taktgate_prep.certify.evaluation_report import Measured
from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.sample import Sample
from taktgate_prep.data.window import load_window
from taktgate_prep.operating_point.scored import logit
from taktgate_prep.report.html import Markup, element, empty, joined

MOST = 60  # pictures on one sheet
MOST_UNSURE = 24
_LEAST_SHOWN = 1e-6
_LARGEST = 160  # pixels a side in the page

Pixels = npt.NDArray[np.uint8]


def missed(measured: Measured) -> list[int]:
    """Defects that passed, the surest first."""
    return _by_score(
        measured,
        [
            i
            for i, good in enumerate(_good(measured))
            if not good and measured.answers[-1].verdicts[i].verdict == "pass"
        ],
        False,
    )


def false_rejects(measured: Measured) -> list[int]:
    """Good windows that did not pass, the surest first."""
    return _by_score(
        measured,
        [i for i, good in enumerate(_good(measured)) if good and measured.answers[-1].verdicts[i].verdict != "pass"],
        True,
    )


def least_certain(measured: Measured) -> list[int]:
    """The 24 windows whose score lies nearest to a threshold, on the logit scale; those that other sheets show for
    their verdict are left out."""
    thresholds = measured.thresholds
    shown = {*missed(measured), *false_rejects(measured)}
    ends = [float(logit(value)) for value in (thresholds.pass_at_most, thresholds.fail_at_least)]
    places = logit(np.array([verdict.defect_score for verdict in measured.answers[-1].verdicts]))
    distance = np.minimum(np.abs(places - ends[0]), np.abs(places - ends[1]))
    return [int(i) for i in np.argsort(distance, kind="stable") if int(i) not in shown][:MOST_UNSURE]


def wrong_class(measured: Measured) -> list[int]:
    """Windows whose class is not their label."""
    verdicts = measured.answers[-1].verdicts
    return [i for i, label in enumerate(measured.truth.label) if verdicts[i].class_index != label]


def sheet(measured: Measured, places: Sequence[int]) -> Markup:
    """Pictures with label, score and place; says how many it leaves out."""
    if not places:
        return element("p", "None.", class_="soft")
    cards = [_card(measured, i) for i in places[:MOST]]
    more = len(places) - len(cards)
    note = [element("p", f"{more:,} more are not shown.", class_="note")] if more > 0 else []
    if measured.contract.golden:
        note.append(element("p", "Left: the window. Right: the golden image there.", class_="note"))
    return joined([element("div", *cards, class_="sheet wide" if measured.contract.golden else "sheet"), *note])


def picture(pixels: Pixels, name: str) -> Markup:
    """[h, w, 1 or 3] as a PNG inside the page, at most 160 px a side."""
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    image.thumbnail((_LARGEST, _LARGEST), Image.Resampling.BOX)
    data = io.BytesIO()
    image.save(data, "PNG", optimize=True)
    return empty("img", src=f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode('ascii')}", alt=name)


def views(sample: Sample, contract: Contract, root: Path) -> Markup:
    """The window as the model sees it, and its golden window beside it."""
    window = load_window(sample, contract)
    channels = contract.channels_total - int(contract.golden)
    pictures = [picture(window[..., :channels], sample.image.relative_to(root).as_posix())]
    if contract.golden:
        pictures.append(picture(window[..., channels:], "golden"))
    return element("div", *pictures, class_="views")


def score_text(score: float) -> str:
    """Three decimals, more only where they would hide how near to 0 or 1 the score is."""
    rest = min(score, 1 - score)
    if 0 < rest < _LEAST_SHOWN:
        return f"under {_LEAST_SHOWN:f}" if score < 0.5 else f"over {1 - _LEAST_SHOWN:f}"
    decimals = 3 if rest <= 0 else max(3, math.ceil(-math.log10(rest)))
    return f"{score:.{decimals}f}"


def _card(measured: Measured, i: int) -> Markup:
    sample, verdict = measured.samples[i], measured.answers[-1].verdicts[i]
    names = measured.contract.label_names
    answer = names[verdict.class_index] if verdict.class_index >= 0 else "no finite answer"
    name = sample.image.relative_to(measured.root).as_posix()
    said = "" if answer == sample.label else f" → {answer}"
    caption = [
        element("b", sample.label or "", said),
        empty("br"),
        f"defect score {score_text(verdict.defect_score)}, {verdict.verdict}",
        empty("br"),
        f"{name}, row {sample.row}",
    ]
    return element("figure", views(sample, measured.contract, measured.root), element("figcaption", *caption))


def _good(measured: Measured) -> list[bool]:
    return [measured.contract.passing[label] for label in measured.truth.label]


def _by_score(measured: Measured, places: list[int], falling: bool) -> list[int]:
    verdicts = measured.answers[-1].verdicts
    return sorted(places, key=lambda i: ((-1 if falling else 1) * verdicts[i].defect_score, i))
