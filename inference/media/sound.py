"""The sound a recogniser hears: 16 kHz, one channel, on the same clock as the picture."""

import wave
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from inference.media.fence import Bounds, Tap, run, source
from inference.media.probe import clock
from inference.media.scratch import scratch
from inference.media.tracks import Track, read_tracks
from model.errors import InputRefused
from model.preannotation import Media, MediaWarning

SAMPLE_RATE = 16_000  # Hz

_SOUND_DBFS = -70.0  # a track whose loudest sample stays below this carries nothing
_LISTEN_S = 300.0  # per track, to find the one with sound
# The active speech level of well recorded speech is nominally -26 dBov (ITU-T P.56 and the levels test material is
# brought to); 22 dB below it, speech is faint next to any room's noise. Chosen, not learned.
_QUIET_DBFS = -48.0
_FRAME_S = 0.1
_SILENT = 2.5 / 32768  # peak within the dither of digital silence
_GAP_S = 10.0  # a muted or flat microphone; no room is digitally silent


def extract_audio(path: Path, out: Path, *, media: Media) -> bool:
    """Write the sound of `path` to `out` as 16 kHz mono 16-bit WAV; False when it has no sound track.

    Late starts and gaps are filled with silence, so that second t of the file is second t of the recording. Of
    several sound tracks the first that carries sound is taken. `out` appears whole or not at all.
    Raises `FfmpegFailed`, `DiskFull`, `MediaTimedOut`.
    """
    bounds = bounds_for(media)
    track = sound_track(path, bounds=bounds)
    if track is None:
        return False
    with scratch(out.parent) as making:
        made = making / "audio.wav"
        sound = on_the_clock(source(path, bounds=bounds)[track.selector])
        run(
            ffmpeg.output(sound, f"file:{made}", format="wav", acodec="pcm_s16le", ac=1, ar=SAMPLE_RATE, bitexact=None),
            bounds=bounds,
        )
        made.replace(out)
    return True


def load_audio(wav: Path) -> NDArray[np.float32]:
    """The samples of a WAV written by `extract_audio`: shape (n_samples,), 16 kHz, within [-1, 1).

    Raises `InputRefused` for a WAV of another rate, width or number of channels.
    """
    with wave.open(str(wav), "rb") as file:
        if (file.getframerate(), file.getsampwidth(), file.getnchannels()) != (SAMPLE_RATE, 2, 1):
            raise InputRefused(
                "audio.format",
                f"{wav.name} is {file.getframerate()} Hz with {file.getnchannels()} channels, not 16 kHz mono.",
                "Make it with extract_audio.",
            )
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return samples.astype(np.float32) / np.float32(32768)


def sound_warnings(audio: NDArray[np.float32]) -> tuple[MediaWarning, ...]:
    """`quiet` where speech would be too faint to hear, or where the sound is switched off. audio: (n_samples,)."""
    frames = _frames(audio)
    peaks = np.abs(frames).max(axis=1, initial=0.0)
    silent = peaks <= _SILENT
    if silent.all():
        return (MediaWarning(code="quiet", text="The sound track is silent from beginning to end."),)
    found = []
    level = speech_level(audio)
    if level < _QUIET_DBFS:
        text = f"The sound is very faint ({level:.0f} dB; speech is usually near -26): expect words to be missed."
        found.append(MediaWarning(code="quiet", text=text))
    gaps = _runs(silent, at_least=round(_GAP_S / _FRAME_S))
    if gaps:
        first, last = gaps[0]
        text = f"The sound is switched off for {(last - first) * _FRAME_S:.0f} s at {clock(first * _FRAME_S)}"
        text += "." if len(gaps) == 1 else f" and in {len(gaps) - 1} more {'place' if len(gaps) == 2 else 'places'}."
        found.append(MediaWarning(code="quiet", text=text, at=tuple(start * _FRAME_S for start, _ in gaps)))
    return tuple(found)


def speech_level(audio: NDArray[np.float32]) -> float:
    """Level in dBFS of the parts that carry sound: the mean power of 0.1 s frames within 15.9 dB of the loud ones.

    A plain form of the active speech level of ITU-T P.56, which counts what lies within a 15.9 dB margin; "loud"
    is the 95th percentile here, so that one knock on the table does not set it.
    """
    power = (_frames(audio).astype(np.float64) ** 2).mean(axis=1)
    loud = np.percentile(power, 95)
    if loud <= 0:
        return -np.inf
    return float(10 * np.log10(power[power >= loud * 10**-1.59].mean()))


def bounds_for(media: Media) -> Bounds:
    """Time limits that grow with the recording: even a slow laptop decodes a phone's 4K at a sixth of real speed."""
    seconds = media.duration or 0.0
    return Bounds(wall_s=600 + 8 * seconds, cpu_s=round(1200 + 16 * seconds), length_s=seconds + 60)


def sound_track(path: Path, *, bounds: Bounds) -> Track | None:
    """The track to hear: the only one, or of several the first that carries sound, else the first."""
    tracks = read_tracks(path, bounds=bounds).playable("audio")
    if len(tracks) < 2:
        return next(iter(tracks), None)
    return next((track for track in tracks if _carries_sound(path, track, bounds)), tracks[0])


def on_the_clock(sound: Any) -> Any:
    """An ffmpeg-python sound stream resampled to one rate, beginning at 0 and without gaps.

    Time stamps off by under 0.1 s are left alone: stretching would blur words for nothing.
    """
    return sound.filter("aresample", SAMPLE_RATE, **{"async": 1, "first_pts": 0, "min_hard_comp": 0.1})


def _carries_sound(path: Path, track: Track, bounds: Bounds) -> bool:
    loudest = 0

    def listen(block: bytes) -> None:
        nonlocal loudest
        samples = np.frombuffer(block[: len(block) // 2 * 2], dtype="<i2").astype(np.int32)
        loudest = max(loudest, int(np.abs(samples).max(initial=0)))

    tap = Tap(listen)
    heard = source(path, bounds=bounds, length_s=_LISTEN_S)[track.selector]
    run(
        ffmpeg.output(heard, tap.url, format="s16le", acodec="pcm_s16le", ac=1, ar=8000),
        bounds=bounds,
        taps=(tap,),
    )
    return loudest > 32768 * 10 ** (_SOUND_DBFS / 20)


def _frames(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """shape: (n_frames, samples per frame); the last part frame is filled with zeros."""
    width = round(_FRAME_S * SAMPLE_RATE)
    count = max(1, -(-audio.size // width))
    padded = np.zeros(count * width, dtype=np.float32)
    padded[: audio.size] = audio
    return padded.reshape(count, width)


def _runs(flags: NDArray[np.bool_], *, at_least: int) -> tuple[tuple[int, int], ...]:
    """Half-open index ranges where `flags` holds at least so many times in a row."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.view(np.int8), [0]))))
    return tuple((int(a), int(b)) for a, b in edges.reshape(-1, 2) if b - a >= at_least)
