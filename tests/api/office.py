"""Finished reviews put straight into the database: hundreds of them in a moment, for what is computed over many."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from api.auth.roles import PersonRole
from api.people import service as people
from api.queue.program import the_program
from api.queue.service import keep_rubric
from api.storage.base import new_id
from api.storage.changes import next_change
from api.storage.desk_tables import ActRow, AdjudicationRow, AssignmentRow, AuditWindowRow
from api.storage.tables import AnnotationRow, EvidenceRow, MeasureRow, SubmissionRow, SubmissionState
from model.conditions import Condition
from model.indicators import Indicator
from model.measures import sum_id
from model.review import ActKind, Protocol
from model.rubric_pack import shipped_rubrics
from training.simulate import Simulation

MARCH = datetime(2026, 3, 2, 9, tzinfo=UTC)
Acts = Sequence[tuple[ActKind, str, Mapping[str, Any] | None, Sequence[str]]]  # kind, subject, value, revealed then


@dataclass
class Office:
    """Rows of one installation. Everything goes through the session it was opened on."""

    session: Session
    rubric_id: str = "purposeful-questions"
    prefix: str = ""  # of its own staff, where there is an office already
    persons: dict[str, str] = field(default_factory=dict)  # name -> id
    runs: dict[str, str] = field(default_factory=dict)  # submission -> its machine run

    def __post_init__(self) -> None:
        rubric = next(one for one in shipped_rubrics() if one.id == self.rubric_id)
        self.rubric = rubric
        self.kept = keep_rubric(self.session, rubric)
        self.program = the_program(self.session)
        self.owner = self.person(f"{self.prefix}Olga Owner", PersonRole.EDUCATOR)
        self.lead = self.person(f"{self.prefix}Lena Lead", PersonRole.STAFF)

    @property
    def criteria(self) -> tuple[str, ...]:
        return tuple(criterion.id for criterion in self.rubric.criteria)

    def person(self, name: str, *roles: PersonRole) -> str:
        if name not in self.persons:
            self.persons[name] = people.add(self.session, name, frozenset(roles or {PersonRole.REVIEWER})).id
        return self.persons[name]

    def submission(
        self,
        title: str,
        *,
        duration: float = 1200.0,
        measures: Mapping[str, float] | None = None,
        evidence: Iterable[tuple[str, str, float, float]] = (),
    ) -> str:
        """A prepared one. evidence: (id, look-for, start, end)."""
        row = SubmissionRow(
            id=new_id(),
            uploaded_by_id=self.owner,
            title=title,
            filename=f"{title}.mp4",
            size=1,
            state=SubmissionState.READY,
            duration=duration,
            has_picture=True,
            has_sound=True,
            coverage=0.9,
            warnings=[],
            change=next_change(self.session),
        )
        annotation = AnnotationRow(
            id=new_id(), submission_id=row.id, version=1, run_id=new_id(), format="x", versions=[], document=b""
        )
        self.session.add(row)
        self.session.flush()
        self.session.add(annotation)
        self.session.flush()
        for place, (name, value) in enumerate((measures or {}).items()):
            self.session.add(
                MeasureRow(annotation_id=annotation.id, ref=name, position=place, label=name, unit="", value=value, n=1)
            )
        for place, (id_, look_for, start, end) in enumerate(evidence):
            self.session.add(
                EvidenceRow(
                    id=id_, annotation_id=annotation.id, ref=f"e{place}", position=place, indicator=look_for,
                    code="open", start=start, end=end, p=0.9, said_by="facilitator", utterances=[], cues=[], quote="q",
                )
            )  # fmt: skip
        self.session.flush()
        self.runs[row.id] = annotation.id
        return row.id

    def review(
        self,
        submission: str,
        rater: str,
        acts: Acts,
        *,
        protocol: Protocol = Protocol.UNASSISTED,
        at: datetime = MARCH,
        windows: Iterable[tuple[float, float, float]] = (),
        submitted: bool = True,
    ) -> str:
        """One review with its log; `windows` are (start, end, p)."""
        row = AssignmentRow(
            id=new_id(),
            program_id=self.program.id,
            submission_id=submission,
            reviewer_id=self.person(rater),
            rubric_hash=self.kept.hash,
            assigned_by_id=self.lead,
            due_at=at + timedelta(days=14),
            protocol=protocol.value,
            protocol_p=1.0,
            opened_at=at,
            annotation_id=self.runs[submission],
            opened_on_id=self.runs[submission],
            submitted_at=at if submitted else None,
            last_seq=len(acts),
            scored=sum(kind is ActKind.SCORE for kind, *_ in acts),
        )
        self.session.add(row)
        self.session.flush()
        self.session.add_all(
            AuditWindowRow(assignment_id=row.id, start=start, end=end, p=p) for start, end, p in windows
        )
        self.session.add_all(
            ActRow(
                id=new_id(), assignment_id=row.id, seq=place + 1, kind=kind.value, subject=subject,
                value=None if value is None else dict(value), client_at=at, protocol=protocol.value,
                revealed=list(revealed), watched_s=0.0,
            )
            for place, (kind, subject, value, revealed) in enumerate(acts)
        )  # fmt: skip
        self.session.flush()
        return row.id

    def scores(self, submission: str, rater: str, levels: Sequence[str], **more: Any) -> str:
        """A review with one score per criterion, in the rubric's order, under a protocol without suggestions."""
        return self.review(
            submission, rater, [score(c, level) for c, level in zip(self.criteria, levels, strict=False)], **more
        )

    def settle(self, submission: str, criterion: str, level: str) -> None:
        self.session.add(
            AdjudicationRow(
                submission_id=submission,
                rubric_hash=self.kept.hash,
                criterion=criterion,
                level=level,
                reason="Looked again.",
                settles=[],
                by_id=self.lead,
            )
        )
        self.session.flush()


