"""Features of lines and neighbours: overlap, roles, and sameness with and without punctuation."""

import numpy as np
import pytest

from inference.features import FEATURES, Line, content_words, cue_hits, features, legible, role_share, same_voice
from model.transcript import Role, Utterance, Word


def _value(rows: np.ndarray, line: int, name: str) -> float:
    return float(rows[line, FEATURES.index(name)])


def test_overlap_is_the_share_of_an_earlier_youths_content_words_that_come_back() -> None:
    lines = (
        Line("We could put a sail on the boat", 1.0, "y1"),  # content: put, sail, boat
        Line("A sail, so how would it steer?", 0.0, "f"),  # content: sail, steer
    )
    # one of the three content words of the youth ("sail") is in the facilitator's line
    assert _value(features(lines), 1, "repeats_previous_youth") == pytest.approx(1 / 3)


def test_overlap_counts_only_as_far_as_the_earlier_voice_is_a_youths() -> None:
    sure, half = Line("put a sail on the boat", 1.0, "a"), Line("put a sail on the boat", 0.5, "a")
    after = Line("a sail", 0.0, "b")
    full = _value(features((sure, after)), 1, "repeats_previous_youth")
    assert _value(features((half, after)), 1, "repeats_previous_youth") == pytest.approx(full / 2)


def test_only_the_features_called_mark_see_punctuation() -> None:
    written = features((Line("What do you notice, Ana?", 0.0, "f"), Line("It tips.", 1.0, "y")))
    heard = features((Line("what do you notice ana", 0.0, "f"), Line("it tips", 1.0, "y")))
    differs = {FEATURES[k] for k in np.flatnonzero((written != heard).any(axis=0))}
    assert differs <= {"mark_question", "mark_period", "mark_none", "next_same_answers"}


def test_no_lines_give_no_rows() -> None:
    assert features(()).shape == (0, len(FEATURES))


def test_voices_are_told_apart_by_label_else_by_role() -> None:
    assert same_voice(Line("a", 0.5, "s1"), Line("b", 0.5, "s1")) == 1.0
    assert same_voice(Line("a", 0.9, None), Line("b", 0.8, None)) == pytest.approx(0.9 * 0.8 + 0.1 * 0.2)


def test_role_share_is_the_probability_of_those_who_can_carry_a_code() -> None:
    assert role_share(0.2, (Role.FACILITATOR,)) == pytest.approx(0.8)
    assert role_share(0.2, (Role.YOUTH,)) == pytest.approx(0.2)
    assert role_share(0.2, (Role.FACILITATOR, Role.YOUTH)) == pytest.approx(1.0)


def test_stems_meet_across_endings() -> None:
    assert content_words("it floats") & content_words("floating things")


def test_cue_hits_name_the_words() -> None:
    assert "what makes you" in cue_hits("So what makes you say that?")["press_why"]


@pytest.mark.parametrize(
    ("text", "p", "expected"),
    [
        ("What do you notice?", 0.9, True),
        ("What do you notice?", 0.2, False),  # words the recogniser itself does not believe
        ("you you you you you you you you you", 0.9, False),  # 1 distinct word of 9
        ("…", 0.9, False),
    ],
)
def test_broken_text_is_not_judged(text: str, p: float, expected: bool) -> None:
    words = tuple(Word(text=w, start=i, end=i + 0.5, p=p) for i, w in enumerate(text.split()))
    utterance = Utterance(
        id="u1", start=0.0, end=9.0, speaker="s1", role=Role.YOUTH, role_p=0.9, text=text, words=words
    )
    assert legible(utterance) is expected
