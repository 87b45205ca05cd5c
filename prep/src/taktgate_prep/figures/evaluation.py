"""What a model gets right: figures with intervals, two models paired, as plain JSON values."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import zstandard

from taktgate_prep.contract.contract import Contract
from taktgate_prep.contract.judge import Thresholds, WindowVerdict, judge_window
from taktgate_prep.data.pixels import pixels
from taktgate_prep.data.sample import Sample
from taktgate_prep.data.window import to_tensor
from taktgate_prep.engine.deciding import Decider
from taktgate_prep.errors import InputError
from taktgate_prep.figures.statistics import clopper_pearson, lower_bound, mcnemar_exact, paired_loss_interval
from taktgate_prep.model.model_file import Model
from taktgate_prep.terminal.progress import Progress

ZSTD_LEVEL = 19
LARGEST_TABLE = 64  # labels of a confusion table
MODEL_KEYS = ("fp32", "int8", "model")  # of a report: two models, or one


@dataclass(frozen=True)
class Answers:
    """One model's answers in the order of the samples; logits float32 [N, labels]."""

    logits: npt.NDArray[np.float32]
    verdicts: tuple[WindowVerdict, ...]


@dataclass(frozen=True)
class Truth:
    """The labels of the samples as indices, and which classes pass."""

    label: npt.NDArray[np.int64]
    passing: tuple[bool, ...]

    @property
    def judged(self) -> bool:
        """Whether good and defect can be told apart: some class passes, and not every one."""
        return any(self.passing) and not all(self.passing)


def labelled(samples: Sequence[Sample], split: str, data: Path) -> list[Sample]:
    """The samples that figures can be made of; `data`: where they are from."""
    kept = [sample for sample in samples if sample.label is not None]
    if not kept:
        mend = (
            "put them into folders train/CLASS, val/CLASS and test/CLASS, or make a list with a column split"
            if data.is_dir()
            else "choose another --split or label the list"
        )
        raise InputError(
            f"{data}: expected labelled samples of split {split}, got "
            f"{'none with a label' if samples else 'none'}: {mend}"
        )
    return kept


def answer(
    deciders: Sequence[Decider],
    contract: Contract,
    samples: Sequence[Sample],
    thresholds: Thresholds,
    progress: Progress,
) -> tuple[list[Answers], str]:
    """Runs every model on every window; also returns the digest of the windows' tensors."""
    logits = [np.full((len(samples), len(contract.labels)), np.nan, np.float32) for _ in deciders]
    sha = hashlib.sha256()
    for rows, windows in pixels(samples, contract, "evaluate", progress):
        for k, i in enumerate(rows):
            sha.update(f"{i}\t{samples[i].label}\n".encode())
            sha.update(to_tensor(windows[k : k + 1], contract).tobytes())
        for table, decider in zip(logits, deciders, strict=True):
            table[rows] = decider.logits(windows)
    answers = [
        Answers(table, tuple(judge_window(row, contract.passing, thresholds) for row in table.tolist()))
        for table in logits
    ]
    return answers, sha.hexdigest()


def figures(answers: Answers, truth: Truth, names: Sequence[str]) -> dict[str, Any]:
    """Accuracy by verdict, by class and by largest logit, recall by class and by verdict, confusion (rows truth,
    columns class; of many labels the pairs that were confused)."""
    count = len(truth.label)
    classes = np.array([verdict.class_index for verdict in answers.verdicts], np.int64)
    confusion = np.zeros((len(names), len(names)), np.int64)
    np.add.at(confusion, (truth.label[classes >= 0], classes[classes >= 0]), 1)
    result: dict[str, Any] = {"classes": _share(int((classes == truth.label).sum()), count)}
    if truth.judged:
        good = np.array(truth.passing)[truth.label]
        right, right_by_class = binary_right(answers, truth), argmax_right(answers, truth)
        result["binary"] = _share(int(right.sum()), count)
        result["binary_by_class"] = _share(int(right_by_class.sum()), count)
        result["missed"] = int((~right & ~good).sum())
        result["false_rejects"] = int((~right & good).sum())
        result["defects"], result["good"] = int((~good).sum()), int(good.sum())
    else:
        result.update(dict.fromkeys(("binary", "binary_by_class", "missed", "false_rejects")))
    result["verdicts"] = dict(sorted(Counter(verdict.verdict for verdict in answers.verdicts).items()))
    result["non_finite"] = int((classes < 0).sum())
    totals = [int((truth.label == i).sum()) for i in range(len(names))]
    result["recall"] = [
        {"label": name, **_recall(int(confusion[i, i]), total)}
        for i, (name, total) in enumerate(zip(names, totals, strict=True))
    ]
    if truth.judged:
        for i, entry in enumerate(result["recall"]):
            entry["by_verdict"] = _recall(int((right & (truth.label == i)).sum()), totals[i])
    result.update(_confusion(confusion, names))
    return result


