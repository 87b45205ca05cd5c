"""OpenVINO: NNCF's post-training quantisation, in its two presets."""

from __future__ import annotations

from pathlib import Path

import nncf
import numpy as np
import openvino
from nncf.quantization.advanced_parameters import OverflowFix

SUBSET = 64  # images that it looks at: all


def convert(folder: Path) -> None:
    """openvino-fp32.xml, openvino-int8-performance.xml, -mixed.xml, and -halved.xml, whose weights are so small that
    nothing saturates on a CPU without VNNI; each with its .bin."""
    model = openvino.convert_model(str(folder / "fp32.onnx"))
    openvino.save_model(model, folder / "openvino-fp32.xml", compress_to_fp16=False)
    seen = nncf.Dataset([row[None] for row in np.load(folder / "calibration.npy")])
    performance, mixed = nncf.QuantizationPreset.PERFORMANCE, nncf.QuantizationPreset.MIXED
    halved = nncf.AdvancedQuantizationParameters(overflow_fix=OverflowFix.ENABLE)
    for form, preset, advanced in (
        ("performance", performance, None),
        ("mixed", mixed, None),
        ("halved", performance, halved),
    ):
        quantised = nncf.quantize(model, seen, preset=preset, subset_size=SUBSET, advanced_parameters=advanced)
        openvino.save_model(quantised, folder / f"openvino-int8-{form}.xml", compress_to_fp16=False)
