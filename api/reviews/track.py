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
        select(ActRow.assignment_id, ActRow.subject, ActRow.value, ActRow.annotation_id)
        .where(ActRow.kind == ActKind.DECISION.value)
        .order_by(ActRow.assignment_id, ActRow.seq)
    )
    prefix = SUBJECT_PREFIX[ActKind.DECISION]
    holds = {(review, subject.removeprefix(prefix)): (value, run) for review, subject, value, run in decisions}
    pieces = {evidence for (_, evidence), (value, _) in holds.items() if value is not None}
    # A moment found again after a correction has a row for each run; the one that was on the screen counts.
    kinds = {
        (id_, run): (code, band(p))
        for id_, run, code, p in session.execute(
            select(EvidenceRow.id, EvidenceRow.annotation_id, EvidenceRow.code, EvidenceRow.p).order_by(
                EvidenceRow.annotation_id
            )
        )
        if id_ in pieces
    }
    first = {id_: kind for (id_, _), kind in reversed(kinds.items())}  # decided when that run no longer found it
    counts: dict[tuple[str, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for (_, evidence), (value, run) in holds.items():
        kind = kinds.get((evidence, run)) or first.get(evidence)
        if value is not None and kind is not None:
            confirmed, n = counts[kind]
            counts[kind] = (confirmed + (value.get("verdict") == "supports"), n + 1)
    return Track(dict(counts))
