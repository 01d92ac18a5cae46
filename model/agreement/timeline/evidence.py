"""Agreement on evidence, per indicator: matched moments, the tolerance curve, and seconds."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from model.agreement.chance.intervals import resampled_totals
from model.agreement.ratings import Floats, RatingsInvalid
from model.agreement.timeline.seconds import kappa_of_seconds, shared_seconds
from model.agreement.timeline.spans import (
    Edges,
    Mark,
    Timeline,
    check_timelines,
    match_spans,
    match_within,
    only,
)

NO_PAIR = "No submission was watched by both raters."
NOTHING_MARKED = "Neither rater marked anything, so there is nothing to match."
NO_REFERENCE = "Raters were pooled pair by pair, so none of them is the reference."
ONE_STATE = "Every second is marked alike by both raters or left alike; kappa cannot tell that from chance."
_FEWEST = 5  # submissions below which resampling them says nothing about others
TOO_FEW = f"Fewer than {_FEWEST} submissions, too few to show how agreement varies between them."


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A share or kappa with a percentile interval over resampled submissions, or reasons for what is missing."""

    value: float | None
    reason: str | None = None
    low: float | None = None
    high: float | None = None
    interval_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TolerancePoint:
    """Agreement when starts may lie `tolerance_s` apart."""

    tolerance_s: float
    n_matched: int
    precision: Figure
    recall: Figure
    f1: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceAgreement:
    """Agreement on one indicator (None: all marks whatever their indicator).

    precision: share of the other's marks that the reference has; recall: share of the reference's that the other has;
    f1 = 2 matched / (marks of both), the same whoever is the reference. At `overlap` temporal IoU; `curve` has them
    by tolerance on starts instead. mean_overlap: IoU of matched marks.
    kappa_bins: Cohen's kappa over bins of bin_s seconds; kappa_continuous: its limit for bins of no length.
    percent_agreement: share of time both marked or both left.
    """

    indicator: str | None
    reference: str | None
    other: str | None
    n_submissions: int
    n_reference: int
    n_other: int
    n_matched: int
    overlap: float
    mean_overlap: float | None
    precision: Figure
    recall: Figure
    f1: Figure
    curve: tuple[TolerancePoint, ...]
    bin_s: float
    kappa_bins: Figure
    kappa_continuous: Figure
    percent_agreement: float | None
    method: str
    reason: str | None