def score(
    criterion: str, level: str, revealed: Sequence[str] = ()
) -> tuple[ActKind, str, dict[str, Any], Sequence[str]]:
    value = {"cannot_tell": True} if level == "cannot_tell" else {"level": level}
    return ActKind.SCORE, f"score:{criterion}", value, revealed


def own_mark(
    name: str, start: float, end: float, revealed: Sequence[str] = (), look_for: str = "purposeful_questions"
) -> tuple[ActKind, str, dict[str, Any], Sequence[str]]:
    value = {"indicator": look_for, "start": start, "end": end, "note": "n"}
    return ActKind.OWN_EVIDENCE, f"own:{name}", value, revealed


def supports(evidence: str) -> tuple[ActKind, str, dict[str, Any], Sequence[str]]:
    return ActKind.DECISION, f"evidence:{evidence}", {"verdict": "supports"}, [i.value for i in Indicator]


def fill(session: Session, simulation: Simulation) -> Office:
    """A whole simulated program: reviews with scores, marks and audit windows, and measures that follow its machine."""
    office = Office(session)
    scores, levels = simulation.scores, office.rubric.levels
    marks: dict[tuple[int, str], list[Any]] = {}
    for mark in simulation.moments.marks:
        marks.setdefault((mark.submission, mark.source), []).append(mark)
    everything = [indicator.value for indicator in Indicator]
    for place in range(simulation.scenario.submissions):
        machine = marks.get((place, "machine"), [])
        submission = office.submission(
            f"Simulated {place + 1}", measures=_measures(simulation.machine[place]),
            evidence=[(f"e-{place}-{n}", m.indicator, m.start, m.end) for n, m in enumerate(machine)],
        )  # fmt: skip
        # The simulator lets two raters mark every recording; here those who score it mark it.
        markers = [source for number, source in simulation.moments.watched if number == place and source != "machine"]
        for nth, rater in enumerate(np.unique(scores.rater[scores.submission == place])):
            rows = np.flatnonzero((scores.submission == place) & (scores.rater == rater))
            first = str(scores.condition[rows[0]])
            protocol = {
                Condition.UNASSISTED: Protocol.UNASSISTED,
                Condition.ASSISTED: Protocol.ASSISTED,
                Condition.BLIND: Protocol.BLIND_THEN_REVEAL,
                Condition.REVEALED: Protocol.BLIND_THEN_REVEAL,
            }[Condition(first)]
            name = f"R{rater + 1:02d}"
            seen = everything if protocol is Protocol.ASSISTED else []
            own = marks.get((place, markers[nth]), []) if nth < len(markers) else []
            acts: list[Any] = [
                own_mark(f"{place}-{rater}-{n}", m.start, m.end, seen, m.indicator) for n, m in enumerate(own)
            ]
            for row in rows:
                after = str(scores.condition[row]) == Condition.REVEALED
                criterion = office.criteria[scores.criterion[row]]
                acts.append(score(criterion, levels[scores.level[row]].id, everything if after else seen))
            if protocol is not Protocol.UNASSISTED:
                acts += [supports(f"e-{place}-{n}") for n in range(0, len(machine), 2)]
            windows = [
                (w.start, w.end, w.selection_p)
                for w in simulation.moments.windows
                if w.submission == place and w.indicator == "purposeful_questions"
            ]
            office.review(
                submission, name, acts, protocol=protocol,
                at=MARCH + timedelta(days=float(scores.day[rows].min()) - 180.0),
                windows=windows if protocol is not Protocol.UNASSISTED else (),
            )  # fmt: skip
    return office


def _measures(signal: Any) -> dict[str, float]:
    """Measures that rise with the machine's signal of the criteria they serve."""
    return {
        "purposeful_share": float(np.clip(0.3 + 0.15 * signal[0], 0.0, 1.0)),
        sum_id("open"): float(np.clip(8.0 * np.exp(0.7 * signal[0]), 0.0, 200.0)),
        sum_id("press"): float(np.clip(5.0 * np.exp(0.7 * signal[1]), 0.0, 200.0)),
        sum_id("uptake"): float(np.clip(4.0 * np.exp(0.7 * signal[2]), 0.0, 200.0)),
        "wait_time": float(max(0.1, 1.2 + 0.8 * signal[3])),
    }
