"""Logits against the truth, as the device would judge at thresholds of one half."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from taktgate_prep.data.classes import Classes


@dataclass(frozen=True)
class Figures:
    """Of `count` samples: wrong classes and, where some class passes, wrong verdicts."""

    count: int
    loss: float
    wrong_class: int
    missed: int | None
    false_rejects: int | None

    @property
    def accuracy(self) -> float:
        return 1.0 - self.wrong_class / self.count

    @property
    def binary_accuracy(self) -> float | None:
        if self.missed is None or self.false_rejects is None:
            return None
        return 1.0 - (self.missed + self.false_rejects) / self.count

    def rank(self) -> float:
        """Lower is better: wrong classes and wrong verdicts, and the loss of all samples.

        With few samples the counts alone are luck: one that is nearly wrong counts nearly as much as a wrong one.
        """
        return self.wrong_class + (self.missed or 0) + (self.false_rejects or 0) + self.loss * self.count

    def to_dict(self) -> dict[str, float | int | None]:
        return asdict(self) | {"accuracy": self.accuracy, "binary_accuracy": self.binary_accuracy}

    def text(self) -> str:
        text = f"class {100 * self.accuracy:.2f} %"
        if self.binary_accuracy is not None:
            text += (
                f", verdict {100 * self.binary_accuracy:.2f} % (missed {self.missed}, "
                f"false rejects {self.false_rejects})"
            )
        return text


def measure(logits: npt.NDArray[np.float32], label: npt.NDArray[np.int64], classes: Classes) -> Figures:
    """Compares logits [N, classes] with labels [N]."""
    score = logits.astype(np.float64)
    score -= score.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(score).sum(axis=1))
    loss = float(np.mean(log_sum - score[np.arange(len(label)), label]))
    wrong = int(np.count_nonzero(score.argmax(axis=1) != label))
    passing = np.array(classes.passing)
    if not passing.any():
        return Figures(len(label), loss, wrong, None, None)
    defect = np.exp(score[:, ~passing]).sum(axis=1) / np.exp(log_sum)
    rejected, is_good = defect >= 0.5, passing[label]
    return Figures(
        len(label),
        loss,
        wrong,
        int(np.count_nonzero(~is_good & ~rejected)),
        int(np.count_nonzero(is_good & rejected)),
    )
