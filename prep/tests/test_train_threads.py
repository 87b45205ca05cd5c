"""A thread makes batches ahead and changes none of the bytes; needs torch."""

import io
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from taktgate_prep.terminal.progress import Progress
from taktgate_prep.train import TrainOptions, draws
from taktgate_prep.train.run import run

torch = pytest.importorskip("torch", reason="torch is not installed (optional extra [train])")
pytest.importorskip("torchvision", reason="torchvision is not installed (optional extra [train])")

from taktgate_prep.train import loop  # noqa: E402
from taktgate_prep.train.ahead import ahead  # noqa: E402


def test_what_is_made_ahead_draws_as_if_it_were_made_in_turn() -> None:
    first, second = (np.random.default_rng(3) for _ in range(2))
    with closing(ahead(lambda size: first.random(size), range(20))) as made:
        assert [part.tolist() for part in made] == [second.random(size).tolist() for size in range(20)]
    assert first.random() == second.random()


def test_another_thread_makes_no_more_than_two_ahead() -> None:
    seen: list[tuple[int, int]] = []

    def make(item: int) -> int:
        seen.append((item, threading.get_ident()))
        return item

    with closing(ahead(make, range(100))) as made:
        assert [next(made), next(made)] == [0, 1]
    assert len(seen) <= 4
    assert {thread for _, thread in seen}.isdisjoint({threading.get_ident()})


def test_a_fault_of_another_thread_arrives() -> None:
    def make(item: int) -> int:
        if item == 3:
            raise ValueError("no third")
        return item

    with pytest.raises(ValueError, match="no third"), closing(ahead(make, range(9))) as made:
        list(made)


def test_a_run_gives_the_bytes_of_one_that_makes_its_batches_in_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draws, "_MIN_STEPS", 3)
    rng = np.random.default_rng(0)
    for split in ("train", "val"):
        for name in ("good", "dot"):
            folder = tmp_path / "data" / split / name
            folder.mkdir(parents=True)
            for i in range(10):
                Image.fromarray(rng.integers(0, 255, (40, 36)).astype(np.uint8)).save(folder / f"{i}.png")

    def model(name: str) -> bytes:
        options = TrainOptions(tmp_path / "data", tmp_path / name, width=32, height=32, batch=8, epochs=2, threads=1)
        assert run(options, Progress(io.StringIO())) == 0
        return options.out.read_bytes()

    ahead_of = model("ahead.onnx")
    monkeypatch.setattr(loop, "ahead", lambda make, items: (make(item) for item in items))
    assert model("in_turn.onnx") == ahead_of
