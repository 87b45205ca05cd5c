"""The parts of docs/performance.md that are measured: each between two comments that name it."""

from __future__ import annotations

import os
import subprocess
import textwrap
from collections.abc import Sequence
from pathlib import Path

from engines.networks import ROOT, Network
from engines.rows import OURS_SETS

WIDTH = 100
LAYERS = ROOT / "build" / "bench" / "bench" / "int8_layers"


def write_page(page: Path, part: str, text: Sequence[str]) -> None:
    """Paragraphs in the place of what was there."""
    begin, end = f"<!-- {part}: measured -->", f"<!-- {part}: end -->"
    whole = page.read_text(encoding="utf-8")
    if whole.count(begin) != 1 or whole.count(end) != 1 or whole.index(begin) > whole.index(end):
        raise SystemExit(f"[engines] expected {begin} and {end} in {page}, once each: restore them from git")
    before, after = whole[: whole.index(begin) + len(begin)], whole[whole.index(end) :]
    page.write_text("\n\n".join([before, *map(wrapped, text), after]), encoding="utf-8")


def wrapped(paragraph: str) -> str:
    """Prose as wide as pages are; tables as they are."""
    return paragraph if "|" in paragraph else textwrap.fill(paragraph, WIDTH, break_long_words=False)


def profile(network: Network, cpu: int) -> list[str]:
    """Where the engine's time goes by kind of step, with each set of kernels that this CPU has."""
    text = []
    for name in OURS_SETS:
        command = [LAYERS, network.folder / "int8-7.tgn", name]
        done = subprocess.run(
            [str(word) for word in command],
            capture_output=True,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {cpu}),
        )
        if done.returncode == 0:
            said = done.stdout.strip().split("\n\n")
            text += [f"{network.name}, {said[0].split(', ', 1)[1]}", squeezed(said[-1])]
    return text


def squeezed(table: str) -> str:
    """Without what lines columns up."""
    lines = [
        "| " + " | ".join(cell.strip() for cell in line.strip("|").split("|")) + " |" for line in table.splitlines()
    ]
    return "\n".join([lines[0], "|---" * lines[0].count(" | ") + "|---|", *lines[2:]])
