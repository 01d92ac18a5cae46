from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from api.catalogue.schemas import RubricRead
from api.findings.schemas import EvidenceRead
from api.schemas import Schema
from model.indicators import Indicator
from model.review import ActKind, Protocol

ReviewState = Literal["assigned", "open", "submitted", "withdrawn"]
# 36 characters: a UUID with its dashes.
ClientId = Annotated[str, StringConstraints(min_length=8, max_length=36, pattern=r"^[0-9A-Za-z-]+$")]


class ReviewBrief(Schema):
    """One line of a reviewer's own queue."""

    id: str
    submission_id: str
    title: str
    duration: float | None  # seconds
    ready: bool  # the recording is prepared and can be reviewed
    rubric_title: str
    state: ReviewState
    created_at: datetime
    due_at: datetime
    scored: int
    criteria: int


class ReviewList(Schema):
    items: list[ReviewBrief]


class AuditWindowRead(Schema):
    id: str
    start: float  # seconds
    end: float


class ActRead(Schema):
    id: str
    seq: int
    kind: ActKind
    subject: str
    value: dict[str, Any] | None
    at: datetime


class MissingRead(Schema):
    kind: Literal["score", "citation", "audit"]
    target: str
    text: str


class ReviewRead(ReviewBrief):
    """A review as it stands. `protocol` is told once it is open; `current` maps each subject to the act that holds."""

    rubric: RubricRead
    protocol: Protocol | None
    opened_at: datetime | None
    submitted_at: datetime | None
    seq: int
    current: dict[str, ActRead]
    watched: list[list[float]]  # [start, end) in seconds, merged
    revealed: list[Indicator]
    missing: list[MissingRead]
    audit_windows: list[AuditWindowRead]
    has_picture: bool | None
    has_sound: bool | None


class TrackRecord(Schema):
    """Of decisions on suggestions like this one (same code, similar probability), how many said it supports."""

    confirmed: int
    n: int


AfterCorrection = Literal["new", "gone"]


class EvidenceCard(EvidenceRead):
    track: TrackRecord | None  # None: too few decisions to say
    # Since the review was opened the transcript was corrected, and this moment was found only then, or no longer; one
    # that is gone is still shown where something was decided on it.
    after_correction: AfterCorrection | None


class EvidenceCards(Schema):
    items: list[EvidenceCard]
    hidden: list[Indicator]  # indicators this review may not see, or not yet


class ActCreate(Schema):
    id: ClientId
    kind: ActKind
    subject: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    value: dict[str, Any] | None
    at: AwareDatetime
    replaces: ClientId | None = None
    tab: Annotated[str, StringConstraints(max_length=64)] | None = None


class ActsCreate(Schema):
    acts: Annotated[list[ActCreate], Field(min_length=1, max_length=200)]


class ActResult(Schema):
    """`conflict`: the subject was changed elsewhere meanwhile, `current` is what holds; nothing was overwritten."""

    id: str
    status: Literal["saved", "already", "conflict", "refused"]
    seq: int | None = None
    current: ActRead | None = None
    detail: str | None = None
    remedy: str | None = None


class ActsSaved(Schema):
    seq: int
    saved_at: datetime
    results: list[ActResult]
    revealed: list[Indicator]
    missing: list[MissingRead]
    state: ReviewState
