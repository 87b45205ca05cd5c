"""The contract file and the way from pixels to the tensor."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nets import contract_for
from PIL import Image

from taktgate_prep.contract.contract import Contract, contract_path
from taktgate_prep.data.sample import Sample
from taktgate_prep.data.window import load_window, to_tensor
from taktgate_prep.errors import InputError

GOOD = {
    "schema": 1,
    "input": {
        "name": "input",
        "width": 64,
        "height": 48,
        "channels": "rgb",
        "golden": True,
        "resize": "bilinear",
        "fit": "letterbox",
        "scale": [1.0, 2.0, 3, 0.5],
        "offset": [0.0, -1.0, 0, 1e-3],
    },
    "outputs": [
        {"name": "logits", "role": "logits"},
        {"name": "map", "role": "class_map", "height": 5, "width": 7, "scale": 0.5, "zero_point": 128},
        {"name": "pooled", "role": "embedding", "size": 576, "scale": 0.25, "zero_point": 0},
    ],
    "labels": [{"name": "good", "pass": True}, {"name": "bad", "pass": False}],
}


def test_round_trip(tmp_path: Path) -> None:
    contract = Contract.from_dict(GOOD)
    contract.save(tmp_path / "c.json")
    assert Contract.load(tmp_path / "c.json") == contract
    assert contract.to_dict() == GOOD
    assert (contract.channels_total, contract.label_names, contract.passing) == (4, ("good", "bad"), (True, False))
    assert [(output.role, output.shape) for output in contract.extra_outputs] == [
        ("class_map", (5, 7)),
        ("embedding", (576,)),
    ]


def test_a_contract_without_fit_stretches() -> None:
    assert Contract.from_dict(changed("input.fit", None)).fit == "stretch"


def changed(path: str, value: Any) -> dict[str, Any]:
    document: Any = copy.deepcopy(GOOD)
    at = document
    *parents, last = path.split(".")
    for key in parents:
        at = at[int(key)] if key.isdigit() else at[key]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("schema", 2, "schema: expected a whole number from 1 to 1"),
        ("extra", 1, "expected no other key, got 'extra'"),
        ("labels", None, "expected the key 'labels'"),
        ("input.width", 31, "input.width: expected a whole number from 32 to 320, got 31"),
        ("input.width", 64.0, "input.width: expected a whole number"),
        ("input.width", True, "input.width: expected a whole number"),
        ("input.height", 321, "input.height: expected a whole number from 32 to 320"),
        ("input.channels", "bgr", "expected grey or rgb"),
        ("input.golden", 1, "expected true or false"),
        ("input.resize", "cubic", "expected area or bilinear or antialias"),
        ("input.scale", [1.0, 1.0, 1.0], "expected 4 numbers, one per tensor channel, got 3 numbers"),
        ("input.offset", [0.0, 0.0, 0.0, "0"], "offset[3]: expected a finite number"),
        ("input.scale", [1e39, 1.0, 1.0, 1.0], "fit float32"),
        ("input.mean", 1, "expected no other key, got 'mean'"),
        ("input.fit", "crop", 'input.fit: expected stretch or letterbox, got "crop"'),
        ("outputs", [], "expected a list of 1 to 4 entries"),
        ("outputs.0.role", "boxes", "role: expected logits"),
        ("outputs.0.size", 2, "expected no other key, got 'size'"),
        ("outputs.1.scale", 0, "outputs[1].scale: expected a number above 0"),
        ("outputs.1.zero_point", 256, "zero_point: expected a whole number from 0 to 255"),
        ("outputs.2.size", None, "expected the key 'size'"),
        ("outputs.2.name", "map", "names of their own"),
        (
            "outputs",
            [{"name": "pooled", "role": "embedding", "size": 576, "scale": 0.25, "zero_point": 0}],
            "expected the role logits once",
        ),
        ("labels", [{"name": "good", "pass": True}], "expected a list of 2 to 1000 entries, got 1 entries"),
        ("labels.1.name", "good", "expected every name once"),
        ("labels.1.pass", "no", "expected true or false"),
        ("labels.0.name", "", "expected text of 1 to 128"),
    ],
)
def test_refuses(path: str, value: Any, said: str) -> None:
    with pytest.raises(InputError) as error:
        Contract.from_dict(changed(path, value))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'{"schema": 1, "schema": 1}', "'schema' twice"),
        (b'{"schema": NaN}', "NaN"),
        (b"{", "a mistake at line 1"),
        (b"[" * 100_000, "nesting of at most 8"),
        (b"\xff", "UTF-8"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b" " * (1 << 21), "at most 1048576 bytes"),
        (b'{"schema": 1e999}', "schema: expected a whole number"),
    ],
)
def test_refuses_bad_json(tmp_path: Path, text: bytes, said: str) -> None:
    (tmp_path / "c.json").write_bytes(text)
    with pytest.raises(InputError) as error:
        Contract.load(tmp_path / "c.json")
    assert said in str(error.value)
    assert str(error.value).startswith(str(tmp_path))


def test_contract_travels_with_the_model(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"m\.int8\.contract\.json or m\.contract\.json beside it"):
        contract_path(tmp_path / "m.int8.onnx")
    (tmp_path / "m.contract.json").write_text("{}")
    assert contract_path(tmp_path / "m.int8.onnx").name == "m.contract.json"
    (tmp_path / "m.int8.contract.json").write_text("{}")
    assert contract_path(tmp_path / "m.int8.onnx").name == "m.int8.contract.json"
    assert contract_path(tmp_path / "m.onnx", tmp_path / "x.json").name == "x.json"


def sample(image: Path, golden: Path | None = None, window: tuple[int, int, int, int] | None = None) -> Sample:
    return Sample(image, golden, window, None, "p", "test", None, 7, "list.tsv")


def test_grey_from_colour_and_golden_channel(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    colour = rng.integers(0, 256, (40, 50, 3), dtype=np.uint8)
    grey = rng.integers(0, 256, (40, 50), dtype=np.uint8)
    Image.fromarray(colour).save(tmp_path / "c.png")
    Image.fromarray(grey).save(tmp_path / "g.png")
    row = sample(tmp_path / "c.png", tmp_path / "g.png", (5, 3, 32, 32))
    pixels = load_window(row, contract_for("grey", True))
    wide = colour.astype(int)[3:35, 5:37]
    expected = (19595 * wide[..., 0] + 38470 * wide[..., 1] + 7471 * wide[..., 2] + 32768) >> 16
    np.testing.assert_array_equal(pixels[..., 0], expected)
    np.testing.assert_array_equal(pixels[..., 1], grey[3:35, 5:37])
    pixels = load_window(row, contract_for("rgb", True))
    np.testing.assert_array_equal(pixels[..., :3], colour[3:35, 5:37])
    pixels = load_window(sample(tmp_path / "g.png", None, (0, 0, 32, 32)), contract_for("rgb", False))
    np.testing.assert_array_equal(pixels, np.repeat(grey[:32, :32, None], 3, axis=2))


def test_whole_image_is_the_window_of_a_frame(tmp_path: Path) -> None:
    Image.fromarray(np.full((70, 90), 33, np.uint8)).save(tmp_path / "a.png")
    pixels = load_window(sample(tmp_path / "a.png"), contract_for("grey", False))
    assert pixels.shape == (32, 32, 1)
    assert np.unique(pixels).tolist() == [33]


def test_window_and_golden_errors_name_the_row(tmp_path: Path) -> None:
    for name, shape in (("a.png", (40, 50)), ("b.png", (40, 51))):
        Image.fromarray(np.zeros(shape, np.uint8)).save(tmp_path / name)
    plain, golden = contract_for("grey", False), contract_for("grey", True)
    with pytest.raises(InputError, match=r"row 7: a\.png: expected a window inside the image of 50 x 40 px"):
        load_window(sample(tmp_path / "a.png", window=(19, 9, 32, 32)), plain)
    with pytest.raises(InputError, match="row 7: expected a golden image, which the contract wants"):
        load_window(sample(tmp_path / "a.png"), golden)
    with pytest.raises(InputError, match="expected a golden image of 50 x 40 px like its image, got 51 x 40"):
        load_window(sample(tmp_path / "a.png", tmp_path / "b.png"), golden)
    with pytest.raises(InputError, match="row 7"):
        load_window(sample(tmp_path / "none.png"), plain)


def test_tensor_is_rounded_once_from_double() -> None:
    contract = replace(contract_for("grey", True), scale=(1 / 127.5, 0.017), offset=(-1.0, -2.117903930131004))
    levels = np.arange(256, dtype=np.uint8)
    pixels = np.stack([levels, levels[::-1]], axis=1).reshape(1, 16, 16, 2)
    tensor = to_tensor(pixels, contract)
    assert tensor.dtype == np.float32
    assert tensor.shape == (1, 2, 16, 16)
    for level in range(256):
        assert tensor[0, 0].reshape(-1)[level] == np.float32(float(level) * (1 / 127.5) + -1.0)
        assert tensor[0, 1].reshape(-1)[level] == np.float32(float(255 - level) * 0.017 + -2.117903930131004)
    assert json.dumps(contract.to_dict())


@pytest.mark.parametrize(
    ("window", "inner"),
    [
        ((0, 0, 90, 30), (64, 21)),
        ((5, 5, 20, 60), (16, 48)),
        ((0, 0, 64, 48), (64, 48)),
        ((0, 0, 90, 1), (64, 1)),
    ],
)
def test_letterbox_keeps_the_aspect(tmp_path: Path, window: tuple[int, int, int, int], inner: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 100, (70, 90, 3)).astype(np.uint8)
    Image.fromarray(image).save(tmp_path / "i.png")
    sample = Sample(tmp_path / "i.png", None, window, None, "i", None, None, 1, "list")
    boxed = replace(contract_for("rgb", golden=False), width=64, height=48, fit="letterbox")
    pixels = load_window(sample, boxed)
    left, top = (64 - inner[0]) // 2, (48 - inner[1]) // 2
    picture = pixels[top : top + inner[1], left : left + inner[0]]
    small = load_window(sample, replace(boxed, width=inner[0], height=inner[1], fit="stretch"))
    assert np.array_equal(picture, small)
    around = np.ones((48, 64), bool)
    around[top : top + inner[1], left : left + inner[0]] = False
    assert (pixels[around] == 128).all()
