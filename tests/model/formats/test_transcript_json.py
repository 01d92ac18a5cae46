"""Transcripts handed in as JSON."""

import json

import pytest

from model.errors import TranscriptInvalid
from model.formats.transcript_json import read_transcript_json
from model.formats.voices import role_of_label
from model.transcript import Role, Transcript

F, Y, U = Role.FACILITATOR, Role.YOUTH, Role.UNKNOWN


def read(*utterances: object, **rest: object) -> Transcript:
    return read_transcript_json(json.dumps({"utterances": utterances, **rest}).encode())


def test_every_field_is_taken() -> None:
    transcript = read(
        {"speaker": "Ms. K", "role": "educator", "start": 0, "end": 1.5, "text": " What do\nyou see? "},
        {"speaker": "kid 1", "start": 2, "end": 3, "text": "A leaf."},
        {"speaker": 7, "role": "unknown", "start": 3, "end": 4, "text": "Hm."},
        {"speaker": "Ms. K", "role": "facilitator", "start": 5, "end": 6, "text": "Nice."},
        language="en",
    )
    assert transcript.language == "en"
    assert [(u.id, u.start, u.end, u.speaker, u.role, u.role_p, u.text) for u in transcript.utterances] == [
        ("u1", 0.0, 1.5, "s1", F, 1.0, "What do you see?"),
        ("u2", 2.0, 3.0, "s2", Y, 1.0, "A leaf."),
        ("u3", 3.0, 4.0, "s3", U, 0.5, "Hm."),
        ("u4", 5.0, 6.0, "s1", F, 1.0, "Nice."),
    ]
    assert transcript.speech is None


def test_times_may_be_absent_or_null() -> None:
    transcript = read({"text": "Hello."}, {"text": "Hi.", "start": None, "end": None})
    assert not transcript.timed
    assert [u.text for u in transcript.utterances] == ["Hello.", "Hi."]


def test_utterances_are_put_in_order_of_time_only_where_all_have_times() -> None:
    late, early = {"text": "late", "start": 5, "end": 6}, {"text": "early", "start": 1, "end": 2}
    assert [u.text for u in read(late, early).utterances] == ["early", "late"]
    assert [u.text for u in read(late, early, {"text": "some time"}).utterances] == ["late", "early", "some time"]


def test_a_pre_annotation_document_is_a_transcript_too() -> None:
    transcript = read(
        {"id": "u9", "start": 0, "end": 1, "speaker": "s2", "role": "youth", "role_p": 0.9, "text": "A.", "words": []},
        format="lookfors.preannotation/1",
    )
    assert transcript.utterances[0].role is Y


@pytest.mark.parametrize(
    ("utterance", "place"),
    [
        ({"text": "Hi.", "start": 1}, "utterances[0]"),
        ({"text": "Hi.", "start": 3, "end": 2}, "utterances[0].end"),
        ({"text": "Hi.", "start": "00:01", "end": "00:02"}, "utterances[0].start"),
        ({"text": "Hi.", "start": -1, "end": 2}, "utterances[0].start"),
        ({"text": "Hi.", "role": "wizard"}, "utterances[0].role"),
        ({"text": 5}, "utterances[0].text"),
        ({}, "utterances[0].text"),
        ("Hi.", "utterances[0]"),
    ],
)
def test_errors_name_the_path(utterance: object, place: str) -> None:
    with pytest.raises(TranscriptInvalid) as refused:
        read(utterance)
    assert refused.value.fact.startswith(f"{place}: ")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "line 1, column 1: this is not JSON"),
        (b'{"utterances": [\n}', "line 2, column 1: this is not JSON"),
        (b"[]", "document: expected named fields"),
        (b'{"segments": []}', "utterances: it is missing"),
        (b'{"utterances": []}', "utterances: it holds 0 entries"),
        (b'{"utterances": [{"text": "a", "start": NaN, "end": 1}]}', "document: it holds NaN"),
        (
            b'{"utterances": [{"text": "a", "start": 1e999, "end": 1e999}]}',
            "utterances[0].start: the number is not finite",
        ),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "document: it is nested too deeply"),
        (b'{"utterances": [{"text": "a", "start": ' + b"9" * 5000 + b"}]}", "document: it holds a number"),
    ],
    ids=["empty", "cut short", "list", "other keys", "no utterances", "NaN", "infinite", "UTF-16", "nested", "digits"],
)
def test_what_is_no_transcript_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(TranscriptInvalid) as refused:
        read_transcript_json(data)
    assert told in refused.value.fact


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("Facilitator", F),
        ("TEACHER", F),
        ("Lead Teacher", F),
        ("student teacher", F),
        ("Educator 2", F),
        ("Youth", Y),
        ("student_4", Y),
        ("Student3", Y),
        ("StudentA", Y),
        ("Kid B", Y),
        ("Speaker 1", U),
        ("Maya", None),
        ("Child Development Director", None),
        ("17", None),
    ],
)
def test_roles_that_labels_name(label: str, role: Role | None) -> None:
    assert role_of_label(label) is role
