"""The networks that are compared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "build" / "bench-engines"


@dataclass(frozen=True)
class Network:
    """A MobileNetV3 of torchvision's shape; arch: small or large."""

    name: str
    arch: str
    side: int
    channels: int
    labels: int

    @property
    def folder(self) -> Path:
        """Where its forms are."""
        return FOLDER / self.name


NETWORKS = (
    Network("small-64x64x2", "small", 64, 2, 4),
    Network("small-160", "small", 160, 3, 1000),
    Network("small-224", "small", 224, 3, 1000),
    Network("large-224", "large", 224, 3, 1000),
)


def named(names: str) -> list[Network]:
    """Those of a list with commas."""
    known = {network.name: network for network in NETWORKS}
    unknown = sorted(set(names.split(",")) - set(known))
    if unknown:
        raise SystemExit(f"[engines] expected networks of {', '.join(known)}, got {', '.join(unknown)}")
    return [known[name] for name in names.split(",")]
