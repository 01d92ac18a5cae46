"""Drawing in the film's own units, four times as fine as it is shown, so that edges come out smooth."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 960, 540
FINE = 2  # drawn pixels per shown pixel, each way

Colour = tuple[int, int, int] | tuple[int, int, int, int]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Pen:
    """Shapes on an RGB image; a colour's fourth number is its opacity."""

    image: Image.Image

    def _draw(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self.image, "RGBA")

    def ellipse(self, centre: Point, rx: float, ry: float, fill: Colour, edge: Colour | None = None) -> None:
        x, y = centre
        box = [(x - rx) * FINE, (y - ry) * FINE, (x + rx) * FINE, (y + ry) * FINE]
        self._draw().ellipse(box, fill=fill, outline=edge, width=FINE if edge else 0)

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour, *, radius: float = 0.0) -> None:
        if right - left < 0.5 or bottom - top < 0.5:
            return
        corner = min(radius, (right - left) / 2, (bottom - top) / 2) * FINE
        self._draw().rounded_rectangle([left * FINE, top * FINE, right * FINE, bottom * FINE], corner, fill=fill)

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        self._draw().polygon([(x * FINE, y * FINE) for x, y in points], fill=fill)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        self._draw().line(
            [(x * FINE, y * FINE) for x, y in points], fill=colour, width=round(width * FINE), joint="curve"
        )
        if width > 3:
            for x, y in (points[0], points[-1]):
                self.ellipse((x, y), width / 2 - 0.25, width / 2 - 0.25, colour)

    def arc(self, centre: Point, radius: float, start: float, end: float, width: float, colour: Colour) -> None:
        """Degrees clockwise from three o'clock."""
        x, y = centre
        box = [(x - radius) * FINE, (y - radius) * FINE, (x + radius) * FINE, (y + radius) * FINE]
        self._draw().arc(box, start, end, fill=colour, width=round(width * FINE))


def blank(colour: Colour) -> Image.Image:
    return Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), colour[:3])


def shown(fine: Image.Image) -> Image.Image:
    return fine.reduce(FINE)


def blend(a: Colour, b: Colour, share: float) -> Colour:
    """`share` of `b` in `a`; opacity is blended where both have it."""
    return tuple(round(p + (q - p) * share) for p, q in zip(a, b, strict=False))  # type: ignore[return-value]
