"""Four people as simple shapes. Whoever speaks moves the mouth with the sound, leans in and is lit from behind."""

import math
from dataclasses import dataclass

from training.scenes.pen import Colour, Pen, Point, blend


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """How one person looks and where they are."""

    x: float
    head_y: float
    size: float  # 1 for an adult
    skin: Colour
    hair: Colour
    shirt: Colour
    style: str  # "bun", "puffs", "curls" or "bob"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """One person at one moment. `voice` in [0, 1] is how loud they speak, `speaking` how much they hold the floor."""

    time: float
    voice: float
    speaking: float
    look: Point  # where the eyes go, in the film's units
    phase: float  # so that no two breathe or blink together


FIGURES: dict[str, Figure] = {
    "facilitator": Figure(
        x=128, head_y=196, size=1.12, skin=(150, 102, 74), hair=(52, 40, 38), shirt=(70, 122, 128), style="bun"
    ),
    "maya": Figure(
        x=352, head_y=256, size=0.92, skin=(112, 76, 56), hair=(38, 30, 30), shirt=(232, 170, 66), style="puffs"
    ),
    "leo": Figure(
        x=600, head_y=262, size=0.9, skin=(240, 202, 172), hair=(164, 96, 52), shirt=(108, 150, 92), style="curls"
    ),
    "sam": Figure(
        x=832, head_y=252, size=0.95, skin=(218, 172, 134), hair=(44, 46, 62), shirt=(176, 98, 122), style="bob"
    ),
}
_REST_Y = 412.0  # hands on the table


def draw_person(pen: Pen, figure: Figure, pose: Pose) -> None:
    """Head and body; the table is painted over what is behind it, then `draw_arms` comes on top."""
    s = figure.size
    breath = 1.2 * math.sin(2 * math.pi * (pose.time / 3.7 + pose.phase))
    nod = pose.speaking * (2.2 * math.sin(2 * math.pi * pose.time * 0.9) - 3.0 * pose.voice)
    lean = pose.speaking * 3.0 * math.sin(2 * math.pi * (pose.time / 2.9 + pose.phase))
    head = (figure.x + lean, figure.head_y + breath + nod)
    _light(pen, head, s, pose)
    _body(pen, figure, head, breath)
    _hair_behind(pen, figure, head)
    pen.ellipse(head, 40 * s, 44 * s, figure.skin)
    for side in (-1, 1):
        pen.ellipse((head[0] + side * 40 * s, head[1] + 4 * s), 6 * s, 9 * s, figure.skin)
    _hair_before(pen, figure, head)
    _face(pen, figure, head, pose)


def _light(pen: Pen, head: Point, s: float, pose: Pose) -> None:
    for ring in range(5):
        opacity = round(pose.speaking * (16 + 10 * pose.voice))
        pen.ellipse(head, (58 + ring * 7) * s, (62 + ring * 7) * s, (255, 214, 120, opacity))
    if pose.voice > 0.12:
        for ring in range(3):
            strength = round(190 * min(1.0, pose.voice * 2.2 - ring * 0.35) * pose.speaking)
            if strength > 0:
                radius = (64 + ring * 10) * s
                pen.arc(head, radius, -24, 24, 3, (214, 120, 70, strength))
                pen.arc(head, radius, 156, 204, 3, (214, 120, 70, strength))


def _body(pen: Pen, figure: Figure, head: Point, breath: float) -> None:
    s, x = figure.size, figure.x
    top = figure.head_y + 58 * s + breath * 0.6
    shade = blend(figure.shirt, (30, 30, 40), 0.14)
    pen.box(head[0] - 13 * s, head[1] + 30 * s, head[0] + 13 * s, top + 14 * s, blend(figure.skin, (60, 40, 40), 0.14))
    pen.box(x - 62 * s, top, x + 62 * s, 480, figure.shirt, radius=34 * s)
    pen.shape([(x - 16 * s, top - 1), (x + 16 * s, top - 1), (x, top + 20 * s)], figure.skin)
    pen.line([(x - 34 * s, top + 64 * s), (x - 34 * s, 420)], 2.0, shade)
    pen.line([(x + 34 * s, top + 64 * s), (x + 34 * s, 420)], 2.0, shade)


def _hair_behind(pen: Pen, figure: Figure, head: Point) -> None:
    s, (x, y) = figure.size, head
    if figure.style == "bun":
        pen.ellipse((x + 4 * s, y - 52 * s), 18 * s, 17 * s, figure.hair)
        pen.ellipse((x, y - 8 * s), 44 * s, 42 * s, figure.hair)
    elif figure.style == "puffs":
        for side in (-1, 1):
            pen.ellipse((x + side * 42 * s, y - 26 * s), 24 * s, 24 * s, figure.hair)
        pen.ellipse((x, y - 10 * s), 43 * s, 40 * s, figure.hair)
    elif figure.style == "bob":
        pen.box(x - 47 * s, y - 42 * s, x + 47 * s, y + 46 * s, figure.hair, radius=30 * s)


