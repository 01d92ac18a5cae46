"""`--html`: a pre-annotation as one page that needs nothing but itself: to read, to print, to hand on.

No script, no outside request, no sound inside. What is shown is worked out here; the template only lays it out.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from inference.media.probe import clock
from inference.page_parts import (
    Bar,
    Card,
    Line,
    Quote,
    Row,
    Tick,
    TurnShown,
    Versions,
    axis_step,
    confidence,
    figure,
    plural,
    voice_numbers,
)
from model.evidence import Evidence
from model.indicators import CODE_BY_ID, Indicator, codes_of
from model.measures import Measure
from model.preannotation import PreAnnotation
from model.transcript import Role, Transcript, Utterance

_TEMPLATES = Path(__file__).parent / "templates"
_UNSURE_WORD_P = 0.5
_QUIET_STRETCH_S = 60.0  # without a pointer this long is worth a look of its own

ROLE_WORDS = {Role.FACILITATOR: "Facilitator", Role.YOUTH: "Youth", Role.UNKNOWN: "Unclear who"}
SHORT = {
    Indicator.YOUTH_VOICE: "voice",
    Indicator.STEM_RELEVANCE: "relevance",
    Indicator.PURPOSEFUL_QUESTIONS: "questions",
}
ABOUT = {
    Indicator.YOUTH_VOICE: "Youth bring ideas, reasons and decisions, and these are taken up.",
    Indicator.STEM_RELEVANCE: "The idea of the activity is tied to life, community, work and the world outside.",
    Indicator.PURPOSEFUL_QUESTIONS: "Questions that set youth thinking and leave them room to answer.",
}
_GROUPS = (
    (
        "Who talks",
        (
            "talk_share_youth",
            "talk_share_facilitator",
            "word_share_youth",
            "youth_turns",
            "youth_turns_rate",
            "youth_voices",
        ),
    ),
    (
        "Questions and waiting",
        (
            "wait_time",
            "purposeful_share",
            *(f"count_{c}" for c in ("open", "press", "closed", "procedural", "rhetorical")),
        ),
    ),
    ("Signs of youth voice", tuple(f"count_{c}" for c in ("idea", "reasoning", "peer", "choice_offered", "uptake"))),
    ("Signs of relevance", tuple(f"count_{c}" for c in ("career", "everyday", "community", "real_world"))),
)


@dataclass(frozen=True, slots=True)
class Lane:
    indicator: Indicator
    tone: str
    ticks: tuple[Tick, ...]


def write_page(made: PreAnnotation) -> str:
    """The whole page as HTML."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("page.html")
    return template.render(
        css=(_TEMPLATES / "page.css").read_text(encoding="utf-8"),
        media=made.media,
        facts=tuple(_facts(made)),
        clock=clock,
        plural=plural,
        timed=made.transcript.timed,
        spoken=_spoken_bars(made.transcript, _length(made)),
        lanes=tuple(_lanes(made)),
        axis=tuple(_axis(made)),
        sections=tuple(_sections(made)),
        groups=tuple(_measure_groups(made.measures)),
        heard=tuple(_heard(made.transcript)),
        unheard=_unheard(made.transcript),
        quiet=tuple(_quiet_stretches(made)),
        turns=tuple(_turns(made)),
        versions=Versions.of(made.versions),
        role_words={role.value: words for role, words in ROLE_WORDS.items()},
    )


def _facts(made: PreAnnotation) -> Iterator[str]:
    media = made.media
    if media.duration is not None:
        yield f"{clock(media.duration)} long"
    for stream in media.streams:
        size = f" {stream.width} × {stream.height}" if stream.width and stream.height else ""
        yield f"{'Picture' if stream.kind == 'video' else 'Sound'}: {stream.codec.upper()}{size}"
    if not media.streams:
        yield "A transcript without its recording"
    if made.transcript.language:
        yield f"Language: {made.transcript.language}"
    yield plural(len(made.transcript.utterances), "utterance")
    yield f"SHA-256 {media.sha256[:12]}…"


# ---- the map -------------------------------------------------------------------------------------------------------


