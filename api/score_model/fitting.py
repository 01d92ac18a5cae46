"""The numerical side, run in a process of its own: one fit with its judgement, and chances that a second read flips."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from api.agreement.chosen import raw_chances
from api.agreement.reads import Scored
from api.agreement.wanted import from_plain
from api.score_model.reliability import reliability_figure
from model.conditions import UNTOUCHED, Condition
from model.review import Protocol
from model.rubric import CANNOT_TELL, Outcome, Rubric
from model.rubric_pack import rubric_from_document
from model.scoring import (
    FinalScore,
    NotEnoughData,
    ScoreTable,
    SecondReader,
    calibrate,
    cross_fit,
    flip_chance,
    from_document,
    refit,
    score_table,
    second_reader,
    to_document,
)


def usable_scores(scored: Scored, rubric: Rubric) -> list[FinalScore]:
    """Settled levels, else every rater's own score that no suggestion can have touched; nothing else may teach."""
    values = {level.id: level.value for level in rubric.levels}
    settled = {(one.submission, one.criterion) for one in scored.settlements}
    found = [
        FinalScore(
            submission=one.submission,
            criterion=one.criterion,
            rater=one.by,
            value=values[one.level],
            condition=Condition.ADJUDICATED,
        )
        for one in scored.settlements
        if one.level in values
    ]
    for read in scored.reads:
        for score in read.scores:
            free = (read.submission, score.criterion) not in settled
            if free and score.condition in UNTOUCHED and score.level != CANNOT_TELL:
                found.append(
                    FinalScore(
                        submission=read.submission,
                        criterion=score.criterion,
                        rater=read.rater,
                        value=values[score.level],
                        condition=score.condition,
                    )
                )
    return found


def table_of(scored: Scored, rubric: Rubric) -> ScoreTable:
    """Scores beside the machine's raw signal, on the criteria the rubric links to measures."""
    raw = raw_chances(rubric, scored.signals)
    linked = {criterion for _, criterion in raw}
    criteria = [criterion.id for criterion in rubric.criteria if criterion.id in linked]
    scores = [score for score in usable_scores(scored, rubric) if score.criterion in linked]
    return score_table(scores, raw, levels=[level.value for level in rubric.levels], criteria=criteria)


def fit_job(job: dict[str, Any]) -> dict[str, Any]:
    """A fit and what becomes of it beside the one in use (`job["last"]`), or how many submissions are missing."""
    scored, _ = from_plain(job)
    rubric = rubric_from_document(scored.rubric, source="the rubric of these reviews")
    table = table_of(scored, rubric)
    new = calibrate(table)
    if isinstance(new, NotEnoughData):
        return {"fitted": False, "text": new.text}
    last = None if job["last"] is None else from_document(job["last"])
    outcome = refit(last, new, table)
    return {
        "fitted": True,
        "version": new.model.version,
        "document": to_document(new.model),
        "reader": asdict(second_reader(table, cross_fit(table))),
        "figure": reliability_figure(new.reliability).model_dump(mode="json"),
        "n_scores": new.model.n_scores,
        "n_submissions": new.model.n_submissions,
        "rps": new.reliability.rps.value,
        "replaced": outcome.replaced,
        "text": outcome.text,
    }


def flips_job(job: dict[str, Any]) -> dict[str, Any]:
    """Submission -> chance that a second read decides otherwise, for those read once, and the sentence of it."""
    scored, _ = from_plain(job)
    rubric = rubric_from_document(scored.rubric, source="the rubric of these reviews")
    model = from_document(job["document"])
    reader = _reader(job["reader"])
    raw = raw_chances(rubric, scored.signals)
    ids = {level.value: level.id for level in rubric.levels}
    values = {level.id: level.value for level in rubric.levels}

    def decide(levels: Mapping[str, float]) -> bool:
        return rubric.passes({name: ids[value] for name, value in levels.items()}).outcome is Outcome.PASS

    found = {}
    for read in scored.reads:
        if sum(other.submission == read.submission for other in scored.reads) != 1:
            continue
        p = {}
        for criterion in rubric.criteria:
            if criterion.id in model.criteria and (read.submission, criterion.id) in raw:
                row = np.array([raw[read.submission, criterion.id]])
                p[criterion.id] = tuple(float(x) for x in model.predict_proba(row, [criterion.id])[0])
            else:  # the machine has nothing on it: how often each level is given is all there is to go by
                p[criterion.id] = reader.shares
        first = {name: values[level] for name, level in read.final if level in values}
        told = flip_chance(reader, p, first, decide)
        found[read.submission] = {"p": told.p, "text": _text(told.text, read.protocol)}
    return found


def _text(text: str, protocol: Protocol) -> str:
    if protocol is Protocol.ASSISTED:
        return f"{text} The first read was made with suggestions in view, which this does not allow for."
    return text


def _reader(document: Mapping[str, Any]) -> SecondReader:
    return SecondReader(
        levels=tuple(document["levels"]),
        transition=tuple(tuple(row) for row in document["transition"]),
        shares=tuple(document["shares"]),
        n_pairs=int(document["n_pairs"]),
        machine_weight=float(document["machine_weight"]),
    )
