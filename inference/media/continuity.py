"""Does this look like one unbroken recording?

Reviewers are promised an unedited video. Four signs are read, and each place they point to is only a reason to
look: cuts in the picture, jumps of the room's sound, gaps in the time stamps, and edit lists. A false alarm
wrongs an educator, so every rule asks for more than a moving camera, a flash, a light switch or a slammed door gives.

The thresholds were chosen on clips made and decoyed for the purpose (tests/inference/media/test_continuity.py),
not learned from labelled submissions, of which there are none yet.
"""

from pathlib import Path

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from inference.media import trace
from inference.media.boxes import box_tracks
from inference.media.containers import container_of
from inference.media.fence import Bounds, Tap, run, source
from inference.media.sound import SAMPLE_RATE, bounds_for, on_the_clock, sound_track
from inference.media.trace import FRAMES_S, PICTURES_S, Trace, Tracer
from inference.media.tracks import Reach, Track, reach, read_tracks
from model.preannotation import Media

_SAME_S = 1.0  # signs closer than this are one edit
_EDGE_S = 1.0  # nothing is read at the very ends, where there is no before or after

# Picture. Difference is 1 - correlation of two grey pictures with their means removed, so that a change of light
# as a whole is none. 0 is the same view, about 1 an unrelated one.
_VIEW_FRAMES = 9  # the view before and after is the median of so many pictures (0.75 s): a flash leaves it alone
_NEAR_FRAMES = 6  # a pan or a passer-by changes neighbouring pictures too (0.5 s to each side)
_SUDDEN = 4.0  # times the largest difference nearby
_CONTRAST = 5.0  # grey levels of standard deviation under which a picture shows too little to compare
_OTHER_VIEW = 0.5  # enough by itself: another view
_MOVED_VIEW = 0.04  # with a jump of sound: the same view, with people elsewhere in it
_OWN_NOISE = 10.0  # robust standard deviations of the recording's own differences

# Sound. The room is the 15th percentile of each mel band: what is there between the words.
_ROOM_S = 4.0
_ROOM_PERCENTILE = 15
_ROOM_JUMP_DB = 4.0  # mean over bands, with a cut in the picture
_ROOM_STEADY = 2.0  # times the change within the seconds before and after
_ALONE_JUMP_DB = 12.0  # without a picture to ask
_ALONE_STEADY = 4.0
_ALONE_SUDDEN_S = 0.15
_COINCIDE_S = 0.3

_GAP_S = 0.5  # of missing time stamps in every track; recorders write without a break
_PICTURE_GAP_S = 1.5  # where there is no sound to ask: cameras slow down in the dark
_PICTURE_GAP_TIMES = 10.0


def find_edits(path: Path, *, media: Media, kept: Path | None = None) -> tuple[float, ...]:
    """Seconds at which the recording looks cut, in order; () for an unbroken one.

    `kept` is the trace.npz that `make_playback` left; without it the recording is decoded once more.
    Raises `FfmpegFailed`, `DiskFull`, `MediaTimedOut`.
    """
    bounds = bounds_for(media)
    length = media.duration or 0.0
    seen = Trace.load(kept) if kept is not None and kept.is_file() else watch(path, bounds=bounds)
    playable = [track for track in read_tracks(path, bounds=bounds).all if track.playable]
    found = [
        *edit_list_joints(path),
        *time_gaps(playable, reach(path, bounds=bounds)),
        *cuts(seen),
    ]
    return _merged([at for at in found if _EDGE_S <= at <= length - _EDGE_S])


