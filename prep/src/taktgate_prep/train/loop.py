"""The training loop: one-cycle learning rate, averaged weights, early stop, best weights kept."""

from __future__ import annotations

import copy
import math
import time
from contextlib import closing
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.window_set import WindowSet
from taktgate_prep.errors import InputError
from taktgate_prep.terminal.progress import Progress, Rate, bar, minutes
from taktgate_prep.train.ahead import ahead
from taktgate_prep.train.average import Average
from taktgate_prep.train.batches import Batches, plain_batches
from taktgate_prep.train.draws import Draws, steps_per_epoch
from taktgate_prep.train.fake_int8 import Loss
from taktgate_prep.train.inputs import Inputs
from taktgate_prep.train.metrics import Figures, measure
from taktgate_prep.train.options import TrainOptions
from taktgate_prep.train.outcome import Best, Outcome
from taktgate_prep.train.resume import ResumeFile

_WARM_UP = 0.1  # share of the run in which the learning rate rises
_LAST_LR = 0.005  # of the highest, at the end
_SETTLE_BATCHES = 20  # for the statistics of the averaged network, per epoch


class Trainer:
    """Trains `net` in place; use once.

    spent: seconds of the time limit that are gone already; loss: instead of the cross entropy with the labels.
    """

    def __init__(
        self,
        net: nn.Module,
        inputs: Inputs,
        options: TrainOptions,
        progress: Progress,
        resume: ResumeFile,
        spent: float = 0.0,
        loss: Loss | None = None,
    ) -> None:
        self._rng = np.random.default_rng([options.seed, 1])
        self._net = net.to(memory_format=torch.channels_last)
        self._loss = loss or self._by_labels
        self._inputs, self._options, self._progress, self._resume = inputs, options, progress, resume
        self._batches = Batches(inputs.train, inputs.contract, inputs.turns, self._rng)
        self._draws = Draws(inputs.train.label, inputs.classes, options.balance, self._rng)
        self._steps = steps_per_epoch(len(inputs.train), options.batch)
        self._average = Average(self._net, options.epochs * self._steps)
        self._step = 0
        self._clock = time.monotonic
        self._start = self._clock()
        limit = options.time_limit
        self._allowed = None if limit is None else max(1.0, 60.0 * limit - spent)
        self._optimizer = torch.optim.AdamW(_groups(net, options.weight_decay), lr=options.lr)

    def run(self, outcome: Outcome) -> Outcome:
        """Trains until the epochs, the patience or the time are used up, or Ctrl-C; `outcome` as `go_on` gave it."""
        first = len(outcome.history) + 1
        try:
            for epoch in range(first, self._options.epochs + 1):
                if self._out_of_patience(outcome):
                    outcome.stopped_by = "patience"
                    break
                self._epoch(epoch, outcome)
                if self._out_of_time():
                    outcome.stopped_by = "time limit"
                    break
                self._save(outcome)
        except KeyboardInterrupt:
            outcome.stopped_by = "interrupt"
            if len(outcome.history) > self._resume.epochs:  # between the end of an epoch and its resume file
                self._save(outcome)
        return outcome

    def go_on(self) -> Outcome:
        """Takes up the run of the resume file."""
        tensors, plain = self._resume.load()
        self._net.load_state_dict(tensors["net"])
        self._average.restore(tensors["average"])
        self._optimizer.load_state_dict({**self._optimizer.state_dict(), "state": tensors["optimizer"]})
        torch.set_rng_state(tensors["torch"])
        self._rng.bit_generator.state = plain["generator"]
        self._draws.put_left(plain["left"])
        self._step = int(plain["step"])
        self._start -= float(plain["seconds"])
        best = copy.deepcopy(self._average.net)
        best.load_state_dict(tensors["best"])
        return Outcome(Best(best, int(plain["best_epoch"]), Figures(**plain["best"])), list(plain["history"]))

    def _save(self, outcome: Outcome) -> None:
        best = outcome.best
        assert best is not None
        tensors = {
            "net": self._net.state_dict(),
            "average": self._average.state(),
            "optimizer": self._optimizer.state_dict()["state"],  # its options are those of the command line
            "torch": torch.get_rng_state(),
            "best": best.net.state_dict(),
        }
        plain: dict[str, Any] = {
            "generator": self._rng.bit_generator.state,
            "left": self._draws.left(),
            "step": self._step,
            "seconds": self._clock() - self._start,
            "best": asdict(best.figures),
            "best_epoch": best.epoch,
            "history": outcome.history,
        }
        try:
            self._resume.save(tensors, plain)
        except InputError as error:  # a full disk does not end a training
            self._progress.line(f"this epoch cannot be resumed from: {error}")

    def _epoch(self, epoch: int, outcome: Outcome) -> None:
        start, total, done = self._clock(), 0.0, 0
        rate = Rate(self._steps * self._options.batch)
        self._net.train()
        drawn = self._draws.next(self._options.batch, self._steps)
        with closing(ahead(self._batches.make, drawn)) as batches:
            for batch in batches:
                total += self._train_step(*batch)
                done += 1
                self._progress.status(
                    f"epoch {epoch}/{self._options.epochs} {bar(done / self._steps)} "
                    f"loss {total / done:.4f}, {rate.text(done * self._options.batch)}"
                )
                if self._out_of_time():
                    break
        if not math.isfinite(total):
            raise InputError(f"epoch {epoch}: expected a finite loss, got {total}: use a smaller --lr")
        seconds = self._clock() - start
        with closing(ahead(self._batches.make, drawn[:_SETTLE_BATCHES])) as batches:
            self._average.settle(x for x, _ in batches)
        figures = self._validate()
        better = outcome.best is None or figures.rank() < outcome.best.figures.rank()
        if better:
            outcome.best = Best(copy.deepcopy(self._average.net), epoch, figures)
        outcome.history.append(
            {
                "epoch": epoch,
                "train_loss": total / done,
                "lr": self._rate(),
                "val": figures.to_dict(),
                "seconds": round(seconds, 2),
            }
        )
        self._report(epoch, total / done, done * self._options.batch / seconds, figures, better)

    def _validate(self) -> Figures:
        val = self._inputs.val
        return measure(predict(self._average.net, val, self._inputs.contract), val.label, self._inputs.classes)

    def _train_step(self, x: torch.Tensor, y: torch.Tensor) -> float:
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate()
        self._optimizer.zero_grad(set_to_none=True)
        loss = self._loss(x, self._net(x), y)
        loss.backward()
        self._optimizer.step()
        self._step += 1
        self._average.follow(self._net)
        return float(loss.item())

    def _by_labels(self, x: torch.Tensor, logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        loss: torch.Tensor = functional.cross_entropy(logits, y, label_smoothing=self._options.smoothing)
        return loss

    def _rate(self) -> float:
        return self._options.lr * one_cycle(self._progressed())

    def _progressed(self) -> float:
        share = self._step / (self._options.epochs * self._steps)
        if self._allowed is not None:
            share = max(share, (self._clock() - self._start) / self._allowed)
        return min(1.0, share)

    def _out_of_time(self) -> bool:
        return self._allowed is not None and self._clock() - self._start >= self._allowed

    def _out_of_patience(self, outcome: Outcome) -> bool:
        # before half time the learning rate is too high to tell what a network will come to
        since = max(outcome.best.epoch if outcome.best else 0, self._options.epochs // 2)
        return len(outcome.history) - since >= self._options.patience

    def _report(self, epoch: int, loss: float, speed: float, figures: Figures, better: bool) -> None:
        passed, share = self._clock() - self._start, self._progressed()
        left = passed * (1.0 - share) / max(share, 1e-9)
        self._progress.line(
            f"epoch {epoch:2d}/{self._options.epochs}  train loss {loss:.4f}  val loss {figures.loss:.4f}  "
            f"{figures.text()}  {speed:,.0f}/s  {minutes(left)} left{'  best' if better else ''}"
        )


def one_cycle(share: float) -> float:
    """Share of the highest learning rate at `share` of the run: a rise, then half a cosine."""
    if share < _WARM_UP:
        return max(_LAST_LR, share / _WARM_UP)
    fall = (1.0 + math.cos(math.pi * (share - _WARM_UP) / (1.0 - _WARM_UP))) / 2.0
    return _LAST_LR + (1.0 - _LAST_LR) * fall


def predict(net: nn.Module, windows: WindowSet, contract: Contract) -> npt.NDArray[np.float32]:
    """Logits [N, classes] of the windows as they are."""
    net.eval()
    with torch.no_grad():
        parts = [net(x).numpy() for x in plain_batches(windows, contract)]
    logits: npt.NDArray[np.float32] = np.concatenate(parts)
    return logits


def _groups(net: nn.Module, decay: float) -> list[dict[str, object]]:
    """Weights decay; biases and batch norm do not."""
    parameters = list(net.parameters())
    return [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
