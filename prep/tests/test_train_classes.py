"""Which classes pass, and what is refused before training."""

from pathlib import Path

import pytest

from taktgate_prep.data.classes import Classes, check_counts, find_classes, refuse_empty_folders
from taktgate_prep.data.sample import Sample
from taktgate_prep.errors import InputError

DATA = Path("list.tsv")


def _samples(*labels: str | None) -> list[Sample]:
    return [
        Sample(
            image=Path(f"{i}.png"),
            golden=None,
            window=None,
            label=label,
            part=str(i),
            split="train",
            box=None,
            row=i + 2,
            source="list.tsv",
        )
        for i, label in enumerate(labels)
    ]


@pytest.mark.parametrize("name", ["good", "OK", "Good"])
def test_class_called_good_or_ok_passes_and_comes_first(name: str) -> None:
    classes = find_classes(_samples("open", name, "Burr", "open"), None, DATA)
    assert classes.names == (name, "Burr", "open")
    assert classes.passing == (True, False, False)


def test_labels_are_in_bytewise_order() -> None:
    assert find_classes(_samples("é", "z", "B", "a"), (), DATA).names == ("B", "a", "z", "é")


def test_named_classes_pass() -> None:
    classes = find_classes(_samples("a", "b", "c"), ("c", "b"), DATA)
    assert list(zip(classes.names, classes.passing, strict=True)) == [
        ("b", True),
        ("c", True),
        ("a", False),
    ]


def test_none_means_that_no_class_passes_even_if_one_is_called_good() -> None:
    assert find_classes(_samples("good", "bad"), (), DATA).passing == (False, False)


def test_unlabelled_rows_make_no_class() -> None:
    assert find_classes(_samples("good", None, "bad"), None, DATA).names == ("good", "bad")


@pytest.mark.parametrize(
    ("labels", "good", "message"),
    [
        (("Open", "good", "open"), None, "got 'Open' and 'open', which differ only by upper and lower case"),
        (("good", "good"), None, "expected 2 to 1000 classes, got 1"),
        (tuple(str(i) for i in range(1001)), None, "expected 2 to 1000 classes, got 1001"),
        ((None,), None, "got 0"),
        (("good", "ok", "bad"), None, "expected one class called good or ok, got"),
        (("a", "b"), ("c",), "--good: expected one of the labels"),
    ],
)
def test_refused_labels(labels: tuple[str | None, ...], good: tuple[str, ...] | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        find_classes(_samples(*labels), good, DATA)


def test_class_with_one_training_image_is_refused_by_name() -> None:
    train = _samples("good", "good", "bad")
    with pytest.raises(InputError, match=r"list.tsv: expected at least 2 training images of class 'bad', got 1"):
        check_counts(Classes(("good", "bad"), (True, False)), train, _samples("good"), DATA)


def test_run_without_validation_is_refused() -> None:
    train = _samples("good", "good", "bad", "bad")
    with pytest.raises(InputError, match="for validation, got none"):
        check_counts(Classes(("good", "bad"), (True, False)), train, [], DATA)


def test_empty_class_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train" / "good").mkdir(parents=True)
    (tmp_path / "train" / "good" / "a.PNG").write_bytes(b"")
    refuse_empty_folders(tmp_path)
    (tmp_path / "train" / "burr").mkdir()
    (tmp_path / "train" / "burr" / "notes.txt").write_text("none yet")
    with pytest.raises(InputError, match=r"burr: expected images \(PNG, JPEG, BMP or TIFF\) of class 'burr', got none"):
        refuse_empty_folders(tmp_path)
