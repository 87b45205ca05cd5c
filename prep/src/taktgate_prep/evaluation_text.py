"""A report of `evaluate` as a table for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from taktgate_prep.evaluation import MODEL_KEYS
from taktgate_prep.operating_point.text import threshold_text


def lines(report: dict[str, Any]) -> Iterator[str]:
    """The report, line by line."""
    data = report["data"]
    models = [(key.upper() if key != "model" else key, report[key]) for key in MODEL_KEYS if key in report]
    if "caveat" in report:
        yield report["caveat"]
    yield (f"{data['windows']} labelled windows of split {data['split']} ({data['parts']} parts); intervals: 95 %, "
           "Clopper-Pearson")
    yield from _sentences(report)
    titles = [title for title, _ in models]
    yield row("", *titles)
    yield row("binary, by verdict", *(_share(model["binary"]) for _, model in models))
    yield row("binary, by class", *(_share(model["binary_by_class"]) for _, model in models))
    yield row("missed defects", *(_of(model["missed"], model.get("defects")) for _, model in models))
    yield row("good rejected", *(_of(model["false_rejects"], model.get("good")) for _, model in models))
    yield row("unknown", *(str(model["verdicts"].get("unknown", 0)) for _, model in models))
    yield row("all classes", *(_share(model["classes"]) for _, model in models))
    for i, label in enumerate(data["labels"]):
        yield row(f"  recall {label}", *(_share(model["recall"][i]) for _, model in models))
    yield row("size, bytes", *(f"{model['size']['bytes']:,} ({model['size']['zstd_bytes']:,} zstd)"
                               for _, model in models))
    for title, model in models:
        yield ""
        yield from _confusion(title, model, data["labels"])
    if "groups" in report:
        yield ""
        yield from _groups(report["groups"])
    if "paired" in report:
        yield ""
        yield from _paired(report)


def row(name: str, *cells: str) -> str:
    """One line of the table."""
    return (f"{name:<20}" + "".join(f"{cell:<38}" for cell in cells)).rstrip()


def _sentences(report: dict[str, Any]) -> Iterator[str]:
    """What a reader should know before any figure."""
    if report["floor"] is not None:
        yield f"floor {report['floor']['verdict']}: {report['floor']['sentence']}"
    yield f"leakage: {report['leakage']['sentence']}"
    thresholds = report["thresholds"]
    origin = f" ({report['thresholds_from']['file']})" if "thresholds_from" in report else ""
    yield (f"passes at a defect score of at most {threshold_text(thresholds['pass_at_most'])}, fails from "
           f"{threshold_text(thresholds['fail_at_least'])} on{origin}")
    yield ""


def _groups(groups: Sequence[dict[str, Any]]) -> Iterator[str]:
    keys = [key for key in MODEL_KEYS if key in groups[0]]
    yield row("by verdict, of group", *(key.upper() if key != "model" else key for key in keys))
    for group in groups:
        yield row(f"  {group['group']}", *(_share(group[key]["binary"]) for key in keys))


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
    width = max(6, *(len(label) for label in labels)) + 1
    yield f"{title}: rows truth, columns class"
    yield " " * width + "".join(f"{label:>{width}}" for label in labels)
    for label, counts in zip(labels, model["confusion"], strict=True):
        yield f"{label:<{width}}" + "".join(f"{count:>{width}}" for count in counts)


def _paired(report: dict[str, Any]) -> Iterator[str]:
    paired = report["paired"]
    yield "INT8 against FP32 on the same windows"
    for key, title in (("binary", "binary, by verdict"), ("binary_by_class", "binary, by class"),
                       ("classes", "all classes")):
        if key not in paired:
            continue
        one = paired[key]
        low, high = one["interval95_points"]
        yield row(title, f"lost {one['lost']}, won {one['won']}; McNemar p {one['p']:.3g}",
                  f"loss {one['loss_points']:+.3f} points ({low:+.3f}..{high:+.3f}, Tango)")
    yield row("agreement", f"same class {paired['same_class']}, same verdict {paired['same_verdict']} of "
              f"{report['data']['windows']}")
    size = report["size"]
    yield row("size cut", f"{size['cut_percent']:.1f} % as a file, {size['zstd_cut_percent']:.1f} % in a bundle")
