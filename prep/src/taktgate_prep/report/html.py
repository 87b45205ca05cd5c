"""HTML as text: every text that is not ours is escaped here, and nowhere else is markup put together by hand."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from taktgate_prep.report.style import STYLE


class Markup(str):
    """Text that is markup already; any other text is escaped when it is put into an element."""

    __slots__ = ()


def escaped(content: object) -> Markup:
    """Markup as it is; all other values as text."""
    return content if isinstance(content, Markup) else Markup(html.escape(str(content), quote=True))


def element(name: str, /, *content: object, **attributes: object) -> Markup:
    """`<name ...>content</name>`; `class_` gives the attribute class, `_` in names becomes `-`, None is left out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{given}>{joined(content)}</{name}>")


def empty(name: str, /, **attributes: object) -> Markup:
    """An element that has no content, as img."""
    return Markup(element(name, **attributes).removesuffix(f"</{name}>"))


def joined(parts: Iterable[object]) -> Markup:
    """Parts one after another."""
    return Markup("".join(escaped(part) for part in parts))


def table(
    head: Sequence[object],
    rows: Iterable[Sequence[object]],
    class_: str | None = None,
    marks: Sequence[str | None] = (),
) -> Markup:
    """A table; the first cell of a row names the row. marks: a class for every row."""
    body = [
        element(
            "tr",
            element("th", row[0], scope="row"),
            *(element("td", cell) for cell in row[1:]),
            class_=marks[i] if marks else None,
        )
        for i, row in enumerate(rows)
    ]
    return element(
        "div",
        element(
            "table",
            element("thead", element("tr", *(element("th", cell, scope="col") for cell in head))),
            element("tbody", *body),
            class_=class_,
        ),
        class_="scroll",
    )


def section(title: str, *content: object) -> Markup:
    """A part of the page with its heading."""
    return element("section", element("h2", title), *content)


def document(title: str, *content: object) -> str:
    """The whole page."""
    head = joined(
        [
            empty("meta", charset="utf-8"),
            empty("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("title", title),
            element("style", Markup(STYLE)),
        ]
    )
    body = element("body", element("main", *content))
    return f"<!DOCTYPE html>\n{element('html', element('head', head), body, lang='en')}\n"
