"""A window that is placed anew keeps its label true."""

import random

import numpy as np

from taktgate_prep.data.sample import Box
from taktgate_prep.train.places import JITTER, free_reach, jitter_reach, overlap, touched


def _random_box(rng: random.Random, area: Box) -> Box:
    x, y, w, h = area
    bw, bh = rng.randint(1, w), rng.randint(1, h)
    return rng.randint(x, x + w - bw), rng.randint(y, y + h - bh), bw, bh


def _inside(box: Box, window: Box, margin: int = 0) -> bool:
    return all(
        window[axis] + margin <= box[axis] and box[axis] + box[axis + 2] + margin <= window[axis] + window[axis + 2]
        for axis in (0, 1)
    )


def test_every_jittered_place_keeps_the_box_inside_and_other_boxes_out() -> None:
    rng, draws = random.Random(7), np.random.default_rng(7)
    moved = margins = 0
    for _ in range(1500):
        w, h = rng.randint(20, 120), rng.randint(20, 120)
        image = (rng.randint(w, w + 60), rng.randint(h, h + 60))
        window = (rng.randint(0, image[0] - w), rng.randint(0, image[1] - h), w, h)
        box = _random_box(rng, window)
        others = [_random_box(rng, (0, 0, *image)) for _ in range(3)]
        reach = jitter_reach(window, image, JITTER, box, others)
        for x, y in reach.draw(draws.random((8, 2))).tolist():
            placed = (x, y, w, h)
            moved += placed != window
            assert 0 <= x <= image[0] - w and 0 <= y <= image[1] - h
            assert abs(x - window[0]) <= max(1, round(w / 8)) and abs(y - window[1]) <= max(1, round(h / 8))
            assert _inside(box, placed)
            margins += _inside(box, placed, 1)
            assert not any(overlap(placed, other) for other in others if not overlap(window, other))
    assert moved > 2000 and margins > 2000


def test_free_window_moves_by_an_eighth_each_way() -> None:
    reach = jitter_reach((50, 50, 64, 32), (200, 200), JITTER, None, [])
    assert (reach.low, reach.high) == ((42, 46), (58, 54))
    x = reach.draw(np.random.default_rng(0).random((2000, 2)))[:, 0]
    assert set(x.tolist()) == set(range(42, 59))  # both ends too


def test_margin_is_given_up_where_the_box_fills_the_window() -> None:
    assert jitter_reach((50, 50, 64, 64), (200, 200), JITTER, (50, 51, 64, 62), []).low == (50, 49)


def test_box_that_is_cut_already_is_not_cut_further() -> None:
    reach = jitter_reach((50, 50, 64, 64), (200, 200), JITTER, (40, 60, 20, 20), [])
    assert (reach.low[0], reach.high[0]) == (42, 50)


def test_window_beside_its_box_stays_where_it_is() -> None:
    reach = jitter_reach((50, 50, 64, 64), (200, 200), JITTER, (150, 60, 5, 5), [])
    assert (reach.low[0], reach.high[0]) == (50, 50)


def test_drawn_windows_are_everywhere_but_near_boxes() -> None:
    rng, draws = random.Random(3), np.random.default_rng(3)
    seen = 0
    for _ in range(300):
        image = (rng.randint(100, 300), rng.randint(100, 300))
        window = (0, 0, rng.randint(20, 60), rng.randint(20, 60))
        boxes = [_random_box(rng, (rng.randint(0, 80), rng.randint(0, 80), 20, 20)) for _ in range(3)]
        reach = free_reach(window, image, boxes)
        for x, y in reach.draw(draws.random((32, 2))).tolist():
            seen += 1
            assert 0 <= x <= image[0] - window[2] and 0 <= y <= image[1] - window[3]
            grown = (x - 2, y - 2, window[2] + 4, window[3] + 4)
            assert not any(overlap(grown, box) for box in boxes)
    assert seen > 3000


def test_touching_is_sharing_a_pixel() -> None:
    places = np.array([[0, 0], [1, 0], [20, 5], [19, 5], [10, 14]])
    assert touched(places, (10, 10), np.array([[10, 4, 10, 10]])).tolist() == [False, True, False, True, False]
    assert not touched(places, (10, 10), np.zeros((0, 4), np.int64)).any()
