"""From words and turns to one speaker's sentences."""

from dataclasses import replace

import numpy as np
import pytest

from inference.speakers import Speakers, SpeakerTurn
from inference.transcribe import Recognised, Segment
from inference.utterances import build_transcript, speaker_of_each
from model.preannotation import Version
from model.transcript import Role, Word

ENGINE = Version(part="transcriber", name="scripted", sha256="0" * 64, licence="none")
SILENCE = np.zeros(60 * 16_000, np.float32)


def recognised(*said: tuple[float, str], language: str = "en") -> Recognised:
    """Sentences that begin at the given seconds; each word lasts 0.3 s and follows the one before at once."""
    segments = tuple(
        Segment(
            start=start,
            end=start + 0.3 * len(text.split()),
            words=tuple(
                Word(text=word, start=round(start + 0.3 * i, 2), end=round(start + 0.3 * (i + 1), 2), p=0.9)
                for i, word in enumerate(text.split())
            ),
            no_speech_p=0.0,
            mean_logp=-0.2,
        )
        for start, text in said
    )
    voice = tuple((segment.start, segment.end) for segment in segments)
    return Recognised(segments=segments, language=language, language_p=1.0, voice=voice, version=ENGINE)


def speakers(*turns: tuple[str, float, float], voice: tuple[tuple[float, float], ...] | None = None) -> Speakers:
    made = tuple(SpeakerTurn(start=start, end=end, speaker=speaker) for speaker, start, end in turns)
    return Speakers(turns=made, voice=voice or tuple((turn.start, turn.end) for turn in made), pitch=())


def spoken(heard: Recognised, who: Speakers) -> list[tuple[str | None, str]]:
    return [(one.speaker, one.text) for one in build_transcript(heard, who, SILENCE).utterances]


def test_an_utterance_is_one_speakers_sentence() -> None:
    heard = recognised((0.0, "What do you notice? Say more."), (3.0, "It bends."))
    assert spoken(heard, speakers(("s1", 0.0, 2.0), ("s2", 3.0, 3.6))) == [
        ("s1", "What do you notice?"),
        ("s1", "Say more."),
        ("s2", "It bends."),
    ]


def test_a_boundary_half_a_second_off_snaps_to_the_sentence() -> None:
    # The turn ends at 1.6, inside "Maybe" (1.2 to 1.5) and "because" (1.5 to 1.8); the sentence ends at 1.2.
    heard = recognised((0.0, "What do you think? Maybe because it bends."))
    assert spoken(heard, speakers(("s1", 0.0, 1.6), ("s2", 1.6, 2.7))) == [
        ("s1", "What do you think?"),
        ("s2", "Maybe because it bends."),
    ]


def test_a_short_yes_stays_with_the_one_who_said_it() -> None:
    heard = recognised((0.0, "Did it hold?"), (1.2, "Yes."), (1.8, "How much did it hold?"))
    assert spoken(heard, speakers(("s1", 0.0, 1.0), ("s2", 1.15, 1.55), ("s1", 1.75, 3.4))) == [
        ("s1", "Did it hold?"),
        ("s2", "Yes."),
        ("s1", "How much did it hold?"),
    ]


def test_a_stray_scrap_of_another_voice_does_not_cut_a_sentence() -> None:
    heard = recognised((0.0, "Look at the beam where it bends and tell me."))
    assert spoken(heard, speakers(("s1", 0.0, 1.2), ("s2", 1.2, 1.45), ("s1", 1.45, 3.0))) == [
        ("s1", "Look at the beam where it bends and tell me.")
    ]


def test_two_at_once_keep_their_own_times() -> None:
    heard = recognised((0.0, "The same number of straws."), (1.2, "And the same tape."))  # 0-1.5 and 1.2-2.4
    found = build_transcript(heard, speakers(("s1", 0.0, 1.5), ("s2", 1.2, 2.4)), SILENCE).utterances
    assert [(one.speaker, one.start, one.end) for one in found] == [("s1", 0.0, 1.5), ("s2", 1.2, 2.4)]


def test_a_long_pause_ends_an_utterance_without_punctuation() -> None:
    heard = recognised((0.0, "so we put it"), (4.0, "on the roof"))
    assert len(spoken(heard, speakers(("s1", 0.0, 5.0)))) == 2


def test_no_words_no_utterances_and_coverage_is_nought() -> None:
    transcript = build_transcript(recognised(), speakers(("s1", 2.0, 6.0)), SILENCE)
    assert transcript.utterances == ()
    assert transcript.speech is not None
    assert (transcript.speech.heard_s, transcript.speech.recognised_s, transcript.speech.coverage) == (4.0, 0.0, 0.0)


def test_voice_without_words_lowers_the_coverage_of_its_speaker() -> None:
    teacher = "What do you think might happen if we pull on it? How could you test that? Tell me more about your plan."
    child = "Maybe it breaks because I think mine is bendy."
    heard = recognised((0.0, teacher), (10.0, child))  # 22 words to 6.6 s, 9 words: 10.0 to 12.7
    who = speakers(("s1", 0.0, 6.6), ("s2", 10.0, 12.7), ("s2", 20.0, 24.0))  # four seconds were not understood
    transcript = build_transcript(heard, who, SILENCE)
    assert {one.speaker: one.role for one in transcript.utterances} == {"s1": Role.FACILITATOR, "s2": Role.YOUTH}
    speech = transcript.speech
    assert speech is not None
    assert speech.heard_s == pytest.approx(6.6 + 2.7 + 4.0)
    assert speech.coverage_of(Role.FACILITATOR) == pytest.approx(1.0)
    assert speech.coverage_of(Role.YOUTH) == pytest.approx(2.7 / 6.7, abs=0.01)


def test_where_voices_were_not_told_apart_nobody_is_named() -> None:
    heard = recognised((0.0, "What do you think might happen?"))
    who = replace(speakers(("s1", 0.0, 2.0)), told_apart=False)
    (one,) = build_transcript(heard, who, SILENCE).utterances
    assert one.speaker is None
    assert one.role_p <= 0.99


def test_ids_count_up_in_order_of_time() -> None:
    heard = recognised((0.0, "One. Two. Three."))
    found = build_transcript(heard, speakers(("s1", 0.0, 1.0)), SILENCE).utterances
    assert [one.id for one in found] == ["u1", "u2", "u3"]


def test_without_turns_words_have_no_speaker() -> None:
    assert speaker_of_each(recognised((0.0, "Hello there.")).words, speakers()) == (None, None)