def watch(path: Path, *, bounds: Bounds) -> Trace:
    """Decode a recording for nothing but its trace."""
    tracer = Tracer()
    opened = source(path, bounds=bounds)
    picture, sound = read_tracks(path, bounds=bounds).picture, sound_track(path, bounds=bounds)
    taps: list[Tap] = []
    outputs = []
    if picture is not None:
        taps.append(Tap(tracer.see))
        grey = (
            opened[picture.selector]
            .filter("fps", fps=PICTURES_S, start_time=0)
            .filter("scale", trace.WIDTH, trace.HEIGHT, flags="area")
        )
        outputs.append(ffmpeg.output(grey, taps[-1].url, format="rawvideo", pix_fmt="gray"))
    if sound is not None:
        taps.append(Tap(tracer.hear))
        pcm = {"format": "s16le", "acodec": "pcm_s16le", "ac": 1, "ar": SAMPLE_RATE}
        outputs.append(ffmpeg.output(on_the_clock(opened[sound.selector]), taps[-1].url, **pcm))
    run(*outputs, bounds=bounds, taps=tuple(taps))
    return tracer.trace()


def edit_list_joints(path: Path) -> tuple[float, ...]:
    """Where an MP4's edit list joins two stretches that were not neighbours in the recording.

    One segment, or an empty one before it, only shifts or trims the whole and is no joint.
    """
    if container_of(path) != "mov":
        return ()
    joints = set()
    for track in box_tracks(path):
        at = 0.0
        expected: float | None = None
        for segment in track.edits:
            if segment.media_start is not None:
                if expected is not None and abs(segment.media_start - expected) > 0.1:
                    joints.add(round(at, 3))
                expected = segment.media_start + segment.duration
            at += segment.duration
    return tuple(sorted(joints))


def time_gaps(tracks: list[Track], reached: dict[int, Reach]) -> tuple[float, ...]:
    """Where every track is silent about the same moment, or the clock itself starts anew."""
    known = [(track, reached[track.index]) for track in tracks if track.index in reached]
    resets = [at for _, data in known[:1] for at in data.resets]
    sound = [_gaps(data, _GAP_S) for track, data in known if track.kind == "audio"]
    picture = [_gaps(data, _GAP_S) for track, data in known if track.kind == "video"]
    if sound and picture:
        gaps = [a for a, b in sound[0] if any(c < b and a < d for c, d in picture[0])]
    elif sound:
        gaps = [a for a, _ in sound[0]]
    else:
        gaps = [a for _, data in known[:1] for a, _ in _gaps(data, _unusual(data))]
    return tuple(sorted({round(at, 3) for at in (*resets, *gaps)}))


def _gaps(data: Reach, longer_s: float) -> list[tuple[float, float]]:
    wide = np.flatnonzero(np.diff(data.starts) > longer_s)
    return [(float(data.starts[i]), float(data.starts[i + 1])) for i in wide]


def _unusual(data: Reach) -> float:
    steps = np.diff(data.starts)
    return max(_PICTURE_GAP_S, _PICTURE_GAP_TIMES * float(np.percentile(steps, 99))) if steps.size else _PICTURE_GAP_S


def cuts(seen: Trace) -> tuple[float, ...]:
    """Seconds at which the picture shows another view at once, or view and room change together."""
    if len(seen.pictures) < 2 * _VIEW_FRAMES:
        return room_jumps(seen.sound)
    sudden, view = picture_changes(seen.pictures)
    found = []
    for i in np.flatnonzero(sudden & (view >= _MOVED_VIEW)):
        at = float(i / PICTURES_S)
        if view[i] >= _OTHER_VIEW or _room_changes(seen.sound, at):
            found.append(at)
    return tuple(found)


