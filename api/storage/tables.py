"""The tables. Ids are UUIDv7 strings; nothing a machine run wrote is ever overwritten.

A finished run adds one `annotation`: its whole document (`lookfors.preannotation/1`, gzip) as it left the machine,
because transcripts are only ever read whole and must stay byte for byte what the run said, and beside it one row per
piece of evidence and per measure, because people's decisions will reference those rows and lists count and sort by
them. A later run adds a new annotation with a higher version and its own evidence rows; old ones stay. So does a look
at the transcript as people have corrected it: its annotation names the run it stands on and the corrections it holds.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Enum, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.storage.base import Base, Id, new_id, now


class SubmissionState(StrEnum):
    RECEIVED = "received"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunState(StrEnum):
    WANTED = "wanted"  # written by the request
    QUEUED = "queued"  # a worker has handed it to the workflow engine
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StepState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


class AttemptOutcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"  # the input cannot be used; trying again would not help
    FAILED = "failed"
    INTERRUPTED = "interrupted"  # the worker died
    STOPPED = "stopped"  # the worker was asked to stop; not held against the step
    CANCELLED = "cancelled"


class ObjectKind(StrEnum):
    ORIGINAL = "original"
    PROXY = "proxy"
    PEAKS = "peaks"
    THUMBNAILS = "thumbnails"
    THUMBNAILS_INDEX = "thumbnails_index"


def words_of(enum: type[StrEnum]) -> Enum:
    """Stored as the words themselves, so that a new word needs no migration of a database type."""
    return Enum(
        enum, native_enum=False, length=32, create_constraint=False, values_callable=lambda e: [m.value for m in e]
    )


class PersonRow(Base):
    __tablename__ = "person"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    roles: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    disabled_at: Mapped[datetime | None]


class SignInLinkRow(Base):
    __tablename__ = "sign_in_link"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SessionRow(Base):
    __tablename__ = "session"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    person: Mapped[PersonRow] = relationship(lazy="joined")


class UploadRow(Base):
    """A file on its way in. How much of it has arrived is the size of its part file, never a number kept here."""

    __tablename__ = "upload"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    filename: Mapped[str] = mapped_column(String(500))
    content_type: Mapped[str] = mapped_column(String(200))
    length: Mapped[int] = mapped_column(BigInteger)  # bytes
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    completed_at: Mapped[datetime | None]


class SubmissionRow(Base):
    __tablename__ = "submission"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    upload_id: Mapped[str | None] = mapped_column(Id, unique=True)  # outlives the upload row: keeps POST idempotent
    uploaded_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    title: Mapped[str] = mapped_column(String(300))
    filename: Mapped[str] = mapped_column(String(500))
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    sha256: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    state: Mapped[SubmissionState] = mapped_column(words_of(SubmissionState), default=SubmissionState.RECEIVED)
    is_sample: Mapped[bool] = mapped_column(default=False)
    duration: Mapped[float | None]  # seconds
    has_picture: Mapped[bool | None]
    has_sound: Mapped[bool | None]
    coverage: Mapped[float | None]
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    failure: Mapped[dict[str, Any] | None]
    change: Mapped[int] = mapped_column(BigInteger, index=True)  # value of the change counter at its last change
    uploaded_by: Mapped[PersonRow] = relationship()
    runs: Mapped[list["RunRow"]] = relationship(
        back_populates="submission", order_by="RunRow.number", cascade="all, delete-orphan", passive_deletes=True
    )
    objects: Mapped[list["MediaObjectRow"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    annotations: Mapped[list["AnnotationRow"]] = relationship(
        order_by="AnnotationRow.version", cascade="all, delete-orphan", passive_deletes=True
    )


class MediaObjectRow(Base):
    __tablename__ = "media_object"
    __table_args__ = (UniqueConstraint("submission_id", "kind"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    kind: Mapped[ObjectKind] = mapped_column(words_of(ObjectKind))
    key: Mapped[str] = mapped_column(String(500))
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    content_type: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=now)


class RunRow(Base):
    """One wish to have a submission prepared. A retry is a new run that starts from what the last one finished."""

    __tablename__ = "processing_run"
    __table_args__ = (UniqueConstraint("submission_id", "number"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    number: Mapped[int]
    workflow: Mapped[str] = mapped_column(String(100))  # the versioned name it was asked under
    state: Mapped[RunState] = mapped_column(words_of(RunState), default=RunState.WANTED, index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    submission: Mapped[SubmissionRow] = relationship(back_populates="runs")
    steps: Mapped[list["StepRow"]] = relationship(
        back_populates="run", order_by="StepRow.position", cascade="all, delete-orphan", passive_deletes=True
    )


class StepRow(Base):
    __tablename__ = "processing_step"
    __table_args__ = (UniqueConstraint("run_id", "name"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    run_id: Mapped[str] = mapped_column(ForeignKey("processing_run.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(50))
    state: Mapped[StepState] = mapped_column(words_of(StepState), default=StepState.WAITING)
    progress: Mapped[float] = mapped_column(default=0.0)  # 0 to 1
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    message: Mapped[str | None] = mapped_column(Text)
    files: Mapped[list[str]] = mapped_column(default=list)  # what it left in the workspace
    run: Mapped[RunRow] = relationship(back_populates="steps")
    attempts: Mapped[list["AttemptRow"]] = relationship(
        back_populates="step", order_by="AttemptRow.number", cascade="all, delete-orphan", passive_deletes=True
    )


class AttemptRow(Base):
    """One try at a step. The history of failures stays; a step can be done only once."""

    __tablename__ = "processing_attempt"
    __table_args__ = (
        UniqueConstraint("step_id", "number"),
        Index(
            "uq_processing_attempt_done",
            "step_id",
            unique=True,
            sqlite_where=text("outcome = 'done'"),
            postgresql_where=text("outcome = 'done'"),
        ),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    step_id: Mapped[str] = mapped_column(ForeignKey("processing_step.id", ondelete="CASCADE"))
    number: Mapped[int]
    executor_id: Mapped[str] = mapped_column(String(100))
    started_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    outcome: Mapped[AttemptOutcome | None] = mapped_column(words_of(AttemptOutcome))
    message: Mapped[str | None] = mapped_column(Text)
    step: Mapped[StepRow] = relationship(back_populates="attempts")


class AnnotationRow(Base):
    __tablename__ = "annotation"
    __table_args__ = (UniqueConstraint("submission_id", "version"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    version: Mapped[int]  # 1, 2, … per submission
    run_id: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(default=now)
    base_id: Mapped[str | None] = mapped_column(ForeignKey("annotation.id"))  # the run whose transcript was corrected
    corrections: Mapped[list[str]] = mapped_column(default=list)  # ids of those its transcript holds, in order
    format: Mapped[str] = mapped_column(String(50))
    language: Mapped[str | None] = mapped_column(String(20))
    versions: Mapped[list[dict[str, Any]]]  # every model and rubric that took part, with its hash and licence
    document: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # gzip of the JSON document
    evidence: Mapped[list["EvidenceRow"]] = relationship(
        order_by="EvidenceRow.position", cascade="all, delete-orphan", passive_deletes=True
    )
    measures: Mapped[list["MeasureRow"]] = relationship(
        order_by="MeasureRow.position", cascade="all, delete-orphan", passive_deletes=True
    )


class EvidenceRow(Base):
    """A moment as one run found it. Found again after a correction, it keeps its id, and decisions on it hold."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("annotation_id", "ref"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    annotation_id: Mapped[str] = mapped_column(ForeignKey("annotation.id", ondelete="CASCADE"), primary_key=True)
    ref: Mapped[str] = mapped_column(String(50))  # its id inside the document: "e1"
    position: Mapped[int]
    indicator: Mapped[str] = mapped_column(String(50))
    code: Mapped[str] = mapped_column(String(50))
    start: Mapped[float | None]  # seconds
    end: Mapped[float | None]
    p: Mapped[float]
    said_by: Mapped[str] = mapped_column(String(20))
    utterances: Mapped[list[str]]
    cues: Mapped[list[dict[str, Any]]]
    quote: Mapped[str] = mapped_column(Text)


