"""What is inside a recording: its tracks, and how far their data really reach."""

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal

import av.error
import av.stream
import ffmpeg
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from inference.media.boxes import rotation_of
from inference.media.containers import STATED_LENGTH, container_of
from inference.media.fence import Bounds, FfmpegFailed, Tap, open_container, run, source
from model.errors import InputRefused
from model.preannotation import Stream

COPY_AGAIN = "Copy the recording again from the camera or phone, see that it plays to the end, and send it again."
EXPORT = "Export the recording as MP4 (H.264 picture, AAC sound) and send that."

_RESTARTING = frozenset({"mpegts", "mpeg"})  # streams that may begin their clock anew in the middle
_RESTART_S, _LEAP_S = 1.0, 10.0  # ffmpeg joins such streams at the same leap (its dts_delta_threshold)
_PACKETS = 20_000_000  # three hours hold about two million; a stop for files made of nothing but packets


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One picture or sound track. `position` counts within its kind, as ffmpeg's `v:0`, `a:1` do."""

    kind: Literal["video", "audio"]
    position: int
    index: int  # in the file
    playable: bool  # False where no decoder is known, as for some phones' second, spatial sound track
    stated: float | None  # seconds, from the header
    stream: Stream
    nominal_fps: float | None = None  # what the file claims; a variable rate averages less

    @property
    def selector(self) -> str:
        return f"{self.kind[0]}:{self.position}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracks:
    container: str
    stated: float | None  # seconds, only where this container's header can be trusted for it
    all: tuple[Track, ...]

    def playable(self, kind: Literal["video", "audio"]) -> tuple[Track, ...]:
        return tuple(track for track in self.all if track.kind == kind and track.playable)

    @property
    def picture(self) -> Track | None:
        """The first picture track that moves: a cover image is none."""
        return next(iter(self.playable("video")), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """What came out of decoding a short stretch: number of frames, and upright square-pixel size of the picture."""

    pictures: int
    sounds: int
    width: int | None = None
    height: int | None = None


def read_tracks(path: Path, *, bounds: Bounds) -> Tracks:
    """The tracks a file says it has. Raises `InputRefused` for a file that cannot be opened."""
    container = container_of(path)
    found: list[Track] = []
    with _opened(path, container, bounds) as opened:
        counts = {"video": 0, "audio": 0}
        for stream in opened.streams:
            if not isinstance(stream, VideoStream | AudioStream):
                continue
            kind = stream.type
            found.append(_track(stream, counts[kind], path, container))
            counts[kind] += 1
        stated = [track.stated for track in found if track.stated is not None and track.playable]
        whole = opened.duration / av.time_base if opened.duration is not None else None
    longest = max(stated, default=whole)
    return Tracks(container=container, stated=longest if container in STATED_LENGTH else None, all=tuple(found))


@contextmanager
def _opened(path: Path, container: str, bounds: Bounds) -> Iterator[InputContainer]:
    try:
        opened = open_container(path, bounds=bounds)
    except av.error.FFmpegError as error:
        if container == "mov":
            raise InputRefused(
                "media.truncated",
                "The file has lost its index, which is written last: the recording or the copy was cut short.",
                COPY_AGAIN,
            ) from error
        raise InputRefused("media.unreadable", "The file is damaged and cannot be opened.", COPY_AGAIN) from error
    with opened:
        yield opened


def _track(stream: VideoStream | AudioStream, position: int, path: Path, container: str) -> Track:
    stated = None
    if stream.duration is not None and stream.time_base is not None:
        stated = float(stream.duration * stream.time_base)
    if isinstance(stream, VideoStream):
        picture = stream.codec_context
        cover = bool(stream.disposition & (av.stream.Disposition.attached_pic | av.stream.Disposition.still_image))
        return Track(
            kind="video",
            position=position,
            index=stream.index,
            playable=picture is not None and not cover,
            stated=stated,
            nominal_fps=float(stream.guessed_rate) if stream.guessed_rate else None,
            stream=Stream(
                kind="video",
                codec=_codec(stream),
                width=picture.width if picture is not None else None,
                height=picture.height if picture is not None else None,
                rotation=rotation_of(path, stream.id) if container == "mov" else None,
                fps=round(float(stream.average_rate), 3) if stream.average_rate else None,
            ),
        )
    sound = stream.codec_context
    return Track(
        kind="audio",
        position=position,
        index=stream.index,
        playable=sound is not None,
        stated=stated,
        stream=Stream(
            kind="audio",
            codec=_codec(stream),
            sample_rate=sound.sample_rate if sound is not None else None,
            channels=sound.channels if sound is not None else None,
        ),
    )


def _codec(stream: VideoStream | AudioStream) -> str:
    context: object | None = stream.codec_context
    return stream.codec_context.codec.canonical_name if context is not None else "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where one track's data lie, in seconds from the file's first moment.

    `starts` are its packets' times in order; `resets` those at which the clock itself jumped.
    """

    starts: NDArray[np.float64]  # shape: (n_packets,)
    end: float
    resets: tuple[float, ...]


def reach(path: Path, *, bounds: Bounds) -> dict[int, Reach]:
    """How far each picture or sound track's data really go, by track index.

    Reads every packet's time stamp and decodes nothing; a file cut short ends here, not where its header says.
    """
    clocks: dict[int, _Clock] = {}
    restarts = container_of(path) in _RESTARTING
    with _opened(path, container_of(path), bounds) as opened, suppress(av.error.FFmpegError):
        streams = [stream for stream in opened.streams if isinstance(stream, VideoStream | AudioStream)]
        bases = {stream.index: float(stream.time_base) for stream in streams if stream.time_base is not None}
        for packet in islice(opened.demux(*streams), _PACKETS):
            index = packet.stream_index
            if packet.pts is None or packet.size == 0 or packet.is_corrupt or packet.is_discard or index not in bases:
                continue
            clock = clocks.setdefault(index, _Clock(restarts=restarts))
            clock.tick(packet.pts * bases[index], (packet.duration or 0) * bases[index])
    origin = min((min(clock.starts) for clock in clocks.values()), default=0.0)
    return {index: clock.reach(origin) for index, clock in clocks.items()}


@dataclass(slots=True, eq=False)
class _Clock:
    """One track's time stamps, made to run on where the file starts its clock anew."""

    restarts: bool
    starts: list[float] = field(default_factory=list)
    resets: list[float] = field(default_factory=list)
    end: float = -math.inf
    _shift: float = 0.0

    def tick(self, start: float, duration: float) -> None:
        start += self._shift
        if self.restarts and self.starts and not -_RESTART_S < start - self.end < _LEAP_S:
            self._shift += self.end - start
            start = self.end
            self.resets.append(start)
        self.starts.append(start)
        self.end = max(self.end, start + duration)

    def reach(self, origin: float) -> Reach:
        return Reach(
            starts=np.sort(np.asarray(self.starts)) - origin,
            end=self.end - origin,
            resets=tuple(at - origin for at in self.resets),
        )


def glimpse(path: Path, tracks: tuple[Track, ...], *, at: float, length_s: float, bounds: Bounds) -> Glimpse:
    """Decode `length_s` seconds from `at` of the given tracks, inside the fence, and count what came out.

    Uses ffmpeg's `framecrc` output: a header with the picture's size, then one line a frame beginning with the
    track's number. Turned upright and to square pixels as a player would.
    """
    text = bytearray()
    tap = Tap(text.extend)
    opened = source(path, bounds=bounds, at=at, length_s=length_s)
    streams = [
        opened[track.selector].filter("scale", "trunc(iw*sar/2)*2", "ih").filter("setsar", 1)
        if track.kind == "video"
        else opened[track.selector]
        for track in tracks
    ]
    with suppress(FfmpegFailed):
        run(ffmpeg.output(*streams, tap.url, format="framecrc"), bounds=bounds, taps=(tap,))
    lines = text.decode("ascii", "replace").splitlines()
    counts = {"video": 0, "audio": 0}
    size: tuple[int, int] | None = None
    for line in lines:
        if line.startswith("#dimensions"):
            width, _, height = line.rpartition(" ")[2].partition("x")
            size = (int(width), int(height))
        elif line[:1].isdigit():
            counts[tracks[int(line.partition(",")[0])].kind] += 1
    width_height = size if counts["video"] and size else (None, None)
    return Glimpse(pictures=counts["video"], sounds=counts["audio"], width=width_height[0], height=width_height[1])
