"""What is compared: a row for each runtime and form."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engines.networks import ROOT

OURS, PEERS = ROOT / ".deps" / "python" / "bin" / "python", ROOT / ".deps" / "peers" / "bin" / "python"
TO_BEAT = "LiteRT INT8, hard-swish rewritten"
OURS_SETS = ("avx512-vnni", "avx-vnni", "avx2", "neon-i8mm", "neon-dot", "neon")  # fastest first


@dataclass(frozen=True)
class Row:
    """name: for people; python: of the environment that has the runtime; peak: which of the core's peaks bounds it."""

    name: str
    runtime: str
    python: Path
    peak: str
    options: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


def peers(best: str) -> list[Row]:
    """best: the peak that any INT8 runtime could reach here."""
    avx2 = {"ONEDNN_MAX_CPU_ISA": "AVX2"}  # OpenVINO's own switch; the others have none
    rows = [
        (TO_BEAT, "litert", {"form": "int8-rewritten"}, {}),
        ("LiteRT INT8, as converted", "litert", {"form": "int8-as-is"}, {}),
        ("LiteRT FP32", "litert", {"form": "fp32"}, {}),
        ("OpenVINO INT8, NNCF performance", "openvino", {"form": "int8-performance"}, {}),
        ("OpenVINO INT8, NNCF mixed", "openvino", {"form": "int8-mixed"}, {}),
        ("OpenVINO FP32, its own choice", "openvino", {"form": "fp32"}, {}),
        ("OpenVINO FP32, true", "openvino", {"form": "fp32", "precision": "f32"}, {}),
        ("OpenVINO INT8, NNCF without overflow, AVX2", "openvino", {"form": "int8-halved"}, avx2),
        ("OpenVINO FP32, true, AVX2", "openvino", {"form": "fp32", "precision": "f32"}, avx2),
        ("ONNX Runtime INT8", "onnxruntime", {"form": "int8-8"}, {}),
        ("ONNX Runtime INT8, exact", "onnxruntime", {"form": "int8-8", "exact": "yes"}, {}),
        ("ONNX Runtime INT8, integer gates", "onnxruntime", {"form": "int8-gates"}, {}),
        ("ONNX Runtime FP32", "onnxruntime", {"form": "fp32"}, {}),
        ("ncnn FP32", "ncnn", {}, {}),
    ]
    return [Row(name, runtime, PEERS, best, options, environment) for name, runtime, options, environment in rows]


def ours(sets: list[str]) -> list[Row]:
    """Each set of kernels that this CPU has; where 8 bits of the weights need other kernels than 7, both."""
    rows = [Row(f"taktgate, {name}", "taktgate", OURS, name, {"bits": "7", "instruction_set": name}) for name in sets]
    other = [name for name in ("avx2", "neon") if name in sets]
    options = [{"bits": "8", "instruction_set": name} for name in other]
    return rows + [
        Row(f"taktgate, {name}, 8-bit weights", "taktgate", OURS, f"{name}, 8 bits", given)
        for name, given in zip(other, options, strict=True)
    ]


def peaks(program: Path) -> dict[str, float]:
    """What the core was seen to do with each set that it has, in multiplications and additions a second."""
    done = subprocess.run([program], capture_output=True, text=True, check=True)
    return {name: float(value) for name, value in json.loads(done.stdout).items()}
