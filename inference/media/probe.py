"""What was handed in, and whether it can be reviewed at all."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from inference.media.fence import Bounds
from inference.media.tracks import COPY_AGAIN, EXPORT, Track, Tracks, glimpse, reach, read_tracks
from model.errors import InputRefused
from model.preannotation import Media, MediaWarning

_TAIL_S = 3.0  # what is decoded at each end to see that there is something to decode
_NEAR_S = 2.0  # containers round their stated length, and sound and picture seldom end together
_NEAR_SHARE = 0.02
_BISECT_S = 5.0
_TRACK_ENDS_EARLY_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a submission may be. Everything outside is refused before anything is decoded."""

    maximum_s: float = 3 * 3600.0
    minimum_s: float = 0.0  # shorter only warns: the rubric asks for so much, the reviewer decides
    least_s: float = 0.5  # shorter is a slip of the finger, not a session
    tracks: int = 32
    bounds: Bounds = field(default_factory=Bounds)


def probe(path: Path, *, limits: Limits = Limits()) -> Media:
    """Look at a recording, decode a moment at its start and end, and describe it.

    Durations are seconds of data really there, not what the header claims. Raises `InputRefused` with one
    sentence of fact and one of remedy for whatever cannot be reviewed.
    """
    tracks = _open(path, limits)
    _refuse_excess(tracks, limits)
    ends = _ends(path, tracks, limits)
    duration = max(ends.values())
    _refuse_cut_short(tracks, duration)
    if duration > limits.maximum_s:
        raise _too_long(duration, limits.maximum_s)
    if duration < limits.least_s:
        raise InputRefused(
            "media.too_brief", f"The recording lasts only {duration:.2f} s.", "Choose the recording of the session."
        )
    _refuse_undecodable(path, tracks, duration, limits)
    return Media(
        name=path.name,
        duration=round(duration, 3),
        sha256=_sha256(path),
        size=path.stat().st_size,
        streams=tuple(track.stream for track in tracks.all),
        warnings=_warnings(tracks, ends, duration, limits),
    )


def clock(seconds: float) -> str:
    """Seconds as a person reads them: `4:07`, `1:02:30`."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def _open(path: Path, limits: Limits) -> Tracks:
    tracks = read_tracks(path, bounds=limits.bounds)
    if not tracks.all:
        raise InputRefused("media.no_streams", "The file holds neither picture nor sound.", "Choose another file.")
    if not tracks.playable("video") and not tracks.playable("audio"):
        raise InputRefused("media.codec", "The picture and sound are coded in a way that cannot be read here.", EXPORT)
    return tracks


def _refuse_excess(tracks: Tracks, limits: Limits) -> None:
    if len(tracks.all) > limits.tracks:
        raise InputRefused(
            "media.too_many_tracks", f"The file holds {len(tracks.all)} tracks; {limits.tracks} are allowed.", EXPORT
        )
    for track in tracks.playable("video"):
        width, height = track.stream.width or 0, track.stream.height or 0
        if width * height > limits.bounds.pixels:
            raise InputRefused(
                "media.too_many_pixels",
                f"The picture is {width} × {height} pixels, more than any camera this is made for.",
                "Export the recording at 1920 × 1080 or smaller and send that.",
            )
    if tracks.stated is not None and tracks.stated > limits.maximum_s:
        raise _too_long(tracks.stated, limits.maximum_s)


def _too_long(seconds: float, maximum_s: float) -> InputRefused:
    return InputRefused(
        "media.too_long",
        f"The recording says it is {clock(seconds)} long; at most {clock(maximum_s)} is accepted.",
        "Cut out the session to be reviewed, without editing inside it, and send that.",
    )


def _ends(path: Path, tracks: Tracks, limits: Limits) -> dict[int, float]:
    playable = {track.index for track in tracks.all if track.playable}
    found = {i: r.end for i, r in reach(path, bounds=limits.bounds).items() if i in playable and r.end > 0}
    if not found:
        raise InputRefused("media.no_data", "The file has a header but no picture or sound behind it.", COPY_AGAIN)
    return found


def _refuse_cut_short(tracks: Tracks, duration: float) -> None:
    stated = tracks.stated
    if stated is not None and stated - duration > max(_NEAR_S, _NEAR_SHARE * stated):
        raise _cut_short(stated, duration)


def _cut_short(stated: float, usable: float) -> InputRefused:
    return InputRefused(
        "media.truncated",
        f"The recording should be {clock(stated)} long, but only the first {clock(usable)} is there.",
        COPY_AGAIN,
    )


def _refuse_undecodable(path: Path, tracks: Tracks, duration: float, limits: Limits) -> None:
    """A file whose index is whole can still hold zeros where an upload or a copy stopped."""
    chosen = tuple(track for kind in ("video", "audio") for track in tracks.playable(kind)[:1])

    def decodes(at: float) -> bool:
        seen = glimpse(path, chosen, at=at, length_s=_TAIL_S, bounds=limits.bounds)
        return seen.pictures + seen.sounds > 0

    if not decodes(0.0):
        raise InputRefused("media.unreadable", "The picture and sound are damaged and cannot be decoded.", COPY_AGAIN)
    good, bad = 0.0, max(0.0, duration - _TAIL_S)
    if bad == 0.0 or decodes(bad):
        return
    while bad - good > _BISECT_S:
        middle = (good + bad) / 2
        good, bad = (middle, bad) if decodes(middle) else (good, middle)
    raise _cut_short(duration, good + _TAIL_S)


def _warnings(tracks: Tracks, ends: dict[int, float], duration: float, limits: Limits) -> tuple[MediaWarning, ...]:
    found = []
    if duration < limits.minimum_s:
        text = f"The recording is {clock(duration)} long; this rubric asks for at least {clock(limits.minimum_s)}."
        found.append(MediaWarning(code="too_short", text=text))
    sound = _last_end(tracks.playable("audio"), ends)
    picture = _last_end(tracks.playable("video"), ends)
    if sound is None:
        text = "The recording has no sound, so nothing that was said can be pointed to."
        found.append(MediaWarning(code="no_audio", text=text))
    elif duration - sound > _TRACK_ENDS_EARLY_S:
        text = f"The sound stops at {clock(sound)} while the picture goes on to {clock(duration)}."
        found.append(MediaWarning(code="no_audio", text=text, at=(round(sound, 3),)))
    if picture is None:
        found.append(MediaWarning(code="no_video", text="The recording has no picture: only its sound is reviewed."))
    elif duration - picture > _TRACK_ENDS_EARLY_S:
        text = f"The picture stops at {clock(picture)} while the sound goes on to {clock(duration)}."
        found.append(MediaWarning(code="no_video", text=text, at=(round(picture, 3),)))
    return tuple(found)


def _last_end(tracks: tuple[Track, ...], ends: dict[int, float]) -> float | None:
    return max((ends[track.index] for track in tracks if track.index in ends), default=None)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
