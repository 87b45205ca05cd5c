"""Shifts of a window must keep the label true."""

import random

from taktgate_prep.samples import Box
from taktgate_prep.train.shifts import Room, find_room


def test_free_window_has_the_whole_room() -> None:
    assert find_room((50, 50, 64, 64), (64, 64), (200, 200), 2, None, []) == Room(2, 2, 2, 2)


def test_room_ends_at_the_border_of_the_image() -> None:
    assert find_room((0, 1, 64, 64), (64, 64), (64, 200), 2, None, []) == Room(0, 1, 0, 2)


def test_box_stays_inside() -> None:
    # two pixels left of the box, none below: the window may move right by 2, not up
    assert find_room((50, 50, 64, 64), (64, 64), (200, 200), 3, (52, 100, 10, 14), []) == Room(3, 0, 2, 3)


def test_box_that_is_cut_already_is_not_cut_further() -> None:
    assert find_room((50, 50, 64, 64), (64, 64), (200, 200), 2, (40, 60, 20, 20), []) == Room(2, 2, 0, 2)


def test_other_defects_do_not_come_in() -> None:
    assert find_room((50, 50, 64, 64), (64, 64), (200, 200), 2, None, [(115, 60, 5, 5)]) == Room(1, 1, 1, 1)
    assert find_room((50, 50, 64, 64), (64, 64), (200, 200), 2, None, [(114, 60, 5, 5)]) == Room()


def test_room_is_in_tensor_pixels() -> None:
    assert find_room((50, 50, 128, 128), (64, 64), (181, 400), 2, None, []) == Room(2, 2, 1, 2)
    assert Room(2, 2, 1, 2).expand((50, 50, 128, 128), (64, 64)) == (46, 46, 134, 136)


def test_every_shift_within_the_room_is_sound() -> None:
    rng = random.Random(7)
    moved = 0
    for _ in range(2000):
        w, h = rng.randint(20, 90), rng.randint(20, 90)
        image = (rng.randint(w, w + 12), rng.randint(h, h + 12))
        window = (rng.randint(0, image[0] - w), rng.randint(0, image[1] - h), w, h)
        box = _box(rng, window) if rng.random() < 0.7 else None
        foreign = [(rng.randint(0, image[0] - 1), rng.randint(0, image[1] - 1), 1, 1) for _ in range(2)]
        room = find_room(window, (40, 48), image, 3, box, foreign)
        moved += room != Room()
        x, y, gw, gh = room.expand(window, (40, 48))
        assert x >= 0 and y >= 0 and x + gw <= image[0] and y + gh <= image[1]
        for other in foreign:
            assert _holds(window, other) or not _holds((x, y, gw, gh), other)
        if box is not None:
            left, up = window[0] - room.left * w / 40, window[1] - room.up * h / 48
            right, down = window[0] + room.right * w / 40, window[1] + room.down * h / 48
            assert left + w >= box[0] + box[2] and up + h >= box[1] + box[3]
            assert right <= box[0] and down <= box[1]
    assert moved > 500


def _box(rng: random.Random, window: Box) -> Box:
    x, y, w, h = window
    bw, bh = rng.randint(1, w), rng.randint(1, h)
    return rng.randint(x, x + w - bw), rng.randint(y, y + h - bh), bw, bh


def _holds(window: Box, pixel: Box) -> bool:
    return window[0] <= pixel[0] < window[0] + window[2] and window[1] <= pixel[1] < window[1] + window[3]
