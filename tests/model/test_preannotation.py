"""The document outsiders rely on: it comes back whole, fits its published schema, and refuses what it cannot read."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from model.errors import InputRefused
from model.evidence import Cue, Evidence, Span
from model.indicators import CODE_IDS, CODES, Indicator
from model.measures import MEASURE_IDS, Measure, measure
from model.preannotation import (
    CODE_FLOOR,
    Media,
    MediaWarning,
    PreAnnotation,
    Stream,
    Version,
    from_document,
    to_document,
)
from model.transcript import Role, SpeechHeard, Transcript, Utterance, Word

DOCS = Path(__file__).resolve().parents[2] / "docs" / "formats"
SCHEMA = Draft202012Validator(json.loads((DOCS / "preannotation.schema.json").read_text()))

# Times on the millisecond and probabilities on the fourth place, as the document keeps them.
seconds = st.integers(0, 7_200_000).map(lambda ms: ms / 1000)
probabilities = st.integers(0, 10_000).map(lambda p: p / 10_000)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text.strip() != "")
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
roles = st.sampled_from(Role)
spans = st.tuples(seconds, seconds).map(lambda pair: (min(pair), max(pair)))


@st.composite
def words(draw: st.DrawFn) -> Word:
    start, end = draw(spans)
    return Word(text=draw(texts), start=start, end=end, p=draw(probabilities))


@st.composite
def utterances(draw: st.DrawFn, number: int, timed: bool) -> Utterance:
    start, end = draw(spans) if timed else (None, None)
    return Utterance(
        id=f"u{number}",
        start=start,
        end=end,
        speaker=draw(st.none() | st.sampled_from(("s1", "s2"))),
        role=draw(roles),
        role_p=draw(probabilities),
        text=draw(texts),
        words=tuple(draw(st.lists(words(), max_size=2))) if timed else (),
    )


@st.composite
def evidence(draw: st.DrawFn, number: int, spoken: tuple[Utterance, ...]) -> Evidence:
    code = draw(st.sampled_from([code for code in CODES if code.indicator is not None]))
    first = draw(st.sampled_from(spoken))
    assert code.indicator is not None
    return Evidence(
        id=f"e{number}",
        indicator=code.indicator,
        code=code.id,
        span=Span(start=first.start, end=first.end, utterances=(first.id,)),
        p=draw(probabilities),
        said_by=draw(roles),
        cues=tuple(draw(st.lists(st.builds(Cue, kind=st.sampled_from(("words", "wait")), text=texts), max_size=2))),
    )


@st.composite
def preannotations(draw: st.DrawFn) -> PreAnnotation:
    timed = draw(st.booleans())
    spoken = tuple(draw(utterances(i, timed)) for i in range(1, draw(st.integers(0, 4)) + 1))
    heard_s = draw(seconds)
    speech = SpeechHeard(
        heard_s=heard_s,
        recognised_s=draw(seconds),
        heard_by_role_s=tuple((role, draw(seconds)) for role in draw(st.sets(roles))),
        recognised_by_role_s=tuple((role, draw(seconds)) for role in draw(st.sets(roles))),
    )
    codes = st.dictionaries(
        st.sampled_from(CODE_IDS), st.integers(500, 10_000).map(lambda p: p / 10_000), max_size=3
    ).map(lambda row: tuple(row.items()))
    return PreAnnotation(
        media=Media(
            name=draw(texts),
            duration=draw(st.none() | seconds),
            sha256=draw(hashes),
            size=draw(st.integers(0, 2**40)),
            streams=tuple(
                draw(
                    st.lists(
                        st.builds(
                            Stream,
                            kind=st.sampled_from(("video", "audio")),
                            codec=texts,
                            width=st.none() | st.integers(1, 8000),
                            rotation=st.none() | st.sampled_from((-90, 0, 90, 180)),
                            fps=st.none() | seconds,
                        ),
                        max_size=2,
                    )
                )
            ),
            warnings=tuple(
                draw(
                    st.lists(
                        st.builds(
                            MediaWarning,
                            code=st.sampled_from(("edited", "quiet")),
                            text=texts,
                            at=st.lists(seconds, max_size=2).map(tuple),
                        ),
                        max_size=2,
                    )
                )
            ),
        ),
        transcript=Transcript(
            utterances=spoken,
            language=draw(st.none() | st.sampled_from(("en", "es"))),
            speech=draw(st.none() | st.just(speech)),
        ),
        codes=tuple((u.id, draw(codes)) for u in spoken if draw(st.booleans())),
        evidence=tuple(draw(evidence(i, spoken)) for i in (1, 2)) if spoken else (),
        measures=tuple(draw(st.lists(measures(), max_size=3))),
        versions=tuple(
            draw(st.lists(st.builds(Version, part=texts, name=texts, sha256=hashes, licence=st.text()), max_size=2))
        ),
    )


@st.composite
def measures(draw: st.DrawFn) -> Measure:
    value = draw(st.none() | probabilities)
    return Measure(
        id=draw(st.sampled_from(MEASURE_IDS)),
        label=draw(texts),
        unit=draw(st.sampled_from(("share", "seconds", "count", "per_10_min"))),
        value=value,
        low=None if value is None else draw(st.none() | probabilities),
        high=None if value is None else draw(st.none() | probabilities),
        coverage=draw(st.none() | probabilities),
        n=draw(st.integers(0, 1000)),
        reason=draw(texts) if value is None else None,
        note=draw(st.none() | texts),
    )


@given(preannotations())
def test_a_document_comes_back_as_it_went_and_fits_the_schema(made: PreAnnotation) -> None:
    through_json = json.loads(json.dumps(to_document(made)))
    SCHEMA.validate(through_json)
    assert from_document(through_json) == made


# ---- one small document by hand -----------------------------------------------------------------------------------


def small() -> PreAnnotation:
    question = Utterance(
        id="u1",
        start=1.00049,
        end=3.0,
        speaker="s1",
        role=Role.FACILITATOR,
        role_p=0.987654,
        text="What do you notice?",
        words=(Word(text="What", start=1.00049, end=1.2, p=0.99996),),
    )
    transcript = Transcript(utterances=(question,), language="en", speech=SpeechHeard(heard_s=2.0, recognised_s=1.5))
    codes = (("u1", (("open", 0.91234567), ("press", 0.05), ("closed", 0.0499999))),)
    return PreAnnotation(
        media=Media(name="a.mp4", duration=4.0, sha256="0" * 64, size=7, streams=()),
        transcript=transcript,
        codes=codes,
        evidence=(
            Evidence(
                id="e1",
                indicator=Indicator.PURPOSEFUL_QUESTIONS,
                code="open",
                span=Span(start=1.00049, end=3.0, utterances=("u1",)),
                p=0.91234567,
                said_by=Role.FACILITATOR,
                cues=(Cue(kind="words", text="asks “What do you notice?”"),),
            ),
        ),
        measures=measure(transcript, codes, duration_s=4.0),
        versions=(Version(part="tagger", name="t", sha256="1" * 64, licence="Apache-2.0"),),
    )


@pytest.fixture
def document() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(to_document(small())))
    return made


def test_times_are_kept_to_the_millisecond_and_probabilities_to_four_places(document: dict[str, Any]) -> None:
    utterance = document["utterances"][0]
    assert (utterance["start"], utterance["role_p"]) == (1.0, 0.9877)
    assert utterance["words"][0] == {"start": 1.0, "end": 1.2, "text": "What", "p": 1.0}
    assert document["evidence"][0]["p"] == 0.9123
    assert document["speech"]["coverage"] == 0.75


def test_codes_below_the_floor_are_left_out(document: dict[str, Any]) -> None:
    assert CODE_FLOOR == 0.05
    assert document["utterances"][0]["codes"] == {"open": 0.9123, "press": 0.05}  # .0499999 is not there


def test_writing_what_was_read_changes_nothing(document: dict[str, Any]) -> None:
    assert to_document(from_document(document)) == document
    SCHEMA.validate(document)


def test_fields_of_a_later_minor_version_are_passed_over(document: dict[str, Any]) -> None:
    before = from_document(document)
    document["weather"] = "fine"
    document["utterances"][0]["pitch"] = 210
    document["utterances"][0]["codes"]["sparkle"] = 0.9
    assert from_document(document) == before


@pytest.mark.parametrize("stated", ["lookfors.preannotation/2", "lookfors.preannotation/10", "elan/3"])
def test_another_version_is_refused_in_a_sentence(document: dict[str, Any], stated: str) -> None:
    document["format"] = stated
    with pytest.raises(InputRefused) as refused:
        from_document(document)
    assert refused.value.code == "document.version"
    assert stated in refused.value.fact
    assert "lookfors.preannotation/1" in refused.value.fact


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("media", "duration"), -1, "media.duration"),
        (("media", "sha256"), None, "media.sha256"),
        (("media", "warnings"), [{"code": "haunted", "text": "boo", "at": []}], "media.warnings[0].code"),
        (("utterances", 0, "role"), "wizard", "utterances[0].role"),
        (("utterances", 0, "role_p"), 1.5, "utterances[0].role_p"),
        (("utterances", 0, "words", 0, "start"), "1", "utterances[0].words[0].start"),
        (("evidence", 0, "code"), "sparkle", "evidence[0].code"),
        (("evidence", 0, "utterances"), ["u9"], "evidence[0].utterances[0]"),
        (("evidence", 0, "p"), True, "evidence[0].p"),
        (("measures", 0, "n"), 1.5, "measures[0].n"),
        (("versions", 0), "tagger", "versions[0]"),
    ],
)
def test_a_broken_document_is_refused_with_the_place(
    document: dict[str, Any], path: tuple[str | int, ...], value: object, place: str
) -> None:
    at: Any = document
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    with pytest.raises(InputRefused) as refused:
        from_document(document)
    assert refused.value.fact.startswith(f"{place}: ")
    assert refused.value.code == "document.invalid"


def test_the_schema_names_every_code_and_warning(document: dict[str, Any]) -> None:
    schema = json.loads((DOCS / "preannotation.schema.json").read_text())
    assert tuple(schema["$defs"]["code"]["enum"]) == CODE_IDS
    assert schema["$defs"]["evidence"]["properties"]["indicator"]["enum"] == [i.value for i in Indicator]
    document["evidence"][0]["indicator"] = "sparkle"
    assert not SCHEMA.is_valid(document)
