"""One set of types for the options of all commands."""

from __future__ import annotations

import argparse

import pytest
from certified import call

from taktgate_prep.terminal import option_types

DATA = ("--data", "d.tsv")
COMMANDS = (
    ("train", *DATA, "--out", "m.onnx"),
    ("quantise", "m.onnx", *DATA, "--out", "o.onnx"),
    ("thresholds", "m.onnx", *DATA, "--out", "t.json"),
    ("evaluate", "m.onnx", *DATA),
    ("pack", "m.onnx", *DATA, "--out", "o.tgb"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=[command[0] for command in COMMANDS])
@pytest.mark.parametrize("value", ["0", "1", "-0.1", "nan", "inf"])
def test_val_share_has_one_rule(command: tuple[str, ...], value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        call(*command, f"--val-share={value}")
    assert ended.value.code == 2
    said = f"argument --val-share: expected more than 0 and less than 1, got {value}"
    assert capsys.readouterr().err.endswith(f"{said}\n")


@pytest.mark.parametrize("command", COMMANDS, ids=[command[0] for command in COMMANDS])
def test_val_share_between_0_and_1_is_taken(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert call(*command, "--val-share", "0.01") == 1  # nothing lies there, but the option is right
    assert "val-share" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (option_types.whole(4, 9), "4", 4),
        (option_types.whole(4, 9), "9", 9),
        (option_types.positive, "1", 1),
        (option_types.seed, "0", 0),
        (option_types.share, "0", 0.0),
        (option_types.share, "1", 1.0),
        (option_types.number(90, 100), "99.9", 99.9),
        (option_types.above_zero, "1e-9", 1e-9),
        (option_types.inner_share, "0.999", 0.999),
        (option_types.cost, "50:1", (50.0, 1.0)),
        (option_types.size, "64", (64, 64)),
        (option_types.size, "96x32", (96, 32)),
    ],
)
def test_what_is_inside_is_taken(read: object, text: str, value: object) -> None:
    assert callable(read) and read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (option_types.whole(4, 9), "3", "expected 4 to 9, got 3"),
        (option_types.whole(4, 9), "10", "expected 4 to 9"),
        (option_types.whole(4, 9), "4.0", "expected a whole number, got '4.0'"),
        (option_types.seed, "-1", "expected 0 to"),
        (option_types.share, "1.01", "expected 0 to 1, got 1.01"),
        (option_types.share, "nan", "expected 0 to 1, got nan"),
        (option_types.share, "half", "expected a number, got 'half'"),
        (option_types.above_zero, "0", "above 0, got 0"),
        (option_types.above_zero, "inf", "above 0, got inf"),
        (option_types.cost, "3", "expected MISS:REJECT as 50:1"),
        (option_types.cost, "0:1", "expected two numbers above 0"),
        (option_types.size, "31", "expected 32 to 320 pixels"),
        (option_types.size, "64x321", "expected 32 to 320 pixels"),
        (option_types.size, "6 4", "expected N or WxH"),
    ],
)
def test_what_is_outside_is_refused(read: object, text: str, said: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=said):
        assert callable(read) and read(text)
