"""`make nightly` runs everything that has two forms in the long one."""

from __future__ import annotations

import re
from pathlib import Path


def test_everything_with_two_forms_has_its_long_one_in_the_nightly_list(repository: Path) -> None:
    lines = [line for line in (repository / "Makefile").read_text().splitlines() if "TAKTGATE_NIGHTLY=1 " in line]
    nightly = "\n".join(lines)
    forms = 0
    for folder in ("tests", "prep/tests"):
        for path in sorted((repository / folder).glob("test_*.py")):
            if re.search(r"^from forms import", path.read_text(), re.M):
                forms += 1
                assert f" {folder}/{path.name}" in nightly, path.name
    for path in sorted((repository / "src").rglob("*_test.cc")):
        text = path.read_text()
        assert "TAKTGATE_NIGHTLY" not in text, f"{path.name}: expected Form of base/test_form.h"
        if '#include "base/test_form.h"' not in text:
            continue
        forms += 1
        filters = re.findall(rf"taktgate_{path.parent.name}_test --gtest_filter='(\w+)\.\*'", nightly)
        assert any(f"({suite}, " in text for suite in filters), f"{path.name}: no line of the nightly list runs it"
    assert forms >= 5
