"""The pixels of one sample as the contract wants them, and the tensor of pixels: twins of the device's code."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.image import at, check_box, cut, decoded
from taktgate_prep.data.sample import Sample, place
from taktgate_prep.errors import InputError


def load_window(sample: Sample, contract: Contract) -> npt.NDArray[np.uint8]:
    """The pixels of one sample [height, width, channels_total], golden channel last; whole image without a window."""
    where = place(sample)
    image = decoded(sample.image, contract.channels, where)
    height, width = image.shape[:2]
    if sample.box is not None:
        check_box(sample.box, (width, height), at(where, sample.image))
    window = sample.window or (0, 0, width, height)
    size = (contract.width, contract.height)
    how = (contract.resize, contract.fit)
    pixels = cut(image, window, size, how, at(where, sample.image))
    if not contract.golden:
        return pixels
    if sample.golden is None:
        raise InputError(
            f"{where}: expected a golden image, which the contract wants as a channel, got none: fill the column golden"
        )
    golden = decoded(sample.golden, "grey", where)
    if golden.shape[:2] != (height, width):
        raise InputError(
            f"{where}: expected a golden image of {width} x {height} px like its image, got "
            f"{golden.shape[1]} x {golden.shape[0]} ({sample.golden.name}): use the one of this view"
        )
    reference = cut(golden, window, size, how, at(where, sample.golden))
    return np.concatenate([pixels, reference], axis=2)


def to_tensor(pixels: npt.NDArray[np.uint8], contract: Contract) -> npt.NDArray[np.float32]:
    """uint8 NHWC -> float32 NCHW: pixel * scale + offset in double, rounded once."""
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[3] != contract.channels_total:
        raise ValueError(f"expected uint8 [N, H, W, {contract.channels_total}], got {pixels.dtype} {pixels.shape}")
    levels = np.arange(256, dtype=np.float64)
    tensor = np.empty((pixels.shape[0], pixels.shape[3], *pixels.shape[1:3]), np.float32)
    for channel in range(contract.channels_total):
        product = levels * contract.scale[channel]  # two steps: never a fused multiply-add
        table = (product + contract.offset[channel]).astype(np.float32)
        tensor[:, channel] = table[pixels[..., channel]]
    return tensor
