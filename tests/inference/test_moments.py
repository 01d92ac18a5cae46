"""Moments: what belongs together, the reasons given, the order."""

import pytest

from inference.moments import find_evidence
from inference.showing import plain_showing
from model.indicators import Indicator
from model.transcript import Role, Transcript, Utterance, Word

F, Y = Role.FACILITATOR, Role.YOUTH


def _transcript(*rows: tuple[Role, float | None, float | None, str], word_p: float = 0.9) -> Transcript:
    return Transcript(
        utterances=tuple(
            Utterance(
                id=f"u{i}",
                start=start,
                end=end,
                speaker=str(role),
                role=role,
                role_p=0.95,
                text=text,
                words=() if start is None else (Word(text=text, start=start, end=end or start, p=word_p),),
            )
            for i, (role, start, end, text) in enumerate(rows)
        )
    )


def _codes(**flags: dict[str, float]) -> list[tuple[str, list[tuple[str, float]]]]:
    return [(id_, list(row.items())) for id_, row in flags.items()]


def test_a_question_stands_with_its_wait_and_its_answer() -> None:
    transcript = _transcript(
        (F, 0.0, 2.0, "What do you notice about the jar?"),
        (Y, 5.5, 7.0, "It is cloudy at the bottom."),
        (F, 8.0, 9.0, "Lids on please."),
    )
    (evidence,) = find_evidence(transcript, _codes(u0={"open": 0.9}), showing=plain_showing(0.5))
    assert evidence.span.utterances == ("u0", "u1")
    assert (evidence.span.start, evidence.span.end) == (0.0, 7.0)
    cues = {cue.kind: cue.text for cue in evidence.cues}
    assert cues["wait"] == "3.5 s of wait before the answer"  # 5.5 − 2.0
    assert cues["answer"] == "a youth answers “It is cloudy at the bottom.”"
    assert "notice about the jar" in cues["words"]


def test_without_times_no_wait_is_claimed() -> None:
    transcript = _transcript((F, None, None, "Why do you think so?"), (Y, None, None, "Because it tipped."))
    (evidence,) = find_evidence(transcript, _codes(u0={"press": 0.8}), showing=plain_showing(0.5))
    assert {cue.kind for cue in evidence.cues} == {"words", "answer"}
    assert evidence.span.start is None


def test_talk_that_comes_too_late_is_no_answer() -> None:
    transcript = _transcript((F, 0.0, 2.0, "What could we try?"), (Y, 30.0, 31.0, "Is it snack time?"))
    (evidence,) = find_evidence(transcript, _codes(u0={"open": 0.9}), showing=plain_showing(0.5))
    assert evidence.span.utterances == ("u0",)
    assert all(cue.kind != "answer" for cue in evidence.cues)


def test_an_uptake_reaches_back_to_the_idea_whose_words_it_uses() -> None:
    transcript = _transcript(
        (Y, 0.0, 2.0, "We could put a sail on it."),
        (Y, 2.0, 3.0, "I need tape."),
        (F, 3.5, 6.0, "So how would a sail change which way it goes?"),
    )
    (evidence,) = find_evidence(transcript, _codes(u2={"uptake": 0.8}), showing=plain_showing(0.5))
    assert evidence.span.utterances == ("u0", "u1", "u2")
    assert any(cue.kind == "overlap" and "sail" in cue.text for cue in evidence.cues)


def test_an_idea_and_its_uptake_are_one_moment_led_by_the_surer() -> None:
    transcript = _transcript((Y, 0.0, 2.0, "We could put a sail on it."), (F, 2.5, 5.0, "Let's try your sail, then."))
    (evidence,) = find_evidence(transcript, _codes(u0={"idea": 0.7}, u1={"uptake": 0.9}), showing=plain_showing(0.5))
    assert (evidence.code, evidence.said_by) == ("uptake", F)
    assert evidence.p == pytest.approx(0.9)


def test_a_new_question_after_an_answer_is_a_new_moment() -> None:
    transcript = _transcript(
        (F, 0.0, 2.0, "What do you notice?"),
        (Y, 3.0, 4.0, "It tips."),
        (F, 5.0, 6.0, "Why does it tip?"),
        (Y, 7.0, 9.0, "Because the top is heavy."),
    )
    found = find_evidence(transcript, _codes(u0={"open": 0.9}, u2={"press": 0.8}), showing=plain_showing(0.5))
    assert [evidence.span.utterances for evidence in found] == [("u0", "u1"), ("u2", "u3")]


def test_unsure_words_carry_no_evidence() -> None:
    transcript = _transcript((F, 0.0, 2.0, "What do you notice about it?"), word_p=0.1)
    assert find_evidence(transcript, _codes(u0={"open": 0.99}), showing=plain_showing(0.5)) == ()


def test_context_codes_are_never_shown() -> None:
    transcript = _transcript((F, 0.0, 2.0, "Who has the tape?"))
    assert find_evidence(transcript, _codes(u0={"procedural": 0.99}), showing=plain_showing(0.5)) == ()


def test_two_unsure_codes_of_one_indicator_make_a_moment_of_the_surer() -> None:
    transcript = _transcript((Y, 0.0, 2.0, "It tips 'cause the mast is tall, so cut it."))
    (evidence,) = find_evidence(transcript, _codes(u0={"idea": 0.4, "reasoning": 0.45}), showing=plain_showing(0.6))
    assert evidence.code == "reasoning"
    assert evidence.p == pytest.approx(1 - 0.6 * 0.55)  # .67, though neither code reaches .6


def test_the_fifth_of_a_kind_gives_way_to_the_first_of_another() -> None:
    rows = [(F, 20.0 * i, 20.0 * i + 2, "What do you notice here?") for i in range(3)]
    rows.append((Y, 70.0, 72.0, "We have that in our fridge at home."))
    flags = {"u0": {"open": 0.9}, "u1": {"open": 0.88}, "u2": {"open": 0.86}, "u3": {"everyday": 0.6}}
    found = find_evidence(_transcript(*rows), _codes(**flags), showing=plain_showing(0.5))
    # .9, then .6 against .88 / 2 = .44, then .44 against .86 / 2, and last .86 / 3
    assert [evidence.code for evidence in found] == ["open", "everyday", "open", "open"]
    assert [evidence.id for evidence in found] == ["e1", "e2", "e3", "e4"]


def test_an_unsure_voice_is_said_to_be_unsure() -> None:
    transcript = Transcript(
        utterances=(
            Utterance(id="u0", start=None, end=None, speaker="s", role=F, role_p=0.7, text="Why do you think so?"),
        )
    )
    (evidence,) = find_evidence(transcript, _codes(u0={"press": 0.6}), showing=plain_showing(0.5))
    assert evidence.indicator is Indicator.PURPOSEFUL_QUESTIONS
    assert any(cue.text == "the voice is 70% likely the facilitator's" for cue in evidence.cues)


def test_an_idea_of_minutes_ago_does_not_stretch_a_moment() -> None:
    transcript = _transcript(
        (Y, 60.0, 62.0, "What if we tie the string lower?"),
        (F, 240.0, 243.0, "Let's try your idea of the string tied lower."),
    )
    (evidence,) = find_evidence(transcript, _codes(u1={"uptake": 0.9}), showing=plain_showing(0.5))
    assert (evidence.span.utterances, evidence.span.start) == (("u1",), 240.0)
