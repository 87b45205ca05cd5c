"""The pages are as wide as a screen, name files that exist, and show commands that can be pasted."""

from __future__ import annotations

import fnmatch
import functools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from program import ROOT

from taktgate_prep.cli import build_parser

WIDTH = 100
HEADING = 75  # a wider one has the paragraph below it in its line
PAGES = sorted(
    page.relative_to(ROOT)
    for page in ROOT.rglob("*.md")
    if not {"build", "shared"} & set(page.relative_to(ROOT).parts)
    and not any(part.startswith(".") for part in page.relative_to(ROOT).parts)
)
# A name with one of these is a source of ours, wherever it stands; other files need their folder's name too.
SOURCES = {"cc", "h", "inc", "py", "sh", "cmake", "md"}
OTHERS = {"toml", "json", "svg", "png", "txt", "lock", "tgb"}
FOLDERS = ("", "src", "docs", "prep", "prep/src/taktgate_prep", "prep/src/taktgate_prep/train")


def lines(page: Path) -> list[tuple[int, str, bool]]:
    """Number, text and whether it is code of every line of a page."""
    fenced, after_text, found = False, False, []
    for number, text in enumerate((ROOT / page).read_text(encoding="utf-8").splitlines(), 1):
        fence = text.lstrip().startswith("```")
        indented = text.startswith("    ") and not after_text
        found.append((number, text, fenced or fence or indented))
        fenced ^= fence
        after_text = bool(text.strip()) and not indented
    return found


def too_wide(text: str) -> bool:
    """Whether prose is wider than a page; tables, links and one long word cannot be broken."""
    return len(text) > WIDTH and not text.startswith("|") and "](" not in text and " " in text.strip("-# ")


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_prose_is_not_wider_than_a_page(page: Path) -> None:
    assert [f"{page}:{number}" for number, text, code in lines(page) if not code and too_wide(text)] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_headings_are_headings(page: Path) -> None:
    headings = [(number, text) for number, text, code in lines(page) if not code and text.startswith("#")]
    assert [f"{page}:{number}" for number, text in headings if len(text) > HEADING] == []


def named_files(page: Path) -> Iterator[tuple[int, str]]:
    """Each file of the repository that the prose of a page names in backticks, with its line."""
    for number, text, code in lines(page):
        for span in [] if code else re.findall(r"`([\w./*-]+)`", text):
            first, end = span.split("/")[0], span.rsplit(".", 1)[-1]
            ours = (ROOT / first).is_dir() and "/" in span and not first.startswith(".") and first != "build"
            if "." in span.lstrip(".") and (end in SOURCES or (end in OTHERS and ours)):
                yield number, re.sub(r"NAME|PART", "*", span)


def exists(page: Path, name: str) -> bool:
    """Whether a file of this name is there: from one of the usual folders, or if it has no folder, anywhere."""
    if any(any(ROOT.glob(str(Path(folder) / name))) for folder in (*FOLDERS, page.parent) if name[0] != "/"):
        return True
    return "/" not in name and bool(fnmatch.filter(all_names(), name))


@functools.cache
def all_names() -> set[str]:
    """The names of all files that could be ours."""
    folders = ("src", "docs", "prep", "tests", "bench", "fuzz", "setup", "demo", "plugin")
    return {path.name for folder in folders for path in (ROOT / folder).rglob("*")}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_files_that_a_page_names_exist(page: Path) -> None:
    assert [f"{page}:{number}: {name}" for number, name in named_files(page) if not exists(page, name)] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_links_of_a_page_lead_to_files(page: Path) -> None:
    prose = "\n".join(text for _, text, code in lines(page) if not code)
    targets = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", prose)
    assert [target for target in targets if not (ROOT / page.parent / target).exists()] == []


def commands(page: Path) -> Iterator[tuple[int, str, str]]:
    """Each command of a page with the number of its line and what follows it; `\\` at a line's end goes on."""
    shown = lines(page)
    start = 0
    while start < len(shown):
        number, text, code = shown[start]
        prompt = re.match(r"\s*\$ ", text)
        text = text[prompt.end() :] if prompt else text.strip()
        start += 1
        if not code or not re.match(r"taktgate(-prep)? [a-z]", text):
            continue
        while text.endswith(" \\") and start < len(shown):
            text = text[:-1] + shown[start][1].strip()
            start += 1
        yield number, text, "" if prompt or start == len(shown) else shown[start][1].strip()


def options_of(command: str) -> dict[str, bool]:
    """The options of `taktgate COMMAND`, and whether each takes a value, as src/apps/ declares them."""
    apps = ROOT / "src/apps"
    own = apps / f"{command}.cc"
    files = [own, *apps.glob(f"{command}_*.cc")] if own.is_file() else [apps / "control.cc"]
    text = "".join(path.read_text(encoding="utf-8") for path in [*files, apps / "end_of_line.cc"])
    return {name: kind == "Add" for kind, name in re.findall(r'\b(Add|Flag)\("(--[\w-]+)"', text)}


def fault_of(command: str) -> str:
    """What is wrong with a command of a page; nothing: it is whole."""
    if " \\ " in command:
        return "\\ in its middle"
    words = shlex.split(command, comments=True)
    if words[0] == "taktgate-prep":
        try:
            build_parser().parse_args(words[1:])
        except SystemExit as end:
            return "" if end.code == 0 else "its parser refuses it"
        return ""
    known = options_of(words[1])
    for word, following in zip(words[1:], [*words[2:], ""], strict=True):
        if word == "taktgate":
            return "'taktgate' in its middle"
        if word.startswith("--") and word not in known:
            return f"{word} is no option of {words[1]}"
        if word.startswith("--") and known[word] and (not following or following.startswith("--")):
            return f"{word} has no value"
    return ""


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_commands_of_a_page_are_whole(page: Path) -> None:
    faults = []
    for number, command, following in commands(page):
        if fault := fault_of(command):
            faults.append(f"{page}:{number}: {fault}: {command}")
        if following and not re.match(r"(taktgate|taktgate-prep|make|\.?/?build/\S+|kill|sudo) |```|#", following):
            faults.append(f"{page}:{number}: expected \\ at its end or an empty line after it, got: {following}")
    assert faults == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("taktgate linesim --parts", "--parts has no value"),
        ("taktgate linesim --parts --seed 1", "--parts has no value"),
        ("taktgate linesim --pieces 3", "--pieces is no option"),
        ("taktgate demo \\ --seed 3", "in its middle"),
        ("taktgate inspect my.tgb --data D --json taktgate run x.toml", "'taktgate' in its middle"),
        ("taktgate-prep train --data D --out", "its parser refuses it"),
        ("taktgate-prep train --data D --size 64 --out model.onnx", ""),
        ("taktgate ack station.toml --name 'M. Weber'  # a comment", ""),
    ],
)
def test_a_broken_command_is_found_out(command: str, said: str) -> None:
    assert said in fault_of(command)
    assert bool(said) == bool(fault_of(command))


def test_there_are_pages_files_and_commands() -> None:
    assert len(PAGES) > 30
    assert sum(1 for page in PAGES for _ in named_files(page)) > 100
    assert sum(1 for page in PAGES for _ in commands(page)) > 20
