"""The page: true to the document, whole in itself, safe with anyone's words, readable without colour."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from inference.page import write_page
from inference.page_parts import axis_step, confidence, figure, voice_numbers
from model.evidence import Cue, Evidence, Span
from model.indicators import CODE_BY_ID, Indicator
from model.measures import measure
from model.preannotation import Media, MediaWarning, PreAnnotation, Stream, Version
from model.transcript import Role, SpeechHeard, Transcript, Utterance, Word

F, Y, U = Role.FACILITATOR, Role.YOUTH, Role.UNKNOWN


class Parsed(HTMLParser):
    """What the tests ask of the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.outside: list[str] = []
        self.text: list[str] = []
        self._silent = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._silent += tag in ("style", "title")
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            elif name in ("href", "src", "action", "srcset", "data", "poster"):
                (self.links if (value or "").startswith("#") else self.outside).append(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def utterance(number: int, role: Role, start: float | None, end: float | None, text: str, **rest: object) -> Utterance:
    voice = {F: "s1", Y: "s2", U: "s3"}[role]
    plain = Utterance(id=f"u{number}", start=start, end=end, speaker=voice, role=role, role_p=0.97, text=text)
    return replace(plain, **rest)  # type: ignore[arg-type]


def evidence(number: int, code: str, of: Utterance, *, p: float = 0.83, cue: str = "asks “what if”") -> Evidence:
    indicator = CODE_BY_ID[code].indicator
    assert indicator is not None
    return Evidence(
        id=f"e{number}",
        indicator=indicator,
        code=code,
        span=Span(start=of.start, end=of.end, utterances=(of.id,)),
        p=p,
        said_by=of.role,
        cues=(Cue(kind="words", text=cue),),
    )


def made(
    *spoken: Utterance,
    found: tuple[Evidence, ...] = (),
    speech: SpeechHeard | None = None,
    duration: float | None = 300.0,
    name: str = "session.mp4",
    warnings: tuple[MediaWarning, ...] = (),
) -> PreAnnotation:
    transcript = Transcript(utterances=spoken, language="en", speech=speech)
    codes = tuple((u.id, (("open", 0.5),)) for u in spoken)
    return PreAnnotation(
        media=Media(
            name=name,
            duration=duration,
            sha256="ab" * 32,
            size=1,
            streams=(Stream(kind="video", codec="h264", width=960, height=540),),
            warnings=warnings,
        ),
        transcript=transcript,
        codes=codes,
        evidence=found,
        measures=measure(transcript, codes, duration_s=duration),
        versions=(Version(part="tagger", name="tagger-1", sha256="cd" * 32, licence="CC-BY-4.0"),),
    )


def a_scene() -> PreAnnotation:
    """A question, the idea it drew, a cut, and a second of voice that gave no words."""
    question = utterance(1, F, 10.0, 12.0, "What if it breaks?")
    idea = utterance(
        2,
        Y,
        14.5,
        16.0,
        "We could fold it.",
        words=(
            Word(text="We", start=14.5, end=14.7, p=0.99),
            Word(text="could", start=14.7, end=15.0, p=0.98),
            Word(text="fold", start=15.0, end=15.5, p=0.31),
            Word(text="it.", start=15.5, end=16.0, p=0.97),
        ),
    )
    speech = SpeechHeard(
        heard_s=5.0, recognised_s=4.0, heard_by_role_s=((F, 2.0), (Y, 3.0)), recognised_by_role_s=((F, 2.0), (Y, 2.0))
    )
    warning = MediaWarning(code="edited", text="The recording looks cut in 1 place: 1:20.", at=(80.0,))
    return made(
        question,
        idea,
        found=(evidence(1, "open", question), evidence(2, "idea", idea, p=0.97, cue="proposes “fold it”")),
        speech=speech,
        warnings=(warning,),
    )


@pytest.fixture
def scene() -> PreAnnotation:
    return a_scene()


def test_everything_of_the_document_is_on_the_page(scene: PreAnnotation) -> None:
    words = Parsed(write_page(scene)).words
    for told in (
        "session.mp4",
        "5:00 long",
        "Picture: H264 960 × 540",
        "The recording looks cut in 1 place: 1:20.",
        "0:10–0:12",
        "Open question",
        "What if it breaks?",
        "asks “what if”",
        "Likely: about 8 of 10 like this should hold",
        "Very likely: more than 19 of 20 like this should hold",
        "1 of 5 s in which a voice was heard gave no words (80% recognised).",
        "2 of 3 s of voice became words",
        "tagger-1",
        "CC-BY-4.0",
        "Nothing was pointed at. That is no finding",  # for STEM relevance
        "Too few pauses could be measured (1); a median needs at least 3.",
        "The machine points; the person scores.",
    ):
        assert told in words, told
    for measured in scene.measures:
        assert measured.label.removesuffix(": times") in words, measured.label


def test_the_page_needs_nothing_but_itself(scene: PreAnnotation) -> None:
    page = write_page(scene)
    parsed = Parsed(page)
    assert parsed.outside == []
    assert not {"script", "link", "img", "iframe", "video", "audio", "object"} & set(parsed.tags)
    assert "default-src 'none'" in page
    assert not re.search(r"url\(\s*['\"]?(?!#)", page)  # patterns of its own only
    assert "@import" not in page


def test_every_link_leads_somewhere_and_every_place_is_one(scene: PreAnnotation) -> None:
    parsed = Parsed(write_page(scene))
    assert len(parsed.ids) == len(set(parsed.ids))
    assert {link.removeprefix("#") for link in parsed.links} <= set(parsed.ids)
    assert {"e1", "e2", "u1", "u2"} <= set(parsed.ids)


def test_roles_are_said_and_not_only_coloured(scene: PreAnnotation) -> None:
    page = write_page(scene)
    assert page.count('<span class="who">Facilitator</span>') == 2  # on the card and in the transcript
    assert page.count('<span class="who">Youth</span>') == 2
    assert 'aria-label="0:10: Open question, likely"' in page


def test_words_the_recogniser_was_unsure_of_look_it(scene: PreAnnotation) -> None:
    assert 'We could <span class="unsure">fold</span> it.' in write_page(scene)


def test_anyones_words_are_only_words() -> None:
    nasty = '</style><script>alert("1")</script><img src=x onerror=alert(2)>'
    said = utterance(1, F, 0.0, 1.0, nasty)
    page = write_page(made(said, found=(evidence(1, "open", said, cue=nasty),), name=f"{nasty}.mp4"))
    parsed = Parsed(page)
    assert not {"script", "img"} & set(parsed.tags)
    assert nasty in parsed.words


def test_a_transcript_without_times_is_laid_out_in_its_order() -> None:
    first = utterance(1, F, None, None, "What do you see?")
    second = utterance(2, Y, None, None, "A seed.")
    page = write_page(made(first, second, found=(evidence(1, "idea", second),), duration=None))
    assert "it has no times" in page
    assert 'class="lane axis"' not in page
    assert '<svg x="50.00%" overflow="visible">' in page  # the second of two utterances
    assert "In the transcript" in Parsed(page).words


def test_a_recording_in_which_nothing_was_heard_is_a_page_too() -> None:
    words = Parsed(write_page(made(speech=SpeechHeard(heard_s=0.0, recognised_s=0.0)))).words
    assert "No voice was heard at all." in words
    assert "No words were recognised." in words
    assert words.count("Nothing was pointed at.") == len(Indicator)


def test_long_stretches_without_a_pointer_are_named() -> None:
    early, late = utterance(1, F, 70.0, 80.0, "What if?"), utterance(2, F, 130.0, 135.0, "And why?")
    words = Parsed(write_page(made(early, late, found=(evidence(1, "open", early), evidence(2, "press", late))))).words
    # 0 to 70 s and 135 to 300 s; the 50 s between are too few
    assert "only you can see. 0:00–1:10 2:15–5:00" in words


def test_youths_are_numbered_as_they_appear_only_where_there_are_several() -> None:
    spoken = Transcript(
        utterances=(
            utterance(1, F, 0, 1, "a"),
            utterance(2, Y, 1, 2, "b", speaker="s9"),
            utterance(3, Y, 2, 3, "c", speaker="s4"),
            utterance(4, Y, 3, 4, "d", speaker="s9"),
        )
    )
    assert voice_numbers(spoken) == {"youth s9": 1, "youth s4": 2}


@pytest.mark.parametrize(
    ("p", "told"),
    [
        (1.0, ("Very likely", "more than 19 of 20 like this should hold")),
        (0.95, ("Very likely", "more than 19 of 20 like this should hold")),
        (0.9499, ("Likely", "about 9 of 10 like this should hold")),
        (0.66, ("Rather likely", "about 7 of 10 like this should hold")),
        (0.5, ("Possible", "about 5 of 10 like this should hold")),
        (0.02, ("A faint sign", "about 1 of 10 like this should hold")),
    ],
)
def test_confidence_in_words(p: float, told: tuple[str, str]) -> None:
    assert confidence(p) == told


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (None, "share", "–"),
        (0.405, "share", "40%"),
        (1.34, "seconds", "1.3 s"),
        (4.24, "count", "4.2"),
        (33.0, "count", "33"),
        (65.31, "per_10_min", "65.3"),
    ],
)
def test_figures(value: float | None, unit: str, told: str) -> None:
    assert figure(value, unit=unit) == told


@pytest.mark.parametrize(
    ("length_s", "step"), [(8, 5), (303, 30), (1200, 120), (7200, 600), (5 * 3600, 1800), (90 * 3600, 28800)]
)
def test_the_axis_has_at_most_a_dozen_round_labels(length_s: float, step: int) -> None:
    assert axis_step(length_s) == step
