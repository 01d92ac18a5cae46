"""Drawings with two axes, as SVG; the same marks and classes as `api.agreement.charts`."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from markupsafe import Markup, escape

from api.agreement.charts import Moment, Scale1D

_BOTTOM, _TOP = 20, 8  # pixels kept for the axis below; the style sheet keeps room for the one at the left
SHAPES = ("dot", "diamond", "square")
Place: TypeAlias = Callable[[float], float]
"""From a value to pixels from the top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a plot; the shape tells it from the others, not the colour alone."""

    name: str
    moments: tuple[Moment, ...]


def plot(
    lines: Sequence[Line],
    across: Scale1D,
    up: Scale1D,
    *,
    title: str,
    described: str,
    height: int = 220,
    diagonal: bool = False,
) -> Markup:
    """Points with intervals joined by lines. `title` and `described` are read out in place of the drawing."""
    inner = height - _BOTTOM - _TOP

    def y(value: float) -> float:
        return round(_TOP + inner * (1 - up.at(value) / 100), 2)

    parts = [_axes(across, up, y, height)]
    if diagonal:
        low, high = max(across.low, up.low), min(across.high, up.high)
        parts.append(
            f'<line class="mark" x1="{across.at(low)}%" y1="{y(low)}" x2="{across.at(high)}%" y2="{y(high)}"/>'
        )
    for place, line in enumerate(lines):
        parts += _line(line, SHAPES[place % len(SHAPES)], across, y, nudge=4 * place)
    return Markup(
        f'<svg class="plot" height="{height}" role="img" focusable="false" aria-label="{escape(title)}. '
        f'{escape(described)}"><title>{escape(title)}</title><desc>{escape(described)}</desc>{"".join(parts)}</svg>'
    )


def _axes(across: Scale1D, up: Scale1D, y: Place, height: int) -> str:
    parts = []
    for tick in up.ticks(5):
        parts.append(f'<line class="grid" x1="0" x2="100%" y1="{y(tick)}" y2="{y(tick)}"/>')
        parts.append(f'<text x="0" dx="-6" y="{y(tick)}" dy=".32em" text-anchor="end">{_label(tick)}</text>')
    for tick in across.ticks(6):
        x = across.at(tick)
        parts.append(f'<text x="{x}%" y="{height - 4}" text-anchor="middle">{_label(tick)}</text>')
    return f'<g class="axis">{"".join(parts)}</g>'


def _label(tick: float) -> str:
    text = f"{tick:g}".replace("-", "−")
    return text.replace("0.", ".", 1) if abs(tick) < 1 else text


def _line(line: Line, shape: str, across: Scale1D, y: Place, *, nudge: int) -> list[str]:
    """`nudge`: pixels to the right, so that intervals at the same place do not cover each other."""
    told = [(moment, moment.value) for moment in line.moments if moment.value is not None]
    parts = []
    for (one, a), (two, b) in itertools.pairwise(told):
        x1, x2 = across.at(one.at), across.at(two.at)
        parts.append(f'<line class="path {shape}" x1="{x1}%" x2="{x2}%" y1="{y(a)}" y2="{y(b)}"/>')
    for moment, value in told:
        x = across.at(moment.at)
        if moment.low is not None and moment.high is not None:
            parts.append(f'<line class="bar {shape}" x1="{x}%" x2="{x}%" y1="{y(moment.low)}" y2="{y(moment.high)}"/>')
        parts.append(f'<svg x="{x}%" y="{y(value)}" overflow="visible">{mark(shape)}</svg>')
    return [f'<g transform="translate({nudge} 0)">{"".join(parts)}</g>']


def mark(shape: str) -> Markup:
    """A mark around the origin."""
    if shape == "dot":
        return Markup('<circle class="dot" r="4"/>')
    turn = ' transform="rotate(45)"' if shape == "diamond" else ""
    return Markup(f'<rect class="{shape}" x="-4" y="-4" width="8" height="8"{turn}/>')


def key(shape: str) -> Markup:
    """The mark for a legend."""
    return Markup(
        f'<svg width="18" height="12" aria-hidden="true" focusable="false"><g transform="translate(9 6)">{mark(shape)}'
        "</g></svg>"
    )
