"""Mean levels of windows anywhere in an image, by sums over all rectangles from its corner (an integral image)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from taktgate_prep.data.image import Pixels

_ACROSS = 32  # a window is looked at through at least so many of its rows and columns, as far as it has them


class Content:
    """Levels of windows of one size in one image; every n-th row and column is looked at."""

    def __init__(self, pixels: Pixels, size: tuple[int, int]) -> None:
        """`pixels`: uint8 [H, W, C]; `size`: width and height of the windows."""
        self._step = (max(1, size[0] // _ACROSS), max(1, size[1] // _ACROSS))
        thin = pixels[:: self._step[1], :: self._step[0]].astype(np.uint32).sum(axis=2, dtype=np.uint32)
        self._depth = pixels.shape[2]
        # sums of large images wrap around, but their differences, of small windows, come out right
        self._sums = np.zeros((thin.shape[0] + 1, thin.shape[1] + 1), np.uint32)
        self._sums[1:, 1:] = thin.cumsum(axis=0, dtype=np.uint32).cumsum(axis=1, dtype=np.uint32)
        self._size = size

    def levels(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Means [T], 0 to 255, of the windows at `places` [T, 2] (x, y)."""
        across, down = self._step
        left, right = -(-places[:, 0] // across), -(-(places[:, 0] + self._size[0]) // across)
        top, bottom = -(-places[:, 1] // down), -(-(places[:, 1] + self._size[1]) // down)
        sums = self._sums
        total = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        means: npt.NDArray[np.float64] = total / ((right - left) * (bottom - top) * self._depth)
        return means
