"""Session-level measures, each with what it was computed on.

A measure without enough to stand on has `value=None` and a `reason`; it is never a guess and never zero
because nothing was heard. `low` and `high` bound a 95 % interval for this recording: it carries how sure the
roles and the codes are and what was heard but not recognised. It is not a forecast for other sessions.

What is computed, and how each interval is made: docs/formats/measures.md.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.indicators import CODES, QUESTION_CODES, Code
from model.transcript import Role, SpeechHeard, Transcript, Utterance
from model.uncertain import Part, Together, count_interval, median_interval, share_distribution

MIN_COVERAGE = 0.6
"""Below this share of the voice being recognised no measure is given: "insufficient audio".

Our own decision, not a published figure: with more than two voiced seconds in five missing, what is missing can
outweigh what is there. Missing speech is mostly the youths' (LOOKFORS: recognisers delete children's words).
"""
WAIT_NOISE_S = 0.3  # how well word times mark the edges of speech
WAIT_MIN_N = 3  # single gaps say nothing; a median needs some
WAIT_MAX_S = 15.0  # a longer silence is work going on, not waiting for an answer
RESUMED_S = 0.7  # a facilitator who goes on within this has not left room for an answer
ASKED_P = 0.5  # probability from which an utterance is taken as an open or pressing question
VOICE_MIN_UTTERANCES = 2  # a cluster with less is often a stray sound

Codes = Sequence[tuple[str, Sequence[tuple[str, float]]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """`low` and `high` bound a 95 % interval; `coverage` is speech recognised over speech heard, in [0, 1].

    `coverage` is None where the transcript came without its sound, so that nobody can know it.
    """

    id: str
    label: str
    unit: str  # "share", "seconds", "count", "per_10_min"
    value: float | None
    low: float | None
    high: float | None
    coverage: float | None
    n: int  # utterances, waits, turns or voices it rests on
    reason: str | None = None  # why value is None
    note: str | None = None  # what a reader must know to read it right, one sentence


_SHARE_NOTE = "Share of speaking time; where voices overlap each one's time counts."
_WAIT_NOTE = (
    "Median pause after open and pressing questions until someone speaks; single pauses are good to about ±0.3 s."
)
_VOICES_NOTE = (
    "Voices told apart by sound alone; children's voices are easily taken for one another, so read it as “at least”."
)

_CATALOGUE: tuple[tuple[str, str, str, str | None], ...] = (
    ("talk_share_youth", "Youth share of talk", "share", _SHARE_NOTE),
    ("talk_share_facilitator", "Facilitator share of talk", "share", _SHARE_NOTE),
    ("word_share_youth", "Youth share of words", "share", "Share of the words in the transcript."),
    ("wait_time", "Wait time after open questions", "seconds", _WAIT_NOTE),
    (
        "purposeful_share",
        "Open and pressing questions among all questions",
        "share",
        "From the summed probabilities of the five kinds of question.",
    ),
    ("youth_turns", "Youth turns", "count", "A turn is one voice's unbroken run."),
    ("youth_turns_rate", "Youth turns in 10 minutes", "per_10_min", "A turn is one voice's unbroken run."),
    ("youth_voices", "Youth voices heard", "count", _VOICES_NOTE),
)
_SUM_NOTE = "Sum of calibrated probabilities over the utterances recognised."


def sum_id(code: str) -> str:
    """Id of the measure that counts `code`, e.g. `count_open`."""
    return f"count_{code}"


MEASURE_IDS: tuple[str, ...] = (*(entry[0] for entry in _CATALOGUE), *(sum_id(code.id) for code in CODES))

# Read off the codes' probabilities alone: whose words they were does not change them until the codes are found anew.
FROM_CODES = frozenset({"purposeful_share", *(sum_id(code.id) for code in CODES)})


def measure(transcript: Transcript, codes: Codes, *, duration_s: float | None) -> tuple[Measure, ...]:
    """Every measure of the catalogue, in its order; none is left out, those that cannot be had say why.

    `codes` are (utterance id, ((code, p), …)); empty where no codes were computed. `duration_s` is the recording's
    length, None where unknown.
    """
    p_by_utterance = {utterance: dict(row) for utterance, row in codes}
    return (
        *_talk_shares(transcript),
        _word_share(transcript),
        _wait_time(transcript, p_by_utterance),
        _purposeful_share(transcript, p_by_utterance),
        *_youth_turns(transcript, duration_s),
        _youth_voices(transcript),
        *(_code_count(code, transcript, p_by_utterance) for code in CODES),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a computation found, before it gets its name and its coverage."""

    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str | None = None


