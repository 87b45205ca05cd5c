#!/usr/bin/env python3
"""Writes a taktgate sample list for the DeepPCB windows.

    python3 deeppcb_list.py FOLDER_OF_DEEPPCB OUT

FOLDER_OF_DEEPPCB has windows.tsv, manifest.tsv and images/. OUT gets windows.tsv, the images as a link, and the
contract of the reference network: OUT/ref.contract.json. A defect window carries the box that it was made from. Boxes
of training and validation pairs that no window was made from follow as rows without a label: no good place is there.
"""

from __future__ import annotations

import csv
import shutil
import sys
from pathlib import Path

CLASSES = ("good", "open", "short", "mousebite", "spur", "copper", "pin-hole")
SIDE = 64
IMAGE = 640
JITTER = 8  # pixels between the middle of a box and the middle of its window, at most
LONGEST = SIDE - 4  # a longer box has no window
WINDOW_COLUMNS = ("image", "golden", "x", "y", "w", "h", "label", "part", "split")
COLUMNS = (*WINDOW_COLUMNS, "bx", "by", "bw", "bh")

Span = tuple[int, int, int, int, int]  # left, top, right, bottom, class


def read_table(path: Path) -> list[dict[str, str]]:
    """A TSV without quoting."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def read_spans(pair: dict[str, str]) -> list[Span]:
    """The boxes of a pair in their order."""
    return [tuple(map(int, text.split(","))) for text in pair["boxes"].split(";")]  # type: ignore[misc]


def made_from(span: Span, row: dict[str, str]) -> bool:
    """Whether the window can have been made from this box: its class, and both axes within the jitter."""
    left, top, right, bottom, kind = span
    return (
        kind == int(row["label"])
        and max(right - left, bottom - top) <= LONGEST
        and _near(left, right, int(row["x"]))
        and _near(top, bottom, int(row["y"]))
    )


def _near(low: int, high: int, start: int) -> bool:
    """Whether a window from `start` lies within the jitter, or was pushed off it to hold the box and stay inside."""
    wanted = (low + high) // 2 - SIDE // 2
    first, last = max(0, high + 1 - SIDE), min(IMAGE - SIDE, max(0, low - 1))
    return min(max(wanted - JITTER, first), last) <= start <= max(min(wanted + JITTER, last), first)


def take_spans(spans: list[Span], rows: list[dict[str, str]]) -> dict[str, Span]:
    """Window -> its box. Windows were made box by box, so both come in the same order."""
    taken: dict[str, Span] = {}
    at = 0
    for row in rows:
        if row["label"] == "0":
            continue
        while at < len(spans) and not made_from(spans[at], row):
            at += 1
        if at == len(spans):
            sys.exit(
                f"windows.tsv: expected a box in manifest.tsv for window {row['window']} of pair {row['pair']}, "
                "got none: take both files from the same place"
            )
        taken[row["window"]] = spans[at]
        at += 1
    return taken


def box_fields(span: Span | None) -> tuple[str, str, str, str]:
    """bx, by, bw, bh."""
    if span is None:
        return "", "", "", ""
    left, top, right, bottom, _ = span
    return str(left), str(top), str(right - left), str(bottom - top)


def list_lines(pairs: list[dict[str, str]], windows: list[dict[str, str]]) -> list[str]:
    """The rows of the windows in the order of windows.tsv, then those of the boxes without a window."""
    rows_of: dict[str, list[dict[str, str]]] = {pair["id"]: [] for pair in pairs}
    for row in windows:
        rows_of[row["pair"]].append(row)
    span_of: dict[str, Span] = {}
    rest: list[str] = []
    for pair in pairs:
        spans = read_spans(pair)
        taken = take_spans(spans, rows_of[pair["id"]])
        span_of |= taken
        if pair["split"] != "test":
            files = (pair["test_file"], pair["template_file"])
            rest += [
                "\t".join((*files, "", "", "", "", "", pair["id"], pair["split"], *box_fields(span)))
                for span in spans
                if span not in taken.values()
            ]
    by_id = {pair["id"]: pair for pair in pairs}
    lines = []
    for row in windows:
        pair = by_id[row["pair"]]
        lines.append(
            "\t".join(
                (
                    pair["test_file"],
                    pair["template_file"],
                    row["x"],
                    row["y"],
                    str(SIDE),
                    str(SIDE),
                    CLASSES[int(row["label"])],
                    row["pair"],
                    row["split"],
                    *box_fields(span_of.get(row["window"])),
                )
            )
        )
    return lines + rest


def main(source: Path, out: Path) -> None:
    """One row per window; the part is the pair of images."""
    pairs, windows = read_table(source / "manifest.tsv"), read_table(source / "windows.tsv")
    lines = ["\t".join(COLUMNS), *list_lines(pairs, windows)]
    out.mkdir(parents=True, exist_ok=True)
    link = out / "images"
    if not link.exists():
        link.symlink_to((source / "images").resolve(), target_is_directory=True)
    (out / "windows.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    shutil.copyfile(Path(__file__).with_name("deeppcb.contract.json"), out / "ref.contract.json")
    print(f"{len(windows)} windows and {len(lines) - 1 - len(windows)} further boxes in {out / 'windows.tsv'}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
