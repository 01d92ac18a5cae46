"""Marks on a timeline, and which mark of one rater is which of another's."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import scipy.optimize

from model.agreement.ratings import Floats, RatingsInvalid

Edges: TypeAlias = Literal["start", "both"]
_TIE = 1e-6  # weight of closeness beside the number of matches, which always comes first


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One stretch a rater (person or machine) marked; seconds, half-open; a point in time has start == end."""

    start: float
    end: float
    indicator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """One submission. `marks`: what each rater marked; a rater who watched and marked nothing has an empty tuple, a
    rater who did not watch has no entry."""

    submission: str
    duration_s: float
    marks: Mapping[str, Sequence[Mark]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Positions of two marks taken to be the same; overlap is their temporal IoU, distance_s between their starts."""

    reference: int
    other: int
    overlap: float
    distance_s: float


def check_timelines(timelines: Sequence[Timeline]) -> None:
    """Raises RatingsInvalid for a mark that ends before it starts, is not finite or lies outside its recording, and
    for a duration that is not positive, naming submission and rater."""
    for timeline in timelines:
        if not (math.isfinite(timeline.duration_s) and timeline.duration_s > 0.0):
            raise RatingsInvalid(
                f"Submission {timeline.submission}: a duration of {timeline.duration_s} s.",
                "Give its length in seconds.",
            )
        for rater, marks in timeline.marks.items():
            for place, mark in enumerate(marks):
                if not (math.isfinite(mark.start) and math.isfinite(mark.end) and mark.start <= mark.end):
                    problem = f"runs from {mark.start} to {mark.end}"
                elif mark.end <= 0.0 < mark.end - mark.start or mark.end < 0.0 or mark.start > timeline.duration_s:
                    problem = f"({mark.start} to {mark.end} s) lies outside the {timeline.duration_s} s recorded"
                else:
                    continue
                raise RatingsInvalid(
                    f"Submission {timeline.submission}, rater {rater}: mark {place} (counted from 0) {problem}.",
                    "Correct its times.",
                )


def temporal_iou(reference: Sequence[Mark], other: Sequence[Mark]) -> Floats:
    """Shared seconds over covered seconds of every pair, shape (n_reference, n_other); equal points have 1."""
    a, b = _edges(reference), _edges(other)
    shared = np.minimum(a[:, None, 1], b[None, :, 1]) - np.maximum(a[:, None, 0], b[None, :, 0])
    covered = np.maximum(a[:, None, 1], b[None, :, 1]) - np.minimum(a[:, None, 0], b[None, :, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.maximum(shared, 0.0) / covered
    return np.where(covered == 0.0, 1.0, found)


def distances(reference: Sequence[Mark], other: Sequence[Mark], *, edges: Edges) -> Floats:
    """Seconds between starts, or the larger of starts' and ends' distance, shape (n_reference, n_other)."""
    a, b = _edges(reference), _edges(other)
    gaps = np.abs(a[:, None, :] - b[None, :, :])
    return np.asarray(gaps[..., 0] if edges == "start" else gaps.max(axis=-1))


def match_spans(reference: Sequence[Mark], other: Sequence[Mark], *, overlap: float = 0.5) -> tuple[Match, ...]:
    """Pair marks one to one where their temporal IoU is at least `overlap`: as many pairs as possible, and among
    those the most overlap (optimal assignment, not greedy)."""
    iou = temporal_iou(reference, other)
    return _assign(reference, other, eligible=iou >= max(overlap, 1e-12), closeness=iou)


def match_within(
    reference: Sequence[Mark], other: Sequence[Mark], *, tolerance_s: float, edges: Edges = "start"
) -> tuple[Match, ...]:
    """Pair marks one to one whose starts (or starts and ends) lie within `tolerance_s`, as many and near as can be."""
    away = distances(reference, other, edges=edges)
    return _assign(reference, other, eligible=away <= tolerance_s, closeness=1.0 / (1.0 + away))


def _assign(
    reference: Sequence[Mark], other: Sequence[Mark], *, eligible: np.ndarray, closeness: Floats
) -> tuple[Match, ...]:
    if not eligible.size:
        return ()
    gain = np.where(eligible, 1.0 + _TIE * closeness, 0.0)
    rows, columns = scipy.optimize.linear_sum_assignment(gain, maximize=True)
    iou, away = temporal_iou(reference, other), distances(reference, other, edges="start")
    return tuple(
        Match(reference=int(i), other=int(j), overlap=float(iou[i, j]), distance_s=float(away[i, j]))
        for i, j in zip(rows, columns, strict=True)
        if eligible[i, j]
    )


def _edges(marks: Sequence[Mark]) -> Floats:
    return np.array([(mark.start, mark.end) for mark in marks], dtype=np.float64).reshape(-1, 2)


def only(marks: Sequence[Mark], indicator: str | None) -> tuple[Mark, ...]:
    """The marks of one indicator; None keeps all."""
    return tuple(mark for mark in marks if indicator is None or mark.indicator == indicator)
