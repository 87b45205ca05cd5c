"""Fine-tuning for INT8 makes a network that is hard to quantise lose less; needs torch."""

import io
from pathlib import Path

import numpy as np
import pytest
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from PIL import Image

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.load import load_samples
from taktgate_prep.data.sample import select
from taktgate_prep.data.window import load_window, to_tensor
from taktgate_prep.errors import InputError
from taktgate_prep.model.runtime import open_session
from taktgate_prep.terminal.progress import Progress
from taktgate_prep.train import TrainOptions, draws
from taktgate_prep.train.run import run

torch = pytest.importorskip("torch", reason="torch is not installed (optional extra [train])")
pytest.importorskip("torchvision", reason="torchvision is not installed (optional extra [train])")

from taktgate_prep.train import export, fake_int8, network  # noqa: E402


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for split, count in (("train", 60), ("val", 40)):
        for name in ("good", "dot"):
            (folder / split / name).mkdir(parents=True)
            for i in range(count):
                pixels = rng.integers(90, 130, (32, 32)).astype(np.uint8)
                if name == "dot":
                    x, y = rng.integers(4, 22, 2)
                    pixels[y : y + 6, x : x + 6] -= 60
                Image.fromarray(pixels).save(folder / split / name / f"{i}.png")
    return folder


def _options(data: Path, out: Path, **changes: object) -> TrainOptions:
    values: dict[str, object] = {"width": 32, "height": 32, "batch": 32, "threads": 1} | changes
    return TrainOptions(data=data, out=out, **values)  # type: ignore[arg-type]


def _harden(checkpoint: Path) -> None:
    """One channel of two layers becomes 300 times smaller, and the weights after it larger: the same answers.

    Hardly a bit of these weights is left for the other channels.
    """
    content = torch.load(checkpoint)
    state = content["state"]
    for block in ("features.2.block", "features.3.block"):
        for name in ("weight", "bias"):
            state[f"{block}.1.1.{name}"][5] /= 300.0
        state[f"{block}.2.0.weight"][:, 5] *= 300.0
    torch.save(content, checkpoint)


class _Reader(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, tensors: np.ndarray) -> None:  # type: ignore[type-arg]
        self._rest = iter([{"input": one[None]} for one in tensors])

    def get_next(self) -> object:
        return next(self._rest, None)


def _answers(model: Path, tensors: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    session = open_session(model.read_bytes())
    return np.concatenate([session.run(["logits"], {"input": one[None]})[0] for one in tensors])


def _loss(model: Path, wanted: np.ndarray, tensors: np.ndarray) -> float:  # type: ignore[type-arg]
    """Kullback-Leibler divergence of the model in INT8, as ONNX Runtime makes it, from the logits wanted."""
    rounded = model.with_suffix(".int8.onnx")
    quantize_static(
        str(model),
        str(rounded),
        _Reader(tensors),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    sure, got = (
        logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        for logits in (wanted.astype(np.float64), _answers(rounded, tensors).astype(np.float64))
    )
    return float(np.mean(np.sum(np.exp(sure) * (sure - got), axis=1)))


def test_hard_network_loses_less_after_fine_tuning(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "_MIN_STEPS", 20)
    first, after, hard = (tmp_path / name for name in ("first.onnx", "after.onnx", "hard.onnx"))
    assert run(_options(data, first, epochs=3), Progress(io.StringIO())) == 0
    checkpoint = first.with_suffix(".checkpoint.pt")
    _harden(checkpoint)
    contract = Contract.load(first.with_suffix(".contract.json"))
    samples = select(load_samples(data), "val")
    tensors = np.concatenate([to_tensor(load_window(sample, contract)[None], contract) for sample in samples])

    net = network.build("small", 1, 2, 0.0)
    net.load_state_dict(torch.load(checkpoint)["state"])
    hard.write_bytes(export.to_onnx(net, contract))
    wanted = _answers(first, tensors)
    np.testing.assert_allclose(_answers(hard, tensors), wanted, atol=1e-3)

    options = _options(data, after, epochs=8, lr=2e-4, start=checkpoint, finetune_int8=True)
    assert run(options, Progress(io.StringIO())) == 0
    before = _loss(hard, wanted, tensors)
    assert before > 3 * _loss(first, wanted, tensors)  # it is hard indeed
    assert _loss(after, wanted, tensors) < 0.7 * before


def test_rounded_network_answers_nearly_like_the_plain_one_and_has_its_names() -> None:
    torch.manual_seed(0)
    net = network.build("small", 2, 3, 0.0).eval()
    x = torch.randn(16, 2, 32, 32)
    student = fake_int8.imitate(net, [x])
    assert student.state_dict().keys() == net.state_dict().keys()
    with torch.no_grad():
        want, got = net(x), student(x)
    assert 0 < float((got - want).norm()) < 0.3 * float(want.norm())
    fake_int8.distil(net)(x, student(x), torch.zeros(16, dtype=torch.int64)).backward()
    assert float(student.features[0][0].weight.grad.abs().sum()) > 0


@pytest.mark.parametrize("start", [None, "other classes"])
def test_without_a_trained_network_it_is_refused(data: Path, tmp_path: Path, start: str | None) -> None:
    checkpoint = None
    if start is not None:
        checkpoint = tmp_path / "start.pt"
        torch.save(network.build("small", 1, 3, 0.0).state_dict(), checkpoint)
    with pytest.raises(
        InputError, match=r"name it with --from|got those of a network of which 242 of 244 tensors fit: train it first"
    ):
        run(_options(data, tmp_path / "m.onnx", start=checkpoint, finetune_int8=True), Progress(io.StringIO()))
