"""Training windows cut anew: from real images, with the list's boxes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data import memory
from taktgate_prep.data.classes import Classes
from taktgate_prep.data.sample import Box, Sample
from taktgate_prep.data.window import load_window
from taktgate_prep.train.content import Content
from taktgate_prep.train.inputs import make_contract
from taktgate_prep.train.options import TrainOptions
from taktgate_prep.train.pictures import Pictures, check_marks
from taktgate_prep.train.places import overlap
from taktgate_prep.train.plans import Marks
from taktgate_prep.train.trainset import CONTENT, TrainSet

CLASSES = Classes(("good", "a", "b"), (True, False, False))
OPTIONS = TrainOptions(data=Path("list.tsv"), out=Path("model.onnx"), width=32, height=32)
DEFECT, OTHER, MARK = (40, 40, 10, 8), (90, 30, 12, 12), (20, 100, 20, 20)


@pytest.fixture
def board(tmp_path: Path) -> Path:
    """An image of 160 x 140 px, dark on the left and bright on the right, and its golden image."""
    golden = np.full((140, 160), 60, np.uint8)
    golden[:, 80:] = 200
    Image.fromarray(golden).save(tmp_path / "golden.png")
    noise = np.random.default_rng(1).integers(0, 5, golden.shape, np.uint8)
    Image.fromarray(golden + noise).save(tmp_path / "image.png")
    return tmp_path


def _sample(board: Path, window: Box | None, label: str | None = "good", box: Box | None = None) -> Sample:
    return Sample(
        image=board / "image.png",
        golden=board / "golden.png",
        window=window,
        label=label,
        part="p",
        split="train",
        box=box,
        row=1,
        source="list.tsv",
    )


def _rows(board: Path) -> list[Sample]:
    return [
        _sample(board, (30, 30, 32, 32), "a", DEFECT),
        _sample(board, (100, 90, 32, 32)),
        _sample(board, (80, 20, 32, 32), "b", OTHER),
        _sample(board, None, None, MARK),
    ]


def _contract(samples: list[Sample], options: TrainOptions = OPTIONS) -> Contract:
    return make_contract(options, CLASSES, [sample for sample in samples if sample.label])


def _train_set(samples: list[Sample], classes: Classes = CLASSES, options: TrainOptions = OPTIONS) -> TrainSet:
    labelled = [sample for sample in samples if sample.label]
    return TrainSet(labelled, Marks(samples, classes), _contract(samples, options), classes, lambda done, count: None)


def test_good_windows_are_drawn_from_free_places_with_the_content_of_a_defect_window(board: Path) -> None:
    windows = _train_set(_rows(board))
    golden = np.asarray(Image.open(board / "golden.png")).astype(float)
    levels = windows.levels(1)
    assert levels == pytest.approx([60.0, 200.0], abs=1)  # those of the two defect windows
    rng = np.random.default_rng(0)
    dark = bright = 0
    places = [windows.place(1, rng) for _ in range(300)]
    for x, y, w, h in places:
        assert not any(overlap((x, y, w, h), box) for box in (DEFECT, OTHER, MARK))
        mean = golden[y : y + h, x : x + w].mean()
        assert min(abs(mean - level) for level in levels) <= CONTENT + 8  # it looks at every other row and column
        dark, bright = dark + (mean < 130), bright + (mean > 130)
    assert dark > 60 and bright > 60 and len(set(places)) > 100


def test_defect_windows_are_cut_anew_around_their_box(board: Path) -> None:
    windows = _train_set(_rows(board))
    rng = np.random.default_rng(0)
    places = {windows.place(0, rng) for _ in range(200)}
    assert len(places) > 30
    for x, y, w, h in places:
        assert x < DEFECT[0] and y < DEFECT[1] and x + w > DEFECT[0] + DEFECT[2] and y + h > DEFECT[1] + DEFECT[3]
    pixels = np.dstack([np.asarray(Image.open(board / name)) for name in ("image.png", "golden.png")])
    x, y, w, h = windows.place(0, np.random.default_rng(5))
    np.testing.assert_array_equal(windows.cut(np.array([0]), np.random.default_rng(5))[0], pixels[y : y + h, x : x + w])


def test_recipe_windows_stay_near_their_place(board: Path) -> None:
    rows = _rows(board)
    Image.open(board / "image.png").save(board / "second.png")
    rows.append(replace(rows[1], image=board / "second.png"))  # the same place of another image
    assert _train_set(_rows(board)).from_anywhere()
    windows = _train_set(rows)
    assert not windows.from_anywhere()
    rng = np.random.default_rng(0)
    for _ in range(100):
        x, y, _, _ = windows.place(1, rng)
        assert abs(x - 100) <= 1 and abs(y - 90) <= 1


@pytest.mark.parametrize("change", ["two kinds of good", "a defect without a box", "no boxes at all"])
def test_good_windows_are_not_drawn_where_defects_or_kinds_are_not_known(board: Path, change: str) -> None:
    rows, classes = _rows(board), CLASSES
    if change == "two kinds of good":
        classes = Classes(("good", "a", "b"), (True, True, False))
    if change == "a defect without a box":
        rows[2] = replace(rows[2], box=None)
    if change == "no boxes at all":
        rows = [replace(row, box=None) for row in rows[:3]]
    windows = _train_set(rows, classes)
    rng = np.random.default_rng(0)
    places = [windows.place(1, rng) for _ in range(100)]
    reach = 4 if change == "two kinds of good" else 1
    assert max(abs(x - 100) for x, _, _, _ in places) == reach
    assert bool(windows.still[1]) == (reach == 1)


def test_frames_and_windows_of_another_size_are_what_the_device_sees(board: Path) -> None:
    rows = [_sample(board, None), _sample(board, (0, 0, 160, 140), "a", DEFECT)]
    options = replace(OPTIONS, width=48, height=32, fit="letterbox")
    windows = _train_set(rows, options=options)
    assert windows.still.tolist() == [True, False] and not windows.from_anywhere()
    cut = windows.cut(np.array([1, 0, 1]), np.random.default_rng(0))
    for k, i in enumerate((1, 0, 1)):
        np.testing.assert_array_equal(cut[k], load_window(rows[i], _contract(rows, options)))
    assert cut.shape == (3, 32, 48, 2) and (cut[0][:, 0] == 128).all()  # grey beside the narrower image


def test_digest_tells_other_pixels_and_other_boxes(board: Path) -> None:
    rows = _rows(board)
    before = _train_set(rows).digest()
    assert _train_set(rows).digest() == before
    assert _train_set(rows[:3]).digest() != before  # the mark is gone
    pixels = np.array(Image.open(board / "image.png"))
    pixels[139, 0] += 1  # in no window
    Image.fromarray(pixels).save(board / "image.png")
    assert _train_set(rows).digest() != before


def test_images_that_do_not_fit_into_memory_lie_in_a_file(board: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = _rows(board)
    want = _train_set(rows).cut(np.array([0, 1, 2]), np.random.default_rng(0))
    monkeypatch.setattr(memory, "_free_bytes", lambda: 0)
    windows = _train_set(rows)
    assert isinstance(windows.shown(0).base, np.memmap)
    np.testing.assert_array_equal(windows.cut(np.array([0, 1, 2]), np.random.default_rng(0)), want)


@pytest.mark.parametrize("size", [(20, 30), (64, 64), (150, 97)])
def test_content_is_the_mean_of_a_window(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    pixels[:, 100:] //= 2
    places = np.array([[0, 0], [150, 103], [37, 51], [300 - size[0], 200 - size[1]]])
    got = Content(pixels, size).levels(places)
    for (x, y), mean in zip(places, got, strict=True):
        assert mean == pytest.approx(pixels[y : y + size[1], x : x + size[0]].mean(), abs=4)


def test_pictures_stand_as_viewers_show_them(board: Path) -> None:
    """Stored on its side with an orientation tag: windows and boxes of the list mean the upright picture."""
    sample = _sample(board, (110, 90, 32, 32), "a", (128, 100, 30, 10))  # beyond the width as stored
    contract = _contract([sample])
    upright = Pictures([sample], contract, lambda done, count: None)
    tag = Image.Exif()
    tag[0x0112] = 6
    for name in ("image.png", "golden.png"):
        with Image.open(board / name) as image:
            turned = image.transpose(Image.Transpose.ROTATE_90)
        turned.save(board / name, exif=tag)
    shown = Pictures([sample], contract, lambda done, count: None)
    np.testing.assert_array_equal(shown.of(sample), upright.of(sample))
    check_marks([replace(sample, label=None)], [sample])
    assert shown.digest() == upright.digest()


@pytest.mark.parametrize("fit", ["stretch", "letterbox"])
def test_a_batch_is_cut_like_its_windows_one_by_one(board: Path, fit: str) -> None:
    """Windows of three sizes and a whole frame, in any order."""
    rows = [
        *_rows(board),
        _sample(board, (10, 10, 48, 24), "a", (20, 12, 6, 6)),
        _sample(board, (90, 60, 20, 60)),
        _sample(board, None, "b"),
    ]
    windows = _train_set(rows, options=replace(OPTIONS, fit=fit))
    index = np.array([3, 0, 4, 5, 1, 2, 3, 0])
    one_by_one, at_once = (np.random.default_rng(7) for _ in range(2))
    np.testing.assert_array_equal(
        windows.cut(index, at_once), np.concatenate([windows.cut(index[k : k + 1], one_by_one) for k in range(8)])
    )
    assert at_once.random() == one_by_one.random()


def test_all_turns_of_a_window_come_and_no_other_picture(board: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed (optional extra [train])")
    from taktgate_prep.train.batches import Batches

    windows = _train_set(_rows(board))
    batches = Batches(windows, _contract(_rows(board)), True, np.random.default_rng(0))
    one = np.random.default_rng(1).integers(0, 256, (32, 32, 2)).astype(np.uint8)
    turned = np.stack([one] * 200)
    batches._turn(turned)
    allowed = {np.rot90(side, k).tobytes() for side in (one, one[:, ::-1]) for k in range(4)}
    assert {each.tobytes() for each in turned} == allowed