def _named(id_: str, found: _Found, transcript: Transcript, *, role: Role | None = None) -> Measure:
    """The measure with its coverage; below MIN_COVERAGE the value is withheld."""
    label, unit, note = next((label, unit, note) for known, label, unit, note in _CATALOGUE if known == id_)
    named = Measure(
        id=id_,
        label=label,
        unit=unit,
        value=found.value,
        low=found.low,
        high=found.high,
        coverage=_coverage(transcript.speech, role),
        n=found.n,
        reason=found.reason,
        note=note,
    )
    return _withheld_if_thin(named, transcript)


def _coverage(speech: SpeechHeard | None, role: Role | None) -> float | None:
    """Coverage of `role` where the voices' roles were kept, else of all speech."""
    if speech is None:
        return None
    of_role = speech.coverage_of(role) if role is not None else None
    return speech.coverage if of_role is None else of_role


def _withheld_if_thin(found: Measure, transcript: Transcript) -> Measure:
    reason = found.reason
    if transcript.speech is not None and transcript.speech.heard_s <= 0:
        reason = "No voice was heard."
    elif not transcript.utterances:
        reason = "No words were recognised." if transcript.speech is not None else "The transcript is empty."
    elif found.coverage is not None and found.coverage < MIN_COVERAGE:
        reason = (
            f"Insufficient audio: only {found.coverage:.0%} of the voice that was heard could be recognised; "
            f"at least {MIN_COVERAGE:.0%} is needed."
        )
    if reason is None:
        return found
    return replace(found, value=None, low=None, high=None, reason=reason)


# ---- who talks -----------------------------------------------------------------------------------------------------


def _talk_shares(transcript: Transcript) -> tuple[Measure, Measure]:
    if not transcript.timed:
        found = _Found(n=len(transcript.utterances), reason="The transcript has no times.")
        return (_named("talk_share_youth", found, transcript), _named("talk_share_facilitator", found, transcript))
    weights = [u.duration or 0.0 for u in transcript.utterances]
    parts = [*_parts_by_voice(transcript.utterances, weights), *_unrecognised(transcript)]
    youth = _share(parts, n=len(transcript.utterances))
    mirrored = _Found(
        n=youth.n,
        value=None if youth.value is None else 1.0 - youth.value,
        low=None if youth.high is None else 1.0 - youth.high,
        high=None if youth.low is None else 1.0 - youth.low,
        reason=youth.reason,
    )
    return (_named("talk_share_youth", youth, transcript), _named("talk_share_facilitator", mirrored, transcript))


def _word_share(transcript: Transcript) -> Measure:
    weights = [float(len(u.text.split())) for u in transcript.utterances]
    found = _share(_parts_by_voice(transcript.utterances, weights), n=len(transcript.utterances))
    return _named("word_share_youth", found, transcript)


def _share(parts: Sequence[Part], *, n: int) -> _Found:
    if not any(part.weight > 0 for part in parts):
        return _Found(n=n, reason="Nothing was said.")
    if all(part.p is None or part.p == 0.5 for part in parts):
        return _Found(n=n, reason="Nobody's role is known.")
    distribution = share_distribution(parts, somebody_leads=True)
    low, value, high = distribution.quantiles((0.025, 0.5, 0.975))
    return _Found(n=n, value=value, low=low, high=high)


def _parts_by_voice(utterances: Iterable[Utterance], weights: Iterable[float]) -> list[Part]:
    """One part for each voice and role in it: a voice's utterances are right or wrong together.

    Utterances that nobody assigned to a voice stand alone. What a person has set (p of 0 or 1) stays so, because
    equal certainty is kept apart within a voice.
    """
    parts: dict[tuple[str, float], float] = {}
    for utterance, weight in zip(utterances, weights, strict=True):
        key = (_voice(utterance), utterance.p_youth)
        parts[key] = parts.get(key, 0.0) + weight
    return [Part(weight=weight, p=p) for (_, p), weight in parts.items()]


def _voice(utterance: Utterance) -> str:
    return utterance.speaker if utterance.speaker is not None else f"alone {utterance.id}"


