"""Charts as inline SVG; sizes in pixels, y runs upwards in the figures that are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from taktgate_prep.report.html import Markup, element, joined

_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 14, 12, 42
COLOURS = ("#2463a8", "#c05a1c", "#1b7f4b")


@dataclass(frozen=True)
class Axis:
    """low and high of what is drawn; ticks: (value, text); place: value -> 0..1, given low and high by default."""

    title: str
    low: float
    high: float
    ticks: Sequence[tuple[float, str]]

    def place(self, value: float) -> float:
        """0 at the low end, 1 at the high end; values outside are put at the ends."""
        if self.high <= self.low:
            return 0.5
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


@dataclass
class Chart:
    """A frame with two axes into which lines, bars and marks are drawn."""

    x: Axis
    y: Axis
    width: int = 620
    height: int = 300
    _parts: list[Markup] = field(default_factory=list)

    def line(
        self, points: Sequence[tuple[float, float]], colour: str, dashed: bool = False, steps: bool = False
    ) -> None:
        """Through (x, y); with `steps` each y holds until the next x."""
        corners: list[tuple[float, float]] = []
        for x, y in points:
            if steps and corners:
                corners.append((x, corners[-1][1]))
            corners.append((x, y))
        text = " ".join(f"{self._x(x):.1f},{self._y(y):.1f}" for x, y in corners)
        self._parts.append(
            element(
                "polyline",
                points=text,
                fill="none",
                stroke=colour,
                stroke_width=2,
                stroke_dasharray="5 4" if dashed else None,
            )
        )

    def bar(self, left: float, right: float, y: float, colour: str, opacity: float = 1.0) -> None:
        """From the x axis up to y."""
        top = self._y(y)
        self._parts.append(
            element(
                "rect",
                x=f"{self._x(left):.1f}",
                y=f"{top:.1f}",
                fill=colour,
                fill_opacity=opacity,
                width=f"{max(0.5, self._x(right) - self._x(left)):.1f}",
                height=f"{max(0.0, self.height - _BOTTOM - top):.1f}",
            )
        )

    def dot(self, x: float, y: float, colour: str) -> None:
        """A mark."""
        self._parts.append(element("circle", cx=f"{self._x(x):.1f}", cy=f"{self._y(y):.1f}", r=4, fill=colour))

    def upright(self, x: float, text: str, colour: str, row: int = 0) -> None:
        """A vertical line with a word beside it, `row` lines below the top."""
        at = self._x(x)
        self._parts.append(
            element(
                "line",
                x1=f"{at:.1f}",
                x2=f"{at:.1f}",
                y1=_TOP,
                y2=self.height - _BOTTOM,
                stroke=colour,
                stroke_width=1.5,
                stroke_dasharray="3 3",
            )
        )
        left = at > self.width * 0.7
        self._parts.append(
            element(
                "text",
                text,
                x=f"{at + (-5 if left else 5):.1f}",
                y=_TOP + 13 + 15 * row,
                text_anchor="end" if left else "start",
                style=f"fill:{colour}",
            )
        )

    def text(self, x: float, y: float, text: str) -> None:
        """A word above a place."""
        self._parts.append(
            element("text", text, x=f"{self._x(x):.1f}", y=f"{self._y(y) - 5:.1f}", text_anchor="middle")
        )

    def render(self, title: str) -> Markup:
        """The whole picture; `title` is read out where it cannot be seen."""
        return element(
            "svg",
            element("title", title),
            self._frame(),
            *self._parts,
            role="img",
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {self.width} {self.height}",
            width=self.width,
            height=self.height,
        )

    def _frame(self) -> Markup:
        bottom, right = self.height - _BOTTOM, self.width - _RIGHT
        parts = [
            element(
                "rect", x=_LEFT, y=_TOP, width=right - _LEFT, height=bottom - _TOP, fill="#fbfcfd", stroke="#d5dae0"
            )
        ]
        for value, text in self.x.ticks:
            at = f"{self._x(value):.1f}"
            parts.append(element("line", x1=at, x2=at, y1=_TOP, y2=bottom, stroke="#e8ebee"))
            room = self.width - self._x(value) > 3.5 * len(text)  # else it would be cut at the edge of the picture
            parts.append(
                element(
                    "text",
                    text,
                    x=at if room else self.width - 1,
                    y=bottom + 16,
                    text_anchor="middle" if room else "end",
                )
            )
        for value, text in self.y.ticks:
            at = f"{self._y(value):.1f}"
            parts.append(element("line", x1=_LEFT, x2=right, y1=at, y2=at, stroke="#e8ebee"))
            parts.append(element("text", text, x=_LEFT - 6, y=f"{self._y(value) + 4:.1f}", text_anchor="end"))
        parts.append(element("text", self.x.title, x=(_LEFT + right) / 2, y=self.height - 6, text_anchor="middle"))
        middle = (_TOP + bottom) / 2
        parts.append(
            element("text", self.y.title, x=14, y=middle, text_anchor="middle", transform=f"rotate(-90 14 {middle:g})")
        )
        return joined(parts)

    def _x(self, value: float) -> float:
        return _LEFT + self.x.place(value) * (self.width - _RIGHT - _LEFT)

    def _y(self, value: float) -> float:
        return self.height - _BOTTOM - self.y.place(value) * (self.height - _BOTTOM - _TOP)


def even_ticks(low: float, high: float, count: int, text: Callable[[float], str]) -> list[tuple[float, str]]:
    """`count` + 1 ticks from low to high."""
    values = [low + (high - low) * i / count for i in range(count + 1)]
    return [(value, text(value)) for value in values]


def legend(entries: Sequence[tuple[str, str]]) -> Markup:
    """(colour, text) as a line below a chart."""
    parts: list[Markup] = []
    for colour, text in entries:
        parts += [element("span", "\N{BLACK SQUARE} ", style=f"color:{colour}"), element("span", f"{text}\u2003")]
    return element("figcaption", *parts)
