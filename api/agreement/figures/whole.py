"""All figures of the agreement page for one choice of scores."""

from collections.abc import Iterable, Sequence

from api.agreement.chosen import Chosen, choose
from api.agreement.figures.coefficients import agreement_figure, confusion_figure
from api.agreement.figures.moments import evidence_figure, missed_figure
from api.agreement.figures.needs import double_reads
from api.agreement.figures.severity import drift_figure, severity_figure
from api.agreement.figures.suggestions import suggestions_figure
from api.agreement.ratings_file import Rating
from api.agreement.reads import Scored
from api.agreement.schemas import Computed, Figures, TableRead
from api.agreement.study import Study, study
from api.agreement.tables import table
from api.agreement.wanted import Wanted
from api.agreement.words import lead
from api.score_model.fitting import table_of
from api.score_model.reliability import too_few
from model.conditions import Condition
from model.errors import InputRefused

SOURCE = "this installation"


def compute(scored: Scored, wanted: Wanted) -> Computed:
    """Everything for one choice. Where there is too little, figures say what is missing; nothing raises for that."""
    chosen = choose(scored, wanted)
    double = double_reads(chosen.rows)
    found = _study(chosen, wanted) if double else None
    figures = [
        agreement_figure(found, double),
        confusion_figure(found, double),
        severity_figure(found, chosen.rows),
        drift_figure(found, chosen.rows),
        evidence_figure(chosen, wanted),
        missed_figure(chosen),
        suggestions_figure(chosen),
        too_few(table_of(scored, chosen.rubric).n_submissions),  # a model that is in use takes its place
    ]
    days = sorted({rating.at.date() for rating in chosen.rows if rating.at})
    return Computed(
        figures=Figures(
            lead=list(_lead(found, chosen.rows, double)),
            notes=list(_notes(chosen, wanted, found)),
            estimand=_estimand(wanted),
            method=f"{wanted.resamples:,} resamples of submissions, seed {wanted.seed}; 95 % intervals.",
            n_submissions=len({rating.submission for rating in chosen.rows}),
            n_double=double,
            n_raters=len({rating.rater for rating in chosen.rows}),
            n_scores=sum(rating.score is not None for rating in chosen.rows),
            first=days[0] if days else None,
            last=days[-1] if days else None,
            figures=figures,
        ),
        ratings=_ratings(chosen.rows, chosen.scale.labels, chosen.scale.values),
    )


def _study(chosen: Chosen, wanted: Wanted) -> Study | None:
    try:
        return study(chosen.file(SOURCE), estimand=wanted.estimand, resamples=wanted.resamples, seed=wanted.seed)
    except InputRefused:  # only settlements, or nothing: the figures say so themselves
        return None


def _lead(found: Study | None, rows: Sequence[Rating], double: int) -> tuple[str, ...]:
    if found is not None:
        return lead(found)
    if not rows:
        return ("No finished review falls under this choice yet.",)
    submissions = len({rating.submission for rating in rows})
    return (
        f"{submissions} {'submission has' if submissions == 1 else 'submissions have'} been scored, none of them by "
        "two raters. Agreement needs second readers.",
    )


def _notes(chosen: Chosen, wanted: Wanted, found: Study | None) -> Iterable[str]:
    """What the choice leaves out, so that nobody reads more into the figures than is there."""
    if wanted.arm == "final":
        yield (
            "Levels as they were handed in, whatever was in view. Raters who see the same suggestions agree more for "
            "that reason alone; for a paper choose scores given without suggestions."
        )
    if wanted.arm == "assisted" and chosen.rows:
        yield (
            "All these scores were given with suggestions in view. Raters who see the same suggestions agree more for "
            "that reason alone, so this is not the agreement of independent raters."
        )
    if wanted.arm in {"own", "unassisted", "blind"}:
        for condition, words in (
            (Condition.ASSISTED, "scores given with suggestions in view are kept apart"),
            (Condition.REVEALED, "scores changed after the suggestions were shown are kept apart"),
        ):
            if n := sum(one.condition is condition and one.score is not None for one in chosen.every):
                yield f"{n} {words}."
    if n := sum(one.abstained for one in chosen.rows):
        yield f"{n} answers of “cannot tell” count as missing."
    if found is not None:
        yield from found.severity.notes


def _estimand(wanted: Wanted) -> str:
    if wanted.estimand == "these raters":
        return (
            "Figures are about these raters on submissions like these: intervals say how far other submissions could "
            "have moved them, not other raters."
        )
    return "Figures are about raters like these on submissions like these: intervals are wider for it."


def _ratings(rows: Sequence[Rating], labels: Sequence[str], values: Sequence[float]) -> TableRead:
    """In the form that `lookfors agreement` reads, so that every figure can be computed again elsewhere."""
    named = dict(zip(values, labels, strict=True))
    return table(
        "ratings",
        "The scores themselves, under codes.",
        (
            ("submission", "Submission", "text"),
            ("criterion", "Criterion", "text"),
            ("rater", "Rater", "text"),
            ("score", "Score", "text"),
            ("time", "Day", "text"),
            ("protocol", "Protocol", "text"),
        ),
        [
            (
                rating.submission,
                rating.criterion,
                rating.rater,
                "cannot_tell"
                if rating.abstained
                else named.get(rating.score or 0.0)
                if rating.score is not None
                else None,
                rating.at.date().isoformat() if rating.at else None,
                rating.condition.value if rating.condition else None,
            )
            for rating in rows
        ],
    )