def _confusion(counts: npt.NDArray[np.int64], names: Sequence[str]) -> dict[str, Any]:
    """A table of 1000 labels is nothing to read, and larger than a certificate may be."""
    if len(names) <= LARGEST_TABLE:
        return {"confusion": counts.tolist()}
    wrong = counts - np.diag(np.diag(counts))
    pairs = sorted(zip(*np.nonzero(wrong), strict=True), key=lambda pair: (-wrong[pair], pair))
    confused = [{"label": names[i], "class": names[j], "windows": int(wrong[i, j])} for i, j in pairs]
    return {"confusion": None, "confused": confused}


def compare(first: Answers, second: Answers, truth: Truth) -> dict[str, Any]:
    """What the second model loses against the first on the same windows."""
    classes = [np.array([verdict.class_index for verdict in answers.verdicts]) for answers in (first, second)]
    result: dict[str, Any] = {"classes": _paired(classes[0] == truth.label, classes[1] == truth.label)}
    if truth.judged:
        result["binary"] = _paired(binary_right(first, truth), binary_right(second, truth))
        result["binary_by_class"] = _paired(argmax_right(first, truth), argmax_right(second, truth))
    result["same_class"] = int((classes[0] == classes[1]).sum())
    result["same_verdict"] = sum(a.verdict == b.verdict for a, b in zip(first.verdicts, second.verdicts, strict=True))
    difference = np.abs(first.logits - second.logits)
    result["largest_logit_difference"] = float(np.nanmax(difference)) if np.isfinite(difference).any() else None
    result["methods"] = {"p": "exact McNemar, two-sided", "interval": "score, Tango 1998"}
    return result


def binary_right(answers: Answers, truth: Truth) -> npt.NDArray[np.bool_]:
    """By verdict: a good part that passes, a defect that does not."""
    passed = np.array([verdict.verdict == "pass" for verdict in answers.verdicts])
    return np.asarray(passed == np.array(truth.passing)[truth.label])


def argmax_right(answers: Answers, truth: Truth) -> npt.NDArray[np.bool_]:
    """By the largest logit alone: a passing class for a good part, another for a defect."""
    passing = np.array([*truth.passing, False])  # the last one for class -1
    classes = np.array([verdict.class_index for verdict in answers.verdicts])
    return np.asarray(passing[classes] == np.array(truth.passing)[truth.label])


def sizes(model: Model) -> dict[str, Any]:
    """Bytes of the file, and compressed as in a bundle."""
    packed = zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(model.disk_bytes())
    return {"bytes": model.file_bytes, "zstd_bytes": len(packed), "sha256": model.file_sha256}


def _share(hits: int, count: int) -> dict[str, Any]:
    return {
        "right": hits,
        "wrong": count - hits,
        "count": count,
        "value": hits / count if count else None,
        "interval95": _list(clopper_pearson(hits, count)),
    }


def _recall(hits: int, count: int) -> dict[str, Any]:
    return {**_share(hits, count), "lower95": lower_bound(hits, count) if count else None}


def _paired(first: npt.NDArray[np.bool_], second: npt.NDArray[np.bool_]) -> dict[str, Any]:
    lost, won, count = int((first & ~second).sum()), int((~first & second).sum()), len(first)
    interval = paired_loss_interval(lost, won, count)
    return {
        "lost": lost,
        "won": won,
        "p": mcnemar_exact(lost, won),
        "loss_points": 100 * (lost - won) / count,
        "interval95_points": None if interval is None else [100 * end for end in interval],
    }


def _list(pair: tuple[float, float] | None) -> list[float] | None:
    return None if pair is None else list(pair)
