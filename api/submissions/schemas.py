from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.processing.stages import StageName
from api.schemas import Schema
from api.storage.tables import ObjectKind, StepState, SubmissionState
from model.preannotation import WarningCode

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class PersonBrief(Schema):
    id: str
    name: str


class StepRead(Schema):
    name: StageName
    label: str
    state: StepState
    progress: float = Field(ge=0, le=1)
    attempts: int
    started_at: datetime | None
    ended_at: datetime | None
    message: str | None


class FailureRead(Schema):
    """Why it stopped, in two sentences, and whether `retry` can help."""

    code: str
    detail: str
    remedy: str
    retryable: bool


class WarningRead(Schema):
    code: WarningCode
    text: str
    at: list[float]  # seconds


class EvidenceCounts(Schema):
    youth_voice: int
    stem_relevance: int
    purposeful_questions: int


class RevisionRead(Schema):
    """How the transcript stands: pages that know an older number of either kind ask anew."""

    corrections: int  # facts that people added to it, those taken back included
    annotation: int  # version of the newest evidence; 0 before there is any
    evidence: Literal["up_to_date", "looking", "failed"]  # whether it was looked for since the last correction


class SubmissionRead(Schema):
    id: str
    title: str
    filename: str
    size: int  # bytes
    sha256: str | None  # known once the file has been examined
    created_at: datetime
    uploaded_by: PersonBrief
    state: SubmissionState
    duration: float | None  # seconds
    is_sample: bool
    steps: list[StepRead]
    failure: FailureRead | None
    warnings: list[WarningRead]
    evidence_counts: EvidenceCounts | None
    has_picture: bool | None
    has_sound: bool | None
    coverage: float | None  # speech recognised over speech heard
    revision: RevisionRead


class SubmissionCreate(Schema):
    upload_id: str
    title: Title | None = None


class SubmissionPatch(Schema):
    title: Title


class DeletedObject(Schema):
    kind: ObjectKind
    size: int  # bytes


class DeletionReceipt(Schema):
    id: str
    deleted_at: datetime
    objects: list[DeletedObject]


SubmissionSort = Literal["-created_at", "created_at", "title", "-title", "duration", "-duration", "state", "-state"]
