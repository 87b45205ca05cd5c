"""Whether a candidate is the same photo: what of the tested window a reference window does not explain.

Both windows are smoothed over 3 x 3 pixels. The reference window, its first and second derivatives and a constant are
fitted to the tested one by least squares: that takes up brightness, contrast, a shift by part of a pixel and a slight
blur. What is left over is near nothing for the same photo saved again, and at least the noise of two exposures for
another photo of a part that looks the same.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from taktgate_prep.leakage.candidates import MARGIN, Grey, Variant

_AROUND = MARGIN + 2  # pixels left out at the borders: moved by one more than MARGIN, and one of smoothing
_LEAST_GAIN = 0.3
_HOPELESS = 12.0  # grey levels left over before the fit: no fit of parts of a pixel mends that
_JPEG_REST = 0.8  # grey levels that JPEG of quality 85 leaves over, after smoothing
_JPEG_REST_OF_CONTRAST = 0.005  # and, at edges, this part of the contrast
_SURE_REST = 0.5  # so little is left over between copies alone, whatever is usual in a set
_OF_LOOK_ALIKES = 0.75  # a copy explains clearly more than other windows that look like the tested one
_OF_USUAL = 0.65  # and than what is usual in this set

Floats = npt.NDArray[np.float32]


def left_over(tested: Grey, reference: Grey, variants: list[Variant]) -> tuple[npt.NDArray[np.float64], float]:
    """What each of the reference windows [k, h, w] leaves over of the tested one [h, w], and its contrast; grey levels.

    variants: how to look at the tested window for each.
    """
    height, width = tested.shape
    known = _smooth(reference.astype(np.float32))
    places = [slice(_AROUND, size - _AROUND) for size in (height, width)]
    rest = np.empty(len(reference))
    contrast = 0.0
    for i, variant in enumerate(variants):
        turned = _smooth(variant.turned(tested).astype(np.float32)[None])[0]
        view = _best_view(turned, known[i][places[0], places[1]], variant)
        contrast = float(view.std())
        rest[i] = _after_fit(view, known[i], places)
    return rest, contrast


def copies(rest: npt.NDArray[np.float64], contrast: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """For each tested window the candidate that it is a copy of, or -1; rest [N, k] and contrast [N] of `left_over`.

    Usual in a set is what the second best candidates leave over: that stays so even where every window has a copy.
    """
    best = rest.argmin(axis=1)
    least = rest[np.arange(len(rest)), best]
    limit = _JPEG_REST + _JPEG_REST_OF_CONTRAST * contrast
    others = np.sort(rest, axis=1)[:, 1:]
    if others.shape[1] > 1:
        usual = _OF_USUAL * float(np.median(others[:, 0]))
        limit = np.minimum(limit, max(_SURE_REST, usual))
        limit = np.minimum(limit, _OF_LOOK_ALIKES * np.median(others, axis=1))
    return np.asarray(np.where(least <= limit, best, -1), np.int64)


def _best_view(turned: Floats, inner: Floats, variant: Variant) -> Floats:
    """The tested window moved as the variant says, give or take a pixel, for the least difference."""
    height, width = turned.shape
    best: Floats | None = None
    least = np.inf
    centred = inner - inner.mean()
    for dy in range(variant.dy - 1, variant.dy + 2):
        for dx in range(variant.dx - 1, variant.dx + 2):
            view = turned[_AROUND + dy : height - _AROUND + dy, _AROUND + dx : width - _AROUND + dx]
            off = view - view.mean() - centred
            distance = float(np.einsum("ij,ij->", off, off))
            if distance < least:
                best, least = view, distance
    assert best is not None
    return best


def _after_fit(view: Floats, known: Floats, places: list[slice]) -> float:
    """Root mean square of what the fit leaves over, grey levels."""
    inner = known[places[0], places[1]]
    plain = float((view - view.mean() - inner + inner.mean()).std())
    if plain > _HOPELESS + 0.25 * float(view.std()):
        return plain
    down, across = np.gradient(known)
    bent, skew = np.gradient(down)
    parts = [part[places[0], places[1]].ravel() for part in (known, down, across, bent, skew, np.gradient(across)[1])]
    design = np.stack([*parts, np.ones(parts[0].size, np.float32)], axis=1).astype(np.float64)
    wanted = view.ravel().astype(np.float64)
    weights = np.linalg.pinv(design.T @ design, rcond=1e-12, hermitian=True) @ (design.T @ wanted)
    if weights[0] < _LEAST_GAIN:
        return max(plain, float(view.std()))
    return float(np.sqrt(np.mean((design @ weights - wanted) ** 2)))


def _smooth(windows: Floats) -> Floats:
    """Mean over 3 x 3 pixels of [N, h, w]; the border repeats."""
    wide = np.pad(windows, ((0, 0), (1, 1), (1, 1)), mode="edge")
    rows = wide[:, :-2] + wide[:, 1:-1] + wide[:, 2:]
    return np.asarray((rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]) / 9, np.float32)
