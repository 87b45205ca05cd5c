"""Cutting, drawing and measuring: what a network is shown and how its answers are counted."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.classes import Classes
from taktgate_prep.data.sample import Sample
from taktgate_prep.data.window import load_window
from taktgate_prep.data.window_set import cut_windows
from taktgate_prep.train.draws import Draws, class_shares, steps_per_epoch
from taktgate_prep.train.inputs import make_contract, wants_turns
from taktgate_prep.train.metrics import measure
from taktgate_prep.train.options import TrainOptions

CLASSES = Classes(("good", "a", "b"), (True, False, False))
OPTIONS = TrainOptions(data=Path("list.tsv"), out=Path("model.onnx"), width=32, height=32)


def _sample(
    image: Path,
    window: tuple[int, int, int, int] | None,
    label: str = "good",
    box: tuple[int, int, int, int] | None = None,
) -> Sample:
    return Sample(
        image=image,
        golden=None,
        window=window,
        label=label,
        part="p",
        split="train",
        box=box,
        row=2,
        source="list.tsv",
    )


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "image.png"
    Image.fromarray(np.random.default_rng(3).integers(0, 256, (60, 70), np.uint8)).save(path)
    return path


def test_windows_are_cut_as_the_device_cuts_them(image: Path) -> None:
    samples = [_sample(image, (10, 12, 32, 32)), _sample(image, None), _sample(image, (0, 3, 50, 40), "a")]
    contract = make_contract(OPTIONS, CLASSES, samples)
    windows = cut_windows(samples, contract, CLASSES, lambda done: None)
    assert windows.label.tolist() == [0, 0, 1]
    for i, sample in enumerate(samples):
        np.testing.assert_array_equal(windows.pixels[i], load_window(sample, contract))


@pytest.mark.parametrize(
    ("wish", "from_anywhere", "golden", "turns"),
    [
        ("auto", True, True, True),
        ("auto", False, True, False),  # whole frames: a part that lies the other way round may be wrong
        ("auto", True, False, False),
        ("yes", False, False, True),
        ("no", True, True, False),
    ],
)
def test_turns_are_learned_where_nothing_depends_on_orientation(
    image: Path, wish: str, from_anywhere: bool, golden: bool, turns: bool
) -> None:
    contract = make_contract(OPTIONS, CLASSES, [_sample(image, None)])
    contract = dataclasses.replace(contract, golden=golden)
    assert wants_turns(wish, from_anywhere, contract) is turns


def test_letterbox_is_written_into_the_contract(image: Path) -> None:
    options = dataclasses.replace(OPTIONS, fit="letterbox", width=64)
    samples = [_sample(image, (0, 0, 20, 40))]
    contract = make_contract(options, CLASSES, samples)
    assert Contract.from_dict(contract.to_dict()).fit == "letterbox"
    pixels = cut_windows(samples, contract, CLASSES, lambda done: None).pixels[0]
    assert (pixels[:, :24] == 128).all() and (pixels[:, 40:] == 128).all()  # 16 x 32 in the middle of 64 x 32
    assert make_contract(OPTIONS, CLASSES, samples).fit == "stretch"


def test_channels_follow_the_images(tmp_path: Path) -> None:
    grey = np.random.default_rng(1).integers(0, 256, (40, 40), np.uint8)
    Image.fromarray(np.dstack([grey] * 3)).save(tmp_path / "grey.jpg")
    colour = np.dstack([grey, grey // 2, grey])
    Image.fromarray(colour).save(tmp_path / "colour.png")
    samples = [_sample(tmp_path / "grey.jpg", None)]
    assert make_contract(OPTIONS, CLASSES, samples).channels == "grey"
    samples.append(_sample(tmp_path / "colour.png", None))
    assert make_contract(OPTIONS, CLASSES, samples).channels == "rgb"


def test_draws_give_half_to_the_passing_classes() -> None:
    count = np.array([100, 10, 30])
    assert class_shares(count, CLASSES, "verdict").tolist() == [0.5, 0.25, 0.25]
    assert class_shares(count, CLASSES, "class") == pytest.approx([1 / 3] * 3)
    assert class_shares(count, CLASSES, "off") == pytest.approx([100 / 140, 10 / 140, 30 / 140])
    nothing_passes = Classes(("a", "b", "c"), (False,) * 3)
    assert class_shares(count, nothing_passes, "verdict") == pytest.approx([1 / 3] * 3)


def test_draws_use_up_a_class_before_repeating() -> None:
    label = np.repeat([0, 1, 2], [100, 10, 30])
    draws = Draws(label, CLASSES, "verdict", np.random.default_rng(0))
    drawn = np.concatenate([draws.next(20, 10).ravel() for _ in range(3)])
    assert len(drawn) == 600
    times = np.bincount(drawn, minlength=140)
    for index, share in ((0, 0.5), (1, 0.25), (2, 0.25)):
        own = times[label == index]
        assert own.sum() == pytest.approx(600 * share, abs=6)
        assert own.max() - own.min() <= 1


def test_ten_to_one_is_drawn_evenly() -> None:
    label = np.repeat([0, 1, 2], [500, 50, 50])
    drawn = Draws(label, CLASSES, "verdict", np.random.default_rng(0)).next(64, 40).ravel()
    assert np.bincount(label[drawn]).tolist() == pytest.approx([1280, 640, 640], abs=3)


def test_small_sets_still_get_twenty_steps() -> None:
    assert steps_per_epoch(10, 64) == 20
    assert steps_per_epoch(64 * 100 + 1, 64) == 101


def test_figures_against_hand_counted_answers() -> None:
    logits = np.log(
        np.array(
            [
                [0.6, 0.2, 0.2],  # good, right
                [0.4, 0.3, 0.3],  # good by the largest logit, but rejected: 0.6 >= 0.5
                [0.1, 0.7, 0.2],  # a, right
                [0.2, 0.3, 0.5],  # a, wrong class, right verdict
                [0.8, 0.1, 0.1],  # b, missed
            ],
            np.float32,
        )
    )
    figures = measure(logits, np.array([0, 0, 1, 1, 2]), CLASSES)
    assert (figures.wrong_class, figures.missed, figures.false_rejects) == (2, 1, 1)
    assert figures.accuracy == pytest.approx(0.6)
    assert figures.binary_accuracy == pytest.approx(0.6)
    assert figures.loss == pytest.approx(-np.log([0.6, 0.4, 0.7, 0.3, 0.1]).mean(), rel=1e-6)


def test_verdicts_are_not_counted_where_no_class_passes() -> None:
    figures = measure(np.eye(2, dtype=np.float32), np.array([0, 1]), Classes(("a", "b"), (False, False)))
    assert figures.binary_accuracy is None and figures.missed is None
