"""Whether a score means what it says: of the windows with a defect score near 0.7, are 70 % defects?"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

_BINS = 10


def reliability(predicted: npt.NDArray[np.float64], happened: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Bins of equal width over `predicted` (0 to 1) with the share that `happened`, and their mean distance (ECE).

    ECE: sum over bins of count / all * |mean predicted - share happened| (Naeini et al., AAAI 2015).
    """
    place = np.minimum((predicted * _BINS).astype(np.int64), _BINS - 1)
    bins = []
    error = 0.0
    for i in range(_BINS):
        here = place == i
        count = int(here.sum())
        mean = float(predicted[here].mean()) if count else None
        share = float(happened[here].mean()) if count else None
        if mean is not None and share is not None:
            error += count / len(predicted) * abs(mean - share)
        bins.append(
            {"from": i / _BINS, "to": (i + 1) / _BINS, "count": count, "mean_score": mean, "share_of_defects": share}
        )
    return {"of": "defect score", "bins": bins, "expected_calibration_error": error if len(predicted) else None}
