"""Keeps what the machine found from people who are scoring the same recording without it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth.person import Person
from api.errors import NotPermitted
from api.storage.desk_tables import AssignmentRow
from model.review import Protocol


def unless_blind(session: Session, submission_id: str, *, person: Person) -> None:
    """Raises NotPermitted while this person has an unfinished review of the submission that hides suggestions."""
    blind = session.scalar(
        select(AssignmentRow.id).where(
            AssignmentRow.submission_id == submission_id,
            AssignmentRow.reviewer_id == person.id,
            AssignmentRow.withdrawn_at.is_(None),
            AssignmentRow.submitted_at.is_(None),
            AssignmentRow.protocol != Protocol.ASSISTED.value,
        )
    )
    if blind is not None:
        raise NotPermitted(
            "review.blind",
            "You are reviewing this recording yourself, so its suggestions are kept from you here.",
            "Go on in your review; they are open to you once it is handed in.",
        )
