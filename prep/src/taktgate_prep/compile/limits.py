"""The limits of the file (docs/int8.md, 4), as the device's reader checks them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from taktgate_prep.compile.network import Kind, Network, Operation, Tensor
from taktgate_prep.compile.refusal import UnfitError

_MOST_SIDE, _MOST_CHANNELS, _MOST_THINGS = 1024, 4096, 4096
_MOST_CODES = 1 << 26  # of a tensor
_MOST_BYTES = 64 << 20
_LARGEST_CODE = 255
_MOST_SUM, _MOST_PRODUCT, _MOST_LOGIT = 2**31, 2**30, 2.0**127


def check(operation: Operation, tensors: Sequence[Tensor]) -> None:
    """Raises UnfitError for sizes that are too large, and for sums that could overflow."""
    result = tensors[operation.result]
    if max(result.height, result.width) > _MOST_SIDE or result.channels > _MOST_CHANNELS:
        raise UnfitError(
            f"sides of at most {_MOST_SIDE} and at most {_MOST_CHANNELS} channels",
            f"{result.height} x {result.width} x {result.channels}",
        )
    codes = result.height * result.width * result.channels
    if codes > _MOST_CODES:
        raise UnfitError(f"at most {_MOST_CODES:,} codes in a tensor", f"{codes:,}")
    if not np.isfinite(operation.multipliers).all():
        raise UnfitError("scales whose quotients are finite", f"multipliers up to {operation.multipliers.max():g}")
    factors = operation.multipliers.astype(np.float64)
    if operation.kind in (Kind.CONV, Kind.DEPTHWISE, Kind.LOGITS):
        sizes = np.abs(operation.weights.astype(np.int64)).reshape(len(operation.weights), -1).sum(axis=1)
        sums = np.abs(operation.biases.astype(np.float64)) + _LARGEST_CODE * sizes
        _bounded(sums, factors, operation.kind == Kind.LOGITS)
    elif operation.kind == Kind.ADD:
        _bounded(np.array([_LARGEST_CODE]), np.array([np.abs(factors).sum()]))
    elif operation.kind == Kind.MEAN:
        source = tensors[operation.first]
        _bounded(np.array([_LARGEST_CODE * source.height * source.width]), factors)
    elif operation.kind == Kind.GATE:
        _bounded(np.array([_LARGEST_CODE**2]), factors)
    elif operation.kind == Kind.SCORES:
        _bounded(np.array([_LARGEST_CODE]), factors, floats=True)


def check_window(kernel: Sequence[int], stride: Sequence[int], pads: Sequence[int]) -> None:
    """pads: at the top and left, or on all sides."""
    sides = [*kernel] * (len(pads) // len(kernel))
    fits = {*kernel} <= {1, 3, 5, 7} and {*stride} <= {1, 2}
    if not fits or any(pad >= side for pad, side in zip(pads, sides, strict=True)):
        raise UnfitError(
            "a kernel of 1, 3, 5 or 7, a stride of 1 or 2, pads below the kernel",
            f"kernel {list(kernel)}, strides {list(stride)}, pads {list(pads)}",
        )


def check_count(things: int) -> None:
    """Of tensors, operations or extra outputs."""
    if things > _MOST_THINGS:
        raise UnfitError(f"at most {_MOST_THINGS} tensors, operations and extra outputs", str(things))


def check_whole(network: Network, size: int) -> None:
    """Raises UnfitError for counts and a file that are too large."""
    for count in (len(network.tensors), len(network.operations), len(network.extra_outputs)):
        check_count(count)
    if size > _MOST_BYTES:
        raise UnfitError(f"a file of at most {_MOST_BYTES:,} bytes", f"{size:,}")


def _bounded(
    sums: npt.NDArray[np.float64] | npt.NDArray[np.int64], factors: npt.NDArray[np.float64], floats: bool = False
) -> None:
    if sums.max() >= _MOST_SUM:
        raise UnfitError("sums that fit into 32 bits", f"sums up to {sums.max():.0f} in channel {sums.argmax()}")
    products = sums * np.abs(factors)
    if floats and products.max() >= _MOST_LOGIT:
        raise UnfitError("logits that are finite", f"up to {products.max():g} in channel {products.argmax()}")
    if not floats and products.max() >= _MOST_PRODUCT:
        raise UnfitError(
            "results below 2^30 steps",
            f"up to {products.max():g} in channel {products.argmax()}: the steps of the result are too fine",
        )
