"""Which human scores the machine may learn from: blind or adjudicated ones, nothing a suggestion has touched.

A score given with suggestions in view says in part what the machine said. Learning from it would have the machine
agree with itself and call that calibration.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.assessment import Adjudication, Assessment, Phase, first_scores
from model.conditions import UNTOUCHED, Condition, condition_of
from model.errors import InputRefused
from model.rubric import CANNOT_TELL, Rubric
from model.scoring.estimate import Floats, Ints

USABLE = UNTOUCHED | {Condition.ADJUDICATED}


class ScoreNotUsable(InputRefused):
    """A score the machine must not learn from."""

    def __init__(self, submission: str, criterion: str, condition: Condition) -> None:
        super().__init__(
            "scoring.not_blind",
            f"The score of {criterion} on {submission} was given {_SEEN[condition]}, so it says in part what the "
            "machine said.",
            "Calibrate on scores given blind, or on adjudicated ones.",
        )
        self.submission = submission
        self.criterion = criterion
        self.condition = condition


_SEEN = {
    Condition.ASSISTED: "with suggestions in view",
    Condition.REVEALED: "after the suggestions had been shown",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalScore:
    """One human score to learn from. Raises ScoreNotUsable unless it is blind, unassisted or adjudicated."""

    submission: str
    criterion: str
    rater: str
    value: float  # of the level
    condition: Condition

    def __post_init__(self) -> None:
        if self.condition not in USABLE:
            raise ScoreNotUsable(self.submission, self.criterion, self.condition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usable:
    """The scores to learn from, and how many were left out for which reason."""

    scores: tuple[FinalScore, ...]
    left_out: Mapping[str, int]


def final_scores(assessments: Iterable[Assessment], adjudications: Iterable[Adjudication], *, rubric: Rubric) -> Usable:
    """The adjudicated level of each criterion where there is one, else every rater's first score if it was blind."""
    found: list[FinalScore] = []
    left_out: dict[str, int] = {}
    settled = {(a.submission, a.criterion): a for a in sorted(adjudications, key=lambda a: a.at)}
    for (submission, criterion), settlement in settled.items():
        if settlement.level != CANNOT_TELL:
            value = rubric.level(settlement.level).value
            found.append(_final(submission, criterion, settlement.by, value, Condition.ADJUDICATED))
    for assessment in assessments:
        if assessment.submitted_at is None:
            _count(left_out, "not submitted yet", len(first_scores(assessment.scores)))
            continue
        for criterion, score in first_scores(assessment.scores).items():
            if (assessment.submission, criterion) in settled:
                _count(left_out, "settled by an adjudication, which counts instead")
            elif score.given.phase is not Phase.BLIND:
                _count(left_out, "given with suggestions in view")
            elif score.abstains:
                _count(left_out, "cannot tell")
            else:
                value = rubric.level(score.level).value
                condition = condition_of(score.given)
                found.append(_final(assessment.submission, criterion, assessment.rater, value, condition))
    return Usable(scores=tuple(found), left_out=left_out)


def _final(submission: str, criterion: str, rater: str, value: float, condition: Condition) -> FinalScore:
    return FinalScore(submission=submission, criterion=criterion, rater=rater, value=value, condition=condition)


def _count(left_out: dict[str, int], reason: str, n: int = 1) -> None:
    left_out[reason] = left_out.get(reason, 0) + n


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreTable:
    """Scores beside the machine's raw distribution, as arrays; one row per human score.

    weight: 1 over the number of scores of the same submission and criterion, so that each of those counts once.
    """

    levels: tuple[float, ...]  # ascending
    criteria: tuple[str, ...]
    submissions: tuple[str, ...]
    raw: Floats  # shape (n, n_levels), rows add to 1
    level: Ints  # shape (n,), position in levels
    criterion: Ints  # shape (n,), position in criteria
    submission: Ints  # shape (n,), position in submissions
    weight: Floats  # shape (n,)
    without_signal: int = 0  # scores left out because the machine has nothing on them

    @property
    def n_submissions(self) -> int:
        """Submissions with at least one row."""
        return len(np.unique(self.submission))

    def rows(self, keep: Ints) -> "ScoreTable":
        """The rows at these positions."""
        return ScoreTable(
            levels=self.levels,
            criteria=self.criteria,
            submissions=self.submissions,
            raw=self.raw[keep],
            level=self.level[keep],
            criterion=self.criterion[keep],
            submission=self.submission[keep],
            weight=self.weight[keep],
        )


def score_table(
    scores: Sequence[FinalScore],
    raw: Mapping[tuple[str, str], Sequence[float]],
    *,
    levels: Sequence[float],
    criteria: Sequence[str],
) -> ScoreTable:
    """Rows for every score on which the machine has a raw distribution: (submission, criterion) -> chance per level.

    Raises InputRefused for a score that is not a declared level or names another criterion.
    """
    place = {value: position for position, value in enumerate(sorted(levels))}
    column = {criterion: position for position, criterion in enumerate(criteria)}
    for score in scores:
        if score.value not in place or score.criterion not in column:
            raise InputRefused(
                "scoring.level",
                f"{score.rater} gave {score.value:g} for {score.criterion} on {score.submission}, which is not a "
                "declared level or criterion.",
                f"Levels are {', '.join(f'{x:g}' for x in place)}; criteria are {', '.join(column)}.",
            )
    told = [score for score in scores if (score.submission, score.criterion) in raw]
    submissions = tuple(dict.fromkeys(score.submission for score in told))
    row = {submission: position for position, submission in enumerate(submissions)}
    submission = np.array([row[score.submission] for score in told], dtype=np.int64)
    criterion = np.array([column[score.criterion] for score in told], dtype=np.int64)
    cell = submission * len(criteria) + criterion
    times = np.bincount(cell, minlength=1)[cell] if len(cell) else np.ones(0)
    return ScoreTable(
        levels=tuple(sorted(levels)),
        criteria=tuple(criteria),
        submissions=submissions,
        raw=np.array([raw[score.submission, score.criterion] for score in told], dtype=np.float64).reshape(
            len(told), len(place)
        ),
        level=np.array([place[score.value] for score in told], dtype=np.int64),
        criterion=criterion,
        submission=submission,
        weight=1.0 / times,
        without_signal=len(scores) - len(told),
    )
