"""For every tested window the few reference windows that it may be a copy of.

First by a fingerprint that a small shift does not change: the magnitudes of the lowest frequencies of the window
(under a Hann window, so that borders do not count), whitened with their covariance over the reference windows, so that
what all windows of a set share does not count. Then by the correlation of 16 x 16 block means, tried with shifts of up
to two pixels and mirrored: that says how the copy lies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MARGIN = 2  # pixels that a copy may be moved by
_FREQUENCIES = 16
_DIMENSIONS = 128
_SHRINK = 0.01  # of the mean variance, added to every direction: weak ones are noise
_BLOCKS = 16
_SHORT_LISTS = (8, 4)  # as it is, mirrored
_CHUNK = 512

Floats = npt.NDArray[np.float32]
Grey = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Variant:
    """mirror: (rows, columns) turned round first; dy, dx: then moved, pixels."""

    mirror: tuple[bool, bool]
    dy: int
    dx: int

    def turned(self, windows: Grey) -> Grey:
        """Only the mirroring, of [..., h, w]."""
        return windows[..., :: -1 if self.mirror[0] else 1, :: -1 if self.mirror[1] else 1]


AS_IT_IS = Variant((False, False), 0, 0)
VARIANTS = tuple(
    Variant((False, False), dy, dx) for dy in range(-MARGIN, MARGIN + 1) for dx in range(-MARGIN, MARGIN + 1)
) + tuple(Variant(mirror, 0, 0) for mirror in ((False, True), (True, False), (True, True)))


@dataclass(frozen=True)
class Whitening:
    """(spectrum - mean) @ directions."""

    mean: Floats
    directions: Floats

    @classmethod
    def of(cls, spectra: Floats) -> Whitening:
        """From the spectra of the reference windows."""
        mean = spectra.mean(axis=0)
        centred = (spectra - mean).astype(np.float64)
        values, vectors = np.linalg.eigh(centred.T @ centred / len(spectra))
        values, vectors = np.maximum(values[::-1][:_DIMENSIONS], 0), vectors[:, ::-1][:, :_DIMENSIONS]
        shrink = max(_SHRINK * float(values.mean()), 1e-12)
        return cls(mean, (vectors / np.sqrt(values + shrink)).astype(np.float32))

    def apply(self, spectra: Floats) -> Floats:
        """Unit vectors: their product is the similarity, -1 to 1."""
        return _unit((spectra - self.mean) @ self.directions)


def find(tested: Grey, reference: Grey, count: int) -> tuple[Indices, Indices]:
    """(index into reference, index into VARIANTS), both [tested, at most count], the most similar first."""
    spectra = np.concatenate(
        [_spectra(reference[start : start + _CHUNK]) for start in range(0, len(reference), _CHUNK)]
    )
    whitening = Whitening.of(spectra)
    known, blocks = whitening.apply(spectra), _block_means(reference, AS_IT_IS)
    found = [
        _find_chunk(tested[start : start + _CHUNK], whitening, known, blocks, count)
        for start in range(0, len(tested), _CHUNK)
    ]
    return np.concatenate([index for index, _ in found]), np.concatenate([variant for _, variant in found])


def _find_chunk(
    tested: Grey, whitening: Whitening, known: Floats, blocks: Floats, count: int
) -> tuple[Indices, Indices]:
    lists = [
        _nearest(whitening.apply(_spectra(view)) @ known.T, most)
        for view, most in zip((tested, tested[:, :, ::-1]), _SHORT_LISTS, strict=True)
    ]
    short = np.concatenate(lists, axis=1)
    asked = np.stack([_block_means(tested, variant) for variant in VARIANTS])
    likeness = np.einsum("vcd,ckd->vck", asked, blocks[short], optimize=True)
    variant, best = likeness.argmax(axis=0), likeness.max(axis=0)
    for place in range(1, short.shape[1]):  # the same window in both short lists counts once
        best[(short[:, :place] == short[:, place : place + 1]).any(axis=1), place] = -2
    order = np.argsort(-best, axis=1, kind="stable")[:, : min(count, len(known))]
    return np.take_along_axis(short, order, axis=1), np.take_along_axis(variant, order, axis=1)


def _nearest(similarity: Floats, count: int) -> Indices:
    """The indices of the largest values of each row, in any order."""
    count = min(count, similarity.shape[1])
    return np.asarray(np.argpartition(-similarity, count - 1, axis=1)[:, :count], np.int64)


def _spectra(windows: Grey) -> Floats:
    """Square roots of the magnitudes of the lowest frequencies, one unit vector each."""
    height, width = windows.shape[1:]
    values = windows.astype(np.float32)
    values -= values.mean(axis=(1, 2), keepdims=True)
    taper = np.outer(np.hanning(height + 2)[1:-1], np.hanning(width + 2)[1:-1]).astype(np.float32)
    full = np.fft.rfft2(values * taper)[:, :, :_FREQUENCIES]
    low = np.concatenate([full[:, :_FREQUENCIES], full[:, 1 - _FREQUENCIES :]], axis=1)
    return _unit(np.sqrt(np.abs(low)).reshape(len(windows), -1).astype(np.float32))


def _block_means(windows: Grey, variant: Variant) -> Floats:
    """Means over 16 x 16 blocks of the inner window, as unit vectors without their mean [N, 256]."""
    height, width = windows.shape[1:]
    inner = variant.turned(windows)[
        :, MARGIN + variant.dy : height - MARGIN + variant.dy, MARGIN + variant.dx : width - MARGIN + variant.dx
    ]
    means = inner.astype(np.float32)
    for axis in (1, 2):
        edges = np.arange(_BLOCKS + 1) * means.shape[axis] // _BLOCKS
        sizes = np.diff(edges).astype(np.float32).reshape([-1 if i == axis else 1 for i in range(3)])
        means = np.add.reduceat(means, edges[:-1], axis=axis) / sizes
    return _unit((means - means.mean(axis=(1, 2), keepdims=True)).reshape(len(windows), -1))


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6), np.float32)
