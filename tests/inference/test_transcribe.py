"""The gate, the second hearing and the rules around an engine, with an engine whose faults are known."""

from collections.abc import Sequence

import numpy as np
import pytest

from inference import transcribe
from inference.audio import RATE, Audio
from inference.transcribe import GatedTranscriber, Segment, load_transcriber
from inference.voice import Span
from model.errors import InputRefused
from model.preannotation import Version
from model.transcript import Word

SILENCE = np.zeros(60 * RATE, np.float32)


def segment(start: float, *texts: str, no_speech_p: float = 0.0, mean_logp: float = -0.2) -> Segment:
    """Words of .5 s one after the other, spelt as engines spell them: with a leading space."""
    words = tuple(
        Word(text=f" {text}", start=start + i / 2, end=start + (i + 1) / 2, p=0.9) for i, text in enumerate(texts)
    )
    return Segment(start=start, end=start + len(texts) / 2, words=words, no_speech_p=no_speech_p, mean_logp=mean_logp)


class Scripted:
    """An engine that gives what the script holds for each round in which it is asked, whatever the sound."""

    batch = 8
    languages = frozenset({"en", "es"})
    version = Version(part="transcriber", name="scripted", sha256="0" * 64, licence="none")

    def __init__(self, *rounds: Sequence[Segment]) -> None:
        self.rounds = list(rounds)
        self.shown: list[tuple[Span, ...]] = []

    def language_of(self, window: Audio) -> dict[str, float]:
        return {"en": 0.8, "es": 0.2}

    def hear(self, audio: Audio, spans: Sequence[Span], *, language: str) -> Sequence[Segment]:
        self.shown.append(tuple(spans))
        return self.rounds[len(self.shown) - 1] if len(self.shown) <= len(self.rounds) else ()


@pytest.fixture
def voice(monkeypatch: pytest.MonkeyPatch) -> list[Span]:
    """What the voice detector hears: to be set by the test. The detector itself is tested on sound in test_voice."""
    spans: list[Span] = []
    monkeypatch.setattr(transcribe, "find_voice", lambda audio: tuple(spans))
    return spans


def texts(engine: Scripted) -> list[str]:
    return [word.text for word in GatedTranscriber(engine).transcribe(SILENCE).words]


def test_without_a_voice_the_engine_is_not_even_asked() -> None:
    engine = Scripted([segment(0.0, "Thanks", "for", "watching!")])
    progress: list[float] = []
    found = GatedTranscriber(engine).transcribe(SILENCE, progress=progress.append)
    assert (found.segments, found.language, found.language_p) == ((), None, 0.0)
    assert engine.shown == []
    assert progress == [1.0]


def test_what_was_passed_over_is_shown_again_by_itself(voice: list[Span]) -> None:
    voice += [(1.0, 3.0), (4.0, 7.0)]
    engine = Scripted([segment(1.0, "What", "do", "you", "see?")], [segment(4.2, "Bubbles", "on", "top.")])
    assert texts(engine) == ["What", "do", "you", "see?", "Bubbles", "on", "top."]
    assert engine.shown == [((0.75, 7.25),), ((3.75, 7.25),)], "the second time only the missed voice is shown"


def test_a_word_is_not_counted_twice(voice: list[Span]) -> None:
    voice += [(1.0, 6.0)]
    engine = Scripted([segment(1.0, "One", "two.")], [segment(1.4, "two", "three", "four.")])
    # Heard first: One 1.0-1.5, two 1.5-2.0. Of the second hearing "two" 1.4-1.9 and "three" 1.9-2.4 lie on them.
    assert texts(engine) == ["One", "two.", "four."]


def test_silence_and_gibberish_by_the_engines_own_account_are_dropped(voice: list[Span]) -> None:
    voice += [(0.0, 30.0)]
    engine = Scripted(
        [
            segment(1.0, "Kept."),
            segment(5.0, "Unsure", "silence.", no_speech_p=0.9, mean_logp=-1.2),
            segment(9.0, "Sure", "speech.", no_speech_p=0.9, mean_logp=-0.3),
            segment(13.0, "Gibberish.", mean_logp=-2.0),
        ]
    )
    assert texts(engine) == ["Kept.", "Sure", "speech."]


def test_text_outside_the_voice_is_dropped(voice: list[Span]) -> None:
    voice += [(0.0, 2.0)]
    assert texts(Scripted([segment(0.5, "Hello."), segment(20.0, "Subscribe", "now!")])) == ["Hello."]


def test_times_stay_in_order_with_digits(voice: list[Span]) -> None:
    voice += [(0.0, 10.0)]
    wild = Segment(
        start=0.0,
        end=10.0,
        words=(
            Word(text=" It", start=0.0, end=0.4, p=0.9),
            Word(text=" held", start=0.4, end=0.9, p=0.9),
            Word(text=" 1,250", start=0.9, end=70.0, p=0.5),
            Word(text=" grams", start=3.9, end=4.3, p=0.9),
        ),
        no_speech_p=0.0,
        mean_logp=-0.2,
    )
    found = GatedTranscriber(Scripted([wild])).transcribe(SILENCE).words
    starts = [word.start for word in found]
    assert starts == sorted(starts)
    assert all(word.start < word.end <= 60.0 for word in found)


def test_language_is_detected_or_given(voice: list[Span]) -> None:
    voice += [(0.0, 5.0)]
    detected = GatedTranscriber(Scripted([segment(0.5, "Hello.")])).transcribe(SILENCE)
    assert detected.language == "en"
    assert detected.language_p == pytest.approx(0.8)
    given = GatedTranscriber(Scripted([segment(0.5, "Hola.")])).transcribe(SILENCE, language="es")
    assert (given.language, given.language_p) == ("es", 1.0)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(InputRefused, match="'tlh'") as refused:
        GatedTranscriber(Scripted()).transcribe(SILENCE, language="tlh")
    assert refused.value.code == "language.unknown"


def test_progress_rises_to_one(voice: list[Span]) -> None:
    voice += [(float(at), at + 4.0) for at in range(0, 56, 7)]
    told: list[float] = []
    GatedTranscriber(Scripted()).transcribe(SILENCE, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(InputRefused, match="faster-whisper") as refused:
        load_transcriber("parrot")
    assert refused.value.code == "engine.unknown"
