"""WebVTT out: captions a player shows and people can read. WebVTT in: whatever other tools write."""

import re

import pytest

from model.errors import InputRefused, TranscriptInvalid
from model.formats.webvtt import CUE_S, CUE_SIGNS, LINE_SIGNS, read_webvtt, stamp, write_webvtt
from model.transcript import Role, Transcript, Utterance, Word

F, Y, U = Role.FACILITATOR, Role.YOUTH, Role.UNKNOWN


def utterance(number: int, role: Role, start: float | None, end: float | None, text: str) -> Utterance:
    return Utterance(id=f"u{number}", start=start, end=end, speaker=None, role=role, role_p=1.0, text=text)


def read(text: str) -> list[tuple[float | None, float | None, str | None, Role, str]]:
    return [(u.start, u.end, u.speaker, u.role, u.text) for u in read_webvtt(text.encode()).utterances]


# ---- out ----------------------------------------------------------------------------------------------------------


def test_the_file_as_a_whole() -> None:
    transcript = Transcript(
        utterances=(
            utterance(1, F, 0.5, 2.0, "What if 2 < 3 & we add more?"),
            utterance(2, Y, 3661.25, 3662.0, "It\nbends."),
            utterance(3, U, 3662.0, 3662.0, "Yes."),
        )
    )
    assert write_webvtt(transcript) == (
        "WEBVTT\n"
        "\n"
        "STYLE\n"
        '::cue(v[voice="Facilitator"]) { color: #ffd27f; }\n'
        '::cue(v[voice="Youth"]) { color: #a5e1ff; }\n'
        "\n"
        "u1.1\n"
        "00:00:00.500 --> 00:00:02.000\n"
        "<v Facilitator>What if 2 &lt; 3 &amp; we add more?\n"
        "\n"
        "u2.1\n"
        "01:01:01.250 --> 01:01:02.000\n"
        "<v Youth>It bends.\n"
        "\n"
        "u3.1\n"
        "01:01:02.000 --> 01:01:02.001\n"  # a caption must end after it starts
        "<v Unknown>Yes.\n"
    )


def test_a_long_utterance_becomes_captions_one_can_read() -> None:
    words = [
        Word(text=f"word{i}" + ("," if i % 7 == 6 else ""), start=i * 0.4, end=i * 0.4 + 0.35, p=1.0) for i in range(60)
    ]
    text = " ".join(word.text for word in words)
    long = Utterance(
        id="u1", start=0.0, end=words[-1].end, speaker="s1", role=F, role_p=1.0, text=text, words=tuple(words)
    )
    captions = write_webvtt(Transcript(utterances=(long,))).split("\n\n")[2:]
    assert len(captions) > 3
    told = []
    for caption in captions:
        _, timing, *lines = caption.strip().split("\n")
        start, end = (float(t[6:]) + 60 * float(t[3:5]) for t in timing.split(" --> "))
        assert end - start <= CUE_S
        lines[0] = lines[0].removeprefix("<v Facilitator>")
        assert len(lines) <= 2
        assert all(len(line) <= LINE_SIGNS + 8 for line in lines)  # one word over, where halves cannot be equal
        assert len(" ".join(lines)) <= CUE_SIGNS
        told += lines
    assert " ".join(told) == text


def test_a_transcript_without_times_is_refused() -> None:
    with pytest.raises(InputRefused) as refused:
        write_webvtt(Transcript(utterances=(utterance(1, F, None, None, "Hello."),)))
    assert refused.value.code == "export.no_times"


def test_stamps() -> None:
    assert stamp(0) == "00:00:00.000"
    assert stamp(59.9996) == "00:01:00.000"  # not 00:00:59.1000
    assert stamp(363599.5) == "100:59:59.500"


def test_what_is_written_is_read_again() -> None:
    transcript = Transcript(
        utterances=(
            utterance(1, F, 0.0, 1.0, "What do you see?"),
            utterance(2, Y, 1.5, 3.0, "A <b>tag</b> & a --> arrow."),
            utterance(3, Y, 2.0, 2.5, "Me too!"),
        )
    )
    again = read_webvtt(write_webvtt(transcript).encode())
    assert [(u.id, u.start, u.end, u.role, u.text) for u in again.utterances] == [
        (u.id, u.start, u.end, u.role, u.text) for u in transcript.utterances
    ]


# ---- in -----------------------------------------------------------------------------------------------------------


