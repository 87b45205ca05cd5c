"""LiteRT with XNNPACK, which it uses by itself. An INT8 network gets and gives INT8."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from engines.opened import Opened


def open_network(folder: Path, form: str) -> Opened:
    """form: fp32, int8-as-is, int8-rewritten."""
    interpreter = Interpreter(str(folder / f"litert-{form}.tflite"), num_threads=1)
    interpreter.allocate_tensors()
    images = np.load(folder / "tensors.npy").transpose(0, 2, 3, 1)
    given, made = interpreter.get_input_details()[0], interpreter.get_output_details()[0]

    def show(index: int) -> None:
        image = images[index : index + 1]
        if given["dtype"] == np.int8:
            scale, zero_point = given["quantization"]
            image = np.rint(image / scale + zero_point).clip(-128, 127).astype(np.int8)
        interpreter.set_tensor(given["index"], np.ascontiguousarray(image))

    def logits() -> np.ndarray:
        codes = interpreter.get_tensor(made["index"])[0]
        if made["dtype"] != np.int8:
            return np.asarray(codes)
        scale, zero_point = made["quantization"]
        return np.asarray((codes.astype(np.float32) - zero_point) * scale)

    return Opened(version("ai-edge-litert"), show, interpreter.invoke, logits)