def _length(made: PreAnnotation) -> float:
    """Seconds the map spans; for a transcript without times, utterances."""
    if not made.transcript.timed:
        return float(max(1, len(made.transcript.utterances)))
    ends = [u.end or 0.0 for u in made.transcript.utterances]
    return max(made.media.duration or 0.0, *ends, 1.0)


def _start_of(transcript: Transcript, utterance_id: str) -> float:
    """Where an utterance begins on the map."""
    for number, utterance in enumerate(transcript.utterances):
        if utterance.id == utterance_id:
            return utterance.start if transcript.timed and utterance.start is not None else float(number)
    return 0.0


def _spoken_bars(transcript: Transcript, length: float) -> tuple[Bar, ...]:
    bars = []
    number = 0
    for turn in transcript.turns():
        if transcript.timed:
            start, end = turn.start or 0.0, max(u.end or 0.0 for u in turn.utterances)
        else:
            start, end = float(number), float(number + len(turn.utterances))
        number += len(turn.utterances)
        bars.append(Bar(x=100 * start / length, width=100 * (end - start) / length, role=turn.role.value))
    return tuple(bars)


def _lanes(made: PreAnnotation) -> Iterator[Lane]:
    length = _length(made)
    for indicator in Indicator:
        ticks = []
        for evidence in _in_order(made, indicator):
            words, _ = confidence(evidence.p)
            at = clock(evidence.span.start) if evidence.span.start is not None else "in the transcript"
            told = f"{at}: {CODE_BY_ID[evidence.code].label}, {words.lower()}"
            x = 100 * _start_of(made.transcript, evidence.span.utterances[0]) / length
            ticks.append(Tick(id=evidence.id, x=x, height=round(8 + 20 * evidence.p), told=told))
        yield Lane(indicator, SHORT[indicator], tuple(ticks))


def _in_order(made: PreAnnotation, indicator: Indicator) -> list[Evidence]:
    found = [e for e in made.evidence if e.indicator is indicator]
    return sorted(found, key=lambda e: _start_of(made.transcript, e.span.utterances[0]))