def test_voices_hours_identifiers_settings_and_blocks() -> None:
    text = """WEBVTT - a title
Kind: captions
Language: en

NOTE a note
over two lines

STYLE
::cue { color: red }

REGION
id:fred

intro
00:01.000 --> 00:02.500 align:start position:10%
<v Teacher>What do you <i>notice</i>?</v>

01:00:02.000 --> 01:00:03.000
<v.loud Student 2>I see a <c.red>leaf</c>
&amp; a <00:00:03.000>stem.
"""
    assert read(text) == [
        (1.0, 2.5, "s1", F, "What do you notice?"),
        (3602.0, 3603.0, "s2", Y, "I see a leaf & a stem."),
    ]


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_mark(newline: str, mark: str) -> None:
    text = mark + "WEBVTT\n\n00:01.000 --> 00:02.000\nfirst line\nsecond line\n".replace("\n", newline)
    assert read(text) == [(1.0, 2.0, None, U, "first line second line")]


def test_several_voices_in_one_caption_share_its_times() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:04.000\n<v Educator>Why?</v> <v Maya>Because it is heavy.</v>\n"
    assert read(text) == [(1.0, 4.0, "s1", F, "Why?"), (1.0, 4.0, "s2", U, "Because it is heavy.")]


def test_names_of_people_stay_outside() -> None:
    transcript = read_webvtt(b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Maya Lopez>Yes.\n")
    assert "Maya" not in repr(transcript)


def test_captions_of_one_sentence_are_joined() -> None:
    text = """WEBVTT

00:01.000 --> 00:03.000
<v Teacher>What would happen if

00:03.200 --> 00:05.000
<v Teacher>we cut the straws in half?

00:05.100 --> 00:06.000
<v Teacher>Think first.

00:10.000 --> 00:11.000
<v Student>They would

00:13.000 --> 00:14.000
<v Student>be stronger
"""
    assert read(text) == [
        (1.0, 5.0, "s1", F, "What would happen if we cut the straws in half?"),
        (5.1, 6.0, "s1", F, "Think first."),
        (10.0, 11.0, "s2", Y, "They would"),  # two seconds of silence: perhaps not one sentence
        (13.0, 14.0, "s2", Y, "be stronger"),
    ]


def test_without_voices_only_a_small_letter_joins() -> None:
    text = """WEBVTT

00:01.000 --> 00:02.000
what would

00:02.100 --> 00:03.000
happen

00:03.100 --> 00:04.000
It bends
"""
    assert [row[-1] for row in read(text)] == ["what would happen", "It bends"]


def test_captions_out_of_order_are_put_in_order_and_empty_ones_dropped() -> None:
    text = (
        "WEBVTT\n\n00:05.000 --> 00:06.000\nLater.\n\n00:01.000 --> 00:02.000\nSooner.\n\n00:03.000 --> 00:04.000\n\n"
    )
    assert [row[-1] for row in read(text)] == ["Sooner.", "Later."]


def test_a_missing_blank_line_between_captions_loses_nothing() -> None:
    text = "WEBVTT\n00:01.000 --> 00:02.000\nOne.\n00:02.000 --> 00:03.000\nTwo.\n"
    assert [row[-1] for row in read(text)] == ["One.", "Two."]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "Line 1:"),
        ("1\n00:00:01,000 --> 00:00:02,000\nSubRip\n", "Line 1:"),
        ("WEBVTT\n\n00:00:01,000 --> 00:00:02,000\ncommas\n", "Line 3:"),
        ("WEBVTT\n\nid\n00:61.000 --> 00:62.000\nminutes\n", "Line 4:"),
        ("WEBVTT\n\n00:05.000 --> 00:02.000\nbackwards\n", "Line 3:"),
        ("WEBVTT\n\n00:01.000 --> \nno end\n", "Line 3:"),
        ("WEBVTT\n\njust some text\nand more\n", "Line 3:"),
        ("WEBVTT\n\n", "The file holds no captions."),
    ],
)
def test_errors_name_the_line(text: str, place: str) -> None:
    with pytest.raises(TranscriptInvalid) as refused:
        read_webvtt(text.encode())
    assert refused.value.fact.startswith(place)
    assert re.search(r"\.$", refused.value.remedy)


def test_another_encoding_is_refused() -> None:
    with pytest.raises(TranscriptInvalid, match="UTF-8"):
        read_webvtt("WEBVTT\n\n00:01.000 --> 00:02.000\nniño\n".encode("latin-1"))
