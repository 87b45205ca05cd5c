"""Both programs see the same samples in folders and lists as systems, tools and editors leave them."""

import json
import os
import unicodedata
from pathlib import Path

import pytest
from PIL import Image
from program import ROOT, must, refused, taktgate

from taktgate_prep.bundle import ustar
from taktgate_prep.data.load import load_samples
from taktgate_prep.errors import InputError
from taktgate_prep.files import names
from taktgate_prep.files.whole import sha256

NFC, NFD = (unicodedata.normalize(form, "Lötbrücke") for form in ("NFC", "NFD"))
LABELS = [NFD, "good", "missing-pad", "mouse-bite", "open", "scratch", "short", "spur"]


def with_labels(path: Path, labels: list[tuple[str, bool]]) -> Path:
    """The demo release with other labels."""
    data = (ROOT / "demo" / "demo.tgb").read_bytes()
    files, at = {}, 0
    while data[at]:
        name = data[at : at + 100].rstrip(b"\0").decode()
        size = int(data[at + 124 : at + 135], 8)
        files[name] = data[at + 512 : at + 512 + size]
        at += 512 + -(-size // 512) * 512
    entries = [{"name": name, "pass": passes} for name, passes in labels]
    files["labels.json"] = json.dumps({"schema": 1, "labels": entries}).encode()
    manifest = json.loads(files.pop("manifest.json"))
    for entry in manifest["files"]:
        entry.update(size=len(files[entry["name"]]), sha256=sha256(files[entry["name"]]))
    path.write_bytes(ustar.archive([("manifest.json", json.dumps(manifest).encode()), *files.items()]))
    return path


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> Path:
    """One label is decomposed."""
    folder = tmp_path_factory.mktemp("release")
    return with_labels(folder / "named.tgb", [(name, name == "good") for name in LABELS])


def write(root: Path, paths: list[str | bytes]) -> Path:
    for path in paths:
        full = root / os.fsdecode(path)
        full.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8)).save(full, "PNG")
    return root


FOLDERS = {
    "forms": [f"train/{NFC}/1.png", f"test/{NFD}/1.png", "test/good/1.png"],
    "valid": ["train/good/1.png", "valid/open/1.png", "test/short/1.png"],
    "capitals": ["Train/good/1.png", "VAL/open/1.png", "Testing/short/1.png"],
    "litter": ["train/good/1.png", "__MACOSX/train/good/._1.png", "train/good/._1.png"],
    "latin1": [b"train/good/Pr\xfcf.png", b"train/good/\xff.png", "val/open/a-b.png"],
    "class_in_latin1": [b"train/L\xf6t/1.png", "train/good/1.png"],
    "twice": ["val/good/1.png", "Valid/good/1.png"],
    "beside": ["train/good/1.png", "other/good/1.png"],
    "no_split": ["good/1.png", "open/2.png"],
}
LISTS = {
    "mark": "\ufeffimage\tlabel\na.png\tgood\n",
    "crlf": "image\tlabel\tsplit\r\na.png\tgood\tValid\r\nb.png\topen\tTRAIN\r\n",
    "forms": f"image\tlabel\n{NFC}.png\t{NFC}\n{NFC}.png\t{NFD}\n",
    "lone_return": "image\ra.png\r",
    "wrong_split": "image\tsplit\na.png\tTr\u00e4in\n",
}


def as_device(release: Path, data: Path) -> list[tuple] | None:
    """(image, label, row); None where it is refused."""
    done = taktgate("inspect", release, "--data", data, "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    rows = [(row["image"], row["label"], row["row"]) for row in rows if row["kind"] == "image"]
    assert rows or done.stderr.startswith("taktgate: error: "), done.stderr
    return rows or None


def as_prep(data: Path) -> list[tuple] | None:
    try:
        samples = load_samples(data, LABELS)
    except InputError:
        return None
    return [(names.utf8(str(one.image)).decode(), one.label, one.row) for one in samples]


@pytest.mark.parametrize("case", FOLDERS)
def test_folders(release, tmp_path, case):
    data = write(tmp_path / "data", FOLDERS[case])
    (data / "Thumbs.db").write_bytes(b"")
    seen = as_device(release, data)
    assert seen == as_prep(data)
    assert (seen is None) == (case in ("class_in_latin1", "twice", "beside"))


@pytest.mark.parametrize("case", LISTS)
def test_lists(release, tmp_path, case):
    write(tmp_path, ["a.png", "b.png", f"{NFD}.png"])
    listing = tmp_path / "list.tsv"
    listing.write_bytes(LISTS[case].encode())
    seen = as_device(release, listing)
    assert seen == as_prep(listing)
    assert (seen is None) == (case in ("lone_return", "wrong_split"))


@pytest.mark.parametrize(("passes", "word"), [(True, "only such that pass"), (False, "only such that fail")])
def test_a_release_that_always_says_the_same_is_refused(release, tmp_path, passes, word):
    must(taktgate("bundle", "verify", release))
    same = with_labels(tmp_path / "same.tgb", [(name, passes) for name in LABELS])
    refused(taktgate("bundle", "verify", same), word, "taktgate-prep pack")
