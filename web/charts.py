"""Bars on a page, as SVG that needs neither a script nor a style of its own."""

from collections.abc import Sequence
from typing import NamedTuple

# In units of the drawing; the browser scales it.
WIDTH, HEIGHT = 360, 150
LEFT, TOP, BOTTOM = 34, 8, 20
# A number that is too small to be given has a mark of its own, of this height, which says nothing on the axis.
MARK = 5


class Bar(NamedTuple):
    """A piece of a column, or a mark in its place; ``series`` counts from 1."""

    x: float
    y: float
    width: float
    height: float
    series: int


class Label(NamedTuple):
    x: float
    y: float
    text: str


class Chart(NamedTuple):
    """Stacked columns; ``lines`` are the heights of the lines behind them, each with its number. ``marks`` stand side
    by side at the foot of a column, for what is too small to be given, or on what is known of it.
    """

    bars: list[Bar]
    marks: list[Bar]
    columns: list[Label]
    lines: list[Label]


def stacked(columns: Sequence[tuple[str, Sequence[int | None]]]) -> Chart:
    """A chart of columns, each with its label and a number for each series; None is a number too small to be given."""
    top = _round_up(max([*(sum(value or 0 for value in values) for _, values in columns), 1]))
    scale, step = (HEIGHT - TOP - BOTTOM) / top, (WIDTH - LEFT) / max(len(columns), 1)
    bars, marks, labels = [], [], []
    for place, (label, values) in enumerate(columns):
        x, y = LEFT + place * step, float(HEIGHT - BOTTOM)
        for series, value in enumerate(values, 1):
            if value:
                bars.append(Bar(round(x + step * 0.15, 1), round(y - value * scale, 1), round(step * 0.7, 1),
                                round(value * scale, 1), series))  # fmt: skip
                y -= value * scale
        small = [series for series, value in enumerate(values, 1) if value is None]
        for number, series in enumerate(small):
            width = step * 0.7 / len(small)
            marks.append(Bar(round(x + step * 0.15 + number * width, 1), round(y - MARK, 1), round(width - 1, 1), MARK,
                             series))  # fmt: skip
        labels.append(Label(round(x + step / 2, 1), HEIGHT - 6, label))
    lines = [Label(LEFT, round(HEIGHT - BOTTOM - value * scale, 1), str(value)) for value in (0, top // 2, top)]
    return Chart(bars, marks, labels, lines)


def _round_up(value: int) -> int:
    """The next of 2, 4, 10, 20, 40, 100 and so on."""
    size = 1
    while True:
        for step in (2, 4, 10):
            if value <= step * size:
                return step * size
        size *= 10
