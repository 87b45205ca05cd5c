"""ONNX Runtime as the device uses it: one thread, all optimisations, batch 1.

The only place that makes a session (tests too): one made with other options answers otherwise on some CPUs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from taktgate_prep.errors import InputError
from taktgate_prep.files.whole import write_atomic

_ERRORS_ONLY = 3
_IN_NODE = re.compile(r"while running (\w+) node\. Name:'([^']*)' Status Message: (.*)")


class Session:
    """A model that is run; what ONNX Runtime refuses on the way becomes an InputError. Threads: any."""

    def __init__(self, inner: ort.InferenceSession, where: str) -> None:
        self._inner, self._where = inner, where
        self.get_inputs, self.get_outputs = inner.get_inputs, inner.get_outputs

    def run(self, names: Sequence[str] | None, feed: Mapping[str, npt.NDArray[Any]]) -> list[Any]:
        """The outputs of these names, or all."""
        try:
            return list(self._inner.run(names, feed))
        except Exception as error:  # its exception types share no other base
            remedy = "export it again; if that does not help, without this operator"
            raise _refused(self._where, error, remedy) from None


def open_session(
    model: bytes, where: str = "model", save_optimised: Path | None = None, *, only_fold: bool = False
) -> Session:
    """A session of the CPU provider; what ONNX Runtime refuses becomes an InputError.

    With `only_fold` it fuses nothing: what is saved has standard operators only.
    """
    options = ort.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY + 1  # its errors come as exceptions too
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    level = ort.GraphOptimizationLevel
    options.graph_optimization_level = level.ORT_ENABLE_BASIC if only_fold else level.ORT_ENABLE_ALL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.add_session_config_entry("session.x64quantprecision", "1")  # or U8S8 saturates without VNNI
    if save_optimised is not None:
        options.optimized_model_filepath = str(save_optimised)
    try:
        return Session(ort.InferenceSession(model, options, providers=["CPUExecutionProvider"]), where)
    except Exception as error:  # its exception types share no other base
        if save_optimised is not None:
            _check_room(save_optimised, model)
        raise _refused(where, error, "export it again with standard operators") from None


def run_one(session: Session, tensor: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Logits of one tensor [1, C, H, W]."""
    logits = session.run(None, {session.get_inputs()[0].name: tensor})[0]
    return np.asarray(logits, np.float32).reshape(-1)


def first_line(error: BaseException) -> str:
    """An error of a library as one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:300]


def _check_room(place: Path, model: bytes) -> None:
    """ONNX Runtime does not say that a disk is full."""
    try:
        write_atomic(place, model)
    except InputError as error:
        raise InputError(f"{error} (of working files: TMPDIR)") from None


def _refused(where: str, error: Exception, remedy: str) -> InputError:
    """With the operator, where ONNX Runtime names it."""
    said = first_line(error)
    node = _IN_NODE.search(said)
    came = f"in {node[1]} ({node[2]!r}): {node[3]}" if node else said
    return InputError(f"{where}: expected a model that ONNX Runtime {ort.__version__} can run, got: {came}: {remedy}")
