"""What the tests share; the built programs are called through `program.py`."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the root of the working tree."""
    return Path(__file__).resolve().parent.parent
