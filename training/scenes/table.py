"""What happens on the table: two filters are filled, muddy water is poured, and a light tells which cup is clearer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from training.scenes.pen import Colour, Pen, Point, blend

_MUD, _YELLOW, _CLEAR = (132, 94, 60), (206, 176, 96), (176, 214, 220)
_GLASS: Colour = (232, 242, 244, 120)
_RIM: Colour = (255, 255, 255, 150)
_JUG_AT = (236.0, 470.0)
FILTERS_X = (488.0, 716.0)  # with the sponge, without
_BASE = 482.0  # what the cups stand on
_BOWLS_X = (318.0, 372.0, 576.0, 630.0)


@dataclass(frozen=True, slots=True)
class _Turn:
    """One value moving to `target` from `start` seconds on, taking `span` seconds."""

    start: float
    origin: float
    target: float
    span: float

    def at(self, time: float) -> float:
        share = min(1.0, max(0.0, (time - self.start) / self.span))
        return self.origin + (self.target - self.origin) * share * share * (3 - 2 * share)


# what each stage asks for; what it does not name stays as it was
_TARGETS: dict[str, dict[str, float]] = {
    "jug": {},
    "materials": {"bowls": 1.0},
    "sorted": {"sorted": 1.0},
    "layer1": {"sand": 1.0},
    "layer2": {"cotton": 1.0, "gravel": 1.0},
    "layer3": {"sponge": 1.0},
    "pour": {"tilt": 1.0, "jug": 0.35, "above": 1.0, "cup": 0.3},
    "drip": {"tilt": 0.0, "above": 0.25, "cup": 1.0, "clear": 0.4},
    "light": {"light": 1.0, "above": 0.0, "clear": 1.0, "bowls": 0.0},
}
_SPANS: dict[str, float] = {"cup": 16.0, "clear": 14.0, "above": 5.0, "jug": 6.0, "tilt": 1.8, "light": 2.5}
_START: dict[str, float] = {
    "bowls": 0.0, "sorted": 0.0, "sand": 0.0, "cotton": 0.0, "gravel": 0.0, "sponge": 0.0, "tilt": 0.0,
    "jug": 1.0, "above": 0.0, "cup": 0.0, "clear": 0.0, "light": 0.0,
}  # fmt: skip
_SPAN = 2.0


class Table:
    """The table at any moment, from the times at which its stages begin. It ends as it began, so a film can repeat."""

    def __init__(self, stages: tuple[tuple[float, str], ...]) -> None:
        self._turns: dict[str, list[_Turn]] = {name: [] for name in _START}
        for start, stage in stages:
            for name, target in (_START if stage == "jug" else _TARGETS[stage]).items():
                span = _SPAN if stage == "jug" else _SPANS.get(name, _SPAN)
                self._turns[name].append(_Turn(start, self.value(name, start), target, span))

    def value(self, name: str, time: float) -> float:
        begun = [turn for turn in self._turns[name] if turn.start <= time]
        return begun[-1].at(time) if begun else _START[name]

    def hands(self, time: float) -> dict[str, tuple[Point | None, Point | None]]:
        """Who holds what: Maya the jug while it is tilted, Leo and Sam a lamp each."""
        held: dict[str, tuple[Point | None, Point | None]] = {}
        if self.value("tilt", time) > 0.05:
            x, y = self._jug_place(time)
            held["maya"] = (None, (x + 12, y + 6))
        if self.value("light", time) > 0.1:
            for name, cup in (("leo", 0), ("sam", 1)):
                x, y = self._lamp_place(time, cup)
                held[name] = ((x + 24, y), None)
        return held

    def draw(self, pen: Pen, time: float) -> None:
        self._draw_bowls(pen, time)
        for i, x in enumerate(FILTERS_X):
            self._draw_cup(pen, x, time, sponge=i == 0)
            self._draw_filter(pen, x, time, sponge=i == 0)
        self._draw_drops(pen, time)
        self._draw_jug(pen, time)
        self._draw_light(pen, time)

    def _jug_place(self, time: float) -> Point:
        share = self.value("tilt", time)
        return _JUG_AT[0] + (FILTERS_X[0] - 102 - _JUG_AT[0]) * share, _JUG_AT[1] - 162 * share

    def _lamp_place(self, time: float, cup: int) -> Point:
        away = 1 - self.value("light", time)
        return FILTERS_X[cup] + 96 + 60 * away, _BASE - 20 + 90 * away

    def _draw_jug(self, pen: Pen, time: float) -> None:
        tilt = self.value("tilt", time)
        x, y = self._jug_place(time)
        angle = math.radians(70 * tilt)
        cos, sin = math.cos(angle), math.sin(angle)

        def turned(points: Sequence[Point]) -> list[Point]:
            return [(x + px * cos - py * sin, y + px * sin + py * cos) for px, py in points]

        level = -72 * self.value("jug", time)
        pen.shape(turned([(-30, -86), (30, -86), (36, 0), (-36, 0)]), _GLASS)
        slosh = 2 * math.sin(2 * math.pi * time * 0.6)
        slant = 40 * tilt
        mud = [(-32, level + slosh + slant), (33, level - slosh - slant), (35, -3), (-35, -3)]
        pen.shape(turned(mud), _MUD)
        pen.line(turned([(30, -86), (42, -92)]), 4, (214, 226, 230))
        pen.line(turned([(-31, -74), (-54, -66), (-54, -26), (-34, -18)]), 6, (214, 226, 230))
        pen.line(turned([(-30, -86), (30, -86)]), 3, (244, 250, 250))
        if tilt > 0.85 and self.value("jug", time) > 0.4:
            mouth = turned([(42, -92)])[0]
            top = _BASE - 150
            wobble = 1.5 * math.sin(time * 19)
            pen.line([mouth, (FILTERS_X[0] - 4 + wobble, top - 30), (FILTERS_X[0] + wobble, top + 24)], 5, _MUD)

    def _draw_filter(self, pen: Pen, x: float, time: float, *, sponge: bool) -> None:
        """A bottle cut in two and turned over: layers from the neck up, and the water waiting on top."""
        top, shoulder, neck = _BASE - 150, _BASE - 92, _BASE - 66

        def half(y: float) -> float:
            return 36.0 if y <= shoulder else 36 - 26 * (y - shoulder) / (neck - shoulder)

        def layer(low: float, high: float, colour: Colour) -> None:
            if low - high > 0.6:
                steps = [low + (high - low) * i / 6 for i in range(7)]
                right = [(x + half(y) - 2, y) for y in steps]
                pen.shape([*right, *[(2 * x - px, py) for px, py in reversed(right)]], colour)

        y = neck - 1
        deep = 26 * self.value("cotton", time)
        layer(y, y - deep * 0.6, (246, 243, 238))
        y -= deep * 0.6
        for name, depth, colour in (
            ("sand", 20, (222, 190, 130)),
            ("sponge", 16, (240, 206, 84)),
            ("gravel", 22, _STONE),
        ):
            if name == "sponge" and not sponge:
                continue
            high = depth * self.value(name, time)
            layer(y, y - high, colour)
            if name == "gravel" and high > depth * 0.7:
                _pebbles(pen, x, y - high, y)
            if name == "sponge" and high > depth * 0.6:
                for i in range(5):
                    pen.ellipse((x - 22 + i * 11, y - high / 2 + (i % 2) * 3), 2.4, 2, (206, 170, 52))
            y -= high
        waiting = 24 * self.value("above", time)
        if waiting > 1:
            layer(y, y - waiting, _MUD)
        left = [(x - 10, neck + 12), (x - 10, neck), (x - 36, shoulder), (x - 36, top)]
        right = [(2 * x - px, py) for px, py in reversed(left)]
        pen.shape([*left, *right], (236, 246, 250, 62))
        for wall in (left, right):
            pen.line(wall, 2, (206, 222, 228))
        pen.line([(x - 27, top + 8), (x - 27, shoulder - 6)], 2.5, _RIM)

    def _draw_cup(self, pen: Pen, x: float, time: float, *, sponge: bool) -> None:
        pen.ellipse((x, _BASE + 1), 44, 6, (150, 106, 66, 110))
        level = 36 * self.value("cup", time)
        best = _CLEAR if sponge else blend(_YELLOW, _CLEAR, 0.25)
        water = blend(blend(_MUD, _YELLOW, 0.75), best, self.value("clear", time))
        if level > 1:
            pen.shape(
                [(x - 33, _BASE - level), (x + 33, _BASE - level), (x + 30, _BASE - 3), (x - 30, _BASE - 3)], water
            )
            pen.line([(x - 33, _BASE - level), (x + 33, _BASE - level)], 1.5, (255, 255, 255, 120))
        pen.shape([(x - 38, _BASE - 56), (x + 38, _BASE - 56), (x + 32, _BASE), (x - 32, _BASE)], (236, 246, 250, 70))
        for side in (-1, 1):
            pen.line([(x + side * 38, _BASE - 56), (x + side * 32, _BASE)], 2, (210, 224, 230))
        pen.line([(x - 31, _BASE - 1), (x + 31, _BASE - 1)], 2.5, (206, 220, 226))

    def _draw_drops(self, pen: Pen, time: float) -> None:
        cup, above = self.value("cup", time), self.value("above", time)
        if not (0.01 < cup < 0.995 and above > 0.02):
            return
        for x, beat in ((FILTERS_X[0], 0.62), (FILTERS_X[1], 0.74)):
            fall = (time / beat) % 1.0
            y = _BASE - 52 + (52 - 36 * cup) * fall * fall
            colour = blend(_MUD, _YELLOW, 0.9)
            pen.ellipse((x, y), 3, 4.4, colour)

    def _draw_bowls(self, pen: Pen, time: float) -> None:
        shown = self.value("bowls", time)
        if shown <= 0.02:
            return
        order = self.value("sorted", time)
        contents: tuple[tuple[Colour, float, float], ...] = (
            ((222, 190, 130), _BOWLS_X[0], _BOWLS_X[2]),
            (_STONE, _BOWLS_X[1], _BOWLS_X[0]),
            ((246, 243, 238), _BOWLS_X[2], _BOWLS_X[3]),
            ((240, 206, 84), _BOWLS_X[3], _BOWLS_X[1]),
        )
        for colour, start, end in contents:
            x = start + (end - start) * order
            y = 512 + 40 * (1 - shown) - 16 * math.sin(math.pi * order)
            pen.ellipse((x, y + 11), 25, 5, (150, 106, 66, 110))
            pen.ellipse((x, y - 5), 20, 9, colour)
            pen.shape([(x - 24, y - 4), (x + 24, y - 4), (x + 16, y + 12), (x - 16, y + 12)], (98, 138, 160))
            pen.line([(x - 24, y - 4), (x + 24, y - 4)], 2.5, (132, 168, 186))

    def _draw_light(self, pen: Pen, time: float) -> None:
        """One lamp to the right of each cup; through clearer water the beam reaches further."""
        share = self.value("light", time)
        if share <= 0.02:
            return
        glow = max(0.0, share - 0.8) * 5 * (0.92 + 0.08 * math.sin(time * 5))
        for i, cup in enumerate(FILTERS_X):
            x, y = self._lamp_place(time, i)
            reach, strength = (150.0, 130) if i == 0 else (34.0, 70)
            if glow > 0:
                pen.shape([(x - 24, y - 5), (x - 24, y + 5), (cup - 33, y + 13), (cup - 33, y - 13)],
                          (255, 244, 180, round(120 * glow)))  # fmt: skip
                for part in range(5):
                    end = cup - 33 - reach * (1 - part / 5)
                    spread = 13 + reach * (1 - part / 5) * 0.07
                    pen.shape([(cup - 33, y - 13), (cup - 33, y + 13), (end, y + spread), (end, y - spread)],
                              (255, 246, 190, round(strength * glow / 5)))  # fmt: skip
            pen.box(x - 10, y - 7, x + 40, y + 7, (74, 84, 100), radius=4)
            pen.shape([(x - 8, y - 8), (x - 24, y - 12), (x - 24, y + 12), (x - 8, y + 8)], (92, 104, 122))
            pen.box(x - 27, y - 11, x - 23, y + 11, (255, 238, 168), radius=2)


_STONE: Colour = (150, 146, 142)


def _pebbles(pen: Pen, x: float, top: float, bottom: float) -> None:
    shades = ((128, 124, 120), (172, 168, 162), (140, 132, 122))
    for i in range(12):
        px = x - 28 + (i * 37 % 57)
        py = top + 4 + (i * 23 % max(1, round(bottom - top - 7)))
        pen.ellipse((px, py), 4.4, 3.4, shades[i % 3])
