"""From finished reviews to the rows a study rests on: one rubric, one way of scoring, one period."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from api.agreement.ratings_file import Rating, RatingsFile, Scale
from api.agreement.reads import Read, Scored, Signal
from api.agreement.schemas import Arm
from api.agreement.wanted import Wanted
from model.conditions import UNTOUCHED, Condition
from model.rubric import CANNOT_TELL, Rubric
from model.rubric_pack import rubric_from_document
from model.scoring import raw_signal, rules_of

_CONDITIONS: dict[Arm, frozenset[Condition]] = {
    "own": UNTOUCHED,
    "unassisted": frozenset({Condition.UNASSISTED}),
    "blind": frozenset({Condition.BLIND}),
    "assisted": frozenset({Condition.ASSISTED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """`rows` are of the arm, `every` of all arms; both within the period."""

    rubric: Rubric
    scale: Scale
    labels: dict[str, str]  # criterion id -> the name it goes by
    reads: tuple[Read, ...]
    rows: tuple[Rating, ...]
    every: tuple[Rating, ...]

    def file(self, source: str) -> RatingsFile:
        return RatingsFile(
            source=source,
            ratings=self.rows,
            scale=self.scale,
            left_alone=(),
            has_time=True,
            has_protocol=True,
            notes=(),
        )


def choose(scored: Scored, wanted: Wanted) -> Chosen:
    """The machine's own raw expectation stands beside each score; it never leaves the computation."""
    rubric = rubric_from_document(scored.rubric, source="the rubric of these reviews")
    scale = Scale(
        labels=tuple(level.label for level in rubric.levels),
        values=tuple(level.value for level in rubric.levels),
        declared=True,
    )
    labels = _labels(rubric)
    machine = expectations(rubric, scored.signals)
    values = {level.id: level.value for level in rubric.levels}

    def rating(read: Read, criterion: str, level: str, condition: Condition | None, day: date) -> Rating:
        return Rating(
            line=0,
            submission=read.submission,
            criterion=labels[criterion],
            rater=read.rater,
            score=values.get(level),
            abstained=level == CANNOT_TELL,
            at=datetime.combine(day, time(), UTC),
            condition=condition,
            minutes=None,  # how long a review took is not recorded: a page stays open over lunch
            machine=machine.get((read.submission, criterion)),
        )

    every = [
        rating(read, s.criterion, s.level, s.condition, s.day)
        for read in scored.reads
        for s in read.scores
        if wanted.holds(s.day) and s.criterion in labels
    ]
    if wanted.arm == "final":
        rows = [
            rating(read, criterion, level, None, read.submitted)
            for read in scored.reads
            for criterion, level in read.final
            if wanted.holds(read.submitted) and criterion in labels
        ]
    else:
        rows = [one for one in every if one.condition in _CONDITIONS[wanted.arm]]
    return Chosen(
        rubric=rubric,
        scale=scale,
        labels=labels,
        reads=tuple(read for read in scored.reads if wanted.holds(read.submitted)),
        rows=tuple(rows),
        every=tuple(every),
    )


def _labels(rubric: Rubric) -> dict[str, str]:
    """Labels where they tell criteria apart, else ids."""
    labels = [criterion.label for criterion in rubric.criteria]
    return {c.id: c.label if labels.count(c.label) == 1 else c.id for c in rubric.criteria}


def expectations(rubric: Rubric, signals: Iterable[Signal]) -> dict[tuple[str, str], float]:
    """(submission, criterion) -> the expected level of the machine's raw, uncalibrated signal."""
    found = {}
    for (submission, criterion), p in raw_chances(rubric, signals).items():
        found[submission, criterion] = sum(x * level.value for x, level in zip(p, rubric.levels, strict=True))
    return found


def raw_chances(rubric: Rubric, signals: Iterable[Signal]) -> dict[tuple[str, str], tuple[float, ...]]:
    """(submission, criterion) -> the machine's raw chance of each level, where its measures could be had."""
    rules = rules_of(rubric)
    found = {}
    for signal in signals:
        for rule in rules:
            told = raw_signal(rule, dict(signal.values), n_levels=len(rubric.levels), duration_s=signal.duration_s)
            if told.p is not None:
                found[signal.submission, rule.criterion] = told.p
    return found
