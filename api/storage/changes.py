"""The change counter: raised with every change of a submission, watched by live pages in any process."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.storage.desk_tables import AssignmentRow
from api.storage.tables import ChangeCounterRow, SubmissionRow


def next_change(session: Session) -> int:
    """The counter's row stays locked until the transaction ends, so numbers become visible in their order.

    It is locked before the submission, so what the caller has changed is not written first: of two that lock in
    different orders and wait for each other, one fails.
    """
    with session.no_autoflush:
        return session.execute(
            update(ChangeCounterRow)
            .where(ChangeCounterRow.id == 1)
            .values(value=ChangeCounterRow.value + 1)
            .returning(ChangeCounterRow.value)
        ).scalar_one()


def current_change(session: Session) -> int:
    return session.scalars(select(ChangeCounterRow.value).where(ChangeCounterRow.id == 1)).one()


def mark_review_changed(session: Session, assignment: AssignmentRow) -> None:
    """For the reviewer's other pages; nobody else is told."""
    assignment.change = next_change(session)


def mark_changed(session: Session, submission: SubmissionRow) -> None:
    submission.change = next_change(session)
