"""What the machine hands to a review: format `lookfors.preannotation/1` (docs/formats/preannotation.md).

In the document times are rounded to milliseconds and probabilities to four places; on values that already are,
`from_document(to_document(x)) == x`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from model.errors import InputRefused
from model.evidence import Cue, CueKind, Evidence, Span
from model.formats.reading import Place
from model.indicators import CODE_IDS, Indicator
from model.measures import Measure
from model.transcript import Role, SpeechHeard, Transcript, Utterance, Word

FORMAT = "lookfors.preannotation/1"
CODE_FLOOR = 0.05  # utterance code probabilities below this are left out of the document

WarningCode = Literal["too_short", "no_audio", "no_speech", "quiet", "edited", "no_video", "language", "low_coverage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaWarning:
    """Something a reviewer should know before watching. `at` are the places in seconds, where it has any."""

    code: WarningCode
    text: str  # one sentence for a person
    at: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    kind: Literal["video", "audio"]
    codec: str
    width: int | None = None
    height: int | None = None
    rotation: int | None = None  # degrees
    fps: float | None = None
    sample_rate: int | None = None
    channels: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """What was handed in. For a transcript without its sound, `streams` is empty."""

    name: str
    duration: float | None  # seconds
    sha256: str
    size: int  # bytes
    streams: tuple[Stream, ...]
    warnings: tuple[MediaWarning, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One model or rubric that took part, so that old evidence keeps the version that made it."""

    part: str  # "transcriber", "speakers", "roles", "tagger", "rubric"
    name: str
    sha256: str
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreAnnotation:
    media: Media
    transcript: Transcript
    codes: tuple[tuple[str, tuple[tuple[str, float], ...]], ...]  # (utterance id, ((code, p), …)), p >= CODE_FLOOR
    evidence: tuple[Evidence, ...]
    measures: tuple[Measure, ...]
    versions: tuple[Version, ...]


def to_document(preannotation: PreAnnotation) -> dict[str, object]:
    """The document, ready for JSON; keys in reading order."""
    return {
        "format": FORMAT,
        "media": media_document(preannotation.media),
        **transcript_document(preannotation.transcript, codes=preannotation.codes),
        "evidence": [_evidence_document(evidence) for evidence in preannotation.evidence],
        "measures": [_measure_document(measure) for measure in preannotation.measures],
        "versions": [
            {"part": v.part, "name": v.name, "sha256": v.sha256, "licence": v.licence} for v in preannotation.versions
        ],
    }


def from_document(document: Mapping[str, object]) -> PreAnnotation:
    """Reads what `to_document` wrote. Fields this version does not know are passed over.

    Raises InputRefused `document.version` for another format or major version, `document.invalid` naming the place for
    anything else that breaks the format.
    """
    root = Place(document, "", _refuse)
    stated = root["format"].text()
    if stated != FORMAT:
        raise InputRefused(
            "document.version",
            f"This document is in format “{stated}”; this Lookfors reads {FORMAT}.",
            "Open it with the Lookfors that wrote it, or annotate the recording again.",
        )
    transcript = transcript_from(root)
    known = {utterance.id for utterance in transcript.utterances}
    return PreAnnotation(
        media=media_from(root["media"]),
        transcript=transcript,
        codes=tuple((u["id"].text(), _codes(u)) for u in root["utterances"].items() if u.get("codes") is not None),
        evidence=tuple(_evidence(item, known) for item in root["evidence"].items()),
        measures=tuple(_measure(item) for item in root["measures"].items()),
        versions=tuple(
            Version(
                part=item["part"].text(),
                name=item["name"].text(),
                sha256=item["sha256"].text(empty=True),
                licence=item["licence"].text(empty=True),
            )
            for item in root["versions"].items()
        ),
    )


def _refuse(path: str, fact: str, remedy: str) -> InputRefused:
    return InputRefused("document.invalid", f"{path}: {fact}", remedy)


# ---- media ---------------------------------------------------------------------------------------------------------


