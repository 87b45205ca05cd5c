"""docs/station-file.md names the tables and keys that the program knows: no more and no fewer."""

from __future__ import annotations

import re

import pytest
from program import ROOT, refused, taktgate

HEADING = re.compile(r"^## `\[(\w+)\]`$\n(.*?)(?=^## )", re.MULTILINE | re.DOTALL)
KEY = re.compile(r"^\| `(\w+)` \|.*\|.*\|.*\|$", re.MULTILINE)
PAGE = {
    table: KEY.findall(section)
    for table, section in HEADING.findall((ROOT / "docs" / "station-file.md").read_text(encoding="utf-8"))
}
# What a table needs before all of its keys are known; every other one stands alone.
NEEDED: dict[str, tuple[str, ...]] = {
    # Each source of frames has keys of its own.
    "camera": ('source = "sim"\n', 'source = "replay"\ndata = "parts.tsv"\n'),
    "belt": ('mode = "count"\ndistance = 200\nlead = 30\nhold = 30\nspacing = 100\ntop_speed = 1000\n',),
    "alarms": ("enabled = true\n",),
    "record": ('file = "r.jsonl"\n',),
}


def known(tmp_path, text: str) -> list[str]:
    """Give a station file with one unknown name to the program, and read which names it knows."""
    path = tmp_path / "station.toml"
    path.write_text(text)
    words = refused(taktgate("run", path), "unknown", "no_such_name")
    return words.strip().rpartition(": ")[2].split(", ")


def test_the_page_has_a_section_for_each_table(tmp_path):
    assert sorted(f"[{table}]" for table in PAGE) == sorted(known(tmp_path, "[no_such_name]\n"))


@pytest.mark.parametrize("table", PAGE)
def test_a_section_has_a_row_for_each_key(tmp_path, table):
    state = '[station]\nstate = "state"\n' if table != "station" else ""
    keys = [known(tmp_path, f"{state}[{table}]\n{form}no_such_name = 1\n") for form in NEEDED.get(table, ("",))]
    assert sorted(PAGE[table]) == sorted({key for of_form in keys for key in of_form})
