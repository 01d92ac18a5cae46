from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from api.schemas import Schema
from api.submissions.schemas import PersonBrief, RevisionRead
from model.corrections import TARGETS_MAX, WORDS_MAX, CorrectionKind

# 36 characters: a UUID with its dashes.
ClientId = Annotated[str, StringConstraints(min_length=8, max_length=36, pattern=r"^[0-9A-Za-z-]+$")]
Target = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class CorrectionCreate(Schema):
    """`targets`: the utterances of a turn, or one speaker label, or the one utterance whose words change. `value`: a
    role, or the words."""

    id: ClientId
    kind: CorrectionKind
    targets: Annotated[list[Target], Field(min_length=1, max_length=TARGETS_MAX)]
    # Longer than may be kept, so that words that are too long are refused with a sentence.
    value: Annotated[str, StringConstraints(max_length=20 * WORDS_MAX)]
    at: AwareDatetime


class CorrectionRead(Schema):
    id: str
    seq: int
    kind: CorrectionKind
    targets: list[str]
    value: str
    at: datetime
    mine: bool
    by: PersonBrief | None  # None for whoever is reviewing the recording: raters do not learn of each other
    taken_back: bool


class CorrectionList(Schema):
    items: list[CorrectionRead]  # oldest first, those taken back included
    revision: RevisionRead


class CorrectionSaved(Schema):
    correction: CorrectionRead
    revision: RevisionRead
