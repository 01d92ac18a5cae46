"""The few boxes of an MP4 or QuickTime file that libav does not hand on: edit lists and a track's turn.

Layouts: ISO/IEC 14496-12, sections 8.3.2 (tkhd), 8.4.2 (mdhd) and 8.6.6 (elst).
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_MOOV_BYTES = 256 << 20  # three hours' index is some ten megabytes
_BOXES = 100_000  # a stop for files made of nothing but boxes
_MAX_SEGMENTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One entry of an edit list, in seconds; `media_start` is None where nothing is shown."""

    duration: float
    media_start: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxTrack:
    id: int
    rotation: int  # degrees clockwise: 0, 90, 180 or 270
    edits: tuple[Segment, ...]


def rotation_of(path: Path, track_id: int) -> int | None:
    """Degrees clockwise a player turns this track; None where the file does not say."""
    return next((track.rotation for track in box_tracks(path) if track.id == track_id), None)


def box_tracks(path: Path) -> tuple[BoxTrack, ...]:
    """The tracks of an MP4 or QuickTime file; () where its index is missing or broken."""
    try:
        with path.open("rb") as file:
            moov = _moov(file)
        return _tracks(moov) if moov is not None else ()
    except (struct.error, ValueError, IndexError):
        return ()


def _moov(file: BinaryIO) -> bytes | None:
    size = file.seek(0, 2)
    at = 0
    for _ in range(_BOXES):
        if at + 8 > size:
            return None
        file.seek(at)
        head = file.read(16)
        length, kind = struct.unpack_from(">I4s", head)
        skip = 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", head, 8)
            skip = 16
        elif length == 0:
            length = size - at
        if kind == b"moov":
            if length > _MOOV_BYTES:
                return None
            file.seek(at + skip)
            return file.read(length - skip)
        if length < skip:
            return None
        at += length
    return None


def _children(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if length < 8:
            return
        yield kind, data[at + 8 : at + length]
        at += length


def _child(data: bytes, *names: bytes) -> bytes | None:
    for name in names:
        found = next((inner for kind, inner in _children(data) if kind == name), None)
        if found is None:
            return None
        data = found
    return data


def _tracks(moov: bytes) -> tuple[BoxTrack, ...]:
    movie = _child(moov, b"mvhd")
    if movie is None:
        return ()
    scale = _timescale(movie)
    found = []
    for kind, trak in _children(moov):
        header, media = (_child(trak, b"tkhd"), _child(trak, b"mdia", b"mdhd")) if kind == b"trak" else (None, None)
        if header is None or media is None:
            continue
        elst = _child(trak, b"edts", b"elst")
        edits = _edits(elst, scale, _timescale(media)) if elst is not None and scale else ()
        found.append(BoxTrack(id=_track_id(header), rotation=_rotation(header), edits=edits))
    return tuple(found)


def _timescale(header: bytes) -> int:
    (scale,) = struct.unpack_from(">I", header, 20 if header[0] == 1 else 12)
    return int(scale)


def _track_id(header: bytes) -> int:
    (number,) = struct.unpack_from(">I", header, 20 if header[0] == 1 else 12)
    return int(number)


def _rotation(header: bytes) -> int:
    a, b = struct.unpack_from(">ii", header, 52 if header[0] == 1 else 40)
    return round(math.degrees(math.atan2(b, a)) / 90) * 90 % 360 if a or b else 0


def _edits(elst: bytes, movie_scale: int, media_scale: int) -> tuple[Segment, ...]:
    (count,) = struct.unpack_from(">I", elst, 4)
    layout = ">Qqhh" if elst[0] == 1 else ">Iihh"
    width = struct.calcsize(layout)
    found = []
    for i in range(min(count, _MAX_SEGMENTS)):
        duration, start, _, _ = struct.unpack_from(layout, elst, 8 + i * width)
        media_start = start / media_scale if start >= 0 and media_scale else None
        found.append(Segment(duration=duration / movie_scale, media_start=media_start))
    return tuple(found)
