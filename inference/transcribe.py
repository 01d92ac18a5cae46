"""Sound to words: the engines behind one protocol, and the one way every engine is used.

A recogniser asked to write down silence invents sentences, and one that reads a long noisy window may pass over a
child's answer. So voices are found first and only they are shown to the engine; what was heard and did not become
words is shown again by itself; and the words pass the rules of `inference.wording`.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from inference.audio import Audio, cut, seconds
from inference.voice import Span, difference, find_voice, total, union, windows
from inference.wording import inside_voice, orderly, whole_words, without_loops
from model.errors import InputRefused
from model.preannotation import Version
from model.transcript import Word

ENGINES = ("faster-whisper", "openai-whisper")
DEFAULT_ENGINE = "faster-whisper"
DEFAULT_MODEL = "base"

Progress = Callable[[float], None]  # told the share done, in [0, 1], of the audio's own time

_MISSED_S = 1.0  # a voice this long without a word is shown to the engine again
_WORD_REACH_S = 0.4  # a word accounts for the voice this far on each side of it
_SECOND_SHARE = 0.1  # of the progress bar, for what is heard twice
_NO_SPEECH_P = 0.6  # Whisper's own rule for silence: both of these, openai/whisper transcribe.py
_SILENCE_LOGP = -1.0
_GIBBERISH_LOGP = -1.6  # below this even speech was not understood: better a gap than invented words
_LANGUAGE_WINDOWS = 3  # spread over the recording, so that opening music does not decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of words as the recogniser gives them: often a sentence, never a speaker."""

    start: float  # seconds
    end: float  # seconds
    words: tuple[Word, ...]
    no_speech_p: float  # recogniser's own probability that this is not speech
    mean_logp: float  # mean log probability of the tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """Everything one engine made of one recording."""

    segments: tuple[Segment, ...]
    language: str | None  # ISO 639-1; None where no speech was found
    language_p: float  # 1.0 where the caller named the language, 0.0 where there was no speech
    voice: tuple[Span, ...]  # seconds in which the gate heard a voice
    version: Version  # of the recogniser

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for segment in self.segments for word in segment.words)


