"""ONNX Runtime: all optimisations, no spinning threads, input and output bound once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort

from engines.opened import Opened


def open_network(folder: Path, form: str, exact: str = "") -> Opened:
    """form: fp32, int8-8, ...; exact: without 16-bit sums that saturate on CPUs without VNNI."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if exact:
        options.add_session_config_entry("session.x64quantprecision", "1")
    session = ort.InferenceSession(str(folder / f"{form}.onnx"), options, providers=["CPUExecutionProvider"])
    images = np.load(folder / "tensors.npy")
    shown = np.ascontiguousarray(images[:1])
    logits = np.zeros((1, np.load(folder / "reference.npy").shape[1]), np.float32)
    binding = session.io_binding()
    binding.bind_input("input", "cpu", 0, np.float32, shown.shape, shown.ctypes.data)
    binding.bind_output("logits", "cpu", 0, np.float32, logits.shape, logits.ctypes.data)

    def show(index: int) -> None:
        shown[0] = images[index]

    return Opened(ort.__version__, show, lambda: session.run_with_iobinding(binding), lambda: logits[0].copy())
