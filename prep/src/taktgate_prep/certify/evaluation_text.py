"""A report of `evaluate` as a table for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from taktgate_prep.figures.evaluation import MODEL_KEYS
from taktgate_prep.figures.timing import slower_sentence
from taktgate_prep.operating_point.text import threshold_text
from taktgate_prep.terminal.text_table import columns

MOST_CONFUSED = 20  # pairs that are shown where there are too many labels for a table


def lines(report: dict[str, Any]) -> Iterator[str]:
    """The report, line by line."""
    data = report["data"]
    models = [(key.upper() if key != "model" else key, report[key]) for key in MODEL_KEYS if key in report]
    if "caveat" in report:
        yield report["caveat"]
    yield (
        f"{data['windows']} labelled windows of split {data['split']} ({data['parts']} parts); intervals: 95 %, "
        "Clopper-Pearson"
    )
    yield from _sentences(report)
    yield from columns(_figures(models, data["labels"], report["time"]))
    slower = slower_sentence(report["time"])
    if slower is not None:
        yield slower
    for title, model in models:
        yield ""
        yield from _confusion(title, model, data["labels"])
    if "groups" in report:
        yield ""
        yield from _groups(report["groups"])
    if "paired" in report:
        yield ""
        yield from _paired(report)


def _figures(
    models: Sequence[tuple[str, dict[str, Any]]], labels: Sequence[str], times: dict[str, Any]
) -> list[tuple[str, ...]]:
    """The models side by side."""
    rows: list[tuple[str, Callable[[dict[str, Any]], str]]] = [
        ("binary, by verdict", lambda model: _share(model["binary"])),
        ("binary, by class", lambda model: _share(model["binary_by_class"])),
        ("missed defects", lambda model: _of(model["missed"], model.get("defects"))),
        ("good rejected", lambda model: _of(model["false_rejects"], model.get("good"))),
        ("unknown", lambda model: str(model["verdicts"].get("unknown", 0))),
        ("all classes", lambda model: _share(model["classes"])),
        ("recall by class", lambda _: ""),
    ]
    rows += [(f"  {label}", _recall(i, "")) for i, label in enumerate(labels)]
    if models[0][1]["binary"] is not None:
        rows.append(("recall by verdict", lambda _: ""))
        rows += [(f"  {label}", _recall(i, "by_verdict")) for i, label in enumerate(labels)]
    rows.append(("size, bytes", lambda model: f"{model['size']['bytes']:,} ({model['size']['zstd_bytes']:,} zstd)"))
    return [
        ("", *(title for title, _ in models)),
        *((name, *(text(model) for _, model in models)) for name, text in rows),
        ("runtime", *(str(model["runtime"]["name"]) for _, model in models)),
        ("time, \N{MICRO SIGN}s", *(f"{one['min_us']:.0f} (median {one['median_us']:.0f})" for one in times.values())),
    ]


def _recall(i: int, of: str) -> Callable[[dict[str, Any]], str]:
    return lambda model: _share(model["recall"][i][of] if of else model["recall"][i])


def _sentences(report: dict[str, Any]) -> Iterator[str]:
    """What a reader should know before any figure."""
    if report["floor"] is not None:
        yield f"floor {report['floor']['verdict']}: {report['floor']['sentence']}"
    yield f"leakage: {report['leakage']['sentence']}"
    thresholds = report["thresholds"]
    origin = f" ({report['thresholds_from']['file']})" if "thresholds_from" in report else ""
    yield (
        f"passes at a defect score of at most {threshold_text(thresholds['pass_at_most'])}, fails from "
        f"{threshold_text(thresholds['fail_at_least'])} on{origin}"
    )
    yield ""


def _groups(groups: Sequence[dict[str, Any]]) -> Iterator[str]:
    keys = [key for key in MODEL_KEYS if key in groups[0]]
    yield from columns(
        [
            ("by verdict, of group", *(key.upper() if key != "model" else key for key in keys)),
            *((f"  {group['group']}", *(_share(group[key]["binary"]) for key in keys)) for group in groups),
        ]
    )


def _share(share: dict[str, Any] | None) -> str:
    if share is None or share["value"] is None:
        return "-"
    low, high = share["interval95"]
    return f"{100 * share['value']:.3f} % ({100 * low:.2f}-{100 * high:.2f}), {share['wrong']} wrong"


def _of(count: int | None, total: int | None) -> str:
    if count is None or total is None:
        return "-"
    return f"{count} of {total}" + (f" ({100 * count / total:.2f} %)" if total else "")


def _confusion(title: str, model: dict[str, Any], labels: Sequence[str]) -> Iterator[str]:
    if model["confusion"] is None:
        yield f"{title}: {confused_title(model)}"
        rows = [(f"  {one['label']}", one["class"], str(one["windows"])) for one in model["confused"][:MOST_CONFUSED]]
        yield from columns([("  truth", "class", "windows"), *rows])
        return
    width = max(6, *(len(label) for label in labels)) + 1
    yield f"{title}: rows truth, columns class"
    yield " " * width + "".join(f"{label:>{width}}" for label in labels)
    for label, counts in zip(labels, model["confusion"], strict=True):
        yield f"{label:<{width}}" + "".join(f"{count:>{width}}" for count in counts)


def confused_title(model: dict[str, Any]) -> str:
    """How many of the confused pairs are shown."""
    pairs = len(model["confused"])
    return f"the {min(MOST_CONFUSED, pairs)} pairs of truth and class confused most often, of {pairs}"


def _paired(report: dict[str, Any]) -> Iterator[str]:
    paired = report["paired"]
    yield "INT8 against FP32 on the same windows"
    rows: list[tuple[str, ...]] = []
    for key, title in (
        ("binary", "binary, by verdict"),
        ("binary_by_class", "binary, by class"),
        ("classes", "all classes"),
    ):
        if key in paired:
            one = paired[key]
            low, high = one["interval95_points"]
            rows.append(
                (
                    title,
                    f"lost {one['lost']}, won {one['won']}; McNemar p {one['p']:.3g}",
                    f"loss {one['loss_points']:+.3f} points ({low:+.3f}..{high:+.3f}, Tango)",
                )
            )
    size = report["size"]
    rows += [
        (
            "agreement",
            f"same class {paired['same_class']}, same verdict {paired['same_verdict']} of {report['data']['windows']}",
        ),
        ("size cut", f"{size['cut_percent']:.1f} % as a file, {size['zstd_cut_percent']:.1f} % in a bundle"),
    ]
    yield from columns(rows)
