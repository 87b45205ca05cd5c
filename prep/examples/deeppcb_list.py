#!/usr/bin/env python3
"""Writes a taktgate sample list for the DeepPCB windows.

    python3 deeppcb_list.py FOLDER_OF_DEEPPCB OUT

FOLDER_OF_DEEPPCB has windows.tsv, manifest.tsv and images/. OUT gets windows.tsv, the images as a link, and the
contract of the reference network: OUT/ref.contract.json.
"""

from __future__ import annotations

import csv
import shutil
import sys
from pathlib import Path

CLASSES = ("good", "open", "short", "mousebite", "spur", "copper", "pin-hole")
SIDE = 64
COLUMNS = ("image", "golden", "x", "y", "w", "h", "label", "part", "split")


def read_table(path: Path) -> list[dict[str, str]]:
    """A TSV without quoting."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def main(source: Path, out: Path) -> None:
    """One row per window, in the order of windows.tsv; the part is the pair of images."""
    pairs = {row["id"]: row for row in read_table(source / "manifest.tsv")}
    out.mkdir(parents=True, exist_ok=True)
    link = out / "images"
    if not link.exists():
        link.symlink_to((source / "images").resolve(), target_is_directory=True)
    lines = ["\t".join(COLUMNS)]
    for row in read_table(source / "windows.tsv"):
        pair = pairs[row["pair"]]
        lines.append("\t".join((pair["test_file"], pair["template_file"], row["x"], row["y"], str(SIDE), str(SIDE),
                                CLASSES[int(row["label"])], row["pair"], row["split"])))
    (out / "windows.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    shutil.copyfile(Path(__file__).with_name("deeppcb.contract.json"), out / "ref.contract.json")
    print(f"{len(lines) - 1} windows in {out / 'windows.tsv'}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
