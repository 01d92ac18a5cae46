"""Cuts in the picture, and jumps of the room's sound that go with them or stand alone.

The thresholds were chosen on made clips (tests/inference/media/test_continuity.py), not learned.
"""

import numpy as np
from numpy.typing import NDArray

from inference.media.rooms import Rooms
from inference.media.trace import PICTURES_S, Trace

Picture = NDArray[np.float64]  # shape: (height, width), grey levels

# Picture. Difference is 1 - correlation of two grey pictures with their means removed, so that a change of light
# as a whole is none. 0 is the same view, about 1 an unrelated one.
_VIEW_FRAMES = 9  # the view before and after is the median of so many pictures (0.75 s): a flash leaves it alone
_NEAR_FRAMES = 6  # a pan or a passer-by changes neighbouring pictures too (0.5 s to each side)
_SUDDEN = 4.0  # times the largest difference nearby; in lively pictures less, if it stands out by _STANDS_OUT
_SUDDEN_LIVELY = 2.5
_STANDS_OUT = 0.5
_CONTRAST = 5.0  # grey levels of standard deviation under which a picture shows too little to compare
_OWN_NOISE = 5.0  # robust standard deviations of the recording's own differences, but …
_ALWAYS = 0.5  # … so large a difference is always looked at
_MOVED_VIEW = 0.04  # counts only with a jump of sound: the same view, with people elsewhere in it
_OTHER_VIEW = 0.28  # enough by itself, when no shift of the camera makes up for it (a knock is no cut) …
_OTHER_PART = 0.15
_OTHER_SHARE = 0.8  # … and when nearly every part of the picture changed (a projected slide is no cut)
_GRID = (3, 4)  # parts down and across, each sought up to _PART_SHIFT pixels away
_PART_SHIFT = 2
_SHIFTS = (4, 7)  # pictures' pixels down and across: about a fifth of the view


def cuts(seen: Trace) -> tuple[float, ...]:
    """Seconds at which the picture shows another view at once, or view and room change together."""
    if len(seen.pictures) < 2 * _VIEW_FRAMES:
        return Rooms.of(seen.sound).steps_alone()
    rooms = Rooms.of(seen.sound)
    found = []
    for i in _sudden_changes(seen.pictures):
        before, after = _view(seen.pictures[i - _VIEW_FRAMES : i]), _view(seen.pictures[i : i + _VIEW_FRAMES])
        at = i / PICTURES_S
        if is_other_view(before, after) or (_difference(before, after) >= _MOVED_VIEW and rooms.step_with_picture(at)):
            found.append(at)
    return tuple(found)


def is_other_view(before: Picture, after: Picture) -> bool:
    """Whether two (HEIGHT, WIDTH) pictures show different views, not one view moved a little or changed in one part."""
    parts = _differences_by_part(before, after)
    if parts.size < _GRID[0] * _GRID[1] / 2 or (parts >= _OTHER_PART).mean() < _OTHER_SHARE:
        return False
    return _difference_at_best_shift(before, after) >= _OTHER_VIEW


def _differences_by_part(before: Picture, after: Picture) -> NDArray[np.float64]:
    """For each part of `before` that shows something, how much it differs from the place in `after` most like it."""
    height, width = before.shape[0] // _GRID[0], before.shape[1] // _GRID[1]
    around = np.pad(after, _PART_SHIFT, mode="edge")
    found = []
    for top in range(0, height * _GRID[0], height):
        for left in range(0, width * _GRID[1], width):
            part = before[top : top + height, left : left + width]
            if part.std() < _CONTRAST / 2:
                continue
            places = np.lib.stride_tricks.sliding_window_view(
                around[top : top + height + 2 * _PART_SHIFT, left : left + width + 2 * _PART_SHIFT], (height, width)
            ).reshape(-1, height, width)
            found.append(min(_difference(part, place) if place.std() >= _CONTRAST / 2 else 1.0 for place in places))
    return np.asarray(found)


def _sudden_changes(pictures: NDArray[np.uint8]) -> list[int]:
    """Indices of pictures that differ from the one before by far more than their neighbours do from theirs."""
    flat = pictures.reshape(len(pictures), -1).astype(np.float64)
    flat -= flat.mean(axis=1, keepdims=True)
    power = (flat**2).mean(axis=1)
    told = np.minimum(power[:-1], power[1:]) >= _CONTRAST**2
    alike = (flat[:-1] * flat[1:]).mean(axis=1) / np.sqrt(np.maximum(power[:-1] * power[1:], _CONTRAST**4))
    step = np.concatenate(([0.0], np.where(told, 1 - alike, 0.0)))
    noise = np.median(step) + _OWN_NOISE * 1.4826 * np.median(np.abs(step - np.median(step)))
    found = []
    for i in np.flatnonzero(step > max(min(noise, _ALWAYS), _MOVED_VIEW / 2)):
        if _VIEW_FRAMES <= i <= len(step) - _VIEW_FRAMES:
            around = np.concatenate((step[i - _NEAR_FRAMES : i], step[i + 1 : i + 1 + _NEAR_FRAMES])).max()
            lively = step[i] >= _SUDDEN_LIVELY * around and step[i] - around >= _STANDS_OUT
            if step[i] >= _SUDDEN * around or lively:
                found.append(int(i))
    return found


def _view(pictures: NDArray[np.uint8]) -> Picture:
    return np.asarray(np.median(pictures, axis=0), dtype=np.float64)


def _difference(a: Picture, b: Picture) -> float:
    """1 - correlation of two pictures of one shape; 0 where either shows too little to tell."""
    if min(a.std(), b.std()) < _CONTRAST / 2:
        return 0.0
    return 1 - float(((a - a.mean()) * (b - b.mean())).mean() / (a.std() * b.std()))


def _difference_at_best_shift(before: Picture, after: Picture) -> float:
    """The smallest difference of the parts that overlap, over shifts of up to _SHIFTS."""
    height, width = before.shape
    smallest = np.inf
    for dy in range(-_SHIFTS[0], _SHIFTS[0] + 1):
        for dx in range(-_SHIFTS[1], _SHIFTS[1] + 1):
            a = before[max(0, dy) : height + min(0, dy), max(0, dx) : width + min(0, dx)]
            b = after[max(0, -dy) : height + min(0, -dy), max(0, -dx) : width + min(0, -dx)]
            smallest = min(smallest, _difference(a, b))
    return float(smallest)
