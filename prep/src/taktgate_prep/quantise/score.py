"""How well an INT8 model stands in for its float one on windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx

from taktgate_prep.contract.judge import Thresholds, judge_window
from taktgate_prep.engine.deciding import Runtime, open_decider, open_engine
from taktgate_prep.figures.statistics import paired_loss_interval
from taktgate_prep.model.model_file import Model
from taktgate_prep.model.runtime import open_session, run_one
from taktgate_prep.quantise.plan import Floats
from taktgate_prep.quantise.windows import Windows, on_all_cores

Right = npt.NDArray[np.bool_]
_WINDOWS_OF_A_THREAD = 512  # fewer take less time than loading the network once more


@dataclass(frozen=True)
class Validation:
    """The windows a setting is chosen on; labels: class index or -1 for a window without a label, [N]."""

    windows: Windows
    labels: npt.NDArray[np.int64]

    @property
    def labelled(self) -> int:
        """Windows that can be lost or won."""
        return int((self.labels >= 0).sum())

    def right(self, logits: npt.NDArray[np.float32]) -> Right:
        """For every labelled window whether it is judged right: by verdict at a score of one half where classes pass
        and others do not, else by its class."""
        passing = self.windows.contract.passing
        rows = np.flatnonzero(self.labels >= 0)
        labels = self.labels[rows]
        if not any(passing) or all(passing):
            return np.asarray(logits[rows].argmax(axis=1) == labels)
        verdicts = [judge_window(row, passing, Thresholds()).verdict for row in logits[rows].tolist()]
        passed = np.array([verdict == "pass" for verdict in verdicts], bool)
        return np.asarray(passed == np.array(passing)[labels])


@dataclass(frozen=True)
class Paired:
    """Windows that turn from right to wrong (lost) and from wrong to right (won), of `count`."""

    lost: int
    won: int
    count: int

    @property
    def points(self) -> float | None:
        """The net loss in per cent of the windows; None without any."""
        return 100 * (self.lost - self.won) / self.count if self.count else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Its 95 % interval in points (Tango, Stat. Med. 1998)."""
        ends = paired_loss_interval(self.lost, self.won, self.count)
        return None if ends is None else (100 * ends[0], 100 * ends[1])


def pair(first: Right, second: Right) -> Paired:
    """What `second` loses and wins against `first`."""
    return Paired(int((first & ~second).sum()), int((~first & second).sum()), len(first))


def logits_of(model: bytes, where: str, windows: Windows) -> npt.NDArray[np.float32]:
    """[N, classes] of ONNX Runtime, batch 1."""
    session = open_session(model, where)
    return np.stack(on_all_cores(lambda i: run_one(session, windows.tensor(i)), len(windows)))


def decided(model: onnx.ModelProto, where: str, windows: Windows) -> tuple[npt.NDArray[np.float32], Runtime]:
    """The logits [N, classes] of an INT8 model by what decides with it on the unit, and what that is."""
    decider = open_decider(Model(model, Path(where), 0, "", ()), replace(windows.contract, extra_outputs=()))
    if decider.compiled is None:
        logits = on_all_cores(lambda i: decider.logits(windows.pixels[i : i + 1]), len(windows))
        return np.concatenate(logits), decider.runtime
    network, parts = decider.compiled, np.array_split(windows.pixels, 1 + len(windows) // _WINDOWS_OF_A_THREAD)

    def of_part(i: int) -> npt.NDArray[np.float32]:  # an engine is for one thread; the first part has the decider's
        return decider.logits(parts[0]) if i == 0 else open_engine(network, where).run(parts[i]).logits

    return np.concatenate(on_all_cores(of_part, len(parts))), decider.runtime


def decibel(wanted: npt.NDArray[np.float32] | Floats, came: npt.NDArray[np.float32] | Floats) -> float:
    """Signal-to-noise ratio 10 log10(sum wanted^2 / sum (came - wanted)^2); 200 for no difference worth the name."""
    signal = float(np.square(wanted, dtype=np.float64).sum())
    noise = float(np.square(np.subtract(came, wanted, dtype=np.float64)).sum())
    if not np.isfinite(noise):
        return -200.0
    return float(np.clip(10 * np.log10(max(signal, 1e-300) / max(noise, 1e-300)), -200, 200))


def label_indices(labels: Sequence[str | None], names: Sequence[str]) -> npt.NDArray[np.int64]:
    """-1 where there is no label."""
    index = {name: i for i, name in enumerate(names)}
    return np.array([-1 if label is None else index[label] for label in labels], np.int64)