def evidence_agreement(
    timelines: Sequence[Timeline],
    *,
    reference: str | None = None,
    other: str | None = None,
    indicators: Iterable[str] | None = None,
    overlap: float = 0.5,
    tolerances_s: Sequence[float] = tuple(range(11)),
    edges: Edges = "start",
    bin_s: float = 1.0,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> tuple[EvidenceAgreement, ...]:
    """Agreement of two raters on evidence: first over all marks together (by indicator and place), then per indicator.

    reference, other: names in `Timeline.marks`. Without them every pair of raters on every submission is pooled, and
    only f1 and kappa are given. indicators: default all that occur. Marks match only within their indicator.

    Intervals resample submissions (percentiles, seeded); under five submissions there are none.

    Raises:
        RatingsInvalid: marks with impossible times, one rater named without the other, or a negative tolerance.
    """
    check_timelines(timelines)
    if (reference is None) != (other is None) or (reference is not None and reference == other):
        raise RatingsInvalid("Two different raters are needed, or none to pool all pairs.", "Name both or neither.")
    if min([*tolerances_s, overlap, 0.0]) < 0.0 or bin_s <= 0.0 or not 0.0 < confidence < 1.0:
        raise RatingsInvalid("Tolerance, overlap, bin or confidence is out of range.", "Use positive values.")
    pairs = [pair for timeline in timelines for pair in _pairs(timeline, reference, other)]
    named = sorted({mark.indicator for pair in pairs for marks in (pair.first, pair.second) for mark in marks})
    chosen = list(indicators) if indicators is not None else named
    study = _Study(pairs, chosen, overlap, tuple(tolerances_s), edges, bin_s, confidence, resamples, seed)
    return tuple(_report(study, indicator, reference, other) for indicator in [None, *chosen])


@dataclass(frozen=True, slots=True)
class _Pair:
    submission: str
    duration_s: float
    first: Sequence[Mark]
    second: Sequence[Mark]


@dataclass(frozen=True, slots=True)
class _Study:
    pairs: Sequence[_Pair]
    indicators: Sequence[str]
    overlap: float
    tolerances_s: tuple[float, ...]
    edges: Edges
    bin_s: float
    confidence: float
    resamples: int
    seed: int


def _pairs(timeline: Timeline, reference: str | None, other: str | None) -> list[_Pair]:
    if reference is not None and other is not None:
        names = [(reference, other)] if {reference, other} <= set(timeline.marks) else []
    else:
        names = list(combinations(sorted(timeline.marks), 2))
    return [_Pair(timeline.submission, timeline.duration_s, timeline.marks[a], timeline.marks[b]) for a, b in names]


def _report(study: _Study, indicator: str | None, reference: str | None, other: str | None) -> EvidenceAgreement:
    parts = list(study.indicators) if indicator is None else [indicator]
    at_overlap: list[Floats] = []
    at_tolerance: list[list[Floats]] = [[] for _ in study.tolerances_s]
    seconds: list[Floats] = []
    overlaps: list[float] = []
    for pair in study.pairs:
        matched = np.zeros(1 + len(study.tolerances_s))
        sizes = np.zeros(2)
        for part in parts:
            a, b = only(pair.first, part), only(pair.second, part)
            sizes += len(a), len(b)
            same = match_spans(a, b, overlap=study.overlap)
            overlaps += [match.overlap for match in same]
            matched[0] += len(same)
            for place, tolerance in enumerate(study.tolerances_s):
                matched[1 + place] += len(match_within(a, b, tolerance_s=tolerance, edges=study.edges))
        at_overlap.append(np.array([matched[0], *sizes]))
        for place in range(len(study.tolerances_s)):
            at_tolerance[place].append(np.array([matched[1 + place], *sizes]))
        seconds.append(_seconds(pair, parts, study.bin_s))
    directed = reference is not None
    resampled = _Resampled(study)
    counts = resampled.sums(at_overlap, 3)
    times = resampled.sums(seconds, 8)
    shares = _shares(resampled, counts, directed)
    return EvidenceAgreement(
        indicator=indicator,
        reference=reference,
        other=other,
        n_submissions=len({pair.submission for pair in study.pairs}),
        n_reference=int(counts.whole[1]),
        n_other=int(counts.whole[2]),
        n_matched=int(counts.whole[0]),
        overlap=study.overlap,
        mean_overlap=float(np.mean(overlaps)) if overlaps else None,
        precision=shares[0],
        recall=shares[1],
        f1=shares[2],
        curve=tuple(
            _point(resampled, resampled.sums(rows, 3), tolerance, directed)
            for tolerance, rows in zip(study.tolerances_s, at_tolerance, strict=True)
        ),
        bin_s=study.bin_s,
        kappa_bins=resampled.figure(times, lambda t: kappa_of_seconds(t[..., 4:]), ONE_STATE),
        kappa_continuous=resampled.figure(times, lambda t: kappa_of_seconds(t[..., :4]), ONE_STATE),
        percent_agreement=float((times.whole[0] + times.whole[3]) / times.whole[:4].sum()) if study.pairs else None,
        method=resampled.method,
        reason=None if study.pairs else NO_PAIR,
    )


def _seconds(pair: _Pair, parts: Sequence[str], bin_s: float) -> Floats:
    """Exact and binned seconds, summed over indicators: each indicator has its own timeline. Shape (8,)."""
    found = np.zeros(8)
    for part in parts:
        a, b = only(pair.first, part), only(pair.second, part)
        found[:4] += shared_seconds(a, b, duration_s=pair.duration_s, bin_s=None)
        found[4:] += shared_seconds(a, b, duration_s=pair.duration_s, bin_s=bin_s)
    return found


def _point(resampled: "_Resampled", counts: "_Sums", tolerance: float, directed: bool) -> TolerancePoint:
    precision, recall, f1 = _shares(resampled, counts, directed)
    return TolerancePoint(
        tolerance_s=float(tolerance), n_matched=int(counts.whole[0]), precision=precision, recall=recall, f1=f1
    )


def _shares(resampled: "_Resampled", counts: "_Sums", directed: bool) -> tuple[Figure, Figure, Figure]:
    """Precision, recall and F1 from sums of (matched, reference's marks, other's marks)."""

    def over(part: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
        def ratio(t: Floats) -> Floats:
            below = part(t)
            return np.where(below > 0, t[..., 0] / np.where(below > 0, below, 1.0), np.nan)

        return ratio

    f1 = resampled.figure(counts, over(lambda t: (t[..., 1] + t[..., 2]) / 2.0), NOTHING_MARKED)
    if not directed:
        return Figure(value=None, reason=NO_REFERENCE), Figure(value=None, reason=NO_REFERENCE), f1
    precision = resampled.figure(counts, over(lambda t: t[..., 2]), "The other rater marked nothing.")
    recall = resampled.figure(counts, over(lambda t: t[..., 1]), "The reference marked nothing.")
    return precision, recall, f1


@dataclass(frozen=True, slots=True)
class _Sums:
    whole: Floats
    resampled: Floats | None  # (resamples, d)


class _Resampled:
    """Sums over submissions and over resampled submissions; every figure sees the same draws."""

    def __init__(self, study: _Study) -> None:
        names = {name: place for place, name in enumerate(dict.fromkeys(pair.submission for pair in study.pairs))}
        self.places = np.array([names[pair.submission] for pair in study.pairs], dtype=np.int64)
        self.n, self.study = len(names), study

    @property
    def method(self) -> str:
        if self.n < _FEWEST:
            return "no interval"
        return f"percentile bootstrap of {self.n} submissions, {self.study.resamples} resamples, seed {self.study.seed}"

    def sums(self, rows: Sequence[Floats], size: int) -> _Sums:
        table = np.zeros((self.n, size))
        np.add.at(table, self.places, np.array(rows, dtype=np.float64).reshape(-1, size))
        if self.n < _FEWEST:
            return _Sums(table.sum(axis=0), None)
        chunks = resampled_totals([table], self.n, self.study.resamples, self.study.seed)
        return _Sums(table.sum(axis=0), np.concatenate([chunk[0] for chunk in chunks]))

    def figure(self, sums: _Sums, statistic: Callable[[Floats], Floats], undefined: str) -> Figure:
        value = float(statistic(sums.whole)) if self.n else float("nan")
        if np.isnan(value):
            return Figure(value=None, reason=undefined if self.n else NO_PAIR)
        if sums.resampled is None:
            return Figure(value=value, interval_reason=TOO_FEW)
        values = statistic(sums.resampled)
        values = values[~np.isnan(values)]
        if len(values) < 0.95 * self.study.resamples:
            return Figure(value=value, interval_reason="Most submissions have nothing to match, so resampling fails.")
        tail = (1.0 - self.study.confidence) / 2.0
        low, high = np.quantile(values, [tail, 1.0 - tail])
        return Figure(value=value, low=float(low), high=float(high))