def _unrecognised(transcript: Transcript) -> list[Part]:
    """Voice that was heard but gave no words, by role where the voices told it, else anyone's."""
    speech = transcript.speech
    if speech is None:
        return []
    heard, recognised = dict(speech.heard_by_role_s), dict(speech.recognised_by_role_s)
    if not heard:
        return [Part(weight=max(0.0, speech.heard_s - speech.recognised_s), p=None)]
    sure = {
        role: _mean([u.role_p for u in transcript.utterances if u.role is role])
        for role in (Role.FACILITATOR, Role.YOUTH)
    }
    parts = []
    for role, seconds in heard.items():
        missing = max(0.0, seconds - recognised.get(role, 0.0))
        p_role = sure.get(role)
        if role is Role.UNKNOWN or p_role is None:
            parts.append(Part(weight=missing, p=None))
        else:
            parts.append(Part(weight=missing, p=p_role if role is Role.YOUTH else 1.0 - p_role))
    return parts


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _youth_turns(transcript: Transcript, duration_s: float | None) -> tuple[Measure, Measure]:
    turns = list(transcript.turns())
    if all(turn.role is Role.UNKNOWN for turn in turns):
        count = _Found(n=len(turns), reason="Nobody's role is known.")
    else:
        parts = _parts_by_voice([turn.utterances[0] for turn in turns], [1.0] * len(turns))
        low, value, high = share_distribution(parts, somebody_leads=True).quantiles((0.025, 0.5, 0.975))
        total = len(turns)
        count = _Found(n=total, value=round(value * total), low=round(low * total), high=round(high * total))
    if duration_s is None or duration_s <= 0:
        rate = _Found(n=count.n, reason=count.reason or "The length of the recording is not known.")
    else:
        per = 600.0 / duration_s
        rate = _Found(
            n=count.n, value=_times(count.value, per), low=_times(count.low, per), high=_times(count.high, per),
            reason=count.reason,
        )  # fmt: skip
    return (
        _named("youth_turns", count, transcript, role=Role.YOUTH),
        _named("youth_turns_rate", rate, transcript, role=Role.YOUTH),
    )


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _youth_voices(transcript: Transcript) -> Measure:
    voices: dict[str, list[float]] = {}
    for utterance in transcript.utterances:
        if utterance.speaker is not None:
            voices.setdefault(utterance.speaker, []).append(utterance.p_youth)
    known = [_mean(ps) or 0.0 for ps in voices.values() if len(ps) >= VOICE_MIN_UTTERANCES]
    if not voices:
        found = _Found(n=0, reason="The transcript does not tell speakers apart.")
    elif not known or all(p == 0.5 for p in known):
        found = _Found(n=len(known), reason="No voice was heard often enough to name its role.")
    else:
        low, high = count_interval([Together(condition=1.0, p=np.array(known))])
        found = _Found(n=len(known), value=float(sum(p > 0.5 for p in known)), low=low, high=high)
    return _named("youth_voices", found, transcript, role=Role.YOUTH)


# ---- questions ------------------------------------------------------------------------------------------------------


def _wait_time(transcript: Transcript, p: Mapping[str, Mapping[str, float]]) -> Measure:
    if not p:
        found = _Found(n=0, reason="Questions were not looked for.")
    elif not transcript.timed:
        found = _Found(n=0, reason="The transcript has no times.")
    else:
        waits = _waits(transcript.utterances, p)
        if len(waits) < WAIT_MIN_N:
            found = _Found(
                n=len(waits),
                reason=f"Too few pauses could be measured ({len(waits)}); a median needs at least {WAIT_MIN_N}.",
            )
        else:
            low, high = median_interval(waits)
            found = _Found(
                n=len(waits),
                value=float(np.median(waits)),
                low=None if low is None else max(0.0, low - WAIT_NOISE_S),
                high=None if high is None else high + WAIT_NOISE_S,
            )
    return _named("wait_time", found, transcript, role=Role.FACILITATOR)