def media_document(media: Media) -> dict[str, object]:
    return {
        "name": media.name,
        "duration": _time(media.duration),
        "sha256": media.sha256,
        "size": media.size,
        "streams": [
            {
                "kind": s.kind,
                "codec": s.codec,
                "width": s.width,
                "height": s.height,
                "rotation": s.rotation,
                "fps": _time(s.fps),
                "sample_rate": s.sample_rate,
                "channels": s.channels,
            }
            for s in media.streams
        ],
        "warnings": [warning_document(warning) for warning in media.warnings],
    }


def warning_document(warning: MediaWarning) -> dict[str, object]:
    return {"code": warning.code, "text": warning.text, "at": [_time(at) for at in warning.at]}


def media_from(place: Place) -> Media:
    """Raises what `place` refuses with."""
    duration = place.get("duration")
    return Media(
        name=place["name"].text(),
        duration=duration.number(low=0.0) if duration else None,
        sha256=place["sha256"].text(),
        size=place["size"].integer(),
        streams=tuple(_stream(item) for item in place["streams"].items()),
        warnings=tuple(warning_from(item) for item in place["warnings"].items()),
    )


def warning_from(place: Place) -> MediaWarning:
    return MediaWarning(
        code=cast(WarningCode, place["code"].choice(get_args(WarningCode))),
        text=place["text"].text(),
        at=tuple(at.number(low=0.0) for at in place["at"].items()),
    )


def _stream(place: Place) -> Stream:
    def integer(key: str, *, low: int = 0) -> int | None:
        found = place.get(key)
        return found.integer(low=low) if found else None

    fps = place.get("fps")
    return Stream(
        kind=cast(Literal["video", "audio"], place["kind"].choice(("video", "audio"))),
        codec=place["codec"].text(),
        width=integer("width"),
        height=integer("height"),
        rotation=integer("rotation", low=-360),
        fps=fps.number(low=0.0) if fps else None,
        sample_rate=integer("sample_rate"),
        channels=integer("channels"),
    )


# ---- transcript ----------------------------------------------------------------------------------------------------

Codes = tuple[tuple[str, tuple[tuple[str, float], ...]], ...]


def transcript_document(transcript: Transcript, *, codes: Codes = ()) -> dict[str, object]:
    """`language`, `speech` and `utterances`, each utterance with its codes where `codes` has an entry for it."""
    rows = dict(codes)
    return {
        "language": transcript.language,
        "speech": _speech_document(transcript.speech) if transcript.speech else None,
        "utterances": [_utterance_document(u, rows.get(u.id)) for u in transcript.utterances],
    }


def transcript_from(place: Place) -> Transcript:
    """Reads what `transcript_document` wrote. Raises what `place` refuses with, and TranscriptInvalid."""
    language, speech = place.get("language"), place.get("speech")
    return Transcript(
        utterances=tuple(_utterance(item) for item in place["utterances"].items()),
        language=language.text() if language else None,
        speech=_speech(speech) if speech else None,
    )


def _speech_document(speech: SpeechHeard) -> dict[str, object]:
    return {
        "heard_s": _time(speech.heard_s),
        "recognised_s": _time(speech.recognised_s),
        "coverage": _p(speech.coverage),
        "heard_by_role_s": {role.value: _time(s) for role, s in speech.heard_by_role_s},
        "recognised_by_role_s": {role.value: _time(s) for role, s in speech.recognised_by_role_s},
    }


def _speech(place: Place) -> SpeechHeard:
    def by_role(key: str) -> tuple[tuple[Role, float], ...]:
        seconds = place[key]
        return tuple((Role(role), seconds[role].number(low=0.0)) for role in seconds.mapping() if role in list(Role))

    return SpeechHeard(
        heard_s=place["heard_s"].number(low=0.0),
        recognised_s=place["recognised_s"].number(low=0.0),
        heard_by_role_s=by_role("heard_by_role_s"),
        recognised_by_role_s=by_role("recognised_by_role_s"),
    )


