"""How suggestions like one fared with reviewers so far: words a person can weigh, where a bare probability is not."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.reviews.schemas import TrackRecord
from api.storage.desk_tables import ActRow
from api.storage.tables import EvidenceRow
from model.review import SUBJECT_PREFIX, ActKind

ENOUGH = 20  # decisions; below it a share says more about chance than about the suggestions
BANDS = (0.5, 0.7, 0.85)  # probabilities at which "like this one" changes


def band(p: float) -> int:
    return sum(p >= edge for edge in BANDS)


@dataclass(frozen=True, slots=True)
class Track:
    """Confirmed and decided, by code and band of probability."""

    counts: dict[tuple[str, int], tuple[int, int]]

    def of(self, code: str, p: float) -> TrackRecord | None:
        confirmed, n = self.counts.get((code, band(p)), (0, 0))
        return TrackRecord(confirmed=confirmed, n=n) if n >= ENOUGH else None


def track_record(session: Session) -> Track:
    """Over every decision that holds, by anyone. Unsure counts as decided and not confirmed; taken back does not."""
    decisions = session.execute(
        select(ActRow.assignment_id, ActRow.subject, ActRow.value)
        .where(ActRow.kind == ActKind.DECISION.value)
        .order_by(ActRow.assignment_id, ActRow.seq)
    )
    prefix = SUBJECT_PREFIX[ActKind.DECISION]
    holds = {(review, subject.removeprefix(prefix)): value for review, subject, value in decisions}
    pieces = {evidence for (_, evidence), value in holds.items() if value is not None}
    kinds = {
        id_: (code, band(p))
        for id_, code, p in session.execute(select(EvidenceRow.id, EvidenceRow.code, EvidenceRow.p))
        if id_ in pieces
    }
    counts: dict[tuple[str, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for (_, evidence), value in holds.items():
        if value is not None and evidence in kinds:
            confirmed, n = counts[kinds[evidence]]
            counts[kinds[evidence]] = (confirmed + (value.get("verdict") == "supports"), n + 1)
    return Track(dict(counts))
