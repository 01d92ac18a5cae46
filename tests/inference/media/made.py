"""Recordings made by the real ffmpeg at test time, good and bad. Nothing here goes through the fence under test."""

import struct
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np

PICTURE = "testsrc2=s=320x180:r=25"
VOICE = "sine=220:r=48000,tremolo=f=4:d=0.8"  # a tone that comes and goes, as loud as speech


def ffmpeg(*arguments: str) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-y", "-loglevel", "error", *arguments]
    subprocess.run(command, check=True, timeout=120)


def clip(
    out: Path, *options: str, seconds: float = 3.0, picture: str | None = PICTURE, sound: str | None = VOICE
) -> Path:
    """A short recording; `options` are output options such as codecs, the container follows the name."""
    inputs: list[str] = []
    for graph in (picture, sound):
        if graph is not None:
            inputs += ["-f", "lavfi", "-t", str(seconds), "-i", graph]
    fast = ["-preset", "ultrafast", "-pix_fmt", "yuv420p"] if picture is not None and "-c:v" not in options else []
    ffmpeg(*inputs, *fast, *options, f"file:{out}")
    return out


def boxes(data: bytes) -> list[tuple[bytes, int, int]]:
    """Top-level boxes of an MP4: name, start, end."""
    found = []
    at = 0
    while at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        found.append((name, at, at + length))
        at += length
    return found


def state_length(matroska: Path, seconds: float) -> None:
    """Make a Matroska header claim `seconds`: element 4489 holds milliseconds as a double."""
    data = bytearray(matroska.read_bytes())
    struct.pack_into(">d", data, data.index(b"\x44\x89\x88") + 3, seconds * 1000)
    matroska.write_bytes(bytes(data))


def loudest(path: Path, stream: str = "a:0") -> float:
    """Peak of a sound stream in [0, 1], decoded by plain ffmpeg."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-i", str(path)]
    made = subprocess.run([*command, "-map", f"0:{stream}", "-f", "s16le", "-"], capture_output=True, check=True)
    return float(np.abs(np.frombuffer(made.stdout, dtype="<i2").astype(np.int32)).max(initial=0)) / 32768
