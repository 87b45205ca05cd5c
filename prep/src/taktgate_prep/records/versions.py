"""What made a file: versions for its record."""

from __future__ import annotations

import platform
from importlib import metadata

from taktgate_prep import __version__


def versions() -> dict[str, str]:
    """Of this package, Python and the libraries that matter for the figures."""
    found = {"taktgate-prep": __version__, "python": platform.python_version()}
    for name in ("numpy", "onnx", "onnxruntime", "pillow", "zstandard"):
        found[name] = metadata.version(name)
    found["machine"] = platform.machine()
    return found
