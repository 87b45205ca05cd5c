"""What a training run has come to."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import nn

from taktgate_prep.train.metrics import Figures


@dataclass(frozen=True)
class Best:
    """The averaged weights that did best on the validation windows."""

    net: nn.Module
    epoch: int
    figures: Figures


@dataclass
class Outcome:
    """`best`: None where not one epoch was done; `history`: figures of every epoch."""

    best: Best | None = None
    history: list[dict[str, object]] = field(default_factory=list)
    stopped_by: str = "epochs"
