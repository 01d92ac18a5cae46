"""What a simulated rater does at the review desk: marks, scores, answers suggestions and audit windows, hands in."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from model.conditions import Condition
from model.errors import InputRefused
from training.simulate.clips import Clip
from training.simulate.installation import Installation
from training.simulate.scores import Simulation

_JITTER_S = 0.6  # sd of where a rater puts start and end; clips are short
_SURE = 0.85  # chance that a suggestion on a true moment is supported, and that one off any is not
_CONDITIONS = {
    "unassisted": Condition.UNASSISTED,
    "blind_then_reveal": Condition.BLIND,
    "assisted": Condition.ASSISTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """One read as the simulation has it, under whichever protocol the installation draws."""

    simulations: Mapping[str, Simulation]
    clip: Clip
    submission: int
    rater: int
    at: datetime
    seed: int

    def levels(self, protocol: str, condition: Condition) -> dict[str, float]:
        """criterion -> level value; a criterion left out was not scored."""
        simulation = self.simulations[protocol]
        scores = simulation.scores
        rows = np.flatnonzero(
            (scores.submission == self.submission)
            & (scores.rater == self.rater)
            & (scores.condition == condition.value)
        )
        return {
            simulation.scenario.criteria[scores.criterion[row]]: simulation.scenario.levels[scores.level[row]]
            for row in rows
        }

    def rng(self) -> np.random.Generator:
        return np.random.default_rng([self.seed, self.submission, self.rater])


class _Log:
    """Acts of one review, named so that sending them again changes nothing."""

    def __init__(self, desk: Installation, review: dict[str, Any], conduct: Conduct) -> None:
        self._desk, self._id, self._conduct = desk, str(review["id"]), conduct
        self._n = 0
        self._held = {subject: act["id"] for subject, act in review["current"].items()}
        self._waiting: list[dict[str, Any]] = []
        self.revealed: list[str] = list(review["revealed"])

    def act(self, kind: str, subject: str, value: dict[str, Any] | None) -> None:
        self._n += 1
        act_id = _name("act", self._id, self._conduct.seed, self._n)
        at = self._conduct.at + timedelta(seconds=20 * self._n)
        # One that was saved in an earlier run is answered “already”, whatever it replaces.
        self._waiting.append(
            {
                "id": act_id, "kind": kind, "subject": subject, "value": value, "at": at.isoformat(),
                "replaces": self._held.get(subject), "tab": "simulated",
            }
        )  # fmt: skip
        self._held[subject] = act_id

    def send(self) -> None:
        """Raises InputRefused for an act the desk will not take."""
        for place in range(0, len(self._waiting), 100):
            answer = self._desk.post(f"/api/reviews/{self._id}/acts", {"acts": self._waiting[place : place + 100]})
            for result, act in zip(answer["results"], self._waiting[place : place + 100], strict=True):
                if result["status"] not in {"saved", "already"}:
                    raise InputRefused(
                        "into.act",
                        f"The desk answered {result['status']} to {act['subject']}: {result.get('detail') or ''}",
                        str(result.get("remedy") or "Somebody else has worked in this simulated review."),
                    )
            self.revealed = list(answer["revealed"])
        self._waiting = []


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A simulated rater with an account of their own."""

    id: str
    desk: Installation

    def review(self, review_id: str, rubric: dict[str, Any], conduct: Conduct) -> None:
        """From opening to handing in; one that is handed in already is left alone."""
        review = self.desk.get(f"/api/reviews/{review_id}")
        if review["state"] == "submitted":
            return
        review = self.desk.post(f"/api/reviews/{review_id}/open")
        protocol = str(review["protocol"])
        log, rng = _Log(self.desk, review, conduct), conduct.rng()
        marks = _own_marks(conduct.clip, rng)
        log.act("watched", "watched", {"intervals": [[0.0, round(conduct.clip.duration_s, 2), 1.0]]})
        own = _mark(log, conduct, marks)
        if protocol == "assisted":
            log.send()
            self._decide(log, review_id, conduct, rng)
        given = conduct.levels(protocol, _CONDITIONS[protocol])
        _score(log, rubric, given, own)
        log.send()
        if protocol == "blind_then_reveal":
            self._decide(log, review_id, conduct, rng)
            _score_again(log, rubric, given, conduct.levels(protocol, Condition.REVEALED))
        for window in self.desk.get(f"/api/reviews/{review_id}")["audit_windows"]:
            inside = any(window["start"] <= start < window["end"] for _, start, _ in marks)
            log.act("audit", f"audit:{window['id']}", {"answer": "marked" if inside else "nothing"})
        log.act("feedback", "feedback:overall", {"text": "Simulated feedback."})
        log.act("submit", "submit", {})
        log.send()

    def _decide(self, log: _Log, review_id: str, conduct: Conduct, rng: np.random.Generator) -> None:
        log.send()
        for card in self.desk.get(f"/api/reviews/{review_id}/evidence")["items"]:
            true = any(
                look_for == card["indicator"]
                and card["start"] is not None
                and card["start"] < end
                and start < card["end"]
                for look_for, start, end in conduct.clip.moments
            )
            right = rng.random() < _SURE
            verdict = "supports" if true == right else "does_not"
            log.act("decision", f"evidence:{card['id']}", {"verdict": verdict})


def _own_marks(clip: Clip, rng: np.random.Generator) -> list[tuple[str, float, float]]:
    """True moments as one rater marks them: some missed, the rest a little beside."""
    marks = []
    for look_for, start, end in clip.moments:
        if rng.random() < 0.25:
            continue
        shift = _JITTER_S * rng.standard_normal(2)
        begin = float(np.clip(start + shift[0], 0.0, clip.duration_s - 1.0))
        marks.append(
            (look_for, round(begin, 2), round(float(np.clip(end + shift[1], begin + 0.5, clip.duration_s)), 2))
        )
    return marks


def _mark(log: _Log, conduct: Conduct, marks: Sequence[tuple[str, float, float]]) -> list[str]:
    names = []
    for place, (look_for, start, end) in enumerate(marks):
        name = _name("own", conduct.seed, conduct.submission, conduct.rater, place)
        log.act("own_evidence", f"own:{name}", {"indicator": look_for, "start": start, "end": end, "note": "Simulated"})
        names.append(name)
    return names


def _score(log: _Log, rubric: dict[str, Any], given: Mapping[str, float], own: Sequence[str]) -> None:
    ids = {float(level["value"]): level["id"] for level in rubric["levels"]}
    for criterion in rubric["criteria"]:
        log.act("cite", f"cite:{criterion['id']}", {"evidence": [], "own": list(own[:2]), "seen": "Simulated note"})
        level = given.get(criterion["id"])
        value = {"cannot_tell": True} if level is None else {"level": ids[level]}
        log.act("score", f"score:{criterion['id']}", value)


def _score_again(log: _Log, rubric: dict[str, Any], before: Mapping[str, float], after: Mapping[str, float]) -> None:
    """Only what changes is scored again; the desk asks for the reason."""
    ids = {float(level["value"]): level["id"] for level in rubric["levels"]}
    for criterion in rubric["criteria"]:
        level = after.get(criterion["id"])
        if level is not None and level != before.get(criterion["id"]):
            value = {"level": ids[level], "reason": "Simulated second look."}
            log.act("score", f"score:{criterion['id']}", value)


def _name(*parts: object) -> str:
    """The same id for the same thing in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(["lookfors-simulated", *map(str, parts)])))
