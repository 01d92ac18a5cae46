"""Reads what has been scored in this installation, under codes: no name, no media, no free text comes along."""

import base64
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.agreement.reads import (
    LoggedAct,
    Piece,
    Read,
    Scored,
    Settlement,
    Signal,
    Window,
    found_in,
    moments_of,
    scores_of,
)
from api.storage.desk_tables import ActRow, AdjudicationRow, AssignmentRow, AuditWindowRow, ProgramRow, RubricRow
from api.storage.tables import AnnotationRow, EvidenceRow, MeasureRow, SubmissionRow
from model.review import ActKind, Protocol

_KINDS = (ActKind.SCORE, ActKind.OWN_EVIDENCE, ActKind.DECISION, ActKind.EVIDENCE_EDIT)
_RATER_CODE, _SUBMISSION_CODE = 4, 6  # letters; more where two would be the same


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricScored:
    """A rubric somebody has finished a review under."""

    hash: str
    id: str
    title: str
    version: str
    n_reads: int
    n_submissions: int
    n_double: int  # submissions with two finished reviews or more


def rubrics_scored(session: Session) -> list[RubricScored]:
    """The one read twice most often first."""
    reads: dict[str, list[str]] = defaultdict(list)
    for rubric_hash, submission_id in session.execute(
        _finished(select(AssignmentRow.rubric_hash, AssignmentRow.submission_id))
    ):
        reads[rubric_hash].append(submission_id)
    found = []
    for row in session.scalars(select(RubricRow).where(RubricRow.hash.in_(list(reads)))):
        submissions = reads[row.hash]
        found.append(
            RubricScored(
                hash=row.hash,
                id=row.rubric_id,
                title=row.document["title"],
                version=str(row.document.get("version", "")),
                n_reads=len(submissions),
                n_submissions=len(set(submissions)),
                n_double=sum(submissions.count(one) >= 2 for one in set(submissions)),
            )
        )
    return sorted(found, key=lambda one: (-one.n_double, -one.n_reads, one.hash))


def state_of_log(session: Session) -> str:
    """Changes exactly when a finished review or a settlement is added or taken away: both are closed to change."""
    reviews = session.scalars(_finished(select(AssignmentRow.id)).order_by(AssignmentRow.id))
    settled = session.scalars(select(AdjudicationRow.id).order_by(AdjudicationRow.id))
    runs = session.scalars(select(AnnotationRow.id).order_by(AnnotationRow.id))
    return hashlib.sha256("\n".join([*reviews, "-", *settled, "-", *runs]).encode()).hexdigest()


def _finished(statement: Any) -> Any:
    return statement.where(AssignmentRow.submitted_at.is_not(None), AssignmentRow.withdrawn_at.is_(None))


def read_scored(session: Session, rubric_hash: str, *, coded: bool = True) -> Scored:
    """Everything under one rubric in a handful of queries. `coded` False leaves the ids, for what stays in here."""
    rubric = session.get_one(RubricRow, rubric_hash)
    rows = session.scalars(
        _finished(select(AssignmentRow)).where(AssignmentRow.rubric_hash == rubric_hash).order_by(AssignmentRow.id)
    ).all()
    settlements = session.scalars(
        select(AdjudicationRow).where(AdjudicationRow.rubric_hash == rubric_hash).order_by(AdjudicationRow.id)
    ).all()
    submissions = {row.submission_id for row in rows}
    people = [*(row.reviewer_id for row in rows), *(one.by_id for one in settlements)]
    names = _codes(session, people, submissions) if coded else _ids(people, submissions)
    durations = {
        id_: duration
        for id_, duration in session.execute(
            select(SubmissionRow.id, SubmissionRow.duration).where(SubmissionRow.id.in_(submissions))
        )
    }
    latest = {(one.submission_id, one.criterion): one for one in settlements}
    return Scored(
        rubric=rubric.document,
        reads=tuple(_reads(session, rubric, rows, names, durations)),
        settlements=tuple(
            Settlement(
                submission=names.submission[one.submission_id],
                criterion=one.criterion,
                level=one.level,
                by=names.rater[one.by_id],
                day=one.at.date(),
            )
            for one in latest.values()
            if one.submission_id in submissions
        ),
        signals=tuple(signals(session, {id_: names.submission[id_] for id_ in submissions}, durations)),
    )


def signals(session: Session, names: dict[str, str], durations: dict[str, float | None]) -> Iterable[Signal]:
    """The measures of each submission's newest run. names: submission id -> the name it goes by."""
    newest = {
        submission: annotation
        for submission, annotation in session.execute(
            select(AnnotationRow.submission_id, AnnotationRow.id)
            .where(AnnotationRow.submission_id.in_(list(names)))
            .order_by(AnnotationRow.version)
        )
    }
    values: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for annotation, ref, value in session.execute(
        select(MeasureRow.annotation_id, MeasureRow.ref, MeasureRow.value).where(
            MeasureRow.annotation_id.in_(list(newest.values()))
        )
    ):
        if value is not None:
            values[annotation].append((ref, value))
    for submission, annotation in newest.items():
        yield Signal(
            submission=names[submission],
            duration_s=durations.get(submission),
            values=tuple(sorted(values[annotation])),
        )


