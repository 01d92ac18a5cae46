"""From rows to the pure review of `model.review` and back: the rules of an assignment, its log, one more act."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.reviews.schemas import ActCreate, ActRead, ActResult
from api.storage.base import now
from api.storage.desk_tables import ActRow, AssignmentRow
from api.storage.tables import AnnotationRow, EvidenceRow
from model.indicators import Indicator
from model.review import (
    Act,
    ActConflicts,
    ActKind,
    ActRefused,
    CriterionRules,
    Protocol,
    ReviewRules,
    ReviewState,
    apply,
    check,
    fold,
    heard,
)
from model.rubric import Rubric
from model.rubric_pack import rubric_from_document


@dataclass(slots=True)
class OpenReview:
    """An assignment with its log replayed; grows as acts are appended."""

    row: AssignmentRow
    rubric: Rubric
    rules: ReviewRules
    state: ReviewState
    evidence: dict[str, EvidenceRow]  # by id: all moments this review has been given, as they were last found


def rubric_of(row: AssignmentRow) -> Rubric:
    return rubric_from_document(row.rubric.document, source=f"rubric {row.rubric.rubric_id}")


def evidence_given(session: Session, row: AssignmentRow) -> dict[str, EvidenceRow]:
    """Every moment the runs of this review found, by id, each as it was found last; in the order of that run.

    Moments of the newest run come first: those have its `annotation_id`. The rest were found before a correction of
    the transcript and no longer; they stay, because something may have been decided on them.
    """
    if row.annotation_id is None:
        return {}
    first, last = session.get_one(AnnotationRow, row.opened_on_id), session.get_one(AnnotationRow, row.annotation_id)
    statement = (
        select(EvidenceRow)
        .join(AnnotationRow)
        .where(
            AnnotationRow.submission_id == row.submission_id,
            AnnotationRow.version.between(first.version, last.version),
        )
        .order_by(AnnotationRow.version.desc(), EvidenceRow.position)
    )
    given: dict[str, EvidenceRow] = {}
    for piece in session.scalars(statement):
        given.setdefault(piece.id, piece)
    return given


def found_at_first(session: Session, row: AssignmentRow) -> frozenset[str]:
    """Ids of the moments there were when the review was opened."""
    return frozenset(session.scalars(select(EvidenceRow.id).where(EvidenceRow.annotation_id == row.opened_on_id)))


def replay(session: Session, row: AssignmentRow) -> OpenReview:
    rubric = rubric_of(row)
    evidence = evidence_given(session, row)
    rules = ReviewRules(
        protocol=Protocol(row.protocol),
        criteria=tuple(
            CriterionRules(
                id=criterion.id,
                label=criterion.label,
                levels=tuple(level.id for level in rubric.levels),
                indicators=criterion.indicators,
            )
            for criterion in rubric.criteria
        ),
        audit_windows=tuple(window.id for window in row.windows),
        evidence=tuple((piece.id, Indicator(piece.indicator)) for piece in evidence.values()),
    )
    acts = session.scalars(select(ActRow).where(ActRow.assignment_id == row.id).order_by(ActRow.seq))
    return OpenReview(
        row=row,
        rubric=rubric,
        rules=rules,
        state=fold((_act(act) for act in acts), rules),
        evidence=evidence,
    )


def append(session: Session, review: OpenReview, body: ActCreate) -> ActResult:
    """Adds the act and answers `saved`, or says why not. Never raises for what a reviewer can mend."""
    known = session.get(ActRow, body.id)
    if known is not None:
        if known.assignment_id != review.row.id:
            return ActResult(id=body.id, status="refused", detail="This act has a used id.", remedy="Reload the page.")
        if (known.subject, known.value) == (body.subject, body.value):
            return ActResult(id=body.id, status="already", seq=known.seq)
        held = review.state.current.get(body.subject)  # a page wrote on under an id that had arrived: nothing is lost
        return ActResult(id=body.id, status="conflict", current=None if held is None else read_act(held))
    act = Act(
        id=body.id,
        seq=review.row.last_seq + 1,
        kind=body.kind,
        subject=body.subject,
        value=body.value,
        at=body.at,
        replaces=body.replaces,
    )
    try:
        check(review.state, act, review.rules)
    except ActConflicts as conflict:
        held = conflict.current
        return ActResult(id=act.id, status="conflict", current=None if held is None else read_act(held))
    except ActRefused as refused:
        return ActResult(id=act.id, status="refused", detail=refused.fact, remedy=refused.remedy)
    session.add(_row(review, act, tab=body.tab))
    review.state = apply(review.state, act, review.rules)
    review.row.last_seq = act.seq
    review.row.scored = sum(review.state.scored(criterion.id) for criterion in review.rules.criteria)
    if act.kind is ActKind.SUBMIT:
        review.row.submitted_at = now()
    return ActResult(id=act.id, status="saved", seq=act.seq)


def read_act(act: Act) -> ActRead:
    value: dict[str, Any] | None = None if act.value is None else dict(act.value)
    return ActRead(id=act.id, seq=act.seq, kind=act.kind, subject=act.subject, value=value, at=act.at)


def _act(row: ActRow) -> Act:
    return Act(
        id=row.id,
        seq=row.seq,
        kind=ActKind(row.kind),
        subject=row.subject,
        value=row.value,
        at=row.client_at,
        replaces=row.replaces,
    )


def _row(review: OpenReview, act: Act, *, tab: str | None) -> ActRow:
    piece = review.evidence.get(act.target) if act.kind is ActKind.DECISION else None
    span = None if piece is None or piece.start is None or piece.end is None else (piece.start, piece.end)
    return ActRow(
        id=act.id,
        assignment_id=review.row.id,
        seq=act.seq,
        kind=act.kind.value,
        subject=act.subject,
        value=None if act.value is None else dict(act.value),
        replaces=act.replaces,
        client_at=act.at,
        protocol=review.row.protocol,
        revealed=sorted(indicator.value for indicator in review.state.revealed),
        watched_s=review.state.watched_s,
        heard=None if span is None else heard(span, review.state.watched),
        tab=tab,
        annotation_id=review.row.annotation_id,
    )
