"""What a stage would have found in any file: small, whole documents of the real formats."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from model.evidence import Cue, Evidence, Span
from model.indicators import Indicator
from model.measures import Measure, measure
from model.preannotation import Media, MediaWarning, PreAnnotation, Stream, Version, from_document
from model.transcript import Role, SpeechHeard, Transcript, Utterance, Word


def media_of(source: Path) -> Media:
    data = source.read_bytes()
    return Media(
        name=source.name,
        duration=12.5,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        streams=(Stream(kind="video", codec="h264", width=960, height=540), Stream(kind="audio", codec="aac")),
        warnings=(MediaWarning(code="too_short", text="The video is shorter than the rubric asks."),),
    )


def renewed(source: Path) -> PreAnnotation:
    """What looking again finds in the corrected document `source`: questions of facilitators with what follows them,
    and reasons given by youths."""
    corrected = from_document(json.loads(source.read_bytes()))
    said = corrected.transcript.utterances
    found: list[Evidence] = []
    for here, following in zip(said, (*said[1:], None), strict=True):
        if here.role is Role.FACILITATOR and "?" in here.text:
            span = (here,) if following is None else (here, following)
            found.append(moment(len(found) + 1, Indicator.PURPOSEFUL_QUESTIONS, "open", *span))
        if here.role is Role.YOUTH and "because" in here.text:
            found.append(moment(len(found) + 1, Indicator.YOUTH_VOICE, "reasoning", here))
    measures = measure(corrected.transcript, (), duration_s=corrected.media.duration)
    return replace(
        corrected,
        evidence=tuple(found),
        measures=tuple(m for m in measures if m.id == "talk_share_youth"),
        versions=(*corrected.versions, Version(part="tagger", name="fake", sha256="1" * 64, licence="MIT")),
    )


def moment(number: int, indicator: Indicator, code: str, *said: Utterance) -> Evidence:
    return Evidence(
        id=f"e{number}",
        indicator=indicator,
        code=code,
        span=Span(start=said[0].start, end=said[-1].end, utterances=tuple(u.id for u in said)),
        p=0.9,
        said_by=said[0].role,
        cues=(Cue(kind="words", text=f"says “{said[0].text}”"),),
    )


def annotation_of(source: Path) -> PreAnnotation:
    question = Utterance(
        id="u1",
        start=1.0,
        end=3.0,
        speaker="s1",
        role=Role.FACILITATOR,
        role_p=0.97,
        text="What do you notice?",
        words=(Word(text="What", start=1.0, end=1.3, p=0.99),),
    )
    idea = Utterance(
        id="u2", start=5.0, end=7.5, speaker="s2", role=Role.YOUTH, role_p=0.9, text="It floats because it is hollow."
    )
    transcript = Transcript(
        utterances=(question, idea),
        language="en",
        speech=SpeechHeard(
            heard_s=5.0,
            recognised_s=4.5,
            heard_by_role_s=((Role.FACILITATOR, 2.0), (Role.YOUTH, 3.0)),
            recognised_by_role_s=((Role.FACILITATOR, 2.0), (Role.YOUTH, 2.5)),
        ),
    )
    return PreAnnotation(
        media=media_of(source),
        transcript=transcript,
        codes=(("u1", (("open", 0.91),)), ("u2", (("reasoning", 0.84),))),
        evidence=(
            Evidence(
                id="e1",
                indicator=Indicator.PURPOSEFUL_QUESTIONS,
                code="open",
                span=Span(start=1.0, end=7.5, utterances=("u1", "u2")),
                p=0.91,
                said_by=Role.FACILITATOR,
                cues=(Cue(kind="words", text="asks “what do you notice”"),),
            ),
            Evidence(
                id="e2",
                indicator=Indicator.YOUTH_VOICE,
                code="reasoning",
                span=Span(start=5.0, end=7.5, utterances=("u2",)),
                p=0.84,
                said_by=Role.YOUTH,
                cues=(Cue(kind="words", text="gives a reason with “because”"),),
            ),
        ),
        measures=(
            Measure(
                id="talk_share_youth",
                label="Youth share of talk",
                unit="share",
                value=0.6,
                low=0.4,
                high=0.8,
                coverage=0.9,
                n=2,
            ),
        ),
        versions=(Version(part="transcriber", name="fake", sha256="0" * 64, licence="MIT"),),
    )
