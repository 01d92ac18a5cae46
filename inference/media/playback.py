"""What a browser plays, draws and skims: a small MP4, waveform peaks and a sheet of thumbnails, in one decode."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.media import trace
from inference.media.fence import Bounds, Tap, run, source
from inference.media.scratch import scratch
from inference.media.sound import SAMPLE_RATE, bounds_for, on_the_clock, sound_track
from inference.media.tracks import EXPORT, Track, glimpse, read_tracks
from model.errors import InputRefused
from model.preannotation import Media

PEAKS_S = 20  # waveform bins a second

_SHORT_SIDE, _LONG_SIDE = 540, 960  # 540p, also for a phone held upright
_FPS = 30.0
_FPS_SLACK = 1.02
_KEYFRAME_S = 2
_TILE = 160  # longer side of a thumbnail
_TILES = 200
_COLUMNS = 10
_MIN_INTERVAL_S = 2.0
_JPEG_QUALITY = 78


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    track: Track
    width: int
    height: int
    fps: float


def make_playback(path: Path, folder: Path, *, media: Media, progress: Callable[[float], None]) -> None:
    """Write proxy.mp4, peaks.json, thumbnails.jpg, thumbnails.json and trace.npz into `folder`.

    proxy.mp4: H.264/AAC, upright, at most 960 x 540 (540 x 960), at most 30 frames a second at a constant rate, a
    keyframe every 2 s, index first. The thumbnails are absent when there is no picture. Nothing appears before all
    of it is made, proxy.mp4 last. `progress` receives the share done, in [0, 1].
    Raises `FfmpegFailed`, `DiskFull`, `MediaTimedOut`, `InputRefused`.
    """
    bounds = bounds_for(media)
    picture = _picture(path, bounds)
    sound = sound_track(path, bounds=bounds)
    length = media.duration or 0.0
    with scratch(folder) as making:
        outputs = _Outputs(picture=picture, length=length)
        run(
            *outputs.graph(source(path, bounds=bounds), sound, making / "proxy.mp4", bounds),
            bounds=bounds,
            taps=outputs.taps,
            progress=lambda at: progress(min(1.0, at / length) if length > 0 else 0.0),
        )
        outputs.write(making)
        for name in ("peaks.json", "trace.npz", "thumbnails.jpg", "thumbnails.json", "proxy.mp4"):
            if (making / name).exists():
                (making / name).replace(folder / name)
    progress(1.0)


class _Peaks:
    """The largest |x| of each 1/PEAKS_S second, from 16-bit sound as it comes."""

    _BIN = SAMPLE_RATE // PEAKS_S

    def __init__(self) -> None:
        self._rest = b""
        self._found: list[NDArray[np.uint8]] = []

    def hear(self, block: bytes) -> None:
        block = self._rest + block
        whole = len(block) // (2 * self._BIN) * 2 * self._BIN
        self._rest = block[whole:]
        self._found.append(self._levels(block[:whole]))

    def document(self, length: float) -> dict[str, object]:
        """Exactly `length` seconds of bins: a recording without sound draws as a flat line of its own length."""
        rest = self._rest[: len(self._rest) // 2 * 2]
        last = self._levels(rest.ljust(2 * self._BIN, b"\x00")) if rest else np.empty(0, dtype=np.uint8)
        found = np.concatenate([*self._found, last])
        count = math.ceil(length * PEAKS_S)
        peaks = np.pad(found[:count], (0, max(0, count - found.size)))
        return {"version": 1, "rate": PEAKS_S, "peaks": peaks.tolist()}

    def _levels(self, pcm: bytes) -> NDArray[np.uint8]:
        samples = np.frombuffer(pcm, dtype="<i2").astype(np.int32).reshape(-1, self._BIN)
        levels: NDArray[np.uint8] = np.round(np.abs(samples).max(axis=1, initial=0) * (255 / 32768)).astype(np.uint8)
        return levels


@dataclass(slots=True, eq=False)
class _Outputs:
    """The branches of one decode: the proxy, and pipes for peaks, thumbnails and the continuity trace."""

    picture: _Picture | None
    length: float
    taps: tuple[Tap, ...] = ()
    _peaks: _Peaks = field(default_factory=_Peaks)
    _tiles: bytearray = field(default_factory=bytearray)
    _tracer: trace.Tracer = field(default_factory=trace.Tracer)

    def graph(self, opened: Any, sound: Track | None, proxy: Path, bounds: Bounds) -> tuple[Any, ...]:
        played: list[Any] = []
        side: list[Any] = []
        options: dict[str, Any] = {"format": "mp4", "movflags": "+faststart", "threads": bounds.threads}
        if self.picture is not None:
            shown, small, grey = _branches(opened[self.picture.track.selector], self.picture, _interval(self.length))
            played.append(shown)
            options |= _h264(self.picture)
            side.append(self._raw(small, self._tiles.extend, "rgb24"))
            side.append(self._raw(grey, self._tracer.see, "gray"))
        if sound is not None:
            heard = opened[sound.selector].asplit()
            played.append(heard[0].filter("aresample", **{"async": 1, "first_pts": 0, "min_hard_comp": 0.1}))
            options |= {"acodec": "aac", "b:a": "112k", "ac": min(2, sound.stream.channels or 2), "ar": 48_000}
            tap = self._tap(self._hear)
            pcm = {"format": "s16le", "acodec": "pcm_s16le", "ac": 1, "ar": SAMPLE_RATE}
            side.append(ffmpeg.output(on_the_clock(heard[1]), tap.url, **pcm))
        return (ffmpeg.output(*played, f"file:{proxy}", map_metadata=-1, map_chapters=-1, **options), *side)

    def write(self, folder: Path) -> None:
        (folder / "peaks.json").write_text(json.dumps(self._peaks.document(self.length), separators=(",", ":")))
        self._tracer.trace().save(folder / "trace.npz")
        if self.picture is not None:
            _write_thumbnails(folder, self.picture, bytes(self._tiles), _interval(self.length))

    def _hear(self, block: bytes) -> None:
        self._peaks.hear(block)
        self._tracer.hear(block)

    def _tap(self, sink: Callable[[bytes], None]) -> Tap:
        tap = Tap(sink)
        self.taps = (*self.taps, tap)
        return tap

    def _raw(self, pictures: Any, sink: Callable[[bytes], None], pix_fmt: str) -> Any:
        tap = self._tap(sink)
        return ffmpeg.output(pictures, tap.url, format="rawvideo", vcodec="rawvideo", pix_fmt=pix_fmt)


def _picture(path: Path, bounds: Bounds) -> _Picture | None:
    tracks = read_tracks(path, bounds=bounds)
    track = tracks.picture
    if track is None:
        return None
    seen = glimpse(path, (track,), at=0.0, length_s=1.0, bounds=bounds)
    if seen.width is None or seen.height is None:
        raise InputRefused("media.unreadable", "The picture is damaged and cannot be decoded.", EXPORT)
    width, height = _fit(seen.width, seen.height)
    return _Picture(track=track, width=width, height=height, fps=_fps(track))


def _fit(width: int, height: int) -> tuple[int, int]:
    """The largest even size of the same shape within 960 x 540 or 540 x 960; never larger than it was."""
    scale = min(1.0, _SHORT_SIDE / min(width, height), _LONG_SIDE / max(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _fps(track: Track) -> float:
    """A constant rate of at most 30: the file's own, or a whole fraction of it (60 -> 30, 50 -> 25)."""
    average = track.stream.fps or _FPS
    nominal = track.nominal_fps or average
    if average > _FPS * _FPS_SLACK:
        return average / math.ceil(average / (_FPS * _FPS_SLACK))
    return nominal if average <= nominal <= _FPS * _FPS_SLACK else _FPS


