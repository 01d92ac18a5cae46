"""What the agreement page is answered with. Nothing numerical happens here: that is the background's work."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

from api.agreement.schemas import AgreementRead, Chosen, Computed, FigureRead, RubricChoice, TableId, TableRead
from api.agreement.scored import RubricScored, read_scored, rubrics_scored, state_of_log
from api.agreement.wanted import Wanted, arm_choices, as_plain
from api.auth.person import Person
from api.auth.roles import PersonRole
from api.deps import Services
from api.errors import Conflict, NotFound
from api.score_model import service as score_model

PATIENCE_S = 1.5  # a page asks again; nobody's connection is held for a long computation
CSV_PATIENCE_S = 60.0  # a download cannot ask again


def read_agreement(services: Services, wanted: Wanted, *, rubric: str | None, person: Person) -> AgreementRead:
    """Raises NotFound for a rubric nobody has finished a review under."""
    with services.database.read() as session:
        rubrics = rubrics_scored(session)
        chosen = _rubric(rubrics, rubric)
        answer = AgreementRead(
            rubrics=[RubricChoice.model_validate(one) for one in rubrics],
            arms=arm_choices(),
            chosen=Chosen(
                rubric=chosen.hash if chosen else None,
                arm=wanted.arm,
                since=wanted.since,
                until=wanted.until,
                estimand=wanted.estimand,
            ),
            computing=False,
            figures=None,
            score_model=None,
        )
        if chosen is None:
            return answer
    may_refit = person.has(PersonRole.STAFF, PersonRole.ADMIN)
    answer.score_model = score_model.state(services, chosen.hash, may_refit=may_refit)
    with services.database.read() as session:
        reliability = score_model.figure_in_use(session, chosen.hash)
    found = _compute(services, chosen.hash, wanted, wait_s=PATIENCE_S)
    answer.computing = found is None
    if found is not None:
        answer.figures = found.figures
        answer.figures.figures = [_in_use(one, reliability) for one in answer.figures.figures]
    return answer


def read_table(services: Services, table_id: TableId, wanted: Wanted, *, rubric: str | None) -> TableRead:
    """Raises NotFound where there is no such table for this choice, Conflict while it is still being computed."""
    with services.database.read() as session:
        chosen = _rubric(rubrics_scored(session), rubric)
        if chosen is None:
            raise _no_table()
        reliability = score_model.figure_in_use(session, chosen.hash)
    computed = _compute(services, chosen.hash, wanted, wait_s=CSV_PATIENCE_S)
    if computed is None:
        raise Conflict("figures.computing", "The figures are still being computed.", "Try again in a minute.")
    tables = [table for one in computed.figures.figures for table in _in_use(one, reliability).tables]
    for table in [*tables, computed.ratings]:
        if table.id == table_id:
            return table
    raise _no_table()


def _in_use(figure: FigureRead, reliability: FigureRead | None) -> FigureRead:
    return reliability if figure.id == "reliability" and reliability is not None else figure


def _rubric(rubrics: list[RubricScored], wanted: str | None) -> RubricScored | None:
    """The one asked for, else the one read twice most often; None while nothing is finished."""
    if wanted is None:
        return rubrics[0] if rubrics else None
    for one in rubrics:
        if one.hash == wanted:
            return one
    raise NotFound("rubric.unscored", "Nobody has finished a review under this rubric.", "Choose one from the list.")


def _no_table() -> NotFound:
    return NotFound(
        "figures.no_table", "There is no such table for this choice yet.", "See on the page what is missing for it."
    )


def _compute(services: Services, rubric: str, wanted: Wanted, *, wait_s: float) -> Computed | None:
    """None while it takes longer than `wait_s`; no transaction is open meanwhile."""
    with services.database.read() as session:
        rests_on = json.dumps([rubric, state_of_log(session), asdict(wanted)], default=str)

    def job() -> dict[str, Any]:
        with services.database.read() as session:
            return {"kind": "figures", **as_plain(read_scored(session, rubric), wanted)}

    key = f"figures/{hashlib.sha256(rests_on.encode()).hexdigest()}"
    found = services.background.result(key, job, wait_s=wait_s)
    return None if found is None else Computed.model_validate(found)
