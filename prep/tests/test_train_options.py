"""Options of `taktgate-prep train`, and what happens without torch."""

import argparse
import sys
from pathlib import Path

import pytest

from taktgate_prep.errors import InputError
from taktgate_prep.train import TrainOptions, add_parser
from taktgate_prep.train.arguments import from_args
from taktgate_prep.train.run import run


def test_missing_torch_is_one_clear_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(InputError, match="apt-get install python3-torch python3-torchvision"):
        run(TrainOptions(data=tmp_path, out=tmp_path / "m.onnx"))


def _parse(*words: str) -> TrainOptions:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    return from_args(parser.parse_args(["train", "--data", "d", "--out", "m.onnx", *words]))


def test_options_are_understood() -> None:
    assert _parse().good is None
    assert _parse("--good", "none").good == ()
    assert _parse("--good", "a", "--good", "b").good == ("a", "b")
    options = _parse("--size", "96x64", "--time-limit", "2.5", "--from", "c.pt", "--turns", "no")
    assert (options.width, options.height, options.time_limit, options.turns) == (96, 64, 2.5, "no")
    assert options.start == Path("c.pt")
    options = _parse("--fit", "letterbox", "--resume", "--bad-images", "skip")
    assert (options.fit, options.resume, options.bad_images, options.turns) == ("letterbox", True, "skip", "auto")


@pytest.mark.parametrize(
    "words",
    [
        ("--size", "31"),
        ("--size", "321"),
        ("--size", "6 4"),
        ("--size", "64x"),
        ("--epochs", "0"),
        ("--lr", "nan"),
        ("--lr", "-1"),
        ("--batch", "1"),
        ("--arch", "huge"),
        ("--val-share", "1"),
        ("--seed", "-1"),
        ("--turns", "maybe"),
        ("--fit", "crop"),
    ],
)
def test_wrong_options_are_refused(words: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        _parse(*words)
    assert exit_info.value.code == 2
    assert words[0] in capsys.readouterr().err