def _utterance_document(utterance: Utterance, row: tuple[tuple[str, float], ...] | None) -> dict[str, object]:
    document: dict[str, object] = {
        "id": utterance.id,
        "start": _time(utterance.start),
        "end": _time(utterance.end),
        "speaker": utterance.speaker,
        "role": utterance.role.value,
        "role_p": _p(utterance.role_p),
        "text": utterance.text,
        "words": [
            {"start": _time(w.start), "end": _time(w.end), "text": w.text, "p": _p(w.p)} for w in utterance.words
        ],
    }
    if row is not None:
        document["codes"] = {code: _p(p) for code, p in row if p >= CODE_FLOOR}
    return document


def _utterance(place: Place) -> Utterance:
    start, end, speaker = place.get("start"), place.get("end"), place.get("speaker")
    return Utterance(
        id=place["id"].text(),
        start=start.number(low=0.0) if start else None,
        end=end.number(low=0.0) if end else None,
        speaker=speaker.text() if speaker else None,
        role=Role(place["role"].choice([role.value for role in Role])),
        role_p=_probability(place["role_p"]),
        text=place["text"].text(empty=True),
        words=tuple(
            Word(
                start=word["start"].number(low=0.0),
                end=word["end"].number(low=0.0),
                text=word["text"].text(empty=True),
                p=_probability(word["p"]),
            )
            for word in place["words"].items()
        ),
    )


def _codes(utterance: Place) -> tuple[tuple[str, float], ...]:
    codes = utterance["codes"]
    return tuple((code, _probability(codes[code])) for code in codes.mapping() if code in CODE_IDS)


# ---- evidence and measures -----------------------------------------------------------------------------------------


def _evidence_document(evidence: Evidence) -> dict[str, object]:
    return {
        "id": evidence.id,
        "indicator": evidence.indicator.value,
        "code": evidence.code,
        "start": _time(evidence.span.start),
        "end": _time(evidence.span.end),
        "utterances": list(evidence.span.utterances),
        "p": _p(evidence.p),
        "said_by": evidence.said_by.value,
        "cues": [{"kind": cue.kind, "text": cue.text} for cue in evidence.cues],
    }


def _evidence(place: Place, known: set[str]) -> Evidence:
    start, end = place.get("start"), place.get("end")
    for utterance in place["utterances"].items():
        if utterance.text() not in known:
            raise utterance.wrong(f"there is no utterance “{utterance.value}”.", "Take it from the same document.")
    return Evidence(
        id=place["id"].text(),
        indicator=Indicator(place["indicator"].choice([indicator.value for indicator in Indicator])),
        code=place["code"].choice(CODE_IDS),
        span=Span(
            start=start.number(low=0.0) if start else None,
            end=end.number(low=0.0) if end else None,
            utterances=place["utterances"].texts(),
        ),
        p=_probability(place["p"]),
        said_by=Role(place["said_by"].choice([role.value for role in Role])),
        cues=tuple(
            Cue(kind=cast(CueKind, cue["kind"].choice(get_args(CueKind))), text=cue["text"].text())
            for cue in place["cues"].items()
        ),
    )


def _measure_document(measure: Measure) -> dict[str, object]:
    return {
        "id": measure.id,
        "label": measure.label,
        "unit": measure.unit,
        "value": _p(measure.value),
        "low": _p(measure.low),
        "high": _p(measure.high),
        "coverage": _p(measure.coverage),
        "n": measure.n,
        "reason": measure.reason,
        "note": measure.note,
    }


def _measure(place: Place) -> Measure:
    def number(key: str) -> float | None:
        found = place.get(key)
        return found.number() if found else None

    def text(key: str) -> str | None:
        found = place.get(key)
        return found.text() if found else None

    return Measure(
        id=place["id"].text(),
        label=place["label"].text(),
        unit=place["unit"].text(),
        value=number("value"),
        low=number("low"),
        high=number("high"),
        coverage=number("coverage"),
        n=place["n"].integer(),
        reason=text("reason"),
        note=text("note"),
    )


def _probability(place: Place) -> float:
    return place.number(low=0.0, high=1.0)


def _time(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _p(number: float | None) -> float | None:
    return None if number is None else round(number, 4)
