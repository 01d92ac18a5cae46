from typing import Annotated, Literal

from pydantic import Field

from api.schemas import Schema
from model.indicators import Indicator, Modality
from model.rubric import AllAtLeast, MeanAtLeast, NumberAtLeast
from model.transcript import Role


class HealthRead(Schema):
    status: Literal["ok"]
    version: str


class CodeRead(Schema):
    id: str
    label: str
    definition: str
    said_by: list[Role]


class IndicatorRead(Schema):
    id: Indicator
    label: str
    codes: list[CodeRead]


class RubricBrief(Schema):
    id: str
    version: str
    title: str
    summary: str
    illustrative: bool
    content_hash: str


class LevelRead(Schema):
    id: str
    label: str
    value: float


class DescriptorRead(Schema):
    """What a level looks like for one criterion."""

    level: str
    text: str


class CriterionRead(Schema):
    id: str
    label: str
    prompt: str
    descriptors: list[DescriptorRead]
    observable_in: list[Modality]
    indicators: list[Indicator]
    codes: list[str]
    measures: list[str]
    alignment: list[str]
    required: str | None


class EvidenceAskedRead(Schema):
    video_min_s: float | None
    tolerance_s: float
    unedited: bool


class RubricRead(RubricBrief):
    source_note: str
    levels: list[LevelRead]
    pass_rule: Annotated[AllAtLeast | NumberAtLeast | MeanAtLeast, Field(discriminator="type")]
    allow_cannot_tell: bool
    evidence: EvidenceAskedRead
    criteria: list[CriterionRead]


class ModelRead(Schema):
    part: str
    name: str
    sha256: str
    licence: str


class UploadLimits(Schema):
    bytes: int
    duration_s: float


class AboutRead(Schema):
    """`models` are those of the newest pre-annotation here, empty until one exists; without `workers` nothing that is
    uploaded gets prepared."""

    version: str
    licence: str
    models: list[ModelRead]
    limits: UploadLimits
    workers: int  # alive just now
