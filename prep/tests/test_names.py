"""Names and texts as systems, editors and archives leave them; a terminal that cannot show a character."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import nets
import numpy as np
import pytest
from certified import call, refused
from PIL import Image

from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.load import load_samples
from taktgate_prep.errors import InputError
from taktgate_prep.figures.groups import read_groups
from taktgate_prep.files import names, strict_json

NFC, NFD = (unicodedata.normalize(form, "Lötbrücke") for form in ("NFC", "NFD"))


def write(root: Path, *paths: str | bytes) -> Path:
    rng = np.random.default_rng(1)
    for path in paths:
        full = root / os.fsdecode(path)
        full.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(90, 110, (32, 32)).astype(np.uint8)).save(full, "PNG")
    return root


def of_folder(root: Path) -> list[tuple[str | None, str | None]]:
    return [(sample.split, sample.label) for sample in load_samples(root)]


def test_one_class_whatever_the_form_of_unicode(tmp_path: Path) -> None:
    data = write(tmp_path, f"train/{NFC}/1.png", f"val/{NFD}/1.png", "train/good/1.png", "val/good/1.png")
    assert of_folder(data) == [("train", NFC), ("train", "good"), ("val", NFC), ("val", "good")]
    assert [sample.label for sample in load_samples(data, [NFD, "good"])] == [NFC, "good", NFC, "good"]
    (tmp_path / "l.tsv").write_text(
        f"image\tlabel\tpart\tsplit\ntrain/{NFD}/1.png\t{NFD}\t{NFC}\ttrain\nval/{NFC}/1.png\t{NFC}\t{NFD}\t\n",
        encoding="utf-8",
    )
    first, second = load_samples(tmp_path / "l.tsv", [NFC])  # each path is the other form of what is on the disk
    assert first.image.is_file() and second.image.is_file()
    assert (first.label, first.part, first.split) == (second.label, second.part, second.split) == (NFC, NFC, "train")
    contract = strict_json.dump(nets.contract_for(names=("good", NFD)).to_dict())
    assert Contract.from_dict(strict_json.parse(contract, "c")).label_names == ("good", NFC)


@pytest.mark.parametrize(
    "splits", [("train", "valid", "test"), ("Train", "Val", "Test"), ("TRAINING", "Validation", "testing")]
)
def test_splits_under_their_usual_names(tmp_path: Path, splits: tuple[str, ...]) -> None:
    data = write(tmp_path / "d", *(f"{split}/{label}/1.png" for split in splits for label in ("good", "dot")))
    assert sorted(set(of_folder(data))) == [
        (split, label) for split in ("test", "train", "val") for label in ("dot", "good")
    ]
    (tmp_path / "l.tsv").write_text("image\tsplit\n" + "".join(f"d/{split}/dot/1.png\t{split}\n" for split in splits))
    assert [sample.split for sample in load_samples(tmp_path / "l.tsv")] == ["train", "val", "test"]


def test_parts_may_be_called_valid_and_invalid(tmp_path: Path) -> None:
    data = write(tmp_path, *(f"{label}/{i}.png" for label in ("valid", "invalid") for i in range(4)))
    assert {label for _, label in of_folder(data)} == {"valid", "invalid"}


def test_a_split_under_two_names_is_refused(tmp_path: Path) -> None:
    data = write(tmp_path, "train/good/1.png", "val/good/1.png", "Valid/good/2.png")
    with pytest.raises(InputError, match="expected one folder of split val, got 'Valid' and 'val'"):
        load_samples(data)


def test_what_archives_and_systems_leave_is_no_sample(tmp_path: Path) -> None:
    data = write(
        tmp_path,
        "train/good/1.png",
        "test/good/1.png",
        "__MACOSX/train/good/1.png",
        "train/good/._1.png",
        "train/good/__MACOSX/._1.png",
        "test/@eaDir/1.png",
    )
    for name in (".DS_Store", "train/.DS_Store", "train/good/Thumbs.db", "test/good/desktop.ini"):
        (data / name).write_bytes(b"\0")
    said: list[str] = []
    samples = load_samples(data, note=said.append)
    assert ([(sample.split, sample.label) for sample in samples], said) == ([("test", "good"), ("train", "good")], [])


def test_a_class_folder_in_latin_1_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write(tmp_path / "d", b"train/L\xf6tbr\xfccke/1.png", "train/good/1.png")
    model = nets.write_net(nets.small_net(1), tmp_path, nets.contract_for(golden=False))
    refused(capsys, r"expected class folders named in UTF-8, got 'L\xf6tbr\xfccke'", "evaluate", model, "--data", data)


def test_a_file_name_in_latin_1_goes_all_the_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write(
        tmp_path / "d",
        *(f"{split}/{label}/%d.png" % i for split in ("train", "test") for label in ("good", "dot") for i in range(4)),
        b"train/dot/Pr\xfcfling 1.png",
        b"test/dot/Pr\xfcfling 2.png",
        b"test/dot/gel\xf6scht.png",
    )
    Path(os.fsdecode(os.fsencode(data) + b"/test/dot/gel\xf6scht.png")).write_bytes(b"torn")
    (data / "train" / "good" / os.fsdecode(b"no\xffpicture.txt")).write_bytes(b"")
    model = nets.write_net(nets.small_net(1), tmp_path, nets.contract_for(golden=False))
    skip = ("--data", data, "--bad-images", "skip")
    assert call("quantise", model, *skip, "--out", tmp_path / "m.int8.onnx", "--method", "minmax") == 0
    assert (
        call(
            "evaluate",
            model,
            tmp_path / "m.int8.onnx",
            *skip,
            "--json",
            tmp_path / "r.json",
            "--html",
            tmp_path / "r.html",
        )
        == 0
    )
    assert (
        call("pack", tmp_path / "m.int8.onnx", *skip, "--certificate", tmp_path / "r.json", "--out", tmp_path / "m.tgb")
        == 0
    )
    assert "Pr\ufffdfling 2.png" in (tmp_path / "r.html").read_text(encoding="utf-8")
    shown = capsys.readouterr().err
    assert r"left out 1 file that is no PNG, JPEG, BMP or TIFF: train/good/no\xffpicture.txt" in shown
    assert r"gel\xf6scht.png: expected a PNG, JPEG, BMP or TIFF image" in shown


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text.replace("\n", "\r\n"),
    ],
)
def test_text_as_any_editor_saves_it(tmp_path: Path, change: object) -> None:
    assert callable(change)
    write(tmp_path, "a.png")
    (tmp_path / "l.tsv").write_bytes(change("image\tlabel\na.png\tgood\n").encode())
    assert [sample.label for sample in load_samples(tmp_path / "l.tsv")] == ["good"]
    (tmp_path / "g.tsv").write_bytes(change("part\tgroup\na.png\tmonday\n").encode())
    assert read_groups(tmp_path / "g.tsv") == {"a.png": "monday"}
    document = {"a": [1, "b"]}
    assert strict_json.parse(change(strict_json.dump(document).decode()).encode(), "f.json") == document


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("image\na.png\n".encode("utf-16"), "expected UTF-8 text, got UTF-16"),
        ("image\tlabel\na.png\tb\xf6se\n".encode("latin-1"), "l.tsv:2: expected UTF-8 text, got byte 0xf6"),
        (b"image\ra.png\r", "l.tsv:1: expected lines that end in"),
        (b"\xef\xbb\xbf", "got an empty file"),
    ],
)
def test_text_that_is_none_is_one_line(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "l.tsv").write_bytes(data)
    with pytest.raises(InputError) as error:
        load_samples(tmp_path / "l.tsv")
    assert said in str(error.value)


def run(code: str, **options: object) -> subprocess.CompletedProcess[str]:
    """The program with `code` in place of a command's work."""
    text = (
        "import sys; from taktgate_prep import cli\n"
        "def work(args):\n"
        f" {code}\n"
        " return 0\n"
        "class Parser:\n"
        " def parse_args(self, given): import argparse; return argparse.Namespace(run=work)\n"
        "cli.build_parser = Parser\n"
        "sys.exit(cli.main([]))\n"
    )
    settings = {"PYTHONPATH": os.pathsep.join(sys.path), **options.pop("env", {})}  # type: ignore[dict-item]
    return subprocess.run(
        [sys.executable, "-c", text],
        check=False,
        text=True,
        env={**os.environ, **settings},
        **{"capture_output": True, **options},
    )  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("{}['a key']", 70, "a fault of this program, not of your data: KeyError: 'a key'"),
        ("raise ValueError('two\\nlines')", 70, "ValueError: two lines"),
        ("assert False", 70, "AssertionError"),
        ("raise MemoryError", 1, "expected more memory"),
        ("import no_such_package", 1, "expected its Python packages, got: No module named 'no_such_package': install"),
        ("open('/no/such/file')", 1, "/no/such/file: expected to read or write it, got: No such file"),
    ],
)
def test_no_exception_is_shown_as_a_stack(code: str, status: int, said: str) -> None:
    done = run(code)
    assert (done.returncode, done.stderr.count("\n")) == (status, 1)
    assert done.stderr.startswith("taktgate-prep: ") and said in done.stderr


