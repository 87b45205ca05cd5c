"""A network that INT8 cannot hold, end to end: its layer is left in float where that helps, else nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

import nets
import numpy as np
import onnx
import pytest
from PIL import Image

from taktgate_prep.cli import main
from taktgate_prep.quantise.score import logits_of
from taktgate_prep.quantise.windows import Windows

CONTRACT = nets.contract_for(golden=False)
OUTLIER = 1000.0


def outlier_net(mended: bool, last: np.ndarray, bias: np.ndarray) -> onnx.ModelProto:
    """Stripes across against stripes along. After the first layer one of them is a thousand times as large as the
    other, so that 256 steps hold only one; `mended`: the next layer brings them together again."""
    net = nets.NetBuilder(1, 32, 2)
    kernels = np.zeros((2, 1, 3, 3))
    kernels[0, 0, :, 1], kernels[1, 0, 1, :] = (-OUTLIER, 2 * OUTLIER, -OUTLIER), (-1, 2, -1)
    x = net.op(
        "Conv", ["input", net.weight("w1", kernels), net.weight("b1", np.zeros(2))], kernel_shape=[3, 3], pads=[1] * 4
    )
    x = net.op("HardSwish", [x])
    scale = np.array([1 / OUTLIER, 1.0])
    for i, factors in enumerate((scale, np.ones(2), np.ones(2)) if mended else ()):
        weight = net.weight(f"w2{i}", np.diag(factors).reshape(2, 2, 1, 1))
        x = net.op("Relu", [net.op("Conv", [x, weight, net.weight(f"b2{i}", np.zeros(2))], kernel_shape=[1, 1])])
    scale = np.ones(2) if mended else scale
    x = net.op("Flatten", [net.op("GlobalAveragePool", [x])])
    return net.finish(net.op("Gemm", [x, net.weight("w3", last * scale), net.weight("b3", bias)], transB=1))


def balanced_net(mended: bool, windows: Windows) -> onnx.ModelProto:
    """Both stripes weigh the same, and both classes are as frequent."""
    plain = outlier_net(mended, np.eye(2), np.zeros(2))
    means = logits_of(plain.SerializeToString(), "net", windows)
    last = np.array([[10, -10], [-10, 10]]) / means.std(axis=0)
    return outlier_net(mended, last, -np.median(means @ last.T, axis=0))


@pytest.fixture(scope="module")
def striped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stripes of chance strength both ways."""
    folder = tmp_path_factory.mktemp("stripes")
    rng = np.random.default_rng(3)
    stripes = np.arange(32) % 4 // 2 - 0.5
    strength = rng.uniform(10, 110, (240, 2, 1, 1))
    pixels = 127 + strength[:, 0] * stripes[:, None] + strength[:, 1] * stripes[None, :]
    for i, image in enumerate((pixels + rng.normal(0, 2, pixels.shape)).clip(0, 255).astype(np.uint8)):
        Image.fromarray(image).save(folder / f"{i:03d}.png")
    return folder


def quantise(striped: Path, folder: Path, mended: bool) -> tuple[int, Path]:
    """Labels are the float model's own answers, so that every change is a loss."""
    images = sorted(striped.glob("*.png"))
    windows = Windows(np.stack([np.asarray(Image.open(image))[..., None] for image in images]), CONTRACT)
    model = balanced_net(mended, windows)
    given = nets.write_net(model, folder, CONTRACT)
    logits = logits_of(model.SerializeToString(), "net", windows)
    rows = ["image\tlabel\tpart\tsplit"]
    rows += [
        f"{image.name}\t{('good', 'dot')[int(row.argmax())]}\tp{i}\t{('train', 'val')[i % 2]}"
        for i, (image, row) in enumerate(zip(images, logits, strict=True))
    ]
    (striped / "stripes.tsv").write_text("\n".join(rows) + "\n")
    out = folder / "out.onnx"
    return main(
        [
            "quantise",
            str(given),
            "--data",
            str(striped / "stripes.tsv"),
            "--out",
            str(out),
            "--calibration-samples",
            "48",
        ]
    ), out


def test_the_layer_that_int8_cannot_hold_stays_in_float(
    striped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = quantise(striped, tmp_path, mended=True)
    shown = capsys.readouterr()
    assert code == 0, shown.err
    record = json.loads(out.with_suffix(".quantise.json").read_text())
    assert "/Conv_0" in record["settings"]["left_float"]
    assert "stay in float, since no setting without kept the loss within 0.3 points" in shown.out


def test_a_network_that_nothing_saves_is_refused(
    striped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = quantise(striped, tmp_path, mended=False)
    shown = capsys.readouterr()
    assert code == 1
    assert (
        "expected a setting that loses at most 0.3 points, or one window net where it weighs more, the best of "
        in shown.err
    )
    assert "the layers that cost most" in shown.err and "/Conv_0 (" in shown.err
    assert not out.exists() and not out.with_suffix(".quantise.json").exists()
