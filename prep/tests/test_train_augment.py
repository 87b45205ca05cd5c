"""Augmentation changes what a line changes, and nothing else; needs torch."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (optional extra [train])")

from taktgate_prep.train import augment  # noqa: E402

SIZES = [(32, 32), (64, 64), (48, 96), (320, 200)]


def _rng() -> np.random.Generator:
    return np.random.default_rng(4)


@pytest.mark.parametrize("size", SIZES)
def test_constant_images_stay_constant_when_moved_or_blurred(size: tuple[int, int]) -> None:
    images = torch.full((8, 3, *size), 77.0)
    for change in (augment.askew, augment.blur):
        assert torch.allclose(change(images, _rng()), images, atol=1e-3)
    assert torch.allclose(augment.misfit(images[:, :1], _rng()), images[:, :1], atol=1e-3)


@pytest.mark.parametrize("size", SIZES)
def test_a_dot_moves_by_no_more_than_shift_and_turn_allow(size: tuple[int, int]) -> None:
    height, width = size
    y, x = height // 4, width // 4
    images = torch.zeros(64, 1, height, width)
    images[:, :, y - 1 : y + 2, x - 1 : x + 2] = 255.0
    moved = augment.askew(images, _rng())[:, 0].numpy()
    rows, columns = np.mgrid[:height, :width]
    mass = moved.sum(axis=(1, 2))
    way = np.hypot((moved * rows).sum(axis=(1, 2)) / mass - y, (moved * columns).sum(axis=(1, 2)) / mass - x)
    limit = augment.SHIFT * np.hypot(height, width) + (augment.TURN + augment.ZOOM) * np.hypot(height, width) / 4
    assert way.max() <= limit + 0.5
    assert way.mean() > 0.2 * limit
    assert np.allclose(mass, 9 * 255.0, rtol=0.25)  # nothing is stretched, in non-square images neither


def test_golden_image_moves_by_less_than_a_pixel_and_keeps_its_light() -> None:
    ramp = torch.arange(64.0).repeat(200, 1, 64, 1)
    way = (augment.misfit(ramp, _rng()) - ramp)[:, 0, :, 8:-8].mean(dim=(1, 2)).abs()
    assert 0 < float(way.max()) <= 64 * augment.MISFIT + 0.01
    share = float((way > 1e-3).float().mean())
    assert share == pytest.approx(augment.MISFIT_SHARE, abs=0.1)


def test_light_stays_within_its_strengths() -> None:
    light = augment.Light(_rng())
    images = torch.full((256, 1, 32, 32), 100.0)
    lit = light.apply(images, _rng())
    assert float(images.min()) == float(images.max()) == 100.0  # the given one is not changed
    means = lit.mean(dim=(1, 2, 3))
    assert float((means - 100.0).abs().max()) < 100.0 * augment.GAIN + augment.OFFSET + 1.0
    assert float(means.std()) > 3.0
    assert 0.0 < float(lit.std(dim=(1, 2, 3)).max()) < augment.NOISE * 1.2
    assert float(light.apply(torch.full((8, 3, 32, 32), 255.0), _rng()).max()) <= 255.0


def test_blur_softens_some_images_and_keeps_their_mean() -> None:
    images = torch.from_numpy(np.random.default_rng(0).uniform(0, 255, (200, 2, 40, 40)).astype(np.float32))
    soft = augment.blur(images, _rng())
    changed = (soft != images).any(dim=3).any(dim=2).any(dim=1)
    assert float(changed.float().mean()) == pytest.approx(augment.BLUR_SHARE, abs=0.1)
    assert (soft.std(dim=(1, 2, 3))[changed] < images.std(dim=(1, 2, 3))[changed]).all()
    assert torch.allclose(soft.mean(dim=(1, 2, 3)), images.mean(dim=(1, 2, 3)), atol=1.0)
