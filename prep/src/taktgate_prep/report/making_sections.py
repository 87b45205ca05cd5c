"""How the model came about: data, training, quantisation, sizes, times, versions."""

from __future__ import annotations

import math
from typing import Any

from taktgate_prep.evaluation import MODEL_KEYS
from taktgate_prep.report.curves import layer_bars, training_curves
from taktgate_prep.report.html import Markup, element, section, table

_MOST_CANDIDATES = 30
_WORST_LAYERS = 8

Record = tuple[dict[str, Any], dict[str, Any]] | None


def sections(report: dict[str, Any], training: Record, quantisation: Record) -> list[Markup]:
    """All of them; those without a record are left out."""
    found = [_data(report["data"])]
    if training is not None and isinstance(training[0].get("epochs"), list) and training[0]["epochs"]:
        found.append(_training(training[0]))
    if quantisation is not None:
        found += _quantisation(quantisation[0])
    return [*found, _size_and_time(report), _made_by(report)]


def _data(data: dict[str, Any]) -> Markup:
    head = ["split", "windows", "parts", "images", *data["labels"], "unlabelled", "sha256"]
    rows = [(name, f"{split['windows']:,}", f"{split['parts']:,}", f"{split['images']:,}", *split["per_label"],
             split["unlabelled"], element("code", split["sha256"][:16])) for name, split in data["splits"].items()]
    notes = [f"{data['unlabelled']:,} rows of split {data['split']} have no label and are left out. "] \
        if data["unlabelled"] else []
    return section("Data", table(head, rows), *_left_out(data["left_out"]), element(
        "p", *notes, "Digest of the tested windows as the model sees them: ", element("code", data["sha256"]),
        class_="note"))


def _left_out(left_out: dict[str, Any]) -> list[Markup]:
    if not left_out["images"]:
        return []
    end = ", ..." if left_out["images"] > len(left_out["first"]) else "."
    return [element("p", f"{left_out['images']:,} images could not be read and were left out (--bad-images skip), with "
                         f"them {left_out['samples']:,} samples: {', '.join(left_out['first'])}{end}")]


def _training(record: dict[str, Any]) -> Markup:
    best = record.get("best_epoch")
    text = f"{len(record['epochs'])} epochs, stopped by {record.get('stopped_by', 'the end')}; taken: epoch {best}."
    return section("Training", element("p", text), training_curves(record["epochs"], best if isinstance(best, int)
                                                                  else None))


def _quantisation(record: dict[str, Any]) -> list[Markup]:
    found = []
    search, layers = record.get("search"), record.get("layers")
    if isinstance(search, list) and search:
        found.append(_search([row for row in search if isinstance(row, dict)]))
    drawn = [layer for layer in layers if isinstance(layer, dict) and _is_number(layer.get("sqnr_db"))] \
        if isinstance(layers, list) else []
    if drawn:
        worst = sorted(drawn, key=lambda layer: float(layer["sqnr_db"]))[:_WORST_LAYERS]
        found.append(section("INT8 layer by layer", layer_bars(drawn), element("h3", "The noisiest layers"), table(
            ("layer", "operator", "signal to noise, dB"),
            [(layer.get("name", ""), layer.get("op", ""), f"{layer['sqnr_db']:.1f}") for layer in worst])))
    return found


def _search(rows: list[dict[str, Any]]) -> Markup:
    """The chosen setting first, then the others in the order of the search."""
    ordered = sorted(rows, key=lambda row: not row.get("chosen"))
    head = ("stage", "calibrator", "draw", "weights", "activations", "hard-swish", "bias corrected", "lost", "won",
            "loss, points", "logits, dB", "float nodes", "note")
    keys = ("stage", "calibrator", "draw", "weights", "activations", "hard_swish", "bias_correction", "lost", "won",
            "loss_points", "sqnr_db", "float_nodes", "note")
    cells = [(("taken: " if row.get("chosen") else "") + _cell(row.get("stage")),
              *(_cell(row.get(key)) for key in keys[1:])) for row in ordered[:_MOST_CANDIDATES]]
    more = len(rows) - len(cells)
    note = [element("p", f"{more} more settings are in the record of quantize.", class_="note")] if more > 0 else []
    return section("Settings tried for INT8", table(head, cells), element(
        "p", "Chosen on training and validation data only; lost and won: validation verdicts against FP32.",
        class_="note"), *note)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _size_and_time(report: dict[str, Any]) -> Markup:
    keys = [key for key in MODEL_KEYS if key in report]
    rows = [(report[key]["file"], f"{report[key]['size']['bytes']:,}", f"{report[key]['size']['zstd_bytes']:,}",
             f"{report['time'][key]['min_us']:.0f}", f"{report['time'][key]['median_us']:.0f}") for key in keys]
    cut = [element("p", f"INT8 is {report['size']['cut_percent']:.1f} % smaller as a file, "
                        f"{report['size']['zstd_cut_percent']:.1f} % as stored in a bundle.")
           ] if "size" in report else []
    head = ("model", "bytes", "zstd, bytes", "least µs", "median µs")
    return section("Size and time", table(head, rows), *cut, element(
        "p", f"Time per window in ONNX Runtime on the machine that made this page, one thread, "
             f"{report['time'][keys[0]]['rounds']} rounds in turn.", class_="note"))


def _made_by(report: dict[str, Any]) -> Markup:
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    return section("Made by", element("p", element("code", report["command"])),
                   element("p", f"{versions}.", class_="note"))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
