"""Bars on a page, as SVG that needs neither a script nor a style of its own."""

from collections.abc import Sequence
from typing import NamedTuple

# In units of the drawing; the browser scales it.
WIDTH, HEIGHT = 360, 150
LEFT, TOP, BOTTOM = 34, 8, 20
# A number that is too small to be given is drawn as a sliver.
SLIVER = 2


class Bar(NamedTuple):
    """A piece of a column; ``series`` counts from 1."""

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
    """Stacked columns; ``lines`` are the heights of the lines behind them, each with its number."""

    bars: list[Bar]
    columns: list[Label]
    lines: list[Label]


def stacked(columns: Sequence[tuple[str, Sequence[int | None]]]) -> Chart:
    """A chart of columns, each with its label and a number for each series; None is a number too small to be given."""
    heights = [[SLIVER if value is None else value for value in values] for _, values in columns]
    top = _round_up(max([*map(sum, heights), 1]))
    scale, step = (HEIGHT - TOP - BOTTOM) / top, (WIDTH - LEFT) / max(len(columns), 1)
    bars, labels = [], []
    for place, ((label, _), values) in enumerate(zip(columns, heights, strict=True)):
        x, y = LEFT + place * step, float(HEIGHT - BOTTOM)
        for series, value in enumerate(values, 1):
            if value:
                bars.append(Bar(round(x + step * 0.15, 1), round(y - value * scale, 1), round(step * 0.7, 1),
                                round(value * scale, 1), series))  # fmt: skip
                y -= value * scale
        labels.append(Label(round(x + step / 2, 1), HEIGHT - 6, label))
    lines = [Label(LEFT, round(HEIGHT - BOTTOM - value * scale, 1), str(value)) for value in (0, top // 2, top)]
    return Chart(bars, labels, lines)


def _round_up(value: int) -> int:
    """The next of 2, 4, 10, 20, 40, 100 and so on."""
    size = 1
    while True:
        for step in (2, 4, 10):
            if value <= step * size:
                return step * size
        size *= 10
