"""The review desk's tables. What a person did is only ever added: an act, a settlement, a correction is a new row."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.storage.base import Base, Id, new_id, now
from api.storage.tables import PersonRow, RunState, SubmissionRow, words_of


class RubricRow(Base):
    """A rubric as it was when somebody was first asked to score by it; found by the hash of its content."""

    __tablename__ = "rubric"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    rubric_id: Mapped[str] = mapped_column(String(100), index=True)
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)


class ProgramRow(Base):
    """Who is scored by what, under which protocol, and by when."""

    __tablename__ = "program"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    protocol: Mapped[str] = mapped_column(String(32))
    unassisted_share: Mapped[float]  # of reviews kept without suggestions, drawn at assignment
    seed: Mapped[str] = mapped_column(String(100))  # of every draw in this program
    due_business_days: Mapped[int]
    audit_windows: Mapped[int]  # a review
    created_at: Mapped[datetime] = mapped_column(default=now)


class AssignmentRow(Base):
    """One reviewer asked to score one submission by one rubric; their review hangs on it."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index(
            "uq_assignment_live",
            "submission_id",
            "reviewer_id",
            "rubric_hash",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    program_id: Mapped[str] = mapped_column(ForeignKey("program.id"))
    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), index=True)
    reviewer_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    rubric_hash: Mapped[str] = mapped_column(ForeignKey("rubric.hash"))
    assigned_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime]
    protocol: Mapped[str] = mapped_column(String(32))  # drawn here, told to nobody until the review is opened
    protocol_p: Mapped[float]
    opened_at: Mapped[datetime | None]
    opened_on_id: Mapped[str | None] = mapped_column(ForeignKey("annotation.id"))  # newest run when it was opened
    # The run whose evidence its reviewer is given: follows corrections until the review is handed in.
    annotation_id: Mapped[str | None] = mapped_column(ForeignKey("annotation.id"))
    submitted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    last_seq: Mapped[int] = mapped_column(default=0)
    change: Mapped[int] = mapped_column(BigInteger, default=0, index=True)  # of the change counter, at its last act
    scored: Mapped[int] = mapped_column(default=0)  # criteria with an answer: the queue counts without replaying logs
    program: Mapped[ProgramRow] = relationship()
    submission: Mapped[SubmissionRow] = relationship()
    reviewer: Mapped[PersonRow] = relationship(foreign_keys=[reviewer_id])
    rubric: Mapped[RubricRow] = relationship()
    windows: Mapped[list["AuditWindowRow"]] = relationship(
        order_by="AuditWindowRow.start", cascade="all, delete-orphan", passive_deletes=True
    )


class AuditWindowRow(Base):
    """A stretch without suggestions, drawn with known probability, in which a reviewer looks for what was missed."""

    __tablename__ = "audit_window"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"), index=True)
    start: Mapped[float]  # seconds
    end: Mapped[float]
    p: Mapped[float]


class ActRow(Base):
    """One thing a reviewer did, with what was known of the moment it was done in."""

    __tablename__ = "act"
    __table_args__ = (UniqueConstraint("assignment_id", "seq"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)  # named by the client, so sending it twice is harmless
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(32), index=True)
    subject: Mapped[str] = mapped_column(String(200))
    value: Mapped[dict[str, Any] | None]
    replaces: Mapped[str | None] = mapped_column(Id)
    client_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(default=now)
    protocol: Mapped[str] = mapped_column(String(32))
    revealed: Mapped[list[str]]  # indicators whose evidence was open to the reviewer
    watched_s: Mapped[float]  # seconds of the recording played before, counted once
    heard: Mapped[bool | None]  # for a decision: had the span been played?
    tab: Mapped[str | None] = mapped_column(String(64))
    # The run that was on the screen.
    annotation_id: Mapped[str | None] = mapped_column(ForeignKey("annotation.id", ondelete="CASCADE"))


class AdjudicationRow(Base):
    """A settlement of differing scores on one criterion, with its reason; the latest one holds."""

    __tablename__ = "adjudication"
    __table_args__ = (Index("ix_adjudication_of", "submission_id", "rubric_hash", "criterion"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    rubric_hash: Mapped[str] = mapped_column(ForeignKey("rubric.hash"))
    criterion: Mapped[str] = mapped_column(String(100))
    level: Mapped[str] = mapped_column(String(100))  # a level's id, or cannot_tell
    reason: Mapped[str] = mapped_column(Text)
    settles: Mapped[list[str]]  # assignments whose scores it settles
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[PersonRow] = relationship()


class CorrectionRow(Base):
    """What a person said of a voice or of words; it wins over the machine. Taking one back is a row of its own.

    Those of one submission are numbered; where two speak of the same utterance, the later one holds.
    """

    __tablename__ = "correction"
    __table_args__ = (UniqueConstraint("submission_id", "seq"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)  # named by the client, so sending it twice is harmless
    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    annotation_id: Mapped[str] = mapped_column(ForeignKey("annotation.id"))  # the machine's run it speaks of
    seq: Mapped[int]
    kind: Mapped[str | None] = mapped_column(String(32))  # None: it takes another back
    targets: Mapped[list[str]]  # utterance ids, or one speaker label
    value: Mapped[str | None] = mapped_column(Text)  # a role, or the words
    undoes: Mapped[str | None] = mapped_column(ForeignKey("correction.id"), unique=True)
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    client_at: Mapped[datetime]
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[PersonRow] = relationship()


class RenewalRow(Base):
    """One wish to look for evidence again, in the transcript as people have corrected it."""

    __tablename__ = "renewal"
    __table_args__ = (
        Index(
            "uq_renewal_wanted",
            "submission_id",
            unique=True,
            sqlite_where=text("state = 'wanted'"),
            postgresql_where=text("state = 'wanted'"),
        ),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), index=True)
    state: Mapped[RunState] = mapped_column(words_of(RunState), default=RunState.WANTED, index=True)
    wanted_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime]  # moves on while corrections keep coming, so that many make one run
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    message: Mapped[str | None] = mapped_column(Text)
    submission: Mapped[SubmissionRow] = relationship()
