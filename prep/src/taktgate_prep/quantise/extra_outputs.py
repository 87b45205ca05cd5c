"""The extra outputs: added to the chosen model, proven to change no logit, and timed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from taktgate_prep.contract.outputs import ExtraOutput
from taktgate_prep.errors import InputError
from taktgate_prep.extra_outputs import extend
from taktgate_prep.model.runtime import open_session
from taktgate_prep.quantise.finish import Finished, finish
from taktgate_prep.quantise.gates import time_ratio
from taktgate_prep.quantise.qdq import write
from taktgate_prep.quantise.stages import Calibration
from taktgate_prep.quantise.trial import Trial
from taktgate_prep.quantise.windows import Windows

_CALIBRATED_ON = 512  # windows
_COMPARED = 256


@dataclass(frozen=True)
class Extended:
    """The model with `outputs`; explained, missing: see extra_outputs.Extended; compared: windows of equal logits;
    time_ratio: against the model without them."""

    finished: Finished
    outputs: tuple[ExtraOutput, ...]
    explained: float | None
    compared: int
    time_ratio: float
    missing: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """For the record, without the time."""
        return {
            "outputs": [output.role for output in self.outputs],
            "class_map_explains": self.explained,
            "windows_with_equal_logits": self.compared,
            "missing": list(self.missing),
        }

    def lines(self) -> Iterator[str]:
        """For people."""
        left = "".join(f"; {text}" for text in self.missing)
        if not self.outputs:
            yield f"extra outputs: none{left}"
            return
        named = ", ".join(f"{output.name} ({' x '.join(map(str, output.shape))})" for output in self.outputs)
        explained = (
            ""
            if self.explained is None
            else f"; the class map explains {100 * max(0.0, self.explained):.0f} % of the logits"
        )
        yield (
            f"extra outputs: {named}{explained}; logits equal on {self.compared} windows; time "
            f"{self.time_ratio:.3f} of the model without{left}"
        )


def add_extra_outputs(chosen: Trial, plain: Finished, calibration: Calibration, validation: Windows) -> Extended:
    """`plain` is the finished model of `chosen`; calibrated on the same draw."""
    windows = calibration.windows.take(calibration.draws[chosen.setting.draw])
    extended = extend(write(chosen.graph, chosen.plan), windows.tensors(_CALIBRATED_ON))
    if not extended.outputs:
        return Extended(plain, (), None, 0, 1.0, extended.missing)
    finished = finish(extended.model, chosen.graph, chosen.plan.left_float)
    compared = _compare(plain.model, finished.model, validation)
    return Extended(
        finished,
        extended.outputs,
        extended.explained,
        compared,
        time_ratio(finished.model, plain.model, validation),
        extended.missing,
    )


def _compare(plain: bytes, extended: bytes, windows: Windows) -> int:
    """How many windows were compared; a different logit is a fault of this program, never let through."""
    sessions = [open_session(model, "quantised model") for model in (plain, extended)]
    name = sessions[0].get_inputs()[0].name
    count = min(_COMPARED, len(windows))
    for i in range(count):
        first, second = (session.run(None, {name: windows.tensor(i)})[0] for session in sessions)
        if first.tobytes() != second.tobytes():
            raise InputError(
                "extra outputs: expected the same logits with and without them, got others on "
                f"validation window {i}: use --extra-outputs none"
            )
    return count
