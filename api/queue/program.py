"""The one program an installation starts with, and the calendar of its terms."""

import secrets
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.queue.schemas import ProgramPatch, ProgramRead
from api.storage.desk_tables import ProgramRow
from model.review import Protocol

SATURDAY = 5


def the_program(session: Session) -> ProgramRow:
    """Made on first use: blind then reveal, one review in five without suggestions, ten business days."""
    first = select(ProgramRow).order_by(ProgramRow.id).limit(1)
    row = session.scalar(first)
    if row is not None:
        return row
    with suppress(IntegrityError), session.begin_nested():  # another first user may be quicker
        session.add(
            ProgramRow(
                name="Program",
                protocol=Protocol.BLIND_THEN_REVEAL.value,
                unassisted_share=0.2,
                seed=secrets.token_hex(8),
                due_business_days=10,
                audit_windows=3,
            )
        )
    return session.scalars(first).one()


def read_program(row: ProgramRow) -> ProgramRead:
    return ProgramRead.model_validate(row)


def change_program(session: Session, body: ProgramPatch) -> ProgramRead:
    row = the_program(session)
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(row, name, value)
    return read_program(row)


def business_days_after(start: datetime, days: int) -> datetime:
    """The same hour `days` working days later; Saturdays and Sundays do not count, holidays are not known here."""
    moment = start
    while days > 0:
        moment += timedelta(days=1)
        if moment.weekday() < SATURDAY:
            days -= 1
    return moment
