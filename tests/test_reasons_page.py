"""The reasons of docs/gate.md are those of the program."""

from __future__ import annotations

import re
from pathlib import Path


def test_every_reason_stands_once_on_the_page(repository: Path) -> None:
    listed = re.findall(r'^TAKTGATE_REASON\(\w+, "(\w+)"', (repository / "src/judge/reasons.inc").read_text(), re.M)
    assert len(listed) > 20
    assert listed[0] == "none"
    page = (repository / "docs/gate.md").read_text(encoding="utf-8")
    table = page[page.index("## Reasons") : page.index("## Alarms")]
    named = [name for row in re.findall(r"^\| (`[^|]*)\|", table, re.M) for name in re.findall(r"`(\w+)`", row)]
    assert sorted(named) == sorted(listed[1:])