class MeasureRow(Base):
    __tablename__ = "measure"
    __table_args__ = (UniqueConstraint("annotation_id", "ref"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    annotation_id: Mapped[str] = mapped_column(ForeignKey("annotation.id", ondelete="CASCADE"))
    ref: Mapped[str] = mapped_column(String(100))
    position: Mapped[int]
    label: Mapped[str] = mapped_column(String(300))
    unit: Mapped[str] = mapped_column(String(50))
    value: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    coverage: Mapped[float | None]
    n: Mapped[int]
    reason: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)


class AccessLogRow(Base):
    """One look at media: who, what, from when to when. It outlives the submission, so no foreign key."""

    __tablename__ = "access_log"
    __table_args__ = (Index("ix_access_log_look", "submission_id", "person_id", "what"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(Id)
    submission_id: Mapped[str] = mapped_column(Id)
    what: Mapped[str] = mapped_column(String(32))
    first_at: Mapped[datetime] = mapped_column(default=now)
    last_at: Mapped[datetime] = mapped_column(default=now)


class WorkerLeaseRow(Base):
    """A worker's sign of life; when it runs out, others take over what that worker had begun."""

    __tablename__ = "worker_lease"
    executor_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)


class ChangeCounterRow(Base):
    """One row. Whoever changes a submission raises it in the same transaction; live pages watch it."""

    __tablename__ = "change_counter"
    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


class DeletionRow(Base):
    """The receipt of a deletion; names objects, never content. `completed_at` is set once they are gone."""

    __tablename__ = "deletion"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    submission_id: Mapped[str] = mapped_column(Id, unique=True)
    owner_id: Mapped[str] = mapped_column(Id)
    deleted_by_id: Mapped[str] = mapped_column(Id)
    deleted_at: Mapped[datetime] = mapped_column(default=now)
    objects: Mapped[list[dict[str, Any]]]  # kind, key, size
    completed_at: Mapped[datetime | None]
    change: Mapped[int] = mapped_column(BigInteger, index=True)