class Engine(Protocol):
    """What a recogniser must be able to do; it is shown one window of speech, or a batch of them, at a time."""

    @property
    def version(self) -> Version: ...

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes the model knows."""
        ...

    @property
    def batch(self) -> int:
        """Windows it reads best together."""
        ...

    def language_of(self, window: Audio) -> dict[str, float]:
        """Probability of each language for one window of at most 30 s."""
        ...

    def hear(self, audio: Audio, spans: Sequence[Span], *, language: str) -> Sequence[Segment]:
        """Segments of these spans (each at most 30 s), times in seconds from the start of `audio`.

        Word texts keep their leading space, which marks the start of a word.
        """
        ...


class Transcriber(Protocol):
    """A recogniser ready for whole recordings."""

    @property
    def version(self) -> Version: ...

    def transcribe(self, audio: Audio, *, language: str | None = None, progress: Progress | None = None) -> Recognised:
        """Words with times. `language` is ISO 639-1, None to detect it.

        Silence, noise and music give no segments. Raises InputRefused for a language the model does not know.
        """
        ...


def load_transcriber(
    engine: str = DEFAULT_ENGINE, model: str = DEFAULT_MODEL, *, threads: int = 2, device: str = "auto"
) -> Transcriber:
    """A recogniser on the packaged base weights, or on a larger model named or kept in a local folder or file.

    `base` needs no network; any other name is fetched by the engine's own download. Raises InputRefused for an
    engine or model that cannot be had, WeightsMissing or WeightsRefused for broken packaged weights.
    """
    match engine:
        case "faster-whisper":
            from inference.engines import faster_whisper  # noqa: PLC0415 -- one engine, not both

            return GatedTranscriber(faster_whisper.load(model, threads=threads, device=device))
        case "openai-whisper":
            from inference.engines import openai_whisper  # noqa: PLC0415

            return GatedTranscriber(openai_whisper.load(model, threads=threads, device=device))
        case _:
            raise InputRefused(
                "engine.unknown", f"There is no speech engine called {engine!r}.", f"Use one of {', '.join(ENGINES)}."
            )


class GatedTranscriber:
    """One engine, shown only what sounds like a voice, and shown twice what it passed over."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def version(self) -> Version:
        return self._engine.version

    def transcribe(self, audio: Audio, *, language: str | None = None, progress: Progress | None = None) -> Recognised:
        if language is not None and language not in self._engine.languages:
            raise InputRefused(
                "language.unknown",
                f"The speech model does not know the language {language!r}.",
                "Give a two-letter code such as en or es, or leave the language out to have it detected.",
            )
        tell = progress or (lambda share: None)
        duration = seconds(audio)
        voice = find_voice(audio)
        spans = windows(voice, duration=duration)
        if not spans:
            tell(1.0)
            return Recognised(
                segments=(), language=language, language_p=float(language is not None), voice=(), version=self.version
            )
        spoken, spoken_p = (language, 1.0) if language else self._detect(audio, spans)
        first = self._hear(audio, spans, spoken, lambda share: tell(share * (1 - _SECOND_SHARE)))
        heard = _clean(first, voice=voice, duration=duration, language=spoken)
        again = windows(_missed(heard, voice), duration=duration)
        second = self._hear(audio, again, spoken, lambda share: tell(1 - _SECOND_SHARE + share * _SECOND_SHARE))
        heard = _fill(heard, _clean(second, voice=voice, duration=duration, language=spoken))
        tell(1.0)
        return Recognised(segments=heard, language=spoken, language_p=spoken_p, voice=voice, version=self.version)

    def _detect(self, audio: Audio, spans: Sequence[Span]) -> tuple[str, float]:
        """The likeliest language of windows from the start, the middle and the end, and its mean probability."""
        step = max(1, len(spans) // _LANGUAGE_WINDOWS)
        chosen = spans[step // 2 :: step][:_LANGUAGE_WINDOWS]
        sums: dict[str, float] = defaultdict(float)
        for span in chosen:
            for code, p in self._engine.language_of(cut(audio, *span)).items():
                sums[code] += p * (span[1] - span[0])
        best = max(sums, key=lambda code: sums[code])
        return best, sums[best] / total(chosen)

    def _hear(self, audio: Audio, spans: Sequence[Span], language: str, tell: Progress) -> tuple[Segment, ...]:
        segments: list[Segment] = []
        whole = total(spans)
        done = 0.0
        for at in range(0, len(spans), self._engine.batch):
            batch = spans[at : at + self._engine.batch]
            segments += self._engine.hear(audio, batch, language=language)
            done += total(batch)
            tell(done / whole)
        return tuple(segments)


def _clean(
    segments: Sequence[Segment], *, voice: Sequence[Span], duration: float, language: str
) -> tuple[Segment, ...]:
    """Segments after the rules of `inference.wording`, in order of time; those left without words are gone."""
    kept: list[Segment] = []
    for segment in segments:
        silent = segment.no_speech_p > _NO_SPEECH_P and segment.mean_logp < _SILENCE_LOGP
        if silent or segment.mean_logp < _GIBBERISH_LOGP:
            continue
        words = whole_words(segment.words, language=language)
        words = orderly(inside_voice(without_loops(words), voice), duration=duration)
        if words:
            kept.append(replace(segment, words=words, start=words[0].start, end=max(word.end for word in words)))
    return tuple(sorted(kept, key=lambda segment: segment.start))


def _missed(heard: Sequence[Segment], voice: Sequence[Span]) -> tuple[Span, ...]:
    """Voice of a second or more under which there is no word."""
    reached = union(
        (word.start - _WORD_REACH_S, word.end + _WORD_REACH_S) for segment in heard for word in segment.words
    )
    return tuple((start, end) for start, end in difference(voice, reached) if end - start >= _MISSED_S)


def _fill(heard: Sequence[Segment], again: Sequence[Segment]) -> tuple[Segment, ...]:
    """`heard` with what the second hearing adds; a word that lies on one already there is the same word."""
    taken = [(word.start, word.end) for segment in heard for word in segment.words]
    added = []
    for segment in again:
        words = tuple(word for word in segment.words if not any(s < word.end and word.start < e for s, e in taken))
        if words:
            added.append(replace(segment, words=words, start=words[0].start, end=words[-1].end))
    return tuple(sorted((*heard, *added), key=lambda segment: segment.start))
