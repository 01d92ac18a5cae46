from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from api.catalogue.schemas import RubricRead
from api.schemas import Schema
from api.submissions.schemas import PersonBrief
from model.indicators import Indicator
from model.review import Protocol


class CitedRead(Schema):
    """A moment a reviewer cited or marked, on the timeline."""

    id: str
    indicator: Indicator
    start: float | None  # seconds
    end: float | None
    text: str  # the quote, or the reviewer's own note
    own: bool  # marked by the reviewer, not suggested
    criteria: list[str]  # that cite it


class FinalScore(Schema):
    criterion: str
    level: str  # a level's id, or cannot_tell
    first_level: str  # before any suggestion was shown, where the protocol kept them back
    reason: str  # for a change after suggestions were shown
    seen: str  # note on what was seen in the picture
    feedback: str


class ComparedReview(Schema):
    assignment_id: str
    reviewer: PersonBrief
    protocol: Protocol
    submitted_at: datetime
    watched_s: float
    scores: list[FinalScore]
    cited: list[CitedRead]


class AdjudicationRead(Schema):
    criterion: str
    level: str
    reason: str
    by: PersonBrief
    at: datetime


class RubricComparison(Schema):
    rubric: RubricRead
    reviews: list[ComparedReview]
    differs: list[str]  # criteria with more than one level among the reviews
    settlements: list[AdjudicationRead]  # the one that holds on each settled criterion


class ComparisonRead(Schema):
    submission_id: str
    title: str
    duration: float | None  # seconds
    rubrics: list[RubricComparison]


class AdjudicationCreate(Schema):
    rubric_id: str
    criterion: str
    level: str  # a level's id, or cannot_tell
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
