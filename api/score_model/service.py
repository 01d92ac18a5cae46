"""Fits on demand, their versions, and what the queue makes of the one in use."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.agreement.schemas import FigureRead, ScoreModelState, ScoreModelVersion
from api.agreement.scored import read_scored, rubrics_scored, state_of_log
from api.agreement.wanted import Wanted, as_plain
from api.auth.person import Person
from api.deps import Services
from api.errors import ApiError, NotFound
from api.score_model.schemas import SecondRead
from api.storage.desk_tables import RubricRow
from api.storage.score_tables import ScoreModelRow

MADE_HOW = (
    "From how often two raters who read the same recording on their own gave each pair of levels, and from what the "
    "recording's measures say; calibrated on scores given without suggestions and on settled ones. It says where a "
    "second read is worth most, not what the score is."
)


def in_use(session: Session, rubric_hash: str) -> ScoreModelRow | None:
    """The newest fit that was not worse than the one before it."""
    return session.scalar(
        select(ScoreModelRow)
        .where(ScoreModelRow.rubric_hash == rubric_hash, ScoreModelRow.replaced)
        .order_by(ScoreModelRow.id.desc())
        .limit(1)
    )


def figure_in_use(session: Session, rubric_hash: str) -> FigureRead | None:
    row = in_use(session, rubric_hash)
    return None if row is None else FigureRead.model_validate(row.figure)


def state(services: Services, rubric_hash: str, *, may_refit: bool) -> ScoreModelState:
    """Looks whether a fit is under way before it reads what fits there were: one that ends in between is not lost."""
    key = _fit_key(rubric_hash)
    fitting, outcome = services.background.under_way(key), services.background.outcome(key)
    with services.database.read() as session:
        rows = session.scalars(
            select(ScoreModelRow).where(ScoreModelRow.rubric_hash == rubric_hash).order_by(ScoreModelRow.id.desc())
        ).all()
    used = next((row for row in rows if row.replaced), None)
    return ScoreModelState(
        fitting=fitting,
        may_refit=may_refit,
        message=None if fitting else _message(outcome),
        versions=[
            ScoreModelVersion(
                version=row.version,
                created_at=row.created_at,
                n_scores=row.n_scores,
                n_submissions=row.n_submissions,
                rps=row.rps,
                used=used is not None and row.id == used.id,
                text=row.text,
            )
            for row in rows
        ],
    )


def _message(outcome: dict[str, Any] | ApiError | None) -> str | None:
    if isinstance(outcome, ApiError):
        return str(outcome)
    return str(outcome["text"]) if outcome is not None and not outcome["fitted"] else None


def start_fit(services: Services, rubric_hash: str, *, by: Person) -> ScoreModelState:
    """Begins a fit in a process of its own; the answer comes at once. Raises NotFound."""
    with services.database.read() as session:
        if session.get(RubricRow, rubric_hash) is None:
            raise NotFound("rubric.none", "There is no such rubric here.", "Reload the page and choose again.")
        last = in_use(session, rubric_hash)
        job = {
            "kind": "fit",
            **as_plain(read_scored(session, rubric_hash), Wanted()),
            "last": None if last is None else last.document,
        }

    def keep(result: dict[str, Any]) -> None:
        if result.pop("fitted"):
            with services.database.write() as session:
                session.add(ScoreModelRow(rubric_hash=rubric_hash, by_id=by.id, **result))
            result["fitted"] = True
        else:
            result["fitted"] = False

    services.background.start(_fit_key(rubric_hash), job, keep)
    return state(services, rubric_hash, may_refit=True)


def _fit_key(rubric_hash: str) -> str:
    return f"fit/{rubric_hash}"


def second_reads(services: Services, session: Session) -> dict[str, SecondRead]:
    """Submission id -> chance that a second read flips its decision, for submissions read once.

    Empty without a model, and for the moment it takes to compute: the queue does not wait for it.
    """
    found: dict[str, SecondRead] = {}
    log = None
    for rubric in rubrics_scored(session):
        row = in_use(session, rubric.hash)
        if row is None:
            continue
        log = log or state_of_log(session)
        key = f"flips/{row.id}/{log}"

        def job(used: ScoreModelRow = row) -> dict[str, Any]:
            scored = read_scored(session, used.rubric_hash, coded=False)
            return {"kind": "flips", **as_plain(scored, Wanted()), "document": used.document, "reader": used.reader}

        try:
            told = services.background.result(key, job, wait_s=0.0)
        except ApiError:  # noted in the log; the queue has more to say than this
            continue
        for submission, flip in (told or {}).items():
            before = found.get(submission)
            if before is None or flip["p"] > before.p:
                found[submission] = SecondRead(p=flip["p"], text=flip["text"], rubric_title=rubric.title)
    return found
