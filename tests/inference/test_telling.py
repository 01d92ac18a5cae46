"""The words a verdict hangs on are found by leaving them out."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from inference.features import Line
from inference.tagger import Tagger, load_tagger
from inference.telling import Chances, tell_why, telling_words
from model.transcript import Role, Transcript, Utterance

BEFORE = Line(text="Lids on please.", p_youth=0.05, speaker="A")
AFTER = Line(text="Okay.", p_youth=0.95, speaker="B")


def _lines(text: str) -> tuple[Line, ...]:
    return (BEFORE, Line(text=text, p_youth=0.05, speaker="A"), AFTER)


def _if_there(word: str, *, there: float, gone: float) -> Chances:
    return lambda conversations, at: [there if word in lines[at].text else gone for lines in conversations]


def test_the_run_without_which_the_chance_falls_is_told() -> None:
    lines = _lines("so that is what a bricklayer, you know, does with a level all day long")
    told = telling_words(lines, 1, _if_there("bricklayer", there=0.8, gone=0.1))
    assert told == "is what a bricklayer"  # the first of the runs of four that have the word, without the comma


def test_a_chance_that_stays_above_half_hangs_on_no_words() -> None:
    lines = _lines("so that is what a bricklayer does with a level all day long")
    assert telling_words(lines, 1, _if_there("bricklayer", there=0.8, gone=0.41)) == ""
    assert "bricklayer" in telling_words(lines, 1, _if_there("bricklayer", there=0.8, gone=0.4))


@pytest.mark.parametrize("text", ["Bricklayer.", ""])
def test_a_single_word_explains_nothing(text: str) -> None:
    assert telling_words(_lines(text), 1, _if_there("Bricklayer", there=0.8, gone=0.0)) == ""


def test_a_long_utterance_is_read_a_bounded_number_of_times() -> None:
    reads: list[str] = []

    def chances(conversations: Sequence[tuple[Line, ...]], at: int) -> list[float]:
        reads.extend(lines[at].text for lines in conversations)
        return [0.5] * len(conversations)

    telling_words(_lines(" ".join(f"word{i}" for i in range(400))), 1, chances)
    assert len(reads) == 1 + (400 - 16) // 16 + 1  # in runs of 400 // 24 = 16, and whole


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return load_tagger()


def test_the_shipped_tagger_says_what_it_goes_by(tagger: Tagger) -> None:
    said = (
        (Role.FACILITATOR, "Okay, which of you has the tape measure?"),
        (Role.YOUTH, "Me."),
        (
            Role.FACILITATOR,
            "There are people whose whole working day is hanging in a harness, tightening bolts like these.",
        ),
        (Role.YOUTH, "Whoa."),
    )
    transcript = Transcript(
        utterances=tuple(
            Utterance(id=f"u{i}", start=None, end=None, speaker=str(role), role=role, role_p=0.95, text=text, words=())
            for i, (role, text) in enumerate(said)
        )
    )
    telling = tell_why(tagger, transcript, tagger.tag(transcript), progress=lambda share: None)
    words = telling["u2", "career"]
    assert words in said[2][1]
    without = replace(transcript.utterances[2], text=said[2][1].replace(words, ""))
    again = replace(transcript, utterances=(*transcript.utterances[:2], without, transcript.utterances[3]))
    career = [dict(dict(tagger.tag(t))["u2"])["career"] for t in (transcript, again)]
    assert career[1] <= 0.6 * career[0]  # told to halve the look-for's chance, which is this code's almost alone


def test_side_by_side_is_read_as_one_by_one(tagger: Tagger) -> None:
    said = (_lines("What do you think would happen if we cut them?"), _lines("Sit down, please.")[:2])
    for together, alone in zip(tagger.side_by_side(said), map(tagger.probabilities, said), strict=True):
        assert together == pytest.approx(alone, abs=0.01)  # the same but for the rounding of half-precision sums
