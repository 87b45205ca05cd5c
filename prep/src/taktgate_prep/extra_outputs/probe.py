"""The linear probe of the class map: ridge regression from pooled features to logits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_RIDGES = tuple(10.0**power for power in range(-4, 3))  # of the mean variance of a feature

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Probe:
    """weights [classes, C] and bias [classes] from features to logits; low, high: range of the maps they give.

    explained: share of the logits' variance that is predicted on windows held back while the ridge was chosen.
    """

    weights: Floats
    bias: Floats
    low: float
    high: float
    explained: float


def fit_probe(features: Floats, logits: Floats) -> Probe:
    """From features [N, C, h, w] to logits [N, classes]; the ridge is the one that predicts every fourth window best
    from the others."""
    pooled = features.mean(axis=(2, 3))
    targets = logits - logits.mean(axis=1, keepdims=True)  # softmax does not see the mean
    held = np.arange(len(pooled)) % 4 == 3
    kept = ~held if held.any() else held == held
    held = held if held.any() else kept
    left, ridge = min(
        (_left(_ridge(pooled[kept], targets[kept], ridge), pooled[held], targets[held]), ridge) for ridge in _RIDGES
    )
    weights, bias = _ridge(pooled, targets, ridge)
    maps = np.einsum("cd,ndhw->nchw", weights, features) + bias[:, None, None]
    return Probe(weights, bias, float(maps.min()), float(maps.max()), 1 - left)


def _ridge(x: Floats, y: Floats, strength: float) -> tuple[Floats, Floats]:
    """Weights [classes, C] and bias [classes]."""
    x_mean, y_mean = x.mean(axis=0), y.mean(axis=0)
    centred = x - x_mean
    gram = centred.T @ centred
    gram[np.diag_indices_from(gram)] += strength * max(1e-12, float(np.trace(gram)) / len(gram))
    weights = np.linalg.solve(gram, centred.T @ (y - y_mean)).T
    return weights, y_mean - weights @ x_mean


def _left(fit: tuple[Floats, Floats], x: Floats, y: Floats) -> float:
    """Share of the variance that is not predicted."""
    weights, bias = fit
    spread = float(((y - y.mean(axis=0)) ** 2).sum())
    return float(((x @ weights.T + bias - y) ** 2).sum()) / max(spread, 1e-12)
