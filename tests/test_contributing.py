"""The examples of CONTRIBUTING.md are those that the unit tests compile and run."""

from __future__ import annotations

import re

import pytest
from program import ROOT

SHOWN = dict(
    re.findall(
        r"^<!-- (src/\S+) -->\n```cpp\n(.*?)^```$",
        (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
)
LONGEST = 35  # lines: an example is read at once


def test_there_are_examples():
    assert {path.split("/test_example_")[-1] for path in SHOWN} >= {"camera.h", "plc.h", "consumer.h", "engine.h"}


@pytest.mark.parametrize("path", SHOWN)
def test_an_example_is_what_stands_in_its_file(path):
    before, example, after = (ROOT / path).read_text(encoding="utf-8").split("// [example]\n")
    assert example.rstrip("\n") == SHOWN[path].rstrip("\n")
    assert example.count("\n") <= LONGEST
    assert before and after
