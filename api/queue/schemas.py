from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.reviews.schemas import ReviewState
from api.schemas import Schema
from api.score_model.schemas import SecondRead
from api.storage.tables import SubmissionState
from api.submissions.schemas import PersonBrief, WarningRead
from model.review import Protocol

QueueFilter = Literal["all", "unassigned", "waiting", "overdue", "differs", "done", "blocked"]
QueueSort = Literal["due", "-created_at", "created_at", "title", "second_read"]


class ReviewerProgress(Schema):
    assignment_id: str
    reviewer: PersonBrief
    rubric_id: str
    rubric_title: str
    state: ReviewState
    scored: int
    criteria: int
    due_at: datetime
    overdue: bool


class DifferenceRead(Schema):
    """A criterion on which finished reviews do not agree, and whether it has been settled."""

    rubric_id: str
    criterion: str
    label: str
    levels: list[str]  # labels, one per review
    settled: bool


class QueueRow(Schema):
    submission_id: str
    title: str
    state: SubmissionState
    created_at: datetime
    due_at: datetime | None  # the soonest of its unfinished reviews
    overdue: bool
    duration: float | None  # seconds
    coverage: float | None  # speech recognised over speech heard
    has_picture: bool | None
    has_sound: bool | None
    warnings: list[WarningRead]
    reviewers: list[ReviewerProgress]
    differences: list[DifferenceRead]
    second_read: SecondRead | None = None  # only where one finished review is all there is, and never to its readers


class AssignmentsCreate(Schema):
    """Every submission to every reviewer; `preview` says what would happen and changes nothing."""

    submission_ids: Annotated[list[str], Field(min_length=1, max_length=200)]
    reviewer_ids: Annotated[list[str], Field(min_length=1, max_length=50)]
    rubric_id: str
    due_at: datetime | None = None  # the program's own term where left out
    preview: bool = False


class AssignmentPlanned(Schema):
    submission_id: str
    reviewer_id: str
    outcome: Literal["assigned", "already", "own_upload"]
    assignment_id: str | None
    due_at: datetime | None


class AssignmentsRead(Schema):
    items: list[AssignmentPlanned]
    assigned: int


class PersonRead(Schema):
    id: str
    name: str
    roles: list[str]
    waiting: int  # reviews not handed in yet


class PeopleRead(Schema):
    items: list[PersonRead]


class ProgramRead(Schema):
    id: str
    name: str
    protocol: Protocol
    unassisted_share: Annotated[float, Field(ge=0, le=1)]
    due_business_days: int
    audit_windows: int


class ProgramPatch(Schema):
    """Holds for assignments made from now on; drawn ones stay as they were drawn."""

    protocol: Protocol | None = None
    unassisted_share: Annotated[float, Field(ge=0, le=1)] | None = None
    due_business_days: Annotated[int, Field(ge=1, le=90)] | None = None
    audit_windows: Annotated[int, Field(ge=0, le=20)] | None = None
