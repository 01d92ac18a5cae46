from api.schemas import Schema
from model.evidence import CueKind
from model.indicators import Indicator
from model.transcript import Role


class WordRead(Schema):
    text: str
    start: float
    end: float
    p: float


class HeardRead(Schema):
    """What the machine had where a person said whose voice it is, or what is said; null where nobody did."""

    role: Role | None
    text: str | None


class UtteranceRead(Schema):
    id: str
    start: float | None
    end: float | None
    speaker: str | None
    role: Role
    role_p: float
    text: str
    words: list[WordRead]
    heard: HeardRead | None  # null where nobody corrected anything


class SpeechShareRead(Schema):
    heard_s: float
    recognised_s: float
    coverage: float | None


class SpeechRead(SpeechShareRead):
    by_role: dict[Role, SpeechShareRead]


class TranscriptRead(Schema):
    language: str | None
    utterances: list[UtteranceRead]
    speech: SpeechRead | None
    corrections: int  # facts that people added, all of which are in it


class CueRead(Schema):
    kind: CueKind
    text: str


class EvidenceRead(Schema):
    id: str
    indicator: Indicator
    code: str
    code_label: str
    start: float | None
    end: float | None
    utterances: list[str]
    p: float
    said_by: Role
    cues: list[CueRead]
    quote: str


class EvidenceList(Schema):
    items: list[EvidenceRead]


class MeasureRead(Schema):
    id: str
    label: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    coverage: float | None
    n: int
    reason: str | None  # why there is no value
    note: str | None


class MeasureList(Schema):
    items: list[MeasureRead]
