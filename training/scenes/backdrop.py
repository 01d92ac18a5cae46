"""The room: a wall with a window, a shelf, bunting and a clock that runs."""

import math

from PIL import Image

from training.scenes.pen import FINE, HEIGHT, WIDTH, Colour, Pen, blank, blend

TABLE_BACK, TABLE_FRONT = 398.0, 540.0

_WALL, _PANEL = (244, 235, 221), (226, 211, 190)
_WOOD, _GRAIN, _EDGE = (201, 154, 108), (188, 141, 96), (160, 116, 76)
_FRAME = (250, 247, 240)
_SKY, _HAZE, _HILL, _FAR = (168, 210, 232), (222, 238, 243), (138, 178, 128), (168, 199, 156)
_WINDOW = (40.0, 52.0, 236.0, 232.0)
_CLOCK = (868.0, 92.0, 42.0)
_FLAGS = ((224, 122, 95), (242, 204, 143), (129, 178, 154), (86, 128, 166), (190, 140, 180))
_JARS = ((90, 140, 165), (208, 164, 84), (170, 105, 90))


def paint_room() -> Image.Image:
    """Everything that never moves."""
    image = blank(_WALL)
    pen = Pen(image)
    for i in range(20):
        shade = blend(_WALL, (233, 220, 200), i / 19)
        pen.box(0, i * 16, WIDTH, i * 16 + 17, shade)
    pen.box(0, 318, WIDTH, HEIGHT, _PANEL)
    pen.box(0, 314, WIDTH, 322, (205, 187, 163))
    for x in range(60, WIDTH, 120):
        pen.line([(x, 324.0), (x, TABLE_BACK)], 1.5, (212, 195, 172))
    _bunting(pen)
    _shelf(pen)
    return image


def paint_table(pen: Pen) -> None:
    pen.shape([(24, TABLE_BACK), (WIDTH - 24, TABLE_BACK), (WIDTH + 60, TABLE_FRONT), (-60, TABLE_FRONT)], _WOOD)
    for i in range(1, 6):
        y = TABLE_BACK + i * i * 5.2
        inset = max(2.0, 26 - i * i * 3.2)
        pen.line([(inset, y), (WIDTH - inset, y)], 1.0, _GRAIN)
    pen.box(20, TABLE_BACK - 4, WIDTH - 20, TABLE_BACK + 4, _EDGE, radius=4)


def paint_moving(image: Image.Image, time: float) -> None:
    """What moves by itself: clouds behind the window and the hands of the clock."""
    _window(image, time)
    _clock(Pen(image), time)


def _bunting(pen: Pen) -> None:
    def height(x: float) -> float:
        return 16 + 26 * (1 - ((x - 480) / 480) ** 2)

    pen.line([(x, height(x)) for x in range(0, WIDTH + 1, 20)], 1.5, (176, 158, 134))
    for i, x in enumerate(range(24, WIDTH, 48)):
        y = height(x)
        pen.shape([(x - 13, y), (x + 13, y), (x, y + 24)], _FLAGS[i % len(_FLAGS)])


def _shelf(pen: Pen) -> None:
    pen.box(664, 196, 800, 205, (170, 128, 88), radius=2)
    for i, colour in enumerate(_JARS):
        x = 676 + i * 40
        pen.box(x, 158, x + 26, 196, (236, 240, 240), radius=5)
        pen.box(x + 2, 172 - 4 * i, x + 24, 194, colour, radius=4)
        pen.box(x + 2, 153, x + 24, 160, (150, 120, 96), radius=2)


def _window(image: Image.Image, time: float) -> None:
    left, top, right, bottom = _WINDOW
    scene = Image.new("RGB", (round((right - left) * FINE), round((bottom - top) * FINE)), _SKY)
    pen = Pen(scene)
    width, height = right - left, bottom - top
    for i in range(12):
        pen.box(0, i * height / 12, width, (i + 1) * height / 12 + 1, blend(_SKY, _HAZE, i / 11))
    for speed, y, size in ((3.1, 34.0, 1.0), (2.0, 70.0, 0.7), (4.2, 96.0, 0.55)):
        x = (time * speed + y * 5) % (width + 120) - 60
        for dx, dy, radius in ((-22, 4, 14), (0, -4, 20), (22, 3, 15)):
            pen.ellipse((x + dx * size, y + dy * size), radius * size, radius * 0.72 * size, (255, 255, 255, 205))
    pen.ellipse((width * 0.25, height + 40), 120, 82, _FAR)
    pen.ellipse((width * 0.8, height + 46), 130, 84, _HILL)
    creek = [(width * 0.47, height - 33), (width * 0.53, height - 20), (width * 0.44, height), (width * 0.62, height),
             (width * 0.6, height - 20), (width * 0.5, height - 33)]  # fmt: skip
    pen.shape(creek, (126, 170, 190))
    image.paste(scene, (round(left * FINE), round(top * FINE)))
    frame = Pen(image)
    for x in (left, (left + right) / 2, right):
        frame.line([(x, top), (x, bottom)], 7, _FRAME)
    for bar in (top, (top + bottom) / 2 - 10, bottom):
        frame.line([(left, bar), (right, bar)], 7, _FRAME)
    frame.box(left - 12, bottom + 2, right + 12, bottom + 12, (238, 231, 219), radius=3)


def _clock(pen: Pen, time: float) -> None:
    x, y, radius = _CLOCK
    pen.ellipse((x + 2, y + 3), radius + 4, radius + 4, (190, 170, 146, 130))
    pen.ellipse((x, y), radius + 4, radius + 4, (92, 110, 128))
    pen.ellipse((x, y), radius, radius, (253, 251, 246))
    for hour in range(12):
        angle = math.radians(hour * 30)
        inner = radius - (9 if hour % 3 == 0 else 6)
        ends = [(x + r * math.sin(angle), y - r * math.cos(angle)) for r in (inner, radius - 3)]
        pen.line(ends, 2.2 if hour % 3 == 0 else 1.2, (92, 110, 128))
    hands: tuple[tuple[float, float, float, Colour], ...] = (
        (16 / 24 + time / 43200, 0.5, 4.0, (60, 72, 86)),
        (0.17 + time / 3600, 0.72, 3.0, (60, 72, 86)),
        (math.floor(time) / 60, 0.82, 1.4, (206, 90, 70)),
    )
    for turn, reach, width, colour in hands:
        angle = 2 * math.pi * turn
        pen.line([(x, y), (x + radius * reach * math.sin(angle), y - radius * reach * math.cos(angle))], width, colour)
    pen.ellipse((x, y), 3, 3, (60, 72, 86))
