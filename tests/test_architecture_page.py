"""docs/architecture.md leads a reader from edge to output through files that exist, and few of them."""

from __future__ import annotations

import re
from pathlib import Path


def test_the_way_of_a_part_is_eight_files_at_most(repository: Path) -> None:
    page = (repository / "docs/architecture.md").read_text(encoding="utf-8")
    walk = re.search(r"^The files, in this order:(.*?)\n\n", page, re.M | re.S)
    assert walk is not None
    files = re.findall(r"`([a-z_/]+\.(?:cc|h))`", walk[1])
    assert 4 <= len(files) <= 8
    assert [name for name in files if not (repository / "src" / name).is_file()] == []
    assert files[0] == "station/loop.cc"
