"""The sound of the room behind the words, and whether it becomes another from one moment to the next.

The thresholds were chosen on made clips (tests/inference/media/test_continuity.py), not learned.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import percentile_filter

from inference.media.trace import FRAMES_S

_ROOM_S = 4.0
_ROOM_PERCENTILE = 15  # of each mel band: what is there between the words
_JUMP_DB = 3.0  # mean over bands, with a cut in the picture
_STEADY = 1.5  # times what the room changes by a few seconds before and after
_ALONE_JUMP_DB = 4.0  # without a picture to ask
_ALONE_STEADY = 3.0
_ALONE_SHARE = 0.12  # of the bands must rise, and as many fall: a tap that is opened only adds
_TOUCH_FRAMES = 3  # 0.15 s to each side, within which the step must be complete: children fall silent more slowly
_TOUCH_OLD = 0.3  # of the step; noise wavers
_TOUCH_OVER = 1.0
_BAND_STEP_DB = 3.0  # bands that step by less tell nothing
_PEAK_FRAMES = 10  # the step must be where the change is largest, within half a second
_COINCIDE_FRAMES = 3  # sound and picture of one recording lie this close together

_WINDOW = round(_ROOM_S * FRAMES_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """For every frame i of `sound`: the room in the seconds before and after it, and how far apart they are.

    sound, before, after: (m, bands) dB; jump: (m,) mean absolute change in dB, 0 within 4 s of either end;
    restless: (m,) the larger of the jumps 4 s earlier and 4 s later.
    """

    sound: NDArray[np.float32]
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    jump: NDArray[np.float32]
    restless: NDArray[np.float32]

    @classmethod
    def of(cls, sound: NDArray[np.float32]) -> "Rooms":
        after = _following(sound, _WINDOW)
        before = _shifted(after, -_WINDOW)
        jump = np.abs(after - before).mean(axis=1)
        jump[:_WINDOW] = 0.0
        jump[max(0, len(jump) - _WINDOW) :] = 0.0
        restless = np.maximum(_shifted(jump, _WINDOW), _shifted(jump, -_WINDOW))
        return cls(sound=sound, before=before, after=after, jump=jump, restless=restless)

    def step_with_picture(self, at: float) -> bool:
        """Whether the room changes together with a cut in the picture at `at` seconds."""
        centre = round(at * FRAMES_S)
        near = range(max(0, centre - _COINCIDE_FRAMES), min(len(self.jump), centre + _COINCIDE_FRAMES + 1))
        return any(self.jump[i] >= max(_JUMP_DB, _STEADY * self.restless[i]) and self._steps_at(i) for i in near)

    def steps_alone(self) -> tuple[float, ...]:
        """Seconds at which the room becomes another at once, for recordings without a picture.

        A source that starts or stops (a tap, a fan) only adds or only takes away; another place does both.
        """
        found = []
        wanted = np.flatnonzero(self.jump >= np.maximum(_ALONE_JUMP_DB, _ALONE_STEADY * self.restless))
        done = -1
        for i in wanted.tolist():
            if i <= done:
                continue
            end = min(i + _WINDOW, len(self.jump))
            peak = i + int(np.argmax(self.jump[i:end]))
            around = range(max(0, peak - _PEAK_FRAMES), min(len(self.jump), peak + _PEAK_FRAMES + 1))
            stepping = [j for j in around if self._is_other(j) and self._steps_at(j)]
            if stepping:
                found.append(stepping[int(np.argmax(self.jump[stepping]))] / FRAMES_S)
            done = end
        return tuple(found)

    def _is_other(self, i: int) -> bool:
        change = self.after[i] - self.before[i]
        return bool(min((change > _BAND_STEP_DB).mean(), (change < -_BAND_STEP_DB).mean()) >= _ALONE_SHARE)

    def _steps_at(self, i: int) -> bool:
        """Whether the change is complete right at frame `i`: the old room until then, the new one from then on.

        Each touching frame is placed between the old room (0) and the new (1), over the bands that tell them apart.
        Where somebody speaks across the joint this cannot be seen, and the answer is no.
        """
        gap = self.after[i] - self.before[i]
        telling = np.abs(gap) >= _BAND_STEP_DB
        if not telling.any() or not _TOUCH_FRAMES <= i <= len(self.sound) - _TOUCH_FRAMES:
            return False
        touching = self.sound[i - _TOUCH_FRAMES : i + _TOUCH_FRAMES, telling]
        way = (touching - self.before[i, telling]) / gap[telling]
        old, new = np.median(way[:_TOUCH_FRAMES].mean(axis=0)), np.median(way[_TOUCH_FRAMES:].mean(axis=0))
        return bool(old <= _TOUCH_OLD and 1 - _TOUCH_OLD <= new <= 1 + _TOUCH_OVER)


def _following(sound: NDArray[np.float32], window: int) -> NDArray[np.float32]:
    """The room of sound[i : i + window] at every i; the end is held."""
    centred = percentile_filter(sound, _ROOM_PERCENTILE, size=(window, 1), mode="nearest")
    return _shifted(np.asarray(centred, dtype=np.float32), window // 2)


def _shifted(values: NDArray[np.float32], by: int) -> NDArray[np.float32]:
    """values[i + by] at i, the ends held."""
    places = np.clip(np.arange(len(values)) + by, 0, max(0, len(values) - 1))
    return values[places]