def test_a_character_that_cannot_be_shown_ends_nothing() -> None:
    done = run(
        r"print('5 \xb5s \u2192 ok \udcfc'); print('caf\xe9', file=sys.stderr)", env={"PYTHONIOENCODING": "ascii"}
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "5 \\xb5s \\u2192 ok \\xfc\n", "caf\\xe9\n")


def test_closed_and_full_outputs_end_in_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = run("print('text')", stdout=full, stderr=subprocess.PIPE, capture_output=False)
    assert (done.returncode, done.stderr) == (
        1,
        "taktgate-prep: output: expected to read or write it, got: No space left on device: make room, or check the "
        "place\n",
    )
    closed = ["bash", "-c", 'exec "$0" -m taktgate_prep --help >&- 2>&-', sys.executable]
    assert (
        subprocess.run(closed, check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}).returncode == 0
    )


def test_litter_and_splits_by_name() -> None:
    given = (".x", "._a.png", "__MACOSX", "Thumbs.db", "a.png", "macosx")
    assert list(filter(names.is_litter, given)) == [".x", "._a.png", "__MACOSX", "Thumbs.db"]
    assert [names.split_named(name) for name in ("VAL", "validation", "vall", "Te\u017ft", "")] == [
        "val",
        "val",
        None,
        None,
        None,
    ]