def _axis(made: PreAnnotation) -> Iterator[tuple[float, str, bool]]:
    """(place in percent, label, whether it also shows on a phone)."""
    if not made.transcript.timed:
        return
    length = _length(made)
    step = axis_step(length)
    for number in range(int(length // step) + 1):
        place = 100 * number * step / length
        if place < 97 or number == 0:  # a label at the very end would be cut off
            yield place, clock(number * step), number % 2 == 0


# ---- evidence ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Section:
    indicator: Indicator
    tone: str
    about: str
    kinds: tuple[tuple[str, str], ...]  # label and definition of each code
    cards: tuple[Card, ...]


def _sections(made: PreAnnotation) -> Iterator[Section]:
    spoken = {utterance.id: utterance for utterance in made.transcript.utterances}
    numbers = voice_numbers(made.transcript)
    for indicator in Indicator:
        cards = tuple(_card(evidence, spoken, numbers) for evidence in _in_order(made, indicator))
        kinds = tuple((code.label, code.definition) for code in codes_of(indicator))
        yield Section(indicator, SHORT[indicator], ABOUT[indicator], kinds, cards)


def _card(evidence: Evidence, spoken: dict[str, Utterance], numbers: dict[str, int]) -> Card:
    words, likely = confidence(evidence.p)
    span = evidence.span
    return Card(
        id=evidence.id,
        first=span.utterances[0],
        when=f"{clock(span.start)}–{clock(span.end)}" if span.start is not None and span.end is not None else "",
        code=CODE_BY_ID[evidence.code].label,
        confidence=words,
        likely=likely,
        p=evidence.p,
        quotes=tuple(
            Quote(role=u.role.value, who=_who(u, numbers), text=u.text)
            for u in (spoken[id_] for id_ in span.utterances)
        ),
        cues=tuple(cue.text for cue in evidence.cues),
    )


def _who(utterance: Utterance, numbers: dict[str, int]) -> str:
    number = numbers.get(f"{utterance.role} {utterance.speaker}")
    return f"{ROLE_WORDS[utterance.role]} {number}" if number else ROLE_WORDS[utterance.role]


# ---- measures and what could not be heard --------------------------------------------------------------------------


def _measure_groups(measures: Iterable[Measure]) -> Iterator[tuple[str, tuple[Row, ...]]]:
    known = {measure.id: measure for measure in measures}
    for title, ids in _GROUPS:
        rows = tuple(_row(known.pop(id_)) for id_ in ids if id_ in known)
        if rows:
            yield title, rows
    if known:  # a document from a newer version may hold more
        yield "Further measures", tuple(_row(measure) for measure in known.values())


def _row(measure: Measure) -> Row:
    show = partial(figure, unit=measure.unit)
    bounded = measure.value is not None and measure.low is not None and measure.high is not None
    share = measure.unit == "share" and bounded
    return Row(
        label=measure.label.removesuffix(": times"),
        value=show(measure.value),
        interval=f"{show(measure.low)} to {show(measure.high)}" if bounded else "",
        coverage="" if measure.coverage is None else f"{measure.coverage:.0%}",
        n=measure.n,
        note=measure.note or "",
        reason=measure.reason or "",
        bar=(100 * (measure.low or 0), 100 * (measure.value or 0), 100 * (measure.high or 0)) if share else None,
    )


def _heard(transcript: Transcript) -> Iterator[tuple[str, str, float, str]]:
    """(role, words, percent recognised, sentence) for each role whose voice was heard."""
    speech = transcript.speech
    if speech is None:
        return
    for role, heard_s in speech.heard_by_role_s:
        coverage = speech.coverage_of(role)
        if coverage is not None:
            recognised = coverage * heard_s
            yield (
                role.value,
                ROLE_WORDS[role],
                100 * coverage,
                f"{recognised:.0f} of {heard_s:.0f} s of voice became words",
            )


def _unheard(transcript: Transcript) -> str:
    speech = transcript.speech
    if speech is None:
        return "The transcript came without its sound, so nobody can say what is missing from it."
    if speech.coverage is None:
        return "No voice was heard at all."
    missing = max(0.0, speech.heard_s - speech.recognised_s)
    return (
        f"{missing:.0f} of {speech.heard_s:.0f} s in which a voice was heard gave no words "
        f"({speech.coverage:.0%} recognised). Soft, distant and overlapping voices, mostly the youths', are missed "
        "first. Where nothing is pointed at, something may still have been said."
    )


def _quiet_stretches(made: PreAnnotation) -> Iterator[tuple[str, str]]:
    """(from, to) of stretches without any pointer: what only a person can find there."""
    if not made.transcript.timed:
        return
    spans = sorted(
        (e.span.start, e.span.end) for e in made.evidence if e.span.start is not None and e.span.end is not None
    )
    at = 0.0
    for start, end in [*spans, (_length(made), _length(made))]:
        if start - at >= _QUIET_STRETCH_S:
            yield clock(at), clock(start)
        at = max(at, end)


# ---- transcript ----------------------------------------------------------------------------------------------------


def _turns(made: PreAnnotation) -> Iterator[TurnShown]:
    marks: dict[str, list[tuple[str, str, str]]] = {}
    for evidence in made.evidence:
        told = f"{evidence.indicator.label}: {CODE_BY_ID[evidence.code].label}"
        marks.setdefault(evidence.span.utterances[0], []).append((evidence.id, SHORT[evidence.indicator], told))
    numbers = voice_numbers(made.transcript)
    for turn in made.transcript.turns():
        first = turn.utterances[0]
        yield TurnShown(
            role=turn.role.value,
            who=_who(first, numbers),
            unsure=turn.role is not Role.UNKNOWN and first.role_p < 0.8,
            at="" if turn.start is None else clock(turn.start),
            lines=tuple(Line(id=u.id, words=_words(u), marks=tuple(marks.get(u.id, ()))) for u in turn.utterances),
        )


def _words(utterance: Utterance) -> tuple[tuple[str, bool], ...]:
    """(text, unsure) runs; whole where the words do not spell the text."""
    texts: Sequence[str] = [word.text for word in utterance.words]
    if " ".join(texts) != utterance.text:
        return ((utterance.text, False),)
    return tuple((word.text, word.p < _UNSURE_WORD_P) for word in utterance.words)
