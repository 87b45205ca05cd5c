"""`taktgate-prep train` from images to files; needs torch."""

import io
import json
import os
import shutil
import unicodedata
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image, ImageDraw

from taktgate_prep.cli import main
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

from taktgate_prep.train.files import read_checkpoint  # noqa: E402  (imports torch)


def _draw(rng: np.random.Generator, dot: bool) -> Image.Image:
    image = Image.new("L", (32, 32), int(rng.integers(20, 60)))
    draw = ImageDraw.Draw(image)
    x, y = (int(v) for v in rng.integers(4, 9, 2))
    draw.rectangle((x, y, x + 18, y + 18), fill=int(rng.integers(150, 200)))
    if dot:
        u, v = (int(t) for t in rng.integers(3, 11, 2))
        draw.rectangle((x + u, y + v, x + u + 4, y + v + 4), fill=40)
    return image


def _make_folder(root: Path, counts: dict[str, int], seed: int = 0) -> Path:
    rng = np.random.default_rng(seed)
    for split, count in counts.items():
        for name in ("good", "dot"):
            folder = root / split / name
            folder.mkdir(parents=True)
            for i in range(count):
                _draw(rng, name == "dot").save(folder / f"{i:03d}.png")
    return root


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _make_folder(tmp_path_factory.mktemp("squares"), {"train": 100, "val": 30, "test": 50})


def _options(data: Path, out: Path, **changes: object) -> TrainOptions:
    values: dict[str, object] = {
        "width": 32,
        "height": 32,
        "batch": 16,
        "epochs": 1,
        "threads": 1,
    } | changes
    return TrainOptions(data=data, out=out, **values)  # type: ignore[arg-type]


def _quiet() -> Progress:
    return Progress(io.StringIO())


@pytest.fixture(scope="module")
def trained(squares: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("trained") / "model.onnx"
    shown = io.StringIO()
    assert run(_options(squares, out, epochs=12, batch=32), Progress(shown)) == 0
    return out, shown.getvalue()


def test_model_tells_squares_with_a_dot_from_those_without(trained: tuple[Path, str], squares: Path) -> None:
    contract = Contract.load(trained[0].with_suffix(".contract.json"))
    assert list(contract.label_names) == ["good", "dot"]
    assert (contract.channels, contract.golden) == ("grey", False)
    session = open_session(trained[0].read_bytes())
    samples = select(load_samples(squares), "test")
    right = 0
    for sample in samples:
        tensor = to_tensor(load_window(sample, contract)[None], contract)
        logits = session.run(["logits"], {"input": tensor})[0]
        right += contract.label_names[int(logits.argmax())] == sample.label
    assert len(samples) == 100
    assert right > 90


def test_onnx_has_the_promised_form(trained: tuple[Path, str]) -> None:
    model = onnx.load(str(trained[0]))
    onnx.checker.check_model(model)
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 17)]
    (given,), (answer,) = model.graph.input, model.graph.output
    assert (given.name, answer.name) == ("input", "logits")
    assert [d.dim_value for d in given.type.tensor_type.shape.dim] == [1, 1, 32, 32]
    assert [d.dim_value for d in answer.type.tensor_type.shape.dim] == [1, 2]
    kinds = [node.op_type for node in model.graph.node]
    assert "BatchNormalization" not in kinds
    assert kinds.count("Conv") == 52 and kinds.count("Gemm") == 2


def test_record_tells_what_was_done(trained: tuple[Path, str]) -> None:
    record = json.loads(trained[0].with_suffix(".train.json").read_text())
    assert record["windows"]["train"]["count"] == 200 and record["windows"]["val"]["count"] == 60
    assert record["options"]["seed"] == 0 and record["options"]["data"] == record["options"]["data"].split("/")[-1]
    assert 1 <= record["best_epoch"] <= len(record["epochs"]) <= 12
    assert record["epochs"][record["best_epoch"] - 1]["val"] == record["val"]
    assert record["counts"]["train"] == {"good": 100, "dot": 100} and record["counts"]["val"]["dot"] == 30
    assert record["turns"] is False
    assert all({"train_loss", "lr", "val"} <= epoch.keys() for epoch in record["epochs"])
    assert record["model"]["bytes"] == trained[0].stat().st_size
    assert {"torch", "numpy", "onnx"} <= set(record["versions"])
    assert sorted(p.name for p in trained[0].parent.iterdir()) == [
        "model.checkpoint.pt",
        "model.contract.json",
        "model.onnx",
        "model.train.json",
    ]


