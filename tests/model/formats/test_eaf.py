"""ELAN files: well formed, every reference resolved, nothing overlapping in a tier."""

from datetime import UTC, datetime
from itertools import pairwise
from xml.etree import ElementTree as Xml

import pytest

from model.errors import InputRefused
from model.evidence import Cue, Evidence, Span
from model.formats.eaf import write_eaf
from model.indicators import Indicator
from model.preannotation import Media, PreAnnotation
from model.transcript import Role, Transcript, Utterance

F, Y, U = Role.FACILITATOR, Role.YOUTH, Role.UNKNOWN
MADE_AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def utterance(number: int, role: Role, start: float | None, end: float | None, text: str = "Said.") -> Utterance:
    return Utterance(id=f"u{number}", start=start, end=end, speaker=None, role=role, role_p=1.0, text=text)


def made(*utterances: Utterance, evidence: tuple[Evidence, ...] = (), name: str = "a b.mp4") -> PreAnnotation:
    return PreAnnotation(
        media=Media(name=name, duration=60.0, sha256="0" * 64, size=1, streams=()),
        transcript=Transcript(utterances=utterances),
        codes=(),
        evidence=evidence,
        measures=(),
        versions=(),
    )


def question(start: float, end: float) -> Evidence:
    return Evidence(
        id="e1",
        indicator=Indicator.PURPOSEFUL_QUESTIONS,
        code="open",
        span=Span(start=start, end=end, utterances=("u1",)),
        p=0.876,
        said_by=F,
        cues=(Cue(kind="words", text="asks “what if”"), Cue(kind="wait", text="2.0 s of wait")),
    )


def parsed(preannotation: PreAnnotation, **rest: str) -> Xml.Element:
    return Xml.fromstring(write_eaf(preannotation, made_at=MADE_AT, **rest).encode())


def marks(root: Xml.Element, tier: str) -> list[tuple[int, int, str]]:
    slots = {slot.attrib["TIME_SLOT_ID"]: int(slot.attrib["TIME_VALUE"]) for slot in root.iter("TIME_SLOT")}
    element = root.find(f"TIER[@TIER_ID='{tier}']")
    assert element is not None, tier
    return [
        (slots[a.attrib["TIME_SLOT_REF1"]], slots[a.attrib["TIME_SLOT_REF2"]], a.findtext("ANNOTATION_VALUE") or "")
        for a in element.iter("ALIGNABLE_ANNOTATION")
    ]


def test_a_tier_for_each_role_and_indicator() -> None:
    root = parsed(
        made(utterance(1, F, 0.5, 2.0, "What if?"), utterance(2, Y, 3.0, 4.25), evidence=(question(0.5, 4.25),))
    )
    assert [tier.attrib["TIER_ID"] for tier in root.iter("TIER")] == [
        "Facilitator",
        "Youth",
        "Youth voice",
        "STEM relevance",
        "Purposeful questions",
    ]
    assert marks(root, "Facilitator") == [(500, 2000, "What if?")]
    assert marks(root, "Youth") == [(3000, 4250, "Said.")]
    assert marks(root, "Purposeful questions") == [(500, 4250, "Open question (p 0.88): asks “what if”; 2.0 s of wait")]
    assert marks(root, "Youth voice") == []


def test_the_structure_elan_asks_for() -> None:
    root = parsed(made(utterance(1, F, 0, 1), utterance(2, U, 0, 1), evidence=(question(0, 1),)))
    assert root.tag == "ANNOTATION_DOCUMENT"
    assert (root.attrib["FORMAT"], root.attrib["VERSION"]) == ("3.0", "3.0")
    assert root.attrib["DATE"] == "2026-03-02T09:30:00+00:00"
    # the schema fixes the order of the parts
    order = [child.tag for child in root]
    assert order == sorted(order, key=["HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE"].index)
    header = root.find("HEADER")
    assert header is not None
    assert header.attrib["TIME_UNITS"] == "milliseconds"
    types = {kind.attrib["LINGUISTIC_TYPE_ID"] for kind in root.iter("LINGUISTIC_TYPE")}
    assert {tier.attrib["LINGUISTIC_TYPE_REF"] for tier in root.iter("TIER")} <= types
    annotation_ids = [a.attrib["ANNOTATION_ID"] for a in root.iter("ALIGNABLE_ANNOTATION")]
    assert len(set(annotation_ids)) == len(annotation_ids) == 3
    times = [int(slot.attrib["TIME_VALUE"]) for slot in root.iter("TIME_SLOT")]
    assert times == sorted(times)
    assert len(times) == 2 * 3  # each annotation has its own two slots


def test_the_media_link_is_beside_the_file_or_as_named() -> None:
    descriptor = parsed(made(utterance(1, F, 0, 1))).find("HEADER/MEDIA_DESCRIPTOR")
    assert descriptor is not None
    assert descriptor.attrib == {
        "MEDIA_URL": "./a b.mp4",
        "MIME_TYPE": "video/mp4",
        "RELATIVE_MEDIA_URL": "./a b.mp4",
    }
    named = parsed(made(utterance(1, F, 0, 1)), media_url="file:///videos/a.mp4").find("HEADER/MEDIA_DESCRIPTOR")
    assert named is not None
    assert named.attrib["MEDIA_URL"] == "file:///videos/a.mp4"


def test_overlapping_voices_go_to_further_tiers() -> None:
    root = parsed(made(utterance(1, Y, 0, 5), utterance(2, Y, 1, 3), utterance(3, Y, 3, 4), utterance(4, Y, 5, 6)))
    assert [m[:2] for m in marks(root, "Youth")] == [(0, 5000), (5000, 6000)]
    assert [m[:2] for m in marks(root, "Youth (2, overlapping)")] == [(1000, 3000), (3000, 4000)]
    for tier in root.iter("TIER"):
        placed = marks(root, tier.attrib["TIER_ID"])
        assert all(before[1] <= after[0] for before, after in pairwise(placed))


def test_an_annotation_lasts_at_least_a_millisecond() -> None:
    assert marks(parsed(made(utterance(1, F, 2.0, 2.0))), "Facilitator") == [(2000, 2001, "Said.")]


def test_signs_xml_cannot_hold_do_not_break_the_file() -> None:
    text = 'a < b & c "d" \x00\x0b\ud800\uffff\U0001f600\n'
    told = marks(parsed(made(utterance(1, F, 0, 1, text), name="<&>\x07.mp4")), "Facilitator")[0][2]
    assert told == 'a < b & c "d" \ufffd\ufffd\ufffd\ufffd\U0001f600\n'


def test_a_transcript_without_times_is_refused() -> None:
    with pytest.raises(InputRefused) as refused:
        parsed(made(utterance(1, F, None, None)))
    assert refused.value.code == "export.no_times"


def test_a_recording_without_speech_is_an_empty_file_of_tiers() -> None:
    root = parsed(made())
    assert [tier.attrib["TIER_ID"] for tier in root.iter("TIER")][:2] == ["Facilitator", "Youth"]
    assert list(root.iter("TIME_SLOT")) == []
