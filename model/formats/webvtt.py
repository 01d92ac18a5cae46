"""WebVTT: captions out with a voice for each role; captions someone already has in.

W3C WebVTT: The Web Video Text Tracks Format. What is read and written: docs/formats/webvtt.md.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from model.errors import InputRefused, TranscriptInvalid
from model.formats.voices import Voices, certainty, role_of_label
from model.transcript import Role, Transcript, Utterance

VOICES = {Role.FACILITATOR: "Facilitator", Role.YOUTH: "Youth", Role.UNKNOWN: "Unknown"}
# Read on black, the usual ground of captions, these two differ in brightness too, for whoever does not see the hue.
_COLOURS = {Role.FACILITATOR: "#ffd27f", Role.YOUTH: "#a5e1ff"}

# Common practice for captions, as broadcasters' guides have it: two lines of about 42 signs, up to 7 s.
CUE_SIGNS = 84
LINE_SIGNS = 42
CUE_S = 7.0
_MIN_CUE_S = 0.001  # a cue must end after it starts

_JOIN_GAP_S = 1.2  # captions of one sentence follow each other closer than this
_JOIN_S = 30.0  # no sentence goes on longer
_SENTENCE_END = re.compile(r"[.?!…。？！][\"'”’)\]]*$")
_TIMING = re.compile(r"(?P<start>[\d:.,]+)\s*-->\s*(?P<end>[\d:.,]+)(?:\s.*)?$")
_STAMP = re.compile(r"(?:(?P<h>\d{2,}):)?(?P<m>[0-5]\d):(?P<s>[0-5]\d)\.(?P<ms>\d{3})")
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-z]*)(?:\.[^\s>]*)?(?:\s+(?P<annotation>[^>]*))?>|<[\d:.]+>")
_ASIDE = ("NOTE", "STYLE", "REGION")


@dataclass(frozen=True, slots=True)
class _Cue:
    start: float
    end: float
    voice: str | None
    text: str


def write_webvtt(transcript: Transcript) -> str:
    """Captions, each in the voice of its role: `<v Facilitator>What do you notice?`.

    Long utterances are cut into readable captions where their words have times. Raises InputRefused
    `export.no_times`.
    """
    if transcript.utterances and not transcript.timed:
        raise InputRefused(
            "export.no_times",
            "The transcript has no times, so it cannot become captions.",
            "Annotate the recording itself, or a transcript with times.",
        )
    style = "\n".join(f'::cue(v[voice="{VOICES[role]}"]) {{ color: {colour}; }}' for role, colour in _COLOURS.items())
    blocks = ["WEBVTT", f"STYLE\n{style}"]
    for utterance in transcript.utterances:
        for number, cue in enumerate(_captions(utterance), start=1):
            timing = f"{stamp(cue.start)} --> {stamp(max(cue.end, cue.start + _MIN_CUE_S))}"
            blocks.append(f"{utterance.id}.{number}\n{timing}\n<v {cue.voice}>{_wrapped(cue.text)}")
    return "\n\n".join(blocks) + "\n"


def stamp(seconds: float) -> str:
    """`HH:MM:SS.mmm`."""
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


def _captions(utterance: Utterance) -> Iterator[_Cue]:
    start, end = utterance.start or 0.0, utterance.end or 0.0
    voice = VOICES[utterance.role]
    if not utterance.words or (len(utterance.text) <= CUE_SIGNS and end - start <= CUE_S):
        yield _Cue(start, end, voice, utterance.text)
        return
    first = 0
    words = utterance.words
    while first < len(words):
        last = _last_of_caption(
            [len(w.text.strip()) + 1 for w in words], [w.end for w in words], first, words[first].start
        )
        last = _nicer_break([w.text for w in words], first, last)
        text = " ".join(w.text.strip() for w in words[first : last + 1])
        yield _Cue(words[first].start, words[last].end, voice, text)
        first = last + 1


def _last_of_caption(signs: Sequence[int], ends: Sequence[float], first: int, start: float) -> int:
    last, used = first, signs[first]
    while last + 1 < len(signs):
        used += signs[last + 1]
        if used > CUE_SIGNS or ends[last + 1] - start > CUE_S:
            break
        last += 1
    return last


def _nicer_break(words: Sequence[str], first: int, last: int) -> int:
    """After a comma in the second half of the caption rather than in the middle of a phrase."""
    if last + 1 == len(words):
        return last
    for at in range(last, first + (last - first) // 2, -1):
        if words[at].strip().endswith((",", ";", ":", "—", ".", "?", "!")):
            return at
    return last


def _wrapped(text: str) -> str:
    """Two lines of like length where one would be too long; cue text may not hold blank lines."""
    words = html.escape(" ".join(text.split()), quote=False).split(" ")
    if sum(len(w) + 1 for w in words) - 1 <= LINE_SIGNS or len(words) < 2:
        return " ".join(words)
    breaks = [(abs(len(" ".join(words[:i])) - len(" ".join(words[i:]))), i) for i in range(1, len(words))]
    _, at = min(breaks)
    return f"{' '.join(words[:at])}\n{' '.join(words[at:])}"


# ---- reading -------------------------------------------------------------------------------------------------------


def read_webvtt(data: bytes) -> Transcript:
    """Utterances from cues, ids u1, u2, …; captions that break one sentence of one voice are joined again.

    `<v Name>` gives the speaker; the role where the name says it ("Teacher", "Student 2"), else unknown.
    Raises TranscriptInvalid naming the line.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TranscriptInvalid("The file is not UTF-8 text, as WebVTT must be.", "Save it as UTF-8.") from error
    lines = text.replace("\x00", "\ufffd").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        raise TranscriptInvalid(
            "Line 1: it does not say WEBVTT.", "Export the captions as WebVTT (.vtt); other caption formats differ."
        )
    cues = sorted(_cues(lines), key=lambda cue: cue.start)
    if not cues:
        raise TranscriptInvalid("The file holds no captions.", "Check that the export went to its end.")
    voices = Voices()
    return Transcript(utterances=tuple(_utterance(i, cue, voices) for i, cue in enumerate(_joined(cues), start=1)))