def test_plain_lines_are_shown_where_there_is_no_terminal(trained: tuple[Path, str]) -> None:
    assert "\r" not in trained[1]
    assert "epoch  1/12" in trained[1] and "left" in trained[1] and "best epoch" in trained[1]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return _make_folder(tmp_path / "small", {"train": 8, "val": 4})


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draws, "_MIN_STEPS", 8)
    files = {}
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        out = tmp_path / f"{name}.onnx"
        assert run(_options(small, out, seed=seed), _quiet()) == 0
        files[name] = out.read_bytes()
    assert files["a"] == files["b"]
    assert files["a"] != files["c"]


def test_training_goes_on_from_a_checkpoint(trained: tuple[Path, str], squares: Path, tmp_path: Path) -> None:
    shown = io.StringIO()
    start = trained[0].with_suffix(".checkpoint.pt")
    assert run(_options(squares, tmp_path / "next.onnx", start=start, lr=1e-5), Progress(shown)) == 0
    assert "244 of 244 tensors taken" in shown.getvalue()
    before = json.loads(trained[0].with_suffix(".train.json").read_text())["val"]
    after = json.loads((tmp_path / "next.train.json").read_text())["val"]
    assert after["accuracy"] > before["accuracy"] - 0.1


def test_checkpoint_with_another_channel_and_class_count_is_taken_but_for_the_last_layer(
    trained: tuple[Path, str], tmp_path: Path
) -> None:
    rng = np.random.default_rng(5)
    for name in ("good", "dot", "third"):
        folder = tmp_path / "rgb" / name
        folder.mkdir(parents=True)
        for i in range(8):
            Image.fromarray(rng.integers(0, 256, (32, 32, 3), np.uint8)).save(folder / f"{i}.png")
    shown = io.StringIO()
    start = trained[0].with_suffix(".checkpoint.pt")
    assert run(_options(tmp_path / "rgb", tmp_path / "m.onnx", start=start), Progress(shown)) == 0
    assert "242 of 244 tensors taken" in shown.getvalue()
    assert Contract.load(tmp_path / "m.contract.json").channels == "rgb"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not a checkpoint", "expected a checkpoint of `taktgate-prep train`.*got another file: "),
        (b"", "got an empty file: name"),
        (b"\x08\x08\x12\x07pytorch", "got another file: name the one beside the model"),
        (None, "got none"),
    ],
)
def test_bad_checkpoints_are_refused(small: Path, tmp_path: Path, content: bytes | None, message: str) -> None:
    start = tmp_path / "start.pt"
    if content is not None:
        start.write_bytes(content)
    with pytest.raises(InputError, match=message) as error:
        run(_options(small, tmp_path / "m.onnx", start=start), _quiet())
    assert "weights_only" not in str(error.value) and "\n" not in str(error.value)


def test_a_model_is_no_checkpoint(trained: tuple[Path, str], small: Path, tmp_path: Path) -> None:
    start = tmp_path / "g.onnx"
    start.write_bytes(trained[0].read_bytes())
    with pytest.raises(InputError) as error:
        run(_options(small, tmp_path / "m.onnx", start=start), _quiet())
    assert str(error.value) == (
        f"--from {start}: expected a checkpoint of `taktgate-prep train` (MODEL.checkpoint.pt), got an ONNX model: "
        "name the one beside the model"
    )


def test_foreign_weights_and_another_arch_are_refused(trained: tuple[Path, str], small: Path, tmp_path: Path) -> None:
    torch.save({"weight": torch.zeros(3)}, tmp_path / "foreign.pt")
    with pytest.raises(InputError, match="of which 0 of 244 tensors fit"):
        run(_options(small, tmp_path / "m.onnx", start=tmp_path / "foreign.pt"), _quiet())
    start = trained[0].with_suffix(".checkpoint.pt")
    with pytest.raises(InputError, match="expected weights of --arch large, got 'small'"):
        run(_options(small, tmp_path / "m.onnx", start=start, arch="large"), _quiet())


def test_large_network_and_turns_with_a_golden_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "_MIN_STEPS", 4)
    rng = np.random.default_rng(2)
    rows = ["image\tgolden\tx\ty\tw\th\tlabel\tpart\tsplit"]
    _draw(rng, False).resize((48, 48)).save(tmp_path / "golden.png")
    for i in range(12):
        _draw(rng, i % 2 == 1).resize((48, 48)).save(tmp_path / f"{i}.png")
        split = "val" if i < 4 else "train"
        rows.append(f"{i}.png\tgolden.png\t4\t4\t40\t36\t{'dot' if i % 2 else 'good'}\t{i}\t{split}")
    (tmp_path / "list.tsv").write_text("\n".join(rows) + "\n")
    options = _options(tmp_path / "list.tsv", tmp_path / "m.onnx", arch="large", turns="yes", height=40)
    assert run(options, _quiet()) == 0
    model = onnx.load(str(tmp_path / "m.onnx"))
    assert [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim] == [1, 2, 40, 32]
    assert Contract.load(tmp_path / "m.contract.json").golden


