"""Device and maker accept the same image files, refuse the same, and see the same pixels (docs/formats.md, 2)."""

import hashlib
import io
import subprocess
from pathlib import Path

import numpy as np
import picture_corpus as made
import pytest
from PIL import Image, ImageOps
from program import PROGRAM

from taktgate_prep.data.decoder import decode
from taktgate_prep.errors import InputError

NOT_BY_PILLOW = ("16", "wide", "motorola", "odd_chunks")  # it keeps 16 bits; it does not open the last one
TOOL = PROGRAM.parent / "tests" / "picture_tool"


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[made.Case]:
    folder = tmp_path_factory.mktemp("made")
    subprocess.run([TOOL, "make", folder], check=True)
    return made.corpus(folder)


@pytest.fixture(scope="module")
def seen_by_prep(cases: list[made.Case]) -> dict[str, np.ndarray | str]:
    """Pixels, or why a file is refused."""
    return {case.name: seen(case.data) for case in cases}


def seen(data: bytes) -> np.ndarray | str:
    try:
        return decode(data, "x")
    except InputError as error:
        return str(error).removeprefix("x: ")


def seen_by_device(cases: list[made.Case], folder: Path) -> dict[str, list[str]]:
    for case in cases:
        (folder / case.name).write_bytes(case.data)
    done = subprocess.run([TOOL, "decode", folder], check=True, capture_output=True, text=True)
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return {name: [first, second.rpartition("; ")[0] or second] for name, first, second in lines}


def as_line(seen: np.ndarray | str) -> list[str]:
    """As the device says it, without the remedy, which prep appends differently."""
    if isinstance(seen, str):
        return ["refused", seen.rpartition(": ")[0]]
    height, width, channels = seen.shape
    return [f"{width}x{height}x{channels}", hashlib.sha256(seen.tobytes()).hexdigest()]


def test_both_programs_see_the_same(cases, seen_by_prep, tmp_path) -> None:
    assert len(cases) >= 2000 and len(seen_by_prep) == len(cases)
    device = seen_by_device(cases, tmp_path)
    prep = {name: as_line(found) for name, found in seen_by_prep.items()}
    different = {name: (device[name], prep[name]) for name in prep if device[name] != prep[name]}
    taken = sum(not isinstance(found, str) for found in seen_by_prep.values())
    print(f"{len(cases)} files, {taken} taken, {len(cases) - taken} refused, {len(different)} seen differently")
    assert not different


def test_untidy_is_taken_as_it_was_and_damage_refused(cases, seen_by_prep) -> None:
    wrong = []
    for case in cases:
        found, base = seen_by_prep[case.name], seen_by_prep.get(case.base)
        if case.wanted == made.SAME and (isinstance(found, str) or not np.array_equal(found, base)):
            wrong.append((case.name, found if isinstance(found, str) else "other pixels"))
        if case.wanted == made.REFUSED and not isinstance(found, str):
            wrong.append((case.name, "taken"))
    assert not wrong


def test_sound_files_are_what_another_reader_sees(cases, seen_by_prep) -> None:
    """Pillow has readers of its own for PNG and BMP, and other versions of the libraries for JPEG and TIFF."""
    compared = 0
    for case in cases:
        if case.wanted != made.SAME or case.name != case.base or any(kind in case.name for kind in NOT_BY_PILLOW):
            continue
        with Image.open(io.BytesIO(case.data)) as image:
            other = ImageOps.exif_transpose(image) if not case.name.endswith(".tif") else image
            ours = seen_by_prep[case.name]
            other = np.asarray(other.convert("L" if ours.shape[2] == 1 else "RGB")).reshape(ours.shape)
        np.testing.assert_array_equal(ours, other, err_msg=case.name)
        compared += 1
    assert compared > 60


def test_a_damaged_file_that_is_taken_is_what_another_reader_sees(cases, seen_by_prep) -> None:
    """A flipped bit that no checksum covers may give another picture, but never one of our own making. Pillow decodes
    with SIMD, which differs where coefficients leave the range of 8 bits."""
    compared, equal = 0, 0
    for case in cases:
        ours = seen_by_prep[case.name]
        if case.wanted != made.EITHER or isinstance(ours, str) or not case.name.endswith(".jpg"):
            continue
        try:
            with Image.open(io.BytesIO(case.data), formats=("JPEG",)) as image:
                other = np.asarray(ImageOps.exif_transpose(image)).reshape(ours.shape)
        except (OSError, SyntaxError, ValueError):
            continue
        compared += 1
        equal += np.array_equal(ours, other)
    assert compared > 100 and equal > 0.95 * compared
