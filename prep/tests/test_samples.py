"""The sample list and the folder: every mistake has its own message with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from taktgate_prep.data.load import load_samples
from taktgate_prep.data.readable import LeftOut, leave_out_unreadable
from taktgate_prep.data.sample import select
from taktgate_prep.errors import InputError
from taktgate_prep.terminal.progress import Progress


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    for name in ("a.png", "b.png", "sub/c.png"):
        Image.new("L", (8, 8)).save(tmp_path / name)
    return tmp_path


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "list.tsv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_reads_all_columns(folder: Path) -> None:
    path = write(
        folder,
        "label\tsplit\timage\tgolden\tx\ty\tw\th\tpart\tbx\tby\tbw\tbh\n"
        "good\ttrain\ta.png\tb.png\t1\t2\t3\t4\tp1\t0\t0\t2\t2\n"
        "\tval\tsub/c.png\t\t\t\t\t\t\t\t\t\t\n",
    )
    first, second = load_samples(path)
    assert (first.image, first.golden, first.window, first.box) == (
        folder / "a.png",
        folder / "b.png",
        (1, 2, 3, 4),
        (0, 0, 2, 2),
    )
    assert (first.label, first.part, first.split, first.row, first.source) == ("good", "p1", "train", 1, str(path))
    assert (second.golden, second.window, second.label, second.part, second.row) == (None, None, None, "sub/c.png", 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "list.tsv: expected a header line"),
        ("image\n", "expected rows below the header"),
        ("label\na\n", ":1: expected the column image"),
        ("image\tcolour\na.png\tred\n", ":1: expected the columns image, golden"),
        ("image\timage\na.png\ta.png\n", ":1: expected every column once"),
        ("image\tx\ty\tw\na.png\t1\t1\t1\n", ":1: expected all of x, y, w, h or none, got no 'h'"),
        ("image\tbx\na.png\t1\n", ":1: expected all of bx, by, bw, bh or none"),
        ("image\tlabel\na.png\tgood\nb.png\n", ":3: expected 2 fields as in the header, got 1"),
        ("image\na.png\n\n", ":3: expected image as a path"),
        ("image\n/etc/a.png\n", ":2: expected image as a path inside the list's folder"),
        ("image\nsub/../a.png\n", ":2: expected image as a path inside the list's folder"),
        ("image\nmissing.png\n", ":2: expected the image file 'missing.png' beside the list"),
        ("image\tgolden\na.png\tmissing.png\n", ":2: expected the golden file 'missing.png'"),
        ("image\tsplit\na.png\tTrain 1\n", ":2: expected split train, val, test or nothing, got 'Train 1'"),
        ("image\tx\ty\tw\th\na.png\t1\t1\t1\t\n", ":2: expected h as a whole number from 1 to 8192"),
        ("image\tx\ty\tw\th\na.png\t-1\t1\t1\t1\n", ":2: expected x as a whole number from 0 to 8192"),
        ("image\tx\ty\tw\th\na.png\t1\t1\t0\t1\n", ":2: expected w as a whole number from 1 to 8192"),
        ("image\tx\ty\tw\th\na.png\t1.5\t1\t1\t1\n", ":2: expected x as a whole number"),
        ("image\tx\ty\tw\th\na.png\t01\t1\t1\t1\n", ":2: expected x as a whole number"),
        ("image\tx\ty\tw\th\na.png\t9999\t1\t1\t1\n", ":2: expected x as a whole number"),
        ("image\ra.png\r", ":1: expected lines that end in \\n or \\r\\n, got a carriage return alone"),
        (b"image\tlabel\na.png\t\xff\n", ":2: expected UTF-8 text, got byte 0xff"),
        ("image\tlabel\na.png\tx\x01\n", ":2: expected a label"),
        (
            "image\tpart\tsplit\na.png\tp\ttrain\nb.png\tp\ttest\n",
            "row 2: expected part 'p' in split train as in row 1",
        ),
    ],
)
def test_list_errors(folder: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(InputError) as error:
        load_samples(write(folder, text))
    assert said in str(error.value)
    assert str(error.value).startswith(str(folder))


def test_unknown_label_is_an_error_where_the_contract_is_known(folder: Path) -> None:
    path = write(folder, "image\tlabel\na.png\tgood\nb.png\tGood\n")
    with pytest.raises(InputError, match=r"row 2: expected a label of the contract \(good, bad\), got 'Good'"):
        load_samples(path, ["good", "bad"])


def test_no_such_data(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a sample list"):
        load_samples(tmp_path / "none.tsv")


def big_list(folder: Path, splits: bool = False) -> Path:
    rows = ["image\tlabel\tpart" + ("\tsplit" if splits else "")]
    for part in range(40):
        label = "rare" if part % 20 == 0 else ("bad" if part % 4 == 0 else "good")
        rows += [f"a.png\t{label}\tp{part}" + ("\ttrain" if splits else "")] * 3
    return write(folder, "\n".join(rows) + "\n")


@pytest.mark.parametrize("splits", [False, True])
def test_val_is_set_aside_by_part_and_class(folder: Path, splits: bool) -> None:
    path = big_list(folder, splits)
    samples = load_samples(path, val_share=0.2)
    train, val = select(samples, "train"), select(samples, "val")
    assert len(train) + len(val) == 120
    assert not {sample.part for sample in train} & {sample.part for sample in val}
    assert {sample.label for sample in train} == {sample.label for sample in val} == {"good", "bad", "rare"}
    assert 0.2 * 120 <= len(val) <= 0.3 * 120
    assert samples == load_samples(path, val_share=0.2)


def test_a_class_of_one_part_stays_in_train(folder: Path) -> None:
    path = write(folder, "image\tlabel\na.png\tgood\nb.png\tgood\nsub/c.png\tbad\n")
    by_image = {sample.part: sample.split for sample in load_samples(path, val_share=0.5)}
    assert by_image["sub/c.png"] == "train"
    assert sorted((by_image["a.png"], by_image["b.png"])) == ["train", "val"]


def test_given_val_split_is_left_alone_and_rows_follow_their_part(folder: Path) -> None:
    path = write(folder, "image\tpart\tsplit\na.png\tp\tval\nb.png\tp\t\nsub/c.png\tq\t\n")
    assert [sample.split for sample in load_samples(path)] == ["val", "val", "train"]


def test_select_refuses_an_unknown_split(folder: Path) -> None:
    samples = load_samples(write(folder, "image\na.png\n"))
    assert select(samples, "test") == []
    assert len(select(samples, "all")) == 1
    with pytest.raises(InputError, match="expected split train, val, test or all"):
        select(samples, "tests")


def make_folder(root: Path, names: list[str]) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")
    return root


def test_folder_is_ordered_bytewise(tmp_path: Path) -> None:
    root = make_folder(
        tmp_path,
        [
            "train/a/b.png",
            "train/a-b/x.JPG",
            "train/a/B.jpeg",
            "test/a/z.png",
            "test/a/.h.png",
            "train/a/notes.txt",
            "val/a/1.png",
        ],
    )
    samples = load_samples(root)
    assert [sample.part for sample in samples] == [
        "test/a/z.png",
        "train/a-b/x.JPG",
        "train/a/B.jpeg",
        "train/a/b.png",
        "val/a/1.png",
    ]
    assert [(sample.label, sample.split, sample.row) for sample in samples][:2] == [
        ("a", "test", 1),
        ("a-b", "train", 2),
    ]


def test_folder_without_splits_is_train(tmp_path: Path) -> None:
    samples = load_samples(make_folder(tmp_path, [f"good/{i}.png" for i in range(10)] + ["bad/1.png", "bad/2.png"]))
    assert {sample.split for sample in samples} == {"train", "val"}
    assert {sample.label for sample in select(samples, "val")} == {"good", "bad"}


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["train/a/1.png", "other/a/1.png"], "got 'other' beside 'train'"),
        (["train/1.png"], "expected folders named after the classes, got the image '1.png'"),
        (["train/a/deep/1.png"], "got the folder 'deep'"),
        (["train/a/1.webp"], "expected images as SPLIT/CLASS/image.png"),
    ],
)
def test_folder_errors(tmp_path: Path, names: list[str], said: str) -> None:
    with pytest.raises(InputError) as error:
        load_samples(make_folder(tmp_path, names))
    assert said in str(error.value)


def test_labels_that_differ_by_case_are_one_class(folder: Path) -> None:
    path = write(folder, "image\tlabel\na.png\tgood\nb.png\tGood\n")
    with pytest.raises(InputError, match=r"list.tsv: row 2: expected the label 'good' as in row 1, got 'Good'"):
        load_samples(path)


def test_a_list_does_not_contradict_its_folders(folder: Path) -> None:
    for name in ("good", "bad"):
        (folder / name).mkdir()
        Image.new("L", (8, 8)).save(folder / name / "1.png")
    rows = "image\tlabel\ngood/1.png\tgood\nbad/1.png\t{}\nsub/c.png\tbad\n"
    assert len(load_samples(write(folder, rows.format("bad")))) == 3
    with pytest.raises(
        InputError,
        match=r"list.tsv:3: expected the label 'bad' of the folder that the image 1.png "
        r"lies in, got 'good'",
    ):
        load_samples(write(folder, rows.format("good")))


def test_unreadable_images_are_left_out_by_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "b.png").write_bytes((folder / "a.png").read_bytes()[:-20])
    path = write(folder, "image\tgolden\na.png\t\nb.png\t\nsub/c.png\tb.png\na.png\tsub/c.png\n")
    kept, left_out = leave_out_unreadable(load_samples(path), Progress())
    assert left_out == LeftOut(("b.png",), 2)
    assert [sample.row for sample in kept] == [1, 4]
    said = capsys.readouterr().err
    assert "b.png: expected a whole PNG" in said
    assert "1 of 3 images cannot be read, 2 of 4 samples are left out" in said
    with pytest.raises(InputError, match="expected images that can be read, got none"):
        leave_out_unreadable([sample for sample in load_samples(path) if sample.image.name == "b.png"], Progress())