def picture_changes(pictures: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """For each picture: whether it differs from the one before as only a cut does, and how different the view stays.

    pictures: (n, height, width) grey. Returns two arrays of shape (n,).
    """
    flat = pictures.reshape(len(pictures), -1).astype(np.float64)
    flat -= flat.mean(axis=1, keepdims=True)
    step = np.zeros(len(flat))
    step[1:] = _difference(flat[:-1], flat[1:])
    noise = np.median(step) + _OWN_NOISE * 1.4826 * np.median(np.abs(step - np.median(step)))
    sudden = np.zeros(len(flat), dtype=bool)
    view = np.zeros(len(flat))
    for i in np.flatnonzero(step > max(noise, _MOVED_VIEW / 2)):
        if i < _VIEW_FRAMES or i + _VIEW_FRAMES > len(flat):
            continue
        around = np.concatenate((step[i - _NEAR_FRAMES : i], step[i + 1 : i + 1 + _NEAR_FRAMES]))
        sudden[i] = step[i] >= _SUDDEN * around.max()
        before, after = np.median(flat[i - _VIEW_FRAMES : i], axis=0), np.median(flat[i : i + _VIEW_FRAMES], axis=0)
        view[i] = _difference(before[None], after[None])[0]
    return sudden, view


def _difference(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 - correlation of zero-mean pictures, row by row; 0 where either shows too little to tell. (n, p) -> (n,)."""
    power_a, power_b = (a**2).mean(axis=1), (b**2).mean(axis=1)
    told = np.minimum(power_a, power_b) >= _CONTRAST**2
    together = (a * b).mean(axis=1) / np.sqrt(np.maximum(power_a * power_b, _CONTRAST**4))
    return np.where(told, 1 - together, 0.0)


def room_jumps(sound: NDArray[np.float32]) -> tuple[float, ...]:
    """Seconds at which the room behind the words becomes another at once. sound: (m, bands) dB.

    For recordings without a picture. Children falling silent also change the room, but not between two frames.
    """
    window = round(_ROOM_S * FRAMES_S)
    found = []
    at = 2 * window
    while at + 2 * window <= len(sound):
        jump = _room_jump(sound, at)
        if jump >= _ALONE_JUMP_DB and jump >= _ALONE_STEADY * _restlessness(sound, at):
            best = max(range(at, min(at + window, len(sound) - 2 * window)), key=lambda i: _room_jump(sound, i))
            if _is_sudden(sound, best):
                found.append(best / FRAMES_S)
            at = best + window
        at += 2
    return tuple(found)


def _room_changes(sound: NDArray[np.float32], at: float) -> bool:
    near = round(_COINCIDE_S * FRAMES_S)
    centre = round(at * FRAMES_S)
    return any(
        (jump := _room_jump(sound, i)) >= _ROOM_JUMP_DB and jump >= _ROOM_STEADY * _restlessness(sound, i)
        for i in range(centre - near, centre + near + 1)
    )


def _room(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    room: NDArray[np.float32] = np.percentile(sound, _ROOM_PERCENTILE, axis=0)
    return room


def _room_jump(sound: NDArray[np.float32], i: int) -> float:
    """Mean absolute change of the room's bands in dB across frame `i`; 0 where there is not enough on both sides."""
    window = round(_ROOM_S * FRAMES_S)
    before, after = sound[max(0, i - window) : max(0, i)], sound[max(0, i) : i + window]
    if min(len(before), len(after)) < window // 2:
        return 0.0
    return float(np.abs(_room(after) - _room(before)).mean())


def _restlessness(sound: NDArray[np.float32], i: int) -> float:
    """How much the room changes by itself within the stretch before and the stretch after frame `i`."""
    half = round(_ROOM_S * FRAMES_S / 2)
    return max(
        float(np.abs(_room(part[:half]) - _room(part[half:])).mean()) if len(part) == 2 * half else 0.0
        for part in (sound[max(0, i - 2 * half) : max(0, i)], sound[max(0, i) : i + 2 * half])
    )


def _is_sudden(sound: NDArray[np.float32], i: int) -> bool:
    """Whether the quieter room holds right up to the joint: within three frames of it, its level is reached."""
    window, near = round(_ROOM_S * FRAMES_S), round(_ALONE_SUDDEN_S * FRAMES_S)
    before, after = _room(sound[i - window : i]), _room(sound[i : i + window])
    quiet, touch = (before, sound[i - near : i]) if before.mean() < after.mean() else (after, sound[i : i + near])
    return bool((touch.min(axis=0) - quiet).mean() < _ROOM_JUMP_DB)


def _merged(found: list[float]) -> tuple[float, ...]:
    kept: list[float] = []
    for at in sorted(found):
        if not kept or at - kept[-1] > _SAME_S:
            kept.append(round(at, 2))
    return tuple(kept)
