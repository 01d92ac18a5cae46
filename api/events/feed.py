"""Tells open pages what changed, whichever process changed it, by watching one number in the database."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from anyio import to_thread
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from api.auth.person import Person
from api.storage.changes import current_change
from api.storage.desk_tables import AssignmentRow
from api.storage.session import Database
from api.storage.tables import DeletionRow, SubmissionRow
from api.submissions import reading
from api.submissions.schemas import SubmissionRead

log = logging.getLogger(__name__)

POLL_S = 0.25  # seconds between two looks at the counter, while anybody listens


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A submission as it now is, or its removal."""

    submission_id: str
    owner_id: str
    reviewer_ids: frozenset[str]
    submission: SubmissionRead | None  # None: it was removed

    @property
    def event(self) -> str:
        return "removed" if self.submission is None else "submission"

    @property
    def key(self) -> str:
        return self.submission_id

    def concerns(self, person: Person) -> bool:
        return reading.sees(person, owner_id=self.owner_id, reviewer_ids=self.reviewer_ids)

    def data(self, person: Person) -> str:
        """JSON, with what this person may know."""
        if self.submission is None:
            return f'{{"id":"{self.submission_id}"}}'
        return reading.as_seen_by(person, self.submission).model_dump_json()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewChange:
    """A review went on, in whichever window or on whichever device its reviewer has it open."""

    review_id: str
    reviewer_id: str
    seq: int
    event: str = "review"

    @property
    def key(self) -> str:
        return self.review_id

    def concerns(self, person: Person) -> bool:
        """Its reviewer alone: staff, too, are told nothing of a review in progress."""
        return person.id == self.reviewer_id

    def data(self, person: Person) -> str:
        return f'{{"id":"{self.review_id}","seq":{self.seq}}}'


News = Change | ReviewChange


@dataclass(eq=False)
class _Listener:
    """What one page has yet to be told: of each thing only the newest state, so a slow page holds little."""

    person: Person
    pending: dict[str, News] = field(default_factory=dict)
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class Feed:
    """Polls only while somebody listens; one query of one row each time nothing has changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: set[_Listener] = set()
        self._watching: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._closed = asyncio.Event()

    async def listen(self, person: Person, *, ping_s: float) -> AsyncIterator[News | None]:
        """What this person may see. None comes first, with nothing missed since, and after `ping_s` quiet seconds."""
        listener = _Listener(person)
        self._listeners.add(listener)
        try:
            async with self._starting:  # one watcher, also of two who come at once
                if self._watching is None or self._watching.done():
                    seen = await to_thread.run_sync(self._current)
                    self._watching = asyncio.create_task(self._watch(seen))
            yield None
            while not self._closed.is_set():
                try:
                    await asyncio.wait_for(listener.woken.wait(), ping_s)
                except TimeoutError:
                    yield None
                    continue
                listener.woken.clear()
                pending, listener.pending = listener.pending, {}
                for change in pending.values():
                    yield change
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """Ends all streams, so that the server can stop."""
        self._closed.set()
        for listener in self._listeners:
            listener.woken.set()

    def _current(self) -> int:
        with self._database.read() as session:
            return current_change(session)

    async def _watch(self, seen: int) -> None:
        while self._listeners and not self._closed.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), POLL_S)
            try:
                current = await to_thread.run_sync(self._current)
                if current == seen:
                    continue
                changes = await to_thread.run_sync(self._changes, seen, current)
            except SQLAlchemyError:
                log.exception("the change counter could not be read")
                continue
            seen = current
            for listener in self._listeners:
                for change in changes:
                    if change.concerns(listener.person):
                        listener.pending[change.key] = change
                if listener.pending:
                    listener.woken.set()

    def _changes(self, after: int, until: int) -> list[News]:
        with self._database.read() as session:
            reviews = session.execute(
                select(AssignmentRow.id, AssignmentRow.reviewer_id, AssignmentRow.last_seq).where(
                    AssignmentRow.change > after, AssignmentRow.change <= until
                )
            )
            gone_on: list[News] = [
                ReviewChange(review_id=id_, reviewer_id=reviewer_id, seq=seq) for id_, reviewer_id, seq in reviews
            ]
            statement = select(SubmissionRow).where(SubmissionRow.change > after, SubmissionRow.change <= until)
            rows = session.scalars(reading.with_everything_shown(statement)).all()
            reviewers: dict[str, set[str]] = defaultdict(set)
            for submission_id, reviewer_id in session.execute(
                select(AssignmentRow.submission_id, AssignmentRow.reviewer_id).where(
                    AssignmentRow.submission_id.in_([row.id for row in rows]), AssignmentRow.withdrawn_at.is_(None)
                )
            ):
                reviewers[submission_id].add(reviewer_id)
            changed = [
                Change(
                    submission_id=row.id,
                    owner_id=row.uploaded_by_id,
                    reviewer_ids=frozenset(reviewers[row.id]),
                    submission=read,
                )
                for row, read in zip(rows, reading.read_many(session, rows), strict=True)
            ]
            removed = session.scalars(
                select(DeletionRow).where(DeletionRow.change > after, DeletionRow.change <= until)
            )
            gone = [
                Change(
                    submission_id=row.submission_id, owner_id=row.owner_id, reviewer_ids=frozenset(), submission=None
                )
                for row in removed
            ]
            return [*gone_on, *changed, *gone]