def _hair_before(pen: Pen, figure: Figure, head: Point) -> None:
    s, (x, y) = figure.size, head
    if figure.style == "curls":
        for i in range(9):
            angle = math.radians(188 + i * 20.5)
            centre = (x + 36 * s * math.cos(angle), y - 8 * s + 34 * s * math.sin(angle))
            pen.ellipse(centre, 14 * s, 13 * s, figure.hair)
        pen.ellipse((x, y - 34 * s), 30 * s, 14 * s, figure.hair)
        return
    fringe = [(x + 41 * s * math.cos(a), y - 4 * s + 41 * s * math.sin(a)) for a in _degrees(186, 354, 12)]
    dip = 12 if figure.style == "bob" else 18
    fringe += [(x + 26 * s, y - (dip + 4) * s), (x + 6 * s, y - dip * s - 8 * s), (x - 24 * s, y - dip * s)]
    pen.shape(fringe, figure.hair)
    if figure.style == "bob":
        pen.arc((x, y - 2 * s), 42 * s, 200, 340, 5 * s, (238, 196, 92))
    if figure.style == "puffs":
        for side in (-1, 1):
            pen.ellipse((x + side * 31 * s, y - 30 * s), 5 * s, 6 * s, (214, 92, 92))


def _degrees(start: float, end: float, steps: int) -> list[float]:
    return [math.radians(start + (end - start) * i / (steps - 1)) for i in range(steps)]


def _face(pen: Pen, figure: Figure, head: Point, pose: Pose) -> None:
    s, (x, y) = figure.size, head
    dx, dy = pose.look[0] - x, pose.look[1] - y
    far = math.hypot(dx, dy) or 1.0
    gaze = (4.0 * s * dx / far, 3.0 * s * dy / far)
    dark: Colour = (44, 34, 34)
    blink = (pose.time + 7 * pose.phase) % 4.3 < 0.13
    for side in (-1, 1):
        eye = (x + side * 15 * s + gaze[0] * 0.5, y + 2 * s + gaze[1] * 0.4)
        if blink:
            pen.line([(eye[0] - 6 * s, eye[1]), (eye[0] + 6 * s, eye[1])], 2.2 * s, dark)
        else:
            pen.ellipse(eye, 6.6 * s, 7.4 * s, (252, 250, 246))
            pen.ellipse((eye[0] + gaze[0] * 0.7, eye[1] + gaze[1] * 0.7), 3.9 * s, 4.3 * s, dark)
        brow = y - (11 + 3 * pose.voice) * s
        pen.line([(eye[0] - side * 8 * s, brow), (eye[0] + side * 8 * s, brow + 2 * s)], 2.6 * s, figure.hair)
        cheek = (x + side * 24 * s + gaze[0] * 0.4, y + 16 * s)
        pen.ellipse(cheek, 7 * s, 4.5 * s, (226, 110, 100, 60))
    if figure.style == "bun":
        for side in (-1, 1):
            pen.arc((x + side * 15 * s + gaze[0] * 0.5, y + 2 * s), 12 * s, 0, 360, 1.8, (72, 58, 54))
        pen.line([(x - 3 * s + gaze[0] * 0.5, y + 1 * s), (x + 3 * s + gaze[0] * 0.5, y + 1 * s)], 1.8, (72, 58, 54))
    mouth = (x + gaze[0] * 0.7, y + 22 * s)
    if pose.voice > 0.05:
        pen.ellipse(mouth, (8 + 3 * pose.voice) * s, (2 + 10 * pose.voice) * s, (122, 50, 52))
    else:
        pen.arc((mouth[0], mouth[1] - 8 * s), 11 * s, 35, 145, 2.4 * s, (122, 62, 58))


def draw_arms(pen: Pen, figure: Figure, pose: Pose, hands: tuple[Point | None, Point | None]) -> None:
    """`hands` hold something at these places; None rests a hand on the table, or lets it talk along."""
    s, x = figure.size, figure.x
    shoulder_y = figure.head_y + 80 * s
    sleeve = blend(figure.shirt, (30, 30, 40), 0.1)
    for side, held in ((-1, hands[0]), (1, hands[1])):
        wave = pose.speaking * math.sin(2 * math.pi * (pose.time * 0.7 + pose.phase + side * 0.25))
        rest = (x + side * (46 + 4 * wave) * s, _REST_Y - max(0.0, wave) * 30 * s * (1 if side > 0 else 0.4))
        hand = held or rest
        elbow = (x + side * 70 * s, (shoulder_y + hand[1]) / 2 + 16 * s)
        pen.line([(x + side * 52 * s, shoulder_y), elbow, hand], 19 * s, sleeve)
        pen.ellipse(hand, 12 * s, 11 * s, figure.skin)
