"""The running average of the weights: steadier than the weights of any one step."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

_SPAN = 0.1  # share of the run that the average reaches back
_EVERY = 4  # steps


class Average:
    """Follows `net`; call `follow` after every step and `settle` before the average is used."""

    def __init__(self, net: nn.Module, steps: int) -> None:
        self.net = copy.deepcopy(net)
        for parameter in self.net.parameters():
            parameter.requires_grad_(False)
        self._norms = [each for each in self.net.modules() if type(each) is nn.BatchNorm2d]
        self._keep = max(0.0, 1.0 - _EVERY / max(1.0, _SPAN * steps))
        self._step = 0

    def follow(self, net: nn.Module) -> None:
        """Takes in the weights after one more step."""
        self._step += 1
        if self._step % _EVERY:
            return
        times = self._step // _EVERY
        keep = min(self._keep, times / (9 + times))  # short runs forget the random start too
        for old, new in zip(self.net.parameters(), net.parameters(), strict=True):
            old.lerp_(new.detach(), 1.0 - keep)

    def state(self) -> dict[str, Any]:
        """What `restore` goes on from."""
        return {"net": self.net.state_dict(), "step": self._step}

    def restore(self, state: dict[str, Any]) -> None:
        """Back to where `state` was taken."""
        self.net.load_state_dict(state["net"])
        self._step = int(state["step"])

    def settle(self, batches: Iterable[torch.Tensor]) -> None:
        """Measures the statistics of the batch norms anew: those gathered on the way belong to older weights."""
        if not self._norms:
            return
        for norm in self._norms:
            norm.reset_running_stats()
            norm.momentum = None  # a plain mean over the batches
        self.net.train()
        with torch.no_grad():
            for x in batches:
                self.net(x)
        self.net.eval()