def test_interrupt_keeps_the_best_weights_so_far(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _interrupt_at_step(monkeypatch, 30)  # in the second epoch
    shown = io.StringIO()
    assert run(_options(small, tmp_path / "m.onnx", epochs=5), Progress(shown)) == 130
    assert "interrupted: the best weights so far are kept, those of epoch 1" in shown.getvalue()
    assert "--resume goes on after epoch 1" in shown.getvalue()
    assert onnx.load(str(tmp_path / "m.onnx")).graph.node
    assert json.loads((tmp_path / "m.train.json").read_text())["stopped_by"] == "interrupt"


def test_interrupt_in_the_first_epoch_writes_nothing(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _interrupt_at_step(monkeypatch, 3)
    shown = io.StringIO()
    assert run(_options(small, tmp_path / "m.onnx", epochs=5), Progress(shown)) == 130
    assert "no file written" in shown.getvalue()
    assert [p.name for p in tmp_path.iterdir()] == ["small"]


def _interrupt_at_step(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    from taktgate_prep.train.loop import Trainer

    original, count = Trainer._train_step, [0]

    def train_step(self: Trainer, *batch: object) -> float:
        count[0] += 1
        if count[0] == step:
            raise KeyboardInterrupt
        return original(self, *batch)  # type: ignore[arg-type]

    monkeypatch.setattr(Trainer, "_train_step", train_step)


def test_patience_ends_a_run_that_does_not_get_better(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from taktgate_prep.train import loop

    monkeypatch.setattr(draws, "_MIN_STEPS", 4)
    worse = iter(range(1, 100))
    monkeypatch.setattr(loop, "measure", lambda *_: loop.Figures(4, float(next(worse)), 2, 1, 1))
    assert run(_options(small, tmp_path / "m.onnx", epochs=9, patience=2), _quiet()) == 0
    record = json.loads((tmp_path / "m.train.json").read_text())
    # counted from half time, the fourth epoch
    assert (record["stopped_by"], record["best_epoch"], len(record["epochs"])) == ("patience", 1, 6)


def test_time_limit_ends_a_run_with_a_low_learning_rate(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from taktgate_prep.train.loop import Trainer

    # a clock that is a fixed number of seconds per step on
    original = Trainer.__init__

    def init(self: Trainer, *args: object) -> None:
        original(self, *args)  # type: ignore[arg-type]
        self._clock = lambda: self._start + float(self._step)

    monkeypatch.setattr(Trainer, "__init__", init)
    assert run(_options(small, tmp_path / "m.onnx", epochs=50, time_limit=1.0), _quiet()) == 0
    record = json.loads((tmp_path / "m.train.json").read_text())
    assert record["stopped_by"] == "time limit"
    assert len(record["epochs"]) == 3  # 60 steps of 20
    assert record["epochs"][-1]["lr"] < 0.01 * record["options"]["lr"]


def test_not_finite_loss_is_refused(small: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a finite loss, got nan: use a smaller --lr"):
        run(_options(small, tmp_path / "m.onnx", lr=1e12, epochs=3), _quiet())
    assert [p.name for p in tmp_path.iterdir()] == ["small"]


def test_missing_train_split_is_refused(tmp_path: Path) -> None:
    data = _make_folder(tmp_path / "data", {"test": 3})
    with pytest.raises(InputError, match="train"):
        run(_options(data, tmp_path / "m.onnx"), _quiet())


def test_one_image_is_refused(tmp_path: Path) -> None:
    for name in ("good", "dot"):
        (tmp_path / "data" / "train" / name).mkdir(parents=True)
        _draw(np.random.default_rng(0), False).save(tmp_path / "data" / "train" / name / "0.png")
    with pytest.raises(InputError, match=r"expected at least"):
        run(_options(tmp_path / "data", tmp_path / "m.onnx"), _quiet())


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("m.pt", "ends in .onnx"),
        ("none/m.onnx", "make it first"),
    ],
)
def test_bad_places_are_refused_before_reading(tmp_path: Path, out: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        run(_options(tmp_path / "no-data", tmp_path / out), _quiet())


def test_unreadable_image_is_named_and_left_out_where_that_is_asked(small: Path, tmp_path: Path) -> None:
    broken = small / "train" / "dot" / "003.png"
    broken.write_bytes(broken.read_bytes()[:60])
    with pytest.raises(InputError, match=r"003\.png: expected a whole PNG"):
        run(_options(small, tmp_path / "m.onnx"), _quiet())
    shown = io.StringIO()
    assert run(_options(small, tmp_path / "m.onnx", bad_images="skip"), Progress(shown)) == 0
    assert "003.png" in shown.getvalue() and "15 windows to train" in shown.getvalue()


def test_ten_to_one_is_learned(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    for split, counts in {"train": (150, 15), "val": (20, 20)}.items():
        for name, count in zip(("good", "dot"), counts, strict=True):
            folder = tmp_path / "data" / split / name
            folder.mkdir(parents=True)
            for i in range(count):
                _draw(rng, name == "dot").save(folder / (f"{i}.jpg" if i % 3 else f"{i}.png"), quality=95)
    options = _options(tmp_path / "data", tmp_path / "m.onnx", epochs=8, batch=32, height=48, fit="letterbox")
    assert run(options, _quiet()) == 0
    val = json.loads((tmp_path / "m.train.json").read_text())["val"]
    assert val["missed"] <= 4 and val["false_rejects"] <= 4
    assert Contract.load(tmp_path / "m.contract.json").fit == "letterbox"


def test_golden_that_is_missing_in_some_rows_is_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    rows = ["image\tgolden\tlabel\tsplit"]
    for i in range(8):
        _draw(rng, False).save(tmp_path / f"{i}.png")
        golden, label = "" if i == 5 else "0.png", "dot" if i % 2 else "good"
        rows.append(f"{i}.png\t{golden}\t{label}\t{'val' if i < 4 else 'train'}")
    (tmp_path / "list.tsv").write_text("\n".join(rows) + "\n")
    with pytest.raises(InputError, match="expected a golden image in every row, got none in 1 of 8"):
        run(_options(tmp_path / "list.tsv", tmp_path / "m.onnx"), _quiet())


def test_what_was_learned_is_saved_before_anything_else_can_fail(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> bytes:
        raise TypeError("an exporter\nof another version")

    monkeypatch.setattr("taktgate_prep.train.export.to_onnx", broken)
    out = tmp_path / "model.onnx"
    command = ["train", "--data", small, "--size", "32", "--epochs", "1", "--threads", "1", "--out", out]
    assert main([str(one) for one in command]) == 70
    last = capsys.readouterr().err.splitlines()[-2:]
    assert last[0].startswith(f"the trained weights are kept in {out.with_suffix('.checkpoint.pt')}")
    assert last[1].startswith("taktgate-prep: a fault of this program, not of your data: TypeError: an exporter of")
    assert "report this line" in last[1]
    assert read_checkpoint(out.with_suffix(".checkpoint.pt"), "small")
    assert not out.exists()


class _Gone(io.StringIO):
    """A terminal that was closed."""

    def write(self, _: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def test_a_terminal_that_is_gone_does_not_end_a_training(small: Path, tmp_path: Path) -> None:
    assert run(_options(small, tmp_path / "model.onnx"), Progress(_Gone())) == 0
    assert (tmp_path / "model.onnx").exists()


def test_a_disk_without_room_to_resume_does_not_end_a_training(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise InputError("expected to write, got: No space left on device")

    monkeypatch.setattr("taktgate_prep.train.resume.ResumeFile.save", full)
    shown = io.StringIO()
    assert run(_options(small, tmp_path / "model.onnx"), Progress(shown)) == 0
    assert "this epoch cannot be resumed from: expected to write, got: No space left" in shown.getvalue()


def test_names_in_other_bytes_and_forms_are_trained_on_and_recorded(small: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(small, tmp_path / "data"))
    for split, form in (("train", "NFC"), ("val", "NFD")):
        (data / split / "dot").rename(data / split / unicodedata.normalize(form, "Lötbrücke"))
    other = os.fsencode(data / "train" / "good") + b"/Pr\xfcfling.png"
    Path(os.fsdecode(other)).write_bytes(b"torn")
    out = tmp_path / "model.onnx"
    assert run(_options(data, out, bad_images="skip"), _quiet()) == 0
    assert Contract.load(out.with_suffix(".contract.json")).label_names == ("good", "Lötbrücke")
    record = json.loads(out.with_suffix(".train.json").read_text(encoding="utf-8"))
    assert record["left_out"]["first"] == ["train/good/Pr\ufffdfling.png"]
