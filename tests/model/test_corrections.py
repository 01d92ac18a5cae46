"""Corrections of a transcript: the latest that stands decides, times stay sensible, nothing else changes."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.corrections import (
    WORDS_MAX,
    Correction,
    CorrectionKind,
    Heard,
    apply_corrections,
    checked,
    reword,
    standing,
)
from model.errors import InputRefused
from model.measures import measure
from model.transcript import Role, SpeechHeard, Transcript, Utterance, Word

UTTERANCE, SPEAKER, WORDS = CorrectionKind


def said(id_: str, start: float, end: float, speaker: str, role: Role, text: str) -> Utterance:
    """Its words share its time equally."""
    parts = text.split()
    step = (end - start) / len(parts)
    words = tuple(
        Word(text=part, start=start + i * step, end=start + (i + 1) * step, p=0.7) for i, part in enumerate(parts)
    )
    return Utterance(id=id_, start=start, end=end, speaker=speaker, role=role, role_p=0.6, text=text, words=words)


TRANSCRIPT = Transcript(
    utterances=(
        said("u1", 0.0, 4.0, "s1", Role.FACILITATOR, "what do you notice"),
        said("u2", 5.0, 7.0, "s2", Role.YOUTH, "it floats"),
        said("u3", 8.0, 14.0, "s1", Role.FACILITATOR, "because it is full of air"),
        said("u4", 15.0, 16.0, "s3", Role.UNKNOWN, "yes"),
    ),
    language="en",
    speech=SpeechHeard(
        heard_s=16.0,
        recognised_s=13.0,
        heard_by_role_s=((Role.FACILITATOR, 12.0), (Role.YOUTH, 3.0)),
        recognised_by_role_s=((Role.FACILITATOR, 10.0), (Role.YOUTH, 2.0)),
    ),
)
IDS = tuple(u.id for u in TRANSCRIPT.utterances)


def role(id_: str, value: Role, *targets: str, kind: CorrectionKind = UTTERANCE) -> Correction:
    return Correction(id=id_, kind=kind, targets=targets, value=value.value)


def undo(id_: str, undoes: str) -> Correction:
    return Correction(id=id_, kind=None, undoes=undoes)


def words(id_: str, target: str, text: str) -> Correction:
    return Correction(id=id_, kind=WORDS, targets=(target,), value=text)


def roles(*corrections: Correction) -> list[Role]:
    return [u.role for u in apply_corrections(TRANSCRIPT, corrections).transcript.utterances]


F, Y, N = Role.FACILITATOR, Role.YOUTH, Role.UNKNOWN


def test_a_role_a_person_gave_is_certain_and_the_rest_is_untouched() -> None:
    corrected = apply_corrections(TRANSCRIPT, [role("c1", Y, "u3")])
    third = corrected.transcript.utterances[2]
    assert (third.role, third.role_p, third.words) == (Y, 1.0, TRANSCRIPT.utterances[2].words)
    assert corrected.heard == {"u3": Heard(role=F)}
    assert [u for u in corrected.transcript.utterances if u.id != "u3"] == [
        u for u in TRANSCRIPT.utterances if u.id != "u3"
    ]


def test_the_latest_that_stands_decides_whether_it_names_a_voice_or_a_turn() -> None:
    turn, voice = role("c1", Y, "u3"), role("c2", N, "s1", kind=SPEAKER)
    assert roles(turn, voice) == [N, Y, N, N]
    assert roles(voice, turn) == [N, Y, Y, N]
    assert roles(voice, turn, undo("c3", "c1")) == [N, Y, N, N]
    assert roles(voice, turn, undo("c3", "c1"), undo("c4", "c2")) == [F, Y, F, N]


def test_agreeing_with_the_machine_makes_it_certain() -> None:
    agreed = apply_corrections(TRANSCRIPT, [role("c1", F, "u1")])
    assert agreed.transcript.utterances[0].role_p == 1.0
    assert agreed.heard == {"u1": Heard(role=F)}


def test_seconds_of_voice_go_with_the_utterances() -> None:
    # The facilitator speaks 4 + 6 s by the machine; u3 is 6 of these 10. Of 12 s heard 7.2 go, of 10 recognised 6.
    speech = apply_corrections(TRANSCRIPT, [role("c1", Y, "u3")]).transcript.speech
    assert speech is not None
    assert dict(speech.heard_by_role_s) == {F: 4.8, Y: 10.2}
    assert dict(speech.recognised_by_role_s) == {F: 4.0, Y: 8.0}
    assert (speech.heard_s, speech.recognised_s) == (16.0, 13.0)


def test_measures_follow_at_once() -> None:
    def share(transcript: Transcript) -> float:
        found = next(m for m in measure(transcript, (), duration_s=16.0) if m.id == "word_share_youth")
        assert found.value is not None
        return found.value

    # All 13 words, every role given by a person: 2 of them by youth, then 2 + 6; shares are kept to a thousandth.
    sure = [role("c1", F, "u1", "u3"), role("c2", Y, "u2"), role("c3", F, "u4")]
    more = [*sure, role("c4", Y, "u3")]
    assert share(apply_corrections(TRANSCRIPT, sure).transcript) == pytest.approx(2 / 13, abs=0.001)
    assert share(apply_corrections(TRANSCRIPT, more).transcript) == pytest.approx(8 / 13, abs=0.001)


def test_words_that_stay_keep_their_times_and_new_ones_take_the_room_of_the_old() -> None:
    # "what do you notice": a second each. "notice" gives its second to "seein" and "there", five letters each.
    new = reword(TRANSCRIPT.utterances[0], "What do you seein there?!"[:-2])
    assert new.text == "What do you seein there"
    assert new.words == (
        Word(text="What", start=0.0, end=1.0, p=0.7),
        Word(text="do", start=1.0, end=2.0, p=0.7),
        Word(text="you", start=2.0, end=3.0, p=0.7),
        Word(text="seein", start=3.0, end=3.5, p=1.0),
        Word(text="there", start=3.5, end=4.0, p=1.0),
    )


def test_words_put_between_two_take_the_pause_between_them() -> None:
    gap = replace(
        TRANSCRIPT.utterances[1],
        words=(Word(text="it", start=5.0, end=5.4, p=0.7), Word(text="floats.", start=6.4, end=7.0, p=0.7)),
    )
    new = reword(gap, "It always floats!")
    assert [(w.text, w.start, w.end, w.p) for w in new.words] == [
        ("It", 5.0, 5.4, 0.7),
        ("always", 5.4, 6.4, 1.0),
        ("floats!", 6.4, 7.0, 0.7),
    ]


def test_an_utterance_without_word_times_gets_none() -> None:
    bare = replace(TRANSCRIPT.utterances[0], words=())
    assert reword(bare, "who knows") == replace(bare, text="who knows")


@pytest.mark.parametrize(
    ("correction", "code"),
    [
        (role("c", Y), "correction.targets"),
        (role("c", Y, "u1", "u1"), "correction.targets"),
        (role("c", Y, "u9"), "correction.no_utterance"),
        (role("c", Y, "s9", kind=SPEAKER), "correction.no_voice"),
        (Correction(id="c", kind=UTTERANCE, targets=("u1",), value="teacher"), "correction.role"),
        (words("c", "u1", " \n\t"), "correction.no_words"),
        (words("c", "u1", "x" * (WORDS_MAX + 1)), "correction.too_long"),
        (Correction(id="c", kind=WORDS, targets=("u1", "u2"), value="x"), "correction.targets"),
        (undo("c", "c1"), "correction.targets"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(correction: Correction, code: str) -> None:
    with pytest.raises(InputRefused) as refused:
        checked(correction, TRANSCRIPT)
    assert refused.value.code == code
    assert refused.value.fact.endswith(".")
    assert refused.value.remedy.endswith(".")


def test_words_are_kept_on_one_line_with_single_spaces() -> None:
    kept = checked(words("c", "u1", "  What\n do\u0000you   see? "), TRANSCRIPT)
    assert kept.value == "What do you see?"


# ---- whatever is said ----------------------------------------------------------------------------------------------

TEXTS = st.lists(st.sampled_from(["what", "do", "you", "notice", "it", "is", "air", "Because,", "eh"]), min_size=1).map(
    " ".join
)


@st.composite
def histories(draw: st.DrawFn) -> list[Correction]:
    """Corrections in an order, some of them taken back later."""
    made: list[Correction] = []
    for number in range(draw(st.integers(0, 12))):
        id_ = f"c{number}"
        open_ = [c.id for c in standing(made)]
        kind = draw(st.sampled_from([*CorrectionKind, *([None] if open_ else [])]))
        if kind is None:
            made.append(undo(id_, draw(st.sampled_from(open_))))
        elif kind is WORDS:
            made.append(words(id_, draw(st.sampled_from(IDS)), draw(TEXTS)))
        elif kind is SPEAKER:
            made.append(role(id_, draw(st.sampled_from(Role)), draw(st.sampled_from(["s1", "s2", "s3"])), kind=kind))
        else:
            targets = draw(st.lists(st.sampled_from(IDS), min_size=1, unique=True))
            made.append(role(id_, draw(st.sampled_from(Role)), *targets))
    return made


@given(histories())
def test_what_was_taken_back_never_was(history: list[Correction]) -> None:
    assert apply_corrections(TRANSCRIPT, history) == apply_corrections(TRANSCRIPT, standing(history))
    everything_undone = [*history, *(undo(f"z{i}", one.id) for i, one in enumerate(standing(history)))]
    assert apply_corrections(TRANSCRIPT, everything_undone).transcript == TRANSCRIPT


@given(histories())
def test_ids_times_order_and_totals_stay(history: list[Correction]) -> None:
    after = apply_corrections(TRANSCRIPT, history).transcript
    assert [(u.id, u.start, u.end, u.speaker) for u in after.utterances] == [
        (u.id, u.start, u.end, u.speaker) for u in TRANSCRIPT.utterances
    ]
    before_s, after_s = TRANSCRIPT.speech, after.speech
    assert before_s is not None
    assert after_s is not None
    for name in ("heard_by_role_s", "recognised_by_role_s"):
        was, now = dict(getattr(before_s, name)), dict(getattr(after_s, name))
        assert sum(now.values()) == pytest.approx(sum(was.values()), abs=0.01)
        assert all(seconds >= 0 for seconds in now.values())


@given(st.sampled_from(TRANSCRIPT.utterances), TEXTS)
def test_new_words_are_in_order_inside_the_utterance(utterance: Utterance, text: str) -> None:
    new = reword(utterance, text)
    assert " ".join(word.text for word in new.words) == new.text == text
    assert all(word.start <= word.end for word in new.words)
    assert all(a.start <= b.start and a.end <= b.end for a, b in pairwise(new.words))
    assert utterance.start is not None
    assert utterance.end is not None
    assert new.words[0].start >= utterance.start
    assert new.words[-1].end <= utterance.end + 1e-9
    kept = {(w.text.strip(",").lower(), w.start, w.end) for w in new.words if w.p < 1.0}
    assert kept <= {(w.text, w.start, w.end) for w in utterance.words}


@given(st.sampled_from(TRANSCRIPT.utterances))
def test_the_same_words_change_nothing(utterance: Utterance) -> None:
    assert reword(utterance, utterance.text) == utterance