def _interval(length: float) -> int:
    """Whole seconds between thumbnails, so that at most _TILES of them span the recording."""
    return max(math.ceil(_MIN_INTERVAL_S), math.ceil(length / (_TILES - 1)))


def _h264(picture: _Picture) -> dict[str, Any]:
    return {
        "vcodec": "libx264",
        "preset": "veryfast",
        "crf": 25,
        "maxrate": "1600k",
        "bufsize": "3200k",
        "profile:v": "high",
        "pix_fmt": "yuv420p",
        "force_key_frames": f"expr:gte(t,n_forced*{_KEYFRAME_S})",
        "g": round(picture.fps * _KEYFRAME_S * 2),
    }


def _branches(frames: Any, picture: _Picture, interval: int) -> tuple[Any, Any, Any]:
    """The proxy's frames, the thumbnails and the trace's grey pictures, scaled down in turn.

    Frames begin at 0 even where the picture starts after the sound, so that both stay on one clock.
    """
    shown = (
        frames.filter("bwdif", mode="send_frame", deint="interlaced")
        .filter("fps", fps=f"{picture.fps:.6f}", start_time=0)
        .filter("scale", picture.width, picture.height, flags="bicubic")
        .filter("setsar", 1)
        .filter("format", "yuv420p")
        .split()
    )
    width, height = _tile(picture)
    # rounding up makes thumbnail n the frame on show at n * interval
    small = shown[1].filter("fps", fps=f"1/{interval}", start_time=0, round="up").filter("scale", width, height)
    grey = (
        shown[2]
        .filter("fps", fps=trace.PICTURES_S, start_time=0)
        .filter("scale", trace.WIDTH, trace.HEIGHT, flags="area")
        .filter("format", "gray")
    )
    return shown[0], small, grey


def _tile(picture: _Picture) -> tuple[int, int]:
    scale = _TILE / max(picture.width, picture.height)
    return max(2, round(picture.width * scale / 2) * 2), max(2, round(picture.height * scale / 2) * 2)


def _write_thumbnails(folder: Path, picture: _Picture, rgb: bytes, interval: int) -> None:
    width, height = _tile(picture)
    size = width * height * 3
    count = min(_TILES, len(rgb) // size)
    columns = min(_COLUMNS, max(1, count))
    sheet = Image.new("RGB", (columns * width, max(1, math.ceil(count / columns)) * height))
    for i in range(count):
        tile = Image.frombytes("RGB", (width, height), rgb[i * size : (i + 1) * size])
        sheet.paste(tile, (i % columns * width, i // columns * height))
    sheet.save(folder / "thumbnails.jpg", quality=_JPEG_QUALITY, optimize=True)
    layout = {"width": width, "height": height, "columns": columns, "interval_s": interval, "count": count}
    (folder / "thumbnails.json").write_text(json.dumps(layout))
