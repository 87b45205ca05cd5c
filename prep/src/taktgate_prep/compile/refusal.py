"""Why a model cannot be compiled: one line that names the node."""

from __future__ import annotations

from typing import Any

from taktgate_prep.errors import InputError

ON_ONNX_RUNTIME = ": the release then runs on ONNX Runtime"  # how each refusal ends


class OtherContractError(InputError):
    """The contract speaks of another model: no runtime makes the two a release."""


class UnfitError(Exception):
    """Raised where a node has no place; who walks over the graph adds which node it was."""

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(f"expected {expected}, got {got}")


def refusal(where: str, node: Any, why: UnfitError) -> InputError:
    """The message of a node."""
    return InputError(f"{where}: node {node.name or node.output[0]!r} ({node.op_type}): {why}{ON_ONNX_RUNTIME}")
