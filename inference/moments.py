"""Flagged utterances -> moments a reviewer would recognise, each with the reasons it was pointed at, best first.

A question stands with its wait and the answer it drew, an idea with what was made of it, a run of youth talking to
each other as one moment. Only legible utterances can start or carry a moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from inference.cues import Surroundings, Telling, cue_words, cues_for
from inference.features import content_words, legible
from inference.showing import Showing
from model.evidence import Evidence, Span
from model.indicators import Indicator
from model.transcript import Role, Transcript, Utterance

Codes = Sequence[tuple[str, Sequence[tuple[str, float]]]]

ANSWER_WITHIN = 3  # utterances between a question and the start of its answer
ANSWER_WITHIN_S = 12.0  # seconds; later talk is no longer the answer
ANSWER_LENGTH = 3  # utterances of the answer shown with the question
MOMENT_LENGTH = 8  # utterances; a longer run is cut, so that a reviewer can listen to a moment at once
MOMENT_LENGTH_S = 45.0
MERGE_GAP_S = 8.0  # silence after which a new moment begins


@dataclass(frozen=True, slots=True)
class Flag:
    """An indicator at or above its threshold on one utterance (by position), and the surest of its codes there."""

    at: int
    code: str
    p: float  # that any code of the indicator is there


@dataclass(frozen=True, slots=True)
class Moment:
    """Positions `first..last` (inclusive) and the flags inside that count for one indicator."""

    indicator: Indicator
    first: int
    last: int
    flags: tuple[Flag, ...]

    @property
    def lead(self) -> Flag:
        """The surest flag; the earlier one where two are equally sure."""
        return max(self.flags, key=lambda flag: (flag.p, -flag.at))


def find_evidence(
    transcript: Transcript, codes: Codes, *, showing: Showing, telling: Telling = MappingProxyType({})
) -> tuple[Evidence, ...]:
    """Evidence in the order a reviewer gains most from; `codes` are the tagger's, and `showing` what it shows of them.

    A code an utterance has no probability for counts as 0. `p` of a moment is its surest flag's. `telling` has the
    words that carry what is `unexplained`.
    """
    utterances = transcript.utterances
    moments = _all_moments(transcript, codes, showing)
    asked = frozenset(
        flag.at for moment in moments if moment.indicator is Indicator.PURPOSEFUL_QUESTIONS for flag in moment.flags
    )
    return tuple(
        _evidence(number, moment, utterances, asked, telling)
        for number, moment in enumerate(_by_usefulness(moments), 1)
    )


def unexplained(transcript: Transcript, codes: Codes, *, showing: Showing) -> tuple[tuple[int, Indicator, str], ...]:
    """Position, indicator and code of every moment whose surest flag has no known cue in its words."""
    leads = [(moment.indicator, moment.lead) for moment in _all_moments(transcript, codes, showing)]
    return tuple(
        (lead.at, indicator, lead.code)
        for indicator, lead in leads
        if not cue_words(lead.code, transcript.utterances[lead.at].text)
    )


def _all_moments(transcript: Transcript, codes: Codes, showing: Showing) -> list[Moment]:
    utterances = transcript.utterances
    return [
        moment
        for indicator in Indicator
        for moment in _moments(indicator, utterances, _flags(indicator, utterances, codes, showing))
    ]


def _flags(indicator: Indicator, utterances: Sequence[Utterance], codes: Codes, showing: Showing) -> list[Flag]:
    position = {utterance.id: i for i, utterance in enumerate(utterances)}
    reading = showing[indicator]
    rows = [dict(row) for _, row in codes]
    columns = {code: np.array([row.get(code, 0.0) for row in rows]) for code, _ in reading.weights}
    found = []
    for (id_, _), row, p in zip(codes, rows, reading.probability(columns), strict=True):
        if p >= reading.threshold and legible(utterances[position[id_]]):
            surest = max(columns, key=lambda code: row.get(code, 0.0))
            found.append(Flag(position[id_], surest, float(p)))
    return found


def _moments(indicator: Indicator, utterances: Sequence[Utterance], flags: Sequence[Flag]) -> list[Moment]:
    reach = [_reach(flag, utterances) for flag in flags]
    moments: list[Moment] = []
    for flag, (first, last) in sorted(zip(flags, reach, strict=True), key=lambda pair: (pair[1], pair[0].at)):
        if moments and _joins(moments[-1], flag, first, last, utterances):
            whole = moments.pop()
            moments.append(Moment(indicator, min(whole.first, first), max(whole.last, last), (*whole.flags, flag)))
        else:
            moments.append(Moment(indicator, first, last, (flag,)))
    return moments


def _reach(flag: Flag, utterances: Sequence[Utterance]) -> tuple[int, int]:
    """The stretch one flag needs to be understood: with its answer, or with the idea it takes up."""
    if flag.code in ("open", "press", "choice_offered"):
        answer = answer_to(flag.at, utterances)
        return flag.at, answer[-1] if answer else flag.at
    if flag.code == "uptake":
        idea = idea_before(flag.at, utterances)
        return (flag.at if idea is None else idea), flag.at
    return flag.at, flag.at


def answer_to(at: int, utterances: Sequence[Utterance]) -> tuple[int, ...]:
    """Positions of the first youth run after a question, empty where none came soon enough."""
    for i in range(at + 1, min(at + 1 + ANSWER_WITHIN, len(utterances))):
        gap = _gap(utterances[at], utterances[i])
        if gap is not None and gap > ANSWER_WITHIN_S:
            return ()
        if utterances[i].role is Role.YOUTH and legible(utterances[i]):
            stop = i + 1
            while (
                stop < min(i + ANSWER_LENGTH, len(utterances))
                and utterances[stop].role is Role.YOUTH
                and _short(at, stop, utterances)
            ):
                stop += 1
            return tuple(range(i, stop))
    return ()


def idea_before(at: int, utterances: Sequence[Utterance]) -> int | None:
    """The youth utterance, up to five before, that shares most content words; the nearest if none does.

    None where youth have not spoken within MOMENT_LENGTH_S.
    """
    own = content_words(utterances[at].text)
    youth = [
        i
        for i in range(max(0, at - 5), at)
        if utterances[i].role is Role.YOUTH and legible(utterances[i]) and _short(i, at, utterances)
    ]
    if not youth:
        return None
    return max(youth, key=lambda i: (len(own & content_words(utterances[i].text)), i))


def _joins(moment: Moment, flag: Flag, first: int, last: int, utterances: Sequence[Utterance]) -> bool:
    """Whether a flag belongs to the moment before it: next to it or inside it, and the whole stays short."""
    if first > moment.last + 1:
        return False
    whole_first, whole_last = min(moment.first, first), max(moment.last, last)
    if whole_last - whole_first + 1 > MOMENT_LENGTH:
        return False
    gap = _gap(utterances[moment.last], utterances[first]) if first > moment.last else 0.0
    if (gap or 0.0) > MERGE_GAP_S or not _short(whole_first, whole_last, utterances):
        return False
    if moment.indicator is Indicator.PURPOSEFUL_QUESTIONS:
        # A question asked again before anyone answered is one moment; after an answer it is a new one.
        return flag.at <= max(f.at for f in moment.flags) + 1
    return True


def _short(first: int, last: int, utterances: Sequence[Utterance]) -> bool:
    """Whether a moment from `first` to `last` can be listened to at once; without times it can."""
    start, end = utterances[first].start, utterances[last].end
    return start is None or end is None or end - start <= MOMENT_LENGTH_S


def _gap(before: Utterance, after: Utterance) -> float | None:
    if before.end is None or after.start is None:
        return None
    return after.start - before.end


def _by_usefulness(moments: Sequence[Moment]) -> list[Moment]:
    """Greedy order by p / (1 + moments of the same code already listed).

    A reviewer scores a criterion from the best and the different, so the fifth sure question of one kind gives way
    to the first likely sign of another. Ties go to the earlier moment.
    """
    seen: dict[str, int] = {}
    left = sorted(moments, key=lambda m: (m.first, m.indicator))
    ordered: list[Moment] = []
    while left:
        best = max(left, key=lambda m: (m.lead.p / (1 + seen.get(m.lead.code, 0)), -m.first))
        left.remove(best)
        seen[best.lead.code] = seen.get(best.lead.code, 0) + 1
        ordered.append(best)
    return ordered


def _evidence(
    number: int, moment: Moment, utterances: Sequence[Utterance], asked: frozenset[int], telling: Telling
) -> Evidence:
    lead = moment.lead
    inside = utterances[moment.first : moment.last + 1]
    ends = [u.end for u in inside if u.end is not None]
    return Evidence(
        id=f"e{number}",
        indicator=moment.indicator,
        code=lead.code,
        span=Span(
            start=inside[0].start,
            end=max(ends) if len(ends) == len(inside) else None,
            utterances=tuple(u.id for u in inside),
        ),
        p=lead.p,
        said_by=utterances[lead.at].role,
        cues=cues_for(lead.code, utterances[lead.at], _surroundings(lead, utterances, asked), telling),
    )


def _surroundings(flag: Flag, utterances: Sequence[Utterance], asked: frozenset[int]) -> Surroundings:
    answer = answer_to(flag.at, utterances) if flag.code in ("open", "press", "choice_offered") else ()
    idea = idea_before(flag.at, utterances) if flag.code == "uptake" else None
    question = next((i for i in range(flag.at - 1, max(-1, flag.at - ANSWER_WITHIN - 1), -1) if i in asked), None)
    before = utterances[flag.at - 1] if flag.at else None
    other = before and before.role is Role.YOUTH and before.speaker not in (None, utterances[flag.at].speaker)
    return Surroundings(
        answer=utterances[answer[0]] if answer else None,
        idea=None if idea is None else utterances[idea],
        other_youth=before if other else None,
        question=None if question is None else utterances[question],
    )
