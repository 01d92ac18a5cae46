"""Finished reviews -> `lookfors.decisions/1` (docs/formats/decisions.md), which `lookfors train --decisions` reads.

One session a review. Each decision is laid on the one utterance that carries the code; what nobody decided is left out,
because silence is not a no.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.findings.service import document_of
from api.reviews.log import OpenReview, replay
from api.storage.desk_tables import AssignmentRow, AuditWindowRow
from api.storage.tables import AnnotationRow
from model.indicators import CODE_BY_ID, Indicator
from model.review import SUBJECT_PREFIX, ActKind

FORMAT = "lookfors.decisions/1"


@dataclass(slots=True)
class Export:
    """`left_out`: moments people marked themselves that no utterance could be found for."""

    document: dict[str, Any]
    decisions: int = 0
    left_out: int = 0


def export_decisions(session: Session) -> Export:
    """Every review that was handed in, in the order of handing in, with the words of its transcript."""
    found = Export({"format": FORMAT, "sessions": []})
    rows = session.scalars(
        select(AssignmentRow)
        .where(AssignmentRow.submitted_at.is_not(None), AssignmentRow.annotation_id.is_not(None))
        .order_by(AssignmentRow.submitted_at, AssignmentRow.id)
    )
    for row in rows:
        lessons = _Lessons(replay(session, row), document_of(session.get_one(AnnotationRow, row.annotation_id)))
        decisions = list(lessons.all())
        found.left_out += lessons.left_out
        if decisions:
            found.decisions += len(decisions)
            found.document["sessions"].append(
                {
                    "id": row.id,
                    "educator": hashlib.sha256(row.submission.uploaded_by_id.encode()).hexdigest()[:12],
                    "utterances": [_utterance(spoken) for spoken in lessons.spoken],
                    "decisions": decisions,
                }
            )
    return found


def _utterance(spoken: Mapping[str, Any]) -> dict[str, Any]:
    return {name: spoken[name] for name in ("id", "speaker", "role", "role_p", "text") if name in spoken}


class _Lessons:
    """The decisions of one review that hold, on the transcript that was on its screen."""

    def __init__(self, review: OpenReview, document: Mapping[str, Any]) -> None:
        self._review = review
        self.spoken: Sequence[Mapping[str, Any]] = document["utterances"]
        self._by_id = {spoken["id"]: spoken for spoken in self.spoken}
        self.left_out = 0

    def all(self) -> Iterator[dict[str, Any]]:
        own = list(self._own())
        taken = {one["utterance"] for one in own}
        yield from self._decided()
        yield from own
        yield from (one for one in self._found_empty() if one["utterance"] not in taken)

    def _decided(self) -> Iterator[dict[str, Any]]:
        """Everything a protocol reveals is shown whole, so a suggestion's chance of being shown is 1."""
        for act in self._review.state.current.values():
            piece = self._review.evidence.get(act.target) if act.kind is ActKind.DECISION else None
            verdict = (act.value or {}).get("verdict")
            if piece is None or verdict not in ("supports", "does_not"):
                continue
            edited = self._review.state.value(SUBJECT_PREFIX[ActKind.EVIDENCE_EDIT] + act.target) or {}
            indicator = edited.get("indicator", piece.indicator)
            code = edited.get("code") or (piece.code if indicator == piece.indicator else None)
            pointed_at = self._carrier(piece.utterances, [piece.code])
            if code != piece.code:  # put right by the reviewer: not what the machine said, but what they say
                yield from self._lesson(pointed_at, "does_not")
            if code == piece.code or verdict == "supports":
                codes = [code] if code else _codes_of(indicator)
                # Another kind of the same look-for is what they say of the same words: there it is not absent.
                same = [pointed_at[0]] if pointed_at and indicator == piece.indicator else []
                carrier = self._carrier(same, codes) or self._carrier(piece.utterances, codes)
                yield from self._lesson(carrier, verdict)

    def _own(self) -> Iterator[dict[str, Any]]:
        for act in self._review.state.current.values():
            if act.kind is not ActKind.OWN_EVIDENCE or act.value is None:
                continue
            start, end = float(act.value["start"]), float(act.value["end"])
            inside = [s["id"] for s in self.spoken if _overlap(s, start, end) > 0]
            codes = [act.value["code"]] if act.value.get("code") in CODE_BY_ID else _codes_of(act.value["indicator"])
            carrier = self._carrier(inside, codes)
            if carrier is None:
                self.left_out += 1
            window = self._window_around(start, end)
            yield from self._lesson(carrier, "added", p_shown=1.0 if window is None else window.p)

    def _found_empty(self) -> Iterator[dict[str, Any]]:
        for window in self._review.row.windows:
            if (self._review.state.value(SUBJECT_PREFIX[ActKind.AUDIT] + window.id) or {}).get("answer") != "nothing":
                continue
            for spoken in self.spoken:
                if _overlap(spoken, window.start, window.end) > 0.5 * _length(spoken):
                    yield {"utterance": spoken["id"], "verdict": "blind_none", "p_shown": window.p}

    def _window_around(self, start: float, end: float) -> AuditWindowRow | None:
        """The audit window a mark was found in: such a mark stands for all the windows that were not drawn."""
        return next((w for w in self._review.row.windows if w.start <= start and end <= w.end), None)

    def _carrier(self, utterances: Sequence[str], codes: Sequence[str]) -> tuple[str, str] | None:
        """Utterance and code, of those possible for its speaker, that the machine thought likeliest; else the first."""
        able = [
            (float(self._by_id[id_].get("codes", {}).get(code, 0.0)), -place, id_, code)
            for place, id_ in enumerate(utterances)
            if id_ in self._by_id
            for code in codes
            if self._by_id[id_]["role"] in CODE_BY_ID[code].said_by
        ]
        if not able or (len(codes) > 1 and max(able)[0] == 0.0):
            return None  # which of several codes it was cannot be told
        _, _, id_, code = max(able)
        return id_, code

    def _lesson(
        self, carrier: tuple[str, str] | None, verdict: str, *, p_shown: float = 1.0
    ) -> Iterator[dict[str, Any]]:
        if carrier is not None:
            yield {"utterance": carrier[0], "code": carrier[1], "verdict": verdict, "p_shown": p_shown}


def _codes_of(indicator: str) -> list[str]:
    return [code.id for code in CODE_BY_ID.values() if code.indicator is Indicator(indicator)]


def _length(spoken: Mapping[str, Any]) -> float:
    return max(0.0, float(spoken.get("end") or 0.0) - float(spoken.get("start") or 0.0))


def _overlap(spoken: Mapping[str, Any], start: float, end: float) -> float:
    if spoken.get("start") is None or spoken.get("end") is None:
        return 0.0
    return max(0.0, min(end, float(spoken["end"])) - max(start, float(spoken["start"])))
