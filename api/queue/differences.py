"""Where finished reviews of a submission differ, and what has been settled."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.queue.schemas import DifferenceRead
from api.storage.desk_tables import ActRow, AdjudicationRow, AssignmentRow
from model.review import SUBJECT_PREFIX, ActKind
from model.rubric import CANNOT_TELL

FinalScores = Mapping[str, Mapping[str, str]]  # assignment -> criterion -> level id or CANNOT_TELL
Settlements = Mapping[tuple[str, str, str], AdjudicationRow]  # (submission, rubric hash, criterion) -> what holds
CANNOT_TELL_LABEL = "Cannot tell"


def final_scores(session: Session, assignments: Iterable[str]) -> dict[str, dict[str, str]]:
    """The score that holds on each criterion, for every assignment, in one query."""
    rows = session.execute(
        select(ActRow.assignment_id, ActRow.subject, ActRow.value)
        .where(ActRow.kind == ActKind.SCORE.value, ActRow.assignment_id.in_(list(assignments)))
        .order_by(ActRow.assignment_id, ActRow.seq)
    )
    scores: dict[str, dict[str, str]] = {}
    for assignment, subject, value in rows:
        of_assignment = scores.setdefault(assignment, {})
        criterion = subject.removeprefix(SUBJECT_PREFIX[ActKind.SCORE])
        if value is None:
            of_assignment.pop(criterion, None)
        else:
            of_assignment[criterion] = CANNOT_TELL if value.get("cannot_tell") else value["level"]
    return scores


def settled(session: Session, submissions: Iterable[str]) -> Settlements:
    """The settlements that hold, in one query."""
    rows = session.scalars(
        select(AdjudicationRow).where(AdjudicationRow.submission_id.in_(list(submissions))).order_by(AdjudicationRow.id)
    )
    return {(row.submission_id, row.rubric_hash, row.criterion): row for row in rows}


def level_label(document: Mapping[str, object], level: str) -> str:
    if level == CANNOT_TELL:
        return CANNOT_TELL_LABEL
    levels = document["levels"]
    assert isinstance(levels, list)
    return next((str(x["label"]) for x in levels if x["id"] == level), level)


def differences(
    rows: Sequence[AssignmentRow],
    scores: FinalScores,
    settlements: Settlements,
) -> list[DifferenceRead]:
    """Over the submitted reviews among `rows`, which are all of one submission."""
    by_rubric: dict[str, list[AssignmentRow]] = {}
    for row in rows:
        if row.submitted_at is not None and row.withdrawn_at is None:
            by_rubric.setdefault(row.rubric_hash, []).append(row)
    found = []
    for rubric_hash, reviews in by_rubric.items():
        document = reviews[0].rubric.document
        for criterion in document["criteria"]:
            given = [scores.get(r.id, {}).get(criterion["id"]) for r in reviews]
            levels = [level for level in given if level is not None]
            if len(set(levels)) > 1:
                found.append(
                    DifferenceRead(
                        rubric_id=document["id"],
                        criterion=criterion["id"],
                        label=criterion["label"],
                        levels=[level_label(document, level) for level in levels],
                        settled=(reviews[0].submission_id, rubric_hash, criterion["id"]) in settlements,
                    )
                )
    return found
