"""A disk without room: one line, exit 1, and no file or half a file of what was to be written."""

from __future__ import annotations

from pathlib import Path

import nets
import pytest
from full_disks import disk, files_of_at_most, fill, pages

from taktgate_prep.cli import main
from taktgate_prep.errors import InputError
from taktgate_prep.files import write_together
from taktgate_prep.runtime import open_session


def call(*args: object) -> int:
    return main([str(arg) for arg in args])


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_of_several_files_all_are_written_or_none(tmp_path: Path) -> None:
    old, new, last = (tmp_path / name for name in ("old", "new", "last"))
    old.write_bytes(b"old")
    with files_of_at_most(100), pytest.raises(InputError, match="last: expected to write 101 bytes, got: File too lar"):
        write_together({new: b"1", old: b"2", last: bytes(101)})
    assert names(tmp_path) == ["old"] and old.read_bytes() == b"old"
    last.mkdir()
    with pytest.raises(InputError, match="last: expected to write 1 bytes, got: Is a directory"):
        write_together({new: b"1", last: b"3"})
    assert names(tmp_path) == ["last", "old"]


@pytest.fixture(scope="module")
def made(boards: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with model.onnx, model.int8.onnx, their contracts and the record."""
    folder = tmp_path_factory.mktemp("made")
    nets.write_net(nets.small_net(), folder, nets.contract_for())
    assert quantize(folder, boards, folder) == 0
    return folder


def quantize(source: Path, boards: Path, out: Path) -> int:
    return call("quantize", source / "model.onnx", "--data", boards, "--out", out / "model.int8.onnx", "--method",
                "minmax", "--calibration-samples", 20)


@pytest.mark.parametrize("lacking", ["model", "record", "contract"])
def test_quantize_leaves_nothing_without_a_model(made: Path, boards: Path, tmp_path: Path, lacking: str,
                                                 capsys: pytest.CaptureFixture[str]) -> None:
    model, contract, record = (made / f"model.int8.{end}" for end in ("onnx", "contract.json", "quantize.json"))
    room = {"model": pages(contract, record, model) - 1, "record": pages(contract, record) - 1, "contract": 0}[lacking]
    with disk(tmp_path / "disk", 1 << 20) as full:
        fill(full, room // 4096 * 4096)
        assert quantize(made, boards, full) == 1
        assert names(full) == ["other"]
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("taktgate-prep: ")
    assert said.endswith("No space left on device: make room or choose another place")


def test_every_other_command_ends_with_one_line(made: Path, boards: Path, tmp_path: Path,
                                                capsys: pytest.CaptureFixture[str]) -> None:
    with disk(tmp_path / "disk", 1 << 20) as full:
        fill(full, 0)
        model = made / "model.int8.onnx"
        for command, *outputs in (("thresholds", "--cost", "50:1", "--out", full / "t.json"),
                                  ("evaluate", "--json", full / "r.json"), ("evaluate", "--html", full / "r.html"),
                                  ("evaluate", "--scores", full / "s.tsv"), ("pack", "--out", full / "b.tgb")):
            assert call(command, model, "--data", boards, *outputs) == 1
            said = capsys.readouterr().err.splitlines()
            assert "No space left on device: make room" in said[-1]
            assert sum(line.startswith("taktgate-prep: ") for line in said) == 1
            assert names(full) == ["other"]


def test_a_full_disk_for_working_files_is_no_fault_of_the_model(tmp_path: Path) -> None:
    model = nets.small_net().SerializeToString()
    said = r"File too large: make room .* \(of working files: TMPDIR\)"
    with files_of_at_most(100), pytest.raises(InputError, match=said):
        open_session(model, "net", tmp_path / "folded.onnx", only_fold=True)
    with pytest.raises(InputError, match="net: expected a model that ONNX Runtime"):
        open_session(model[:100], "net", tmp_path / "folded.onnx", only_fold=True)
