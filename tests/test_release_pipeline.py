"""From a folder of images nobody has seen to a release on the device, and what the certificate finds on the way."""

import json
import shutil
from html.parser import HTMLParser

import numpy as np
import pytest
from part_images import write_parts
from PIL import Image
from program import json_lines, must, prep, refused, taktgate

pytest.importorskip("torch", reason="torch is not installed")

TRAIN = {"good": 220, "hole": 60, "stain": 22}  # ten to one
TEST = {"good": 80, "hole": 40, "stain": 40}


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    return write_parts(tmp_path_factory.mktemp("parts"), {"train": TRAIN, "test": TEST})


@pytest.fixture(scope="module")
def release(parts, tmp_path_factory):
    """The seven steps of docs/models.md; every file of them in one folder."""
    out = tmp_path_factory.mktemp("release")
    fp32, int8 = out / "model.onnx", out / "model.int8.onnx"
    train = prep("train", "--data", parts, "--size", "64", "--fit", "letterbox", "--epochs", 10, "--out", fp32)
    print(must(train), train.stderr[-600:])
    print(must(prep("quantise", fp32, "--data", parts, "--out", int8, "--max-loss", 2)))
    print(
        must(
            prep(
                "thresholds", int8, "--data", parts, "--out", out / "thresholds.json", "--html", out / "thresholds.html"
            )
        )
    )
    print(
        must(
            prep(
                "evaluate",
                fp32,
                int8,
                "--data",
                parts,
                "--split",
                "test",
                "--thresholds",
                out / "thresholds.json",
                "--json",
                out / "report.json",
                "--html",
                out / "report.html",
            )
        )
    )
    print(
        must(
            prep(
                "pack",
                int8,
                "--data",
                parts,
                "--thresholds",
                out / "thresholds.json",
                "--certificate",
                out / "report.json",
                "--out",
                out / "parts.tgb",
            )
        )
    )
    return out


def test_the_device_judges_as_the_certificate_says(release, parts):
    report = json.loads((release / "report.json").read_text())
    done = must(taktgate("inspect", release / "parts.tgb", "--data", parts, "--split", "test", "--json"))
    summary = json_lines(done)[-1]
    print(summary)
    assert summary["images"] == 160
    assert summary["missed"] == report["int8"]["missed"]
    assert summary["false_rejects"] == report["int8"]["false_rejects"]
    assert summary["accuracy"] > 0.9


def test_pages_are_whole_and_stand_alone(release):
    for page in ("report.html", "thresholds.html"):
        text = (release / page).read_text()
        checker = PageChecker()
        checker.feed(text)
        checker.close()
        assert checker.open == [], f"{page}: not closed: {checker.open}"
        assert checker.foreign == [], f"{page}: needs {checker.foreign}"


def test_the_same_seed_gives_the_same_model(release, parts, tmp_path):
    again = tmp_path / "model.int8.onnx"
    must(prep("quantise", release / "model.onnx", "--data", parts, "--out", again, "--max-loss", 2))
    assert again.read_bytes() == (release / "model.int8.onnx").read_bytes()


def test_planted_training_images_are_all_found(release, parts, tmp_path):
    planted = tmp_path / "parts"
    shutil.copytree(parts, planted)
    images = sorted((parts / "train" / "good").iterdir())[:20]
    for number, image in enumerate(images):
        target = planted / "test" / "good" / f"planted{number}"
        if number % 2:
            shutil.copy(image, target.with_suffix(image.suffix))
        else:
            Image.open(image).save(target.with_suffix(".jpg"), quality=85)
    report = tmp_path / "report.json"
    must(prep("evaluate", release / "model.int8.onnx", "--data", planted, "--split", "test", "--json", report))
    leak = json.loads(report.read_text())["leakage"]
    print(leak["sentence"])
    for number in range(20):
        assert f"planted{number}." in json.dumps(leak)
    own = json.loads((release / "report.json").read_text())["leakage"]
    print(own["sentence"])
    assert own["sentence"].startswith("None of 160"), "cloth of its own is no copy"


def test_shuffled_labels_are_not_learned(tmp_path):
    """Whatever leaked from the images of the test into the training would show as more than chance."""
    source = write_parts(tmp_path / "true", {"train": {"good": 160, "hole": 160}, "test": {"good": 150, "hole": 150}})
    rng = np.random.default_rng(3)
    for split in ("train", "test"):
        images = sorted((source / split).glob("*/*"))
        labels = rng.permutation(["good", "hole"] * (len(images) // 2))
        for number, (image, label) in enumerate(zip(images, labels, strict=True)):
            place = tmp_path / "shuffled" / split / label
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(image, place / f"{number:04d}{image.suffix}")
    model, report = tmp_path / "model.onnx", tmp_path / "report.json"
    must(prep("train", "--data", tmp_path / "shuffled", "--size", 32, "--epochs", 4, "--out", model))
    must(prep("evaluate", model, "--data", tmp_path / "shuffled", "--split", "test", "--json", report))
    binary = json.loads(report.read_text())["model"]["binary_by_class"]
    print(f"labels shuffled: {binary['right']} of {binary['count']} right")
    assert 115 <= binary["right"] <= 185  # 150 expected, 8.7 is one standard deviation


@pytest.fixture
def broken(parts, tmp_path):
    """A copy of the parts with one image cut short."""
    folder = tmp_path / "parts"
    shutil.copytree(parts, folder)
    victim = sorted((folder / "train" / "hole").iterdir())[30]
    victim.write_bytes(victim.read_bytes()[:200])
    return folder, victim


def test_a_corrupt_image_is_named_and_refused_or_skipped(broken, release, tmp_path):
    folder, victim = broken
    out = tmp_path / "model.onnx"
    options = ("train", "--data", folder, "--size", 32, "--epochs", 1, "--out", out)
    refused(prep(*options), victim.name)
    assert not out.exists()
    done = prep(*options, "--bad-images", "skip")
    must(done)
    assert victim.name in done.stderr
    int8 = tmp_path / "model.int8.onnx"
    quantise = ("quantise", release / "model.onnx", "--data", folder, "--out", int8, "--calibration-samples", 302)
    refused(prep(*quantise), victim.name)
    assert not int8.exists()


def test_a_calibration_set_that_overlaps_the_test_is_refused(release, parts, tmp_path):
    folder = tmp_path / "parts"
    shutil.copytree(parts, folder)
    image = sorted((folder / "test" / "hole").iterdir())[0]
    shutil.copy(image, folder / "train" / "hole" / f"twin{image.suffix}")
    out = tmp_path / "model.int8.onnx"
    refused(prep("quantise", release / "model.onnx", "--data", folder, "--out", out), "twin", image.name)
    assert not out.exists()


class PageChecker(HTMLParser):
    """Tags that are not closed, and anything that would be fetched from elsewhere."""

    def __init__(self):
        super().__init__()
        self.open, self.foreign = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br", "img", "hr", "link", "input", "col", "wbr"):
            self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href") and not (value or "").startswith(("data:", "#")):
                self.foreign.append(value)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.open.append(f"/{tag}")