def _waits(utterances: Sequence[Utterance], p: Mapping[str, Mapping[str, float]]) -> list[float]:
    """Seconds of quiet after each open or pressing question that was left standing.

    Left out: questions someone was already talking over when they ended, questions their asker talked on after
    (within RESUMED_S), and silences beyond WAIT_MAX_S.
    """
    waits = []
    starts = np.array([u.start for u in utterances], dtype=float)
    ends = np.array([u.end for u in utterances], dtype=float)
    for at, question in enumerate(utterances):
        row = p.get(question.id, {})
        if max(row.get("open", 0.0), row.get("press", 0.0)) < ASKED_P:
            continue
        end = ends[at]
        later = np.flatnonzero(starts >= end)
        later = later[later != at]
        if later.size == 0 or np.any((starts < end) & (ends > end)):
            continue
        following = utterances[later[np.argmin(starts[later])]]
        wait = float(starts[later].min() - end)
        same_voice = (following.speaker, following.role) == (question.speaker, question.role)
        if wait <= WAIT_MAX_S and not (same_voice and wait < RESUMED_S):
            waits.append(wait)
    return waits


def _sums(code: str, p: Mapping[str, Mapping[str, float]]) -> NDArray[np.float64]:
    return np.array([row.get(code, 0.0) for row in p.values()], dtype=float)


def _by_voice(code: Code, utterances: Iterable[Utterance], p: Mapping[str, Mapping[str, float]]) -> list[Together]:
    """A code's chances by voice: where only one role can carry it, a voice's all fall with that voice's role.

    A code's probability holds the role's as a factor, so given the role it is p / P(role).
    """
    voices: dict[tuple[str, float], list[float]] = {}
    for utterance in utterances:
        if utterance.id in p:
            share = sum(
                {Role.YOUTH: utterance.p_youth, Role.FACILITATOR: 1.0 - utterance.p_youth}[r] for r in code.said_by
            )
            voices.setdefault((_voice(utterance), share), []).append(p[utterance.id].get(code.id, 0.0))
    return [
        Together(condition=max(share, *ps), p=np.array(ps) / max(share, *ps))
        for (_, share), ps in voices.items()
        if max(ps) > 0
    ]


def _code_count(code: Code, transcript: Transcript, p: Mapping[str, Mapping[str, float]]) -> Measure:
    role = code.said_by[0] if len(code.said_by) == 1 else None
    coverage = _coverage(transcript.speech, role)
    named = Measure(
        id=sum_id(code.id),
        label=f"{code.label}: times",
        unit="count",
        value=None,
        low=None,
        high=None,
        coverage=coverage,
        n=len(p),
        note=_SUM_NOTE,
    )
    if not p:
        return _withheld_if_thin(replace(named, reason="Codes were not looked for."), transcript)
    low, high = count_interval(_by_voice(code, transcript.utterances, p))
    # Unrecognised speech may hold as many again for its length: only the upper bound can say so honestly.
    found = replace(
        named, value=float(_sums(code.id, p).sum()), low=low, high=math.ceil(high / coverage) if coverage else high
    )
    return _withheld_if_thin(found, transcript)


def _purposeful_share(transcript: Transcript, p: Mapping[str, Mapping[str, float]]) -> Measure:
    """(open + press) / all five kinds, by summed probabilities.

    Interval: delta method for a ratio a / (a + b) of independent sums, Var = (b² Var a + a² Var b) / (a + b)⁴
    with Var Σ = Σ p(1 - p), as each utterance carries a code or not.
    """
    if not p:
        found = _Found(n=0, reason="Questions were not looked for.")
        return _named("purposeful_share", found, transcript, role=Role.FACILITATOR)
    wanted = ("open", "press")
    sums = {code: _sums(code, p) for code in QUESTION_CODES}
    a = sum(float(sums[c].sum()) for c in wanted)
    b = sum(float(sums[c].sum()) for c in QUESTION_CODES if c not in wanted)
    if a + b < 1.0:
        found = _Found(n=0, reason="Fewer than one question was heard.")
    else:
        var_a = sum(float((sums[c] * (1 - sums[c])).sum()) for c in wanted)
        var_b = sum(float((sums[c] * (1 - sums[c])).sum()) for c in QUESTION_CODES if c not in wanted)
        value = a / (a + b)
        half = 1.96 * float(np.sqrt(b * b * var_a + a * a * var_b)) / (a + b) ** 2
        found = _Found(
            n=round(a + b), value=value, low=max(0.0, value - half), high=min(1.0, value + half)
        )  # n: questions expected
    return _named("purposeful_share", found, transcript, role=Role.FACILITATOR)
