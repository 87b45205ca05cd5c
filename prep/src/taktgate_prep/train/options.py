"""What one training run needs to know, and the defaults; no torch here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

EPOCHS, LR = 40, 2e-3
FINETUNE_EPOCHS, FINETUNE_LR = 5, 1e-4


@dataclass(frozen=True)
class TrainOptions:
    """What one training run needs to know; the same options and data give the same model bytes."""

    data: Path
    out: Path
    width: int = 64
    height: int = 64
    arch: str = "small"
    channels: str = "auto"
    golden: str = "auto"
    resize: str = "area"
    fit: str = "stretch"
    bad_images: str = "refuse"
    good: tuple[str, ...] | None = None
    epochs: int = EPOCHS
    patience: int = 15
    batch: int = 64
    lr: float = LR
    weight_decay: float = 0.02
    dropout: float = 0.2
    smoothing: float = 0.02
    balance: str = "verdict"
    turns: str = "auto"
    seed: int = 0
    threads: int = 1
    val_share: float = 0.15
    start: Path | None = None
    time_limit: float | None = None
    resume: bool = False
    finetune_int8: bool = False
