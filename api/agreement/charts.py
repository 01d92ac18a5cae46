"""Small charts as inline SVG: positions in per cent, so that text keeps its size and bars stretch with the page."""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_ROW = 18  # pixels per mark
_SHAPES = ("dot", "diamond", "square")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale1D:
    """From values to per cent of the width."""

    low: float
    high: float

    def at(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(100 * share, 3)

    def ticks(self, n: int = 6) -> list[float]:
        """Round values inside, about n of them."""
        raw = (self.high - self.low) / n
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw - 1e-12)
        first = math.ceil(self.low / step - 1e-9)
        return [round(k * step, 10) for k in range(first, math.floor(self.high / step + 1e-9) + 1)]


def scale_for(values: Iterable[float | None], *, at_least: tuple[float, float], pad: float = 0.05) -> Scale1D:
    """Wide enough for all values and `at_least`; values beyond ±20 do not stretch it further."""
    known = [value for value in values if value is not None and abs(value) <= 20]
    low, high = min([*known, at_least[0]]), max([*known, at_least[1]])
    room = pad * (high - low)
    return Scale1D(low=low if low == at_least[0] else low - room, high=high if high == at_least[1] else high + room)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A mark with its interval; without a value it says so."""

    value: float | None
    low: float | None = None
    high: float | None = None


def track(points: Sequence[Point], scale: Scale1D, *, lines: Sequence[float] = (), zero: float | None = None) -> Markup:
    """One row of a forest plot: each point on its own line, shapes telling them apart, reference lines dashed."""
    height = _ROW * len(points) + 8
    parts = [
        f'<line class="grid" x1="{scale.at(t)}%" x2="{scale.at(t)}%" y1="0" y2="{height}"/>' for t in scale.ticks()
    ]
    parts += [f'<line class="mark" x1="{scale.at(x)}%" x2="{scale.at(x)}%" y1="0" y2="{height}"/>' for x in lines]
    if zero is not None:
        parts.append(f'<line class="zero" x1="{scale.at(zero)}%" x2="{scale.at(zero)}%" y1="0" y2="{height}"/>')
    for place, point in enumerate(points):
        y = 4 + _ROW * place + _ROW / 2
        shape = _SHAPES[place % len(_SHAPES)]
        if point.low is not None and point.high is not None:
            low, high = scale.at(point.low), scale.at(point.high)
            parts.append(f'<line class="bar {shape}" x1="{low}%" x2="{high}%" y1="{y}" y2="{y}"/>')
        if point.value is not None:
            parts.append(_shape(shape, scale.at(point.value), y))
    # The figures stand beside the drawing and in the table below it, so a screen reader need not hear it.
    return Markup(f'<svg class="track" height="{height}" aria-hidden="true" focusable="false">{"".join(parts)}</svg>')


def _shape(shape: str, x: float, y: float) -> str:
    if shape == "dot":
        return f'<circle class="dot" cx="{x}%" cy="{y}" r="4.5"/>'
    turn = ' transform="rotate(45)"' if shape == "diamond" else ""
    # A nested svg puts its origin at a per cent of the width, where a turned square can be drawn in pixels.
    square = f'<rect class="{shape}" x="-4" y="-4" width="8" height="8"{turn}/>'
    return f'<svg x="{x}%" y="{y}" overflow="visible">{square}</svg>'


def axis(scale: Scale1D) -> Markup:
    """Tick labels under a column of tracks."""
    parts = []
    for tick in scale.ticks():
        x = scale.at(tick)
        anchor = "start" if x < 4 else "end" if x > 96 else "middle"
        label = f"{tick:g}".replace("-", "−").replace("0.", ".") if abs(tick) < 1 else f"{tick:g}".replace("-", "−")
        parts.append(f'<text x="{x}%" y="14" text-anchor="{anchor}">{escape(label)}</text>')
    return Markup(f'<svg class="axis" height="18" aria-hidden="true" focusable="false">{"".join(parts)}</svg>')


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One point of a line over time."""

    at: float
    value: float | None
    low: float | None = None
    high: float | None = None


def timeline(moments: Sequence[Moment], across: Scale1D, up: Scale1D, *, height: int = 64) -> Markup:
    """A line with intervals; gaps where there is no value. Upwards is more."""

    def y(value: float) -> float:
        return round(height - 4 - (height - 8) * up.at(value) / 100, 2)

    zero = y(0.0)
    parts = [f'<line class="zero" x1="0" x2="100%" y1="{zero}" y2="{zero}"/>']
    told = [(moment, moment.value) for moment in moments if moment.value is not None]
    for (one, a), (two, b) in itertools.pairwise(told):
        x1, x2 = across.at(one.at), across.at(two.at)
        parts.append(f'<line class="path" x1="{x1}%" x2="{x2}%" y1="{y(a)}" y2="{y(b)}"/>')
    for moment, value in told:
        x = across.at(moment.at)
        if moment.low is not None and moment.high is not None:
            parts.append(f'<line class="bar dot" x1="{x}%" x2="{x}%" y1="{y(moment.low)}" y2="{y(moment.high)}"/>')
        parts.append(f'<circle class="dot" cx="{x}%" cy="{y(value)}" r="3.5"/>')
    return Markup(f'<svg class="track" height="{height}" aria-hidden="true" focusable="false">{"".join(parts)}</svg>')
