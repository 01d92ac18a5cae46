"""Does this look like one unbroken recording?

Reviewers are promised an unedited video. Four signs are read, and each place they point to is only a reason to
look: cuts in the picture, jumps of the room's sound, gaps in the time stamps, and edit lists. A false alarm
wrongs an educator, so every rule asks for more than a moving camera, a flash, a light switch or a slammed door gives.

The thresholds (cuts.py, rooms.py) were chosen on clips made and decoyed for the purpose (the tests of this module)
and looked at on a few real ones; they are not learned from labelled submissions, of which there are none yet. What is
missed: seconds left out while the camera points the same way and the room sounds the same, and, without a picture,
most joints that are not in a pause. No edit found is no proof that there is none.
"""

from pathlib import Path

import ffmpeg
import numpy as np

from inference.media import trace
from inference.media.boxes import box_tracks
from inference.media.containers import container_of
from inference.media.cuts import cuts
from inference.media.fence import Bounds, Tap, run, source
from inference.media.sound import SAMPLE_RATE, bounds_for, on_the_clock, sound_track
from inference.media.trace import PICTURES_S, Trace, Tracer
from inference.media.tracks import Reach, Track, reach, read_tracks
from model.preannotation import Media

_SAME_S = 1.0  # signs closer than this are one edit
_EDGE_S = 1.0  # nothing is read at the very ends, where there is no before or after
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


def _merged(found: list[float]) -> tuple[float, ...]:
    kept: list[float] = []
    for at in sorted(found):
        if not kept or at - kept[-1] > _SAME_S:
            kept.append(round(at, 2))
    return tuple(kept)
