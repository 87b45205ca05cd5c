"""How the model came about: data, training, quantisation, sizes, times, versions."""

from __future__ import annotations

import math
from typing import Any

from taktgate_prep.figures.evaluation import MODEL_KEYS
from taktgate_prep.figures.timing import slower_sentence
from taktgate_prep.report.curves import layer_bars, training_curves
from taktgate_prep.report.html import Markup, element, section, table
from taktgate_prep.report.search_section import search_section

_WORST_LAYERS = 8

Record = tuple[dict[str, Any], dict[str, Any]] | None


def sections(report: dict[str, Any], training: Record, quantisation: Record) -> list[Markup]:
    """All of them; those without a record are left out."""
    found = [_data(report["data"])]
    if training is not None and isinstance(training[0].get("epochs"), list) and training[0]["epochs"]:
        found.append(_training(training[0]))
    if quantisation is not None:
        found += _quantisation(quantisation[0])
    return [*found, _size_and_time(report), _made_by(report, training, quantisation)]


def _data(data: dict[str, Any]) -> Markup:
    head = ["split", "windows", "parts", "images", *data["labels"], "unlabelled", "sha256"]
    rows = [
        (
            name,
            f"{split['windows']:,}",
            f"{split['parts']:,}",
            f"{split['images']:,}",
            *split["per_label"],
            split["unlabelled"],
            element("code", split["sha256"][:16]),
        )
        for name, split in data["splits"].items()
    ]
    notes = (
        [f"{data['unlabelled']:,} rows of split {data['split']} have no label and are left out. "]
        if data["unlabelled"]
        else []
    )
    return section(
        "Data",
        table(head, rows),
        *_left_out(data["left_out"]),
        element(
            "p",
            *notes,
            "Digest of the tested windows as the model sees them: ",
            element("code", data["sha256"]),
            class_="note",
        ),
    )


def _left_out(left_out: dict[str, Any]) -> list[Markup]:
    if not left_out["images"]:
        return []
    end = ", ..." if left_out["images"] > len(left_out["first"]) else "."
    return [
        element(
            "p",
            f"{left_out['images']:,} images could not be read and were left out (--bad-images skip), with "
            f"them {left_out['samples']:,} samples: {', '.join(left_out['first'])}{end}",
        )
    ]


def _training(record: dict[str, Any]) -> Markup:
    best = record.get("best_epoch")
    text = f"{len(record['epochs'])} epochs, stopped by {record.get('stopped_by', 'the end')}; taken: epoch {best}."
    return section(
        "Training", element("p", text), training_curves(record["epochs"], best if isinstance(best, int) else None)
    )


def _quantisation(record: dict[str, Any]) -> list[Markup]:
    found, layers = search_section(record), record.get("layers")
    drawn = (
        [layer for layer in layers if isinstance(layer, dict) and _is_number(layer.get("sqnr_db"))]
        if isinstance(layers, list)
        else []
    )
    if drawn:
        worst = sorted(drawn, key=lambda layer: float(layer["sqnr_db"]))[:_WORST_LAYERS]
        found.append(
            section(
                "INT8 layer by layer",
                layer_bars(drawn),
                element("h3", "The noisiest layers"),
                table(
                    ("layer", "operator", "signal to noise, dB"),
                    [(layer.get("name", ""), layer.get("op", ""), f"{layer['sqnr_db']:.1f}") for layer in worst],
                ),
            )
        )
    return found


def _size_and_time(report: dict[str, Any]) -> Markup:
    keys = [key for key in MODEL_KEYS if key in report]
    rows = [
        (
            report[key]["file"],
            report[key]["runtime"]["name"],
            f"{report[key]['size']['bytes']:,}",
            f"{report[key]['size']['zstd_bytes']:,}",
            f"{report['time'][key]['min_us']:.0f}",
            f"{report['time'][key]['median_us']:.0f}",
        )
        for key in keys
    ]
    cut = (
        [
            element(
                "p",
                f"INT8 is {report['size']['cut_percent']:.1f} % smaller as a file, "
                f"{report['size']['zstd_cut_percent']:.1f} % as stored in a bundle.",
            )
        ]
        if "size" in report
        else []
    )
    slower = slower_sentence(report["time"])
    cut += [element("p", slower)] if slower is not None else []
    refused = [report[key]["runtime"].get("why_not_int8_engine") for key in keys]
    cut += [element("p", f"The INT8 engine does not take the model: {why}.") for why in refused if why]
    told = " and ".join(dict.fromkeys(str(report["time"][key]["runtime"]) for key in keys))
    head = ("model", "answers of", "bytes", "zstd, bytes", "least µs", "median µs")
    return section(
        "Size and time",
        table(head, rows),
        *cut,
        element(
            "p",
            f"Time per window on the machine that made this page, in {told}, one thread, "
            f"{report['time'][keys[0]]['rounds']} rounds in turn.",
            class_="note",
        ),
    )


def _made_by(report: dict[str, Any], training: Record, quantisation: Record) -> Markup:
    """The commands in their order, each with its seed and its versions where its record is there."""
    parts: list[Markup] = []
    for title, record, holder in (("Trained", training, "options"), ("Quantised", quantisation, "calibration")):
        if record is not None:
            kept = record[0].get(holder)
            seed = kept.get("seed") if isinstance(kept, dict) else None
            parts += _step(title, record[0].get("command"), seed, record[0].get("versions"))
    return section("Made by", *parts, *_step("Measured", report["command"], None, report["versions"]))


def _step(title: str, command: Any, seed: Any, versions: Any) -> list[Markup]:
    told = [f"seed {seed}"] if seed is not None else []
    told += [f"{name} {version}" for name, version in versions.items()] if isinstance(versions, dict) else []
    return [
        element("p", element("b", f"{title}: "), element("code", command or "the record has no command line")),
        *([element("p", f"{', '.join(told)}.", class_="note")] if told else []),
    ]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
