"""python -m engines.convert RUNTIME FOLDER: in the environment of that runtime."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

importlib.import_module(f"engines.convert.{sys.argv[1]}").convert(Path(sys.argv[2]))
