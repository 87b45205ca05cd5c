"""OpenVINO for one thread and short latency."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino

from engines.opened import Opened


def open_network(folder: Path, form: str, precision: str = "") -> Opened:
    """form: fp32, int8-performance, int8-mixed, int8-halved; precision: of floats; its own choice may be bf16."""
    settings: dict[str, object] = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": 1,
        "NUM_STREAMS": "1",
        "ENABLE_CPU_PINNING": False,
    }
    if precision:
        settings["INFERENCE_PRECISION_HINT"] = precision
    model = openvino.Core().compile_model(str(folder / f"openvino-{form}.xml"), "CPU", settings)
    request = model.create_infer_request()
    images = np.load(folder / "tensors.npy")
    shown = np.ascontiguousarray(images[:1])
    request.set_input_tensor(openvino.Tensor(shown, shared_memory=True))

    def show(index: int) -> None:
        shown[0] = images[index]

    def run() -> None:
        request.start_async()
        request.wait()

    return Opened(openvino.__version__, show, run, lambda: request.get_output_tensor().data[0].copy())