def _reads(
    session: Session,
    rubric: RubricRow,
    rows: Sequence[AssignmentRow],
    names: "_Names",
    durations: dict[str, float | None],
) -> Iterable[Read]:
    acts, windows = _acts(session, rubric.hash), _windows(session, rubric.hash)
    pieces, versions = _pieces(session, {row.submission_id for row in rows})
    served = {c["id"]: frozenset(c.get("indicators", ())) for c in rubric.document["criteria"]}
    for row in rows:
        protocol, log = Protocol(row.protocol), acts.get(row.id, [])
        scores, final = scores_of(log, protocol=protocol, served=served)
        moments, supported, decided = moments_of(log, protocol=protocol, pieces=pieces)
        assert row.submitted_at is not None
        yield Read(
            submission=names.submission[row.submission_id],
            rater=names.rater[row.reviewer_id],
            protocol=protocol,
            submitted=_day(row.submitted_at),
            duration_s=durations.get(row.submission_id),
            annotation=versions.get(row.opened_on_id or "", 0),
            scores=scores,
            final=final,
            moments=moments,
            windows=tuple(
                Window(start=w.start, end=w.end, p=w.p, found=found_in(w.start, w.end, log))
                for w in windows.get(row.id, ())
            ),
            supported=supported,
            decided=decided,
        )


def _pieces(session: Session, submissions: Iterable[str]) -> tuple[dict[str, Piece], dict[str, int]]:
    """Suggestions by id, as they were last found, and the number of each machine run."""
    pieces, versions = {}, {}
    statement = (
        select(AnnotationRow.id, AnnotationRow.version, EvidenceRow)
        .outerjoin(EvidenceRow, EvidenceRow.annotation_id == AnnotationRow.id)
        .where(AnnotationRow.submission_id.in_(list(submissions)))
        .order_by(AnnotationRow.version)
    )
    for annotation, version, row in session.execute(statement):
        versions[annotation] = version
        if row is not None:
            pieces[row.id] = Piece(indicator=row.indicator, start=row.start, end=row.end)
    return pieces, versions


def _acts(session: Session, rubric_hash: str) -> dict[str, list[LoggedAct]]:
    found: dict[str, list[LoggedAct]] = defaultdict(list)
    statement = _finished(
        select(
            ActRow.assignment_id,
            ActRow.kind,
            ActRow.subject,
            ActRow.value,
            ActRow.client_at,
            ActRow.received_at,
            ActRow.revealed,
        ).join(AssignmentRow, AssignmentRow.id == ActRow.assignment_id)
    ).where(AssignmentRow.rubric_hash == rubric_hash, ActRow.kind.in_([kind.value for kind in _KINDS]))
    for assignment, kind, subject, value, at, received, revealed in session.execute(
        statement.order_by(ActRow.assignment_id, ActRow.seq)
    ):
        found[assignment].append(
            LoggedAct(
                kind=ActKind(kind),
                subject=subject,
                value=value,
                # What was done without a connection arrives later; no clock that runs ahead is believed.
                at=min(at, received),
                revealed=frozenset(revealed),
            )
        )
    return found


def _windows(session: Session, rubric_hash: str) -> dict[str, list[AuditWindowRow]]:
    found: dict[str, list[AuditWindowRow]] = defaultdict(list)
    statement = _finished(
        select(AuditWindowRow).join(AssignmentRow, AssignmentRow.id == AuditWindowRow.assignment_id)
    ).where(AssignmentRow.rubric_hash == rubric_hash)
    for window in session.scalars(statement.order_by(AuditWindowRow.start)):
        found[window.assignment_id].append(window)
    return found


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


@dataclass(frozen=True, slots=True)
class _Names:
    rater: dict[str, str]
    submission: dict[str, str]


def _codes(session: Session, people: Iterable[str], submissions: Iterable[str]) -> _Names:
    """Stable for this installation; without its secret seed nobody can go from a code to a person."""
    seed = session.scalar(select(ProgramRow.seed).order_by(ProgramRow.id).limit(1)) or ""
    return _Names(
        rater=codes(people, seed=f"{seed}/rater", prefix="R-", length=_RATER_CODE),
        submission=codes(submissions, seed=f"{seed}/submission", prefix="S-", length=_SUBMISSION_CODE),
    )


def _ids(people: Iterable[str], submissions: Iterable[str]) -> _Names:
    return _Names(rater={id_: id_ for id_ in people}, submission={id_: id_ for id_ in submissions})


def codes(ids: Iterable[str], *, seed: str, prefix: str, length: int) -> dict[str, str]:
    """A code of `length` letters and digits for each id, longer for those that would share one."""
    whole = {
        id_: base64.b32encode(hmac.new(seed.encode(), id_.encode(), hashlib.sha256).digest()).decode().rstrip("=")
        for id_ in dict.fromkeys(ids)
    }
    found = {}
    for id_, text in whole.items():
        n = length
        while any(other != text and other.startswith(text[:n]) for other in whole.values()):
            n += 1
        found[id_] = prefix + text[:n]
    return found
