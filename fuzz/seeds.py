"""seeds.py FOLDER BUILD: sound inputs for every target to start from, FOLDER/TARGET/; BUILD is the build folder.

Nothing is stored that can be made: a change of a format changes its seeds with it."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests"))
import picture_corpus  # noqa: E402

LIST = """image golden x y w h label part split
a.png b.jpg 1 2 30 40 good p1 train
b.jpg _ 0 0 9 9 open _ valid
""".replace(" ", "\t").replace("_", "")
ORDERS = ('{"order":"status"}', '{"order":"ack","name":"Ada"}', '{"order":"challenge","name":"Ada","parts":5}')
RECORDS = (
    '{"kind":"decision","part":"3-1","release":"aaaaaaaaaaaa","released":true,"reason":"none"}\n{"kind":"alarm"}\n',
    '{"kind":null}\n{"part":"3-2","kind":"decision"}\nhalf a line',
)


def blocks(language: str) -> list[bytes]:
    """What the pages show as files in this language."""
    pages = (page.read_text() for page in sorted((ROOT / "docs").glob("*.md")))
    return [found.encode() for page in pages for found in re.findall(rf"```{language}\n(.*?)```", page, re.S)]


def pictures(build: Path) -> dict[str, list[bytes]]:
    """By target, of all kinds."""
    with tempfile.TemporaryDirectory() as made:
        subprocess.run([build / "tests" / "picture_tool", "make", made], check=True)
        jpegs = [*picture_corpus.jpeg_bases(Path(made)).values(), *picture_corpus.jpeg_refused(Path(made)).values()]
    others = picture_corpus.other_bases()
    return {
        "png": [*picture_corpus.png_bases().values(), *picture_corpus.png_refused().values()],
        "jpeg": jpegs,
        "bmp": [data for name, data in others.items() if name.endswith(".bmp")],
        "tiff": [data for name, data in others.items() if name.endswith(".tif")],
    }


def texts() -> dict[str, list[bytes]]:
    demo = [path.read_bytes() for path in sorted((ROOT / "demo").glob("*/*.toml"))]
    return {
        "toml": [*demo, *blocks("toml")],
        "json": blocks("json"),
        "sample_list": [LIST.encode(), b"\xef\xbb\xbf" + LIST.replace("\n", "\r\n").encode()],
        "control_words": [order.encode() for order in ORDERS],
        "record": [b"\0" + record.encode() for record in RECORDS],
        "journal": [bytes((1, 0, 7, 0, 0, 0, 0, 0) + (9,) * 16) * 4],  # words of slots
    }


def write(folder: Path, seeds: Iterable[bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (folder / f"{number:03}").write_bytes(seed)


def main() -> None:
    folder, build = Path(sys.argv[1]), Path(sys.argv[2])
    subprocess.run([build / "fuzz" / "fuzz_seed_files", folder], check=True)
    for target, seeds in {**pictures(build), **texts()}.items():
        write(folder / target, seeds)


if __name__ == "__main__":
    main()
