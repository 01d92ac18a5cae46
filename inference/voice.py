"""Where a voice can be heard: the gate before recognition, and the measure of what recognition missed."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from inference.audio import RATE, Audio
from inference.weights import VOICE_ACTIVITY

Span = tuple[float, float]  # start and end, seconds, half-open

WINDOW_S = 30.0  # what Whisper's encoder sees at once
_PAD_S = 0.25  # kept around a voice, so that first and last sounds are not cut
_BRIDGE_S = 2.0  # silence a window may run across: of .5, 1, 2 and 4 s the fewest words were wrong (scene, 7 versions)


def find_voice(audio: Audio) -> tuple[Span, ...]:
    """Seconds in which a voice is heard, in order, apart from each other.

    Silero VAD v6 as faster-whisper packages it, at its default threshold .5; shorter than 0.1 s is taken for a knock.
    Silence, noise and music without singing give nothing.
    """
    from faster_whisper.vad import VadOptions, get_speech_timestamps  # noqa: PLC0415 -- seconds of imports

    if audio.size == 0:
        return ()
    VOICE_ACTIVITY.path()
    options = VadOptions(
        min_speech_duration_ms=100, min_silence_duration_ms=160, max_speech_duration_s=WINDOW_S - 1.0, speech_pad_ms=50
    )
    found = get_speech_timestamps(audio, options)
    return tuple((piece["start"] / RATE, piece["end"] / RATE) for piece in found if piece["end"] > piece["start"])


def windows(voice: Sequence[Span], *, duration: float) -> tuple[Span, ...]:
    """Stretches of at most 30 s of unbroken sound that together hold every voice, cut at its pauses."""
    packed: list[Span] = []
    for start, end in voice:
        left, right = max(0.0, start - _PAD_S), min(duration, end + _PAD_S)
        if packed:
            first, last = packed[-1]
            if start - last <= _BRIDGE_S and right - first <= WINDOW_S:
                packed[-1] = (first, right)
                continue
            left = max(left, last)
        packed.append((left, right))
    return tuple(packed)


def total(spans: Iterable[Span]) -> float:
    """Seconds in spans that do not overlap."""
    return float(sum(end - start for start, end in spans))


def union(spans: Iterable[Span], *, bridge: float = 0.0) -> tuple[Span, ...]:
    """The spans as disjoint ones in order; gaps of at most `bridge` seconds are closed."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start - merged[-1][1] <= bridge:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def intersection(left: Sequence[Span], right: Sequence[Span]) -> tuple[Span, ...]:
    """What lies in both; each side disjoint and in order."""
    shared: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            shared.append((start, end))
        if left[i][1] <= right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(shared)


def difference(left: Sequence[Span], right: Sequence[Span]) -> tuple[Span, ...]:
    """What lies in `left` and not in `right`; each side disjoint and in order."""
    if not left:
        return ()
    edges = [(-float("inf"), left[0][0]), *right, (left[-1][1], float("inf"))]
    outside = tuple((a[1], b[0]) for a, b in pairwise(union(edges)))
    return intersection(left, outside)