def _cues(lines: Sequence[str]) -> Iterator[_Cue]:
    at = _after_block(lines, 0)  # the header may go on to the first blank line
    while at < len(lines):
        if not lines[at].strip():
            at += 1
        elif "-->" not in lines[at] and lines[at].split(maxsplit=1)[0] in _ASIDE:
            at = _after_block(lines, at)
        else:
            timed = at if "-->" in lines[at] else at + 1  # a cue may begin with its identifier
            if timed >= len(lines) or "-->" not in lines[timed]:
                raise TranscriptInvalid(
                    f"Line {at + 1}: expected a caption's times, found “{lines[at].strip()[:40]}”.",
                    "Write them as 00:01:02.000 --> 00:01:05.500, with a blank line before each caption.",
                )
            start, end = _times(lines[timed], timed + 1)
            at = timed + 1
            payload = []
            while at < len(lines) and lines[at].strip() and "-->" not in lines[at]:
                payload.append(lines[at])
                at += 1
            yield from _voiced(start, end, "\n".join(payload))


def _after_block(lines: Sequence[str], at: int) -> int:
    while at < len(lines) and lines[at].strip() and not (at > 0 and "-->" in lines[at]):
        at += 1
    return at


def _times(line: str, number: int) -> tuple[float, float]:
    found = _TIMING.match(line.strip())
    stamps = [_STAMP.fullmatch(found[side]) for side in ("start", "end")] if found else [None]
    if any(one is None for one in stamps):
        raise TranscriptInvalid(
            f"Line {number}: “{line.strip()[:60]}” holds no times.",
            "Write them as 00:01:02.000 --> 00:01:05.500 (hours may be left out).",
        )
    start, end = (
        int(one["h"] or 0) * 3600 + int(one["m"]) * 60 + int(one["s"]) + int(one["ms"]) / 1000 for one in stamps if one
    )
    if end < start:
        raise TranscriptInvalid(
            f"Line {number}: the caption ends at {end:g} s, before it starts at {start:g} s.", "Correct the times."
        )
    return start, end


def _voiced(start: float, end: float, payload: str) -> Iterator[_Cue]:
    """One cue for each voice in the payload; a new line with a dash and no voice tags stays one cue."""
    voice: str | None = None
    said: list[str] = []
    at = 0
    for tag in _TAG.finditer(payload):
        said.append(payload[at : tag.start()])
        at = tag.end()
        if tag["name"] == "v":
            if text := _plain(said):
                yield _Cue(start, end, voice, text)
            said = []
            voice = None if tag["close"] else html.unescape(tag["annotation"] or "").strip() or None
    said.append(payload[at:])
    if text := _plain(said):
        yield _Cue(start, end, voice, text)


def _plain(said: Sequence[str]) -> str:
    return " ".join(html.unescape("".join(said)).split())


def _joined(cues: Sequence[_Cue]) -> list[_Cue]:
    joined: list[_Cue] = []
    for cue in cues:
        if joined and _goes_on(joined[-1], cue):
            before = joined.pop()
            joined.append(replace(before, end=max(before.end, cue.end), text=f"{before.text} {cue.text}"))
        else:
            joined.append(cue)
    return joined


def _goes_on(before: _Cue, cue: _Cue) -> bool:
    """Whether two captions are one sentence. Without a voice only a small letter says so: speakers may have changed."""
    if cue.voice != before.voice or _SENTENCE_END.search(before.text):
        return False
    if not 0.0 <= cue.start - before.end <= _JOIN_GAP_S or cue.end - before.start > _JOIN_S:
        return False
    return cue.voice is not None or cue.text[:1].islower()


def _utterance(number: int, cue: _Cue, voices: Voices) -> Utterance:
    role = (role_of_label(cue.voice) if cue.voice else None) or Role.UNKNOWN
    return Utterance(
        id=f"u{number}",
        start=cue.start,
        end=cue.end,
        speaker=voices.name(cue.voice),
        role=role,
        role_p=certainty(role),
        text=cue.text,
    )
