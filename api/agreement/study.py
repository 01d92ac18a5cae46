"""Everything the report says, computed once: the terminal, the JSON and the page only show it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from api.agreement.ratings_file import Rating, RatingsFile, Scale, Selection, as_array, select
from model.agreement import (
    Agreement,
    DStudy,
    GStudy,
    Icc,
    RatingsInvalid,
    brennan_prediger,
    cohen_kappa,
    conger_kappa,
    d_study,
    fleiss_kappa,
    g_study,
    gwet_ac,
    icc,
    krippendorff_alpha,
    light_kappa,
    percent_agreement,
    scott_pi,
)
from model.agreement.chance.intervals import Asked
from model.agreement.ratings import Floats
from model.agreement.severity.drift import Drift, drift
from model.agreement.severity.rasch import Rasch, rasch
from model.conditions import Condition
from model.errors import InputRefused
from model.influence import ArmScore, Influence, influence

ALL = "all criteria"
HEADLINE = ("alpha_ordinal", "ac2_quadratic", "kappa_quadratic")
_DAYS_A_MONTH = 30.44


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One coefficient under its stable name."""

    id: str
    label: str
    found: Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One criterion, or all together.

    confusion: how often two raters of the same thing gave these levels; every pair is entered both ways round.
    """

    name: str
    figures: tuple[Figure, ...]
    icc: Icc
    confusion: tuple[tuple[int, ...], ...]  # shape (n_levels, n_levels), symmetric
    n_pairs: int

    def figure(self, figure_id: str) -> Agreement:
        return next(figure.found for figure in self.figures if figure.id == figure_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The figures of one file. `influence` is None where nothing was given with suggestions."""

    source: str
    scale: Scale
    submissions: tuple[str, ...]
    raters: tuple[str, ...]
    criteria: tuple[str, ...]
    n_scores: int
    n_missing_rows: int
    read_by: tuple[tuple[int, int], ...]  # (raters, submissions with that many)
    blocks: tuple[Block, ...]  # the first is all criteria together, unless there is one only
    severity: Rasch
    drift: Drift | None
    drift_reason: str | None
    generalizability: GStudy
    plans: DStudy
    influence: Influence | None
    influence_reason: str | None
    notes: tuple[str, ...]
    estimand: str
    seed: int
    resamples: int


def study(
    file: RatingsFile,
    *,
    criteria: Sequence[str] = (),
    estimand: str = "these raters",
    resamples: int = 2000,
    seed: int = 0,
    progress: Callable[[str, float], None] | None = None,
) -> Study:
    """All figures of a file, or of the named criteria.

    Raises InputRefused for a criterion the file does not have, or when nothing is left to compare.
    """
    wanted = tuple(criteria) or file.criteria
    rows, chosen = _chosen(file, wanted)
    submissions = tuple(dict.fromkeys(rating.submission for rating in chosen.ratings))
    raters = tuple(sorted({rating.rater for rating in chosen.ratings}))
    cells = as_array(chosen.ratings, submissions=submissions, raters=raters, criteria=wanted)
    asked = Asked(interval="recommended", estimand=estimand, resamples=resamples, seed=seed)  # type: ignore[typeddict-item]
    blocks = tuple(_blocks(cells, wanted, file.scale, asked, progress or (lambda _what, _share: None)))
    moved, moved_reason = _drift(chosen.ratings, cells, submissions, raters, wanted)
    effect, effect_reason = effect_of_suggestions(rows, file.scale)
    variance = _variance(cells)
    counts = np.bincount((~np.isnan(cells)).any(axis=2).sum(axis=1))
    return Study(
        source=file.source,
        scale=file.scale,
        submissions=submissions,
        raters=raters,
        criteria=wanted,
        n_scores=int((~np.isnan(cells)).sum()),
        n_missing_rows=sum(rating.score is None for rating in chosen.ratings),
        read_by=tuple((n, int(count)) for n, count in enumerate(counts) if count),
        blocks=blocks,
        severity=rasch(cells, categories=file.scale.values),
        drift=moved,
        drift_reason=moved_reason,
        generalizability=variance,
        plans=d_study(variance),
        influence=effect,
        influence_reason=effect_reason,
        notes=_notes(file, chosen),
        estimand=estimand,
        seed=seed,
        resamples=resamples,
    )


def _chosen(file: RatingsFile, wanted: Sequence[str]) -> tuple[list[Rating], Selection]:
    """All rows of the wanted criteria, and those the figures rest on."""
    unknown = [name for name in wanted if name not in file.criteria]
    if unknown:
        raise InputRefused(
            "ratings.criterion",
            f"{file.source} has no criterion {', '.join(unknown)}. It has {', '.join(file.criteria)}.",
            "Check the spelling; capitals count.",
        )
    rows = [rating for rating in file.ratings if rating.criterion in wanted]
    chosen = select(rows)
    if not chosen.ratings:
        raise InputRefused(
            "ratings.nothing",
            f"{file.source} has only scores after a reveal or adjudicated levels.",
            "Agreement needs scores raters gave on their own.",
        )
    return rows, chosen


def _notes(file: RatingsFile, chosen: Selection) -> tuple[str, ...]:
    notes = [*file.notes, *chosen.set_aside]
    if chosen.with_suggestions:
        notes.insert(
            0,
            "All scores were given with suggestions in view. Raters who see the same suggestions agree more for that "
            "reason alone, so this is not the agreement of independent raters.",
        )
    if file.left_alone:
        notes.append(f"Columns not used: {', '.join(file.left_alone)}.")
    return tuple(notes)


def _blocks(
    cells: Floats, criteria: Sequence[str], scale: Scale, asked: Asked, progress: Callable[[str, float], None]
) -> Iterator[Block]:
    """All criteria first (units are submission × criterion, clustered by submission), then each."""
    n_submissions, n_raters, n_criteria = cells.shape
    total = n_criteria + (n_criteria > 1)
    if n_criteria > 1:
        progress(ALL, 0.0)
        units = cells.transpose(0, 2, 1).reshape(-1, n_raters)
        together = Asked(**asked, clusters=np.repeat(np.arange(n_submissions), n_criteria))
        yield _block(ALL, units, scale, together)
    for place, name in enumerate(criteria):
        progress(name, (place + total - n_criteria) / total)
        yield _block(name, cells[:, :, place], scale, asked)
    progress("severity and drift", 1.0)


def _block(name: str, units: Floats, scale: Scale, asked: Asked) -> Block:
    given = units[:, ~np.isnan(units).all(axis=0)] if not np.isnan(units).all() else units
    confusion, pairs = _confusion(given, scale.values)
    return Block(
        name=name,
        figures=tuple(_figures(given, scale.values, asked)),
        icc=icc(given),
        confusion=confusion,
        n_pairs=pairs,
    )


def _figures(given: Floats, levels: Sequence[float], asked: Asked) -> Iterator[Figure]:
    """Every coefficient, the headline ones first."""
    # A share has no jackknife bias, and its linearised error counts units with one score as if they disagreed.
    shares = asked | Asked(interval="jackknife")
    exact = percent_agreement(given, categories=levels, **shares)
    near = percent_agreement(given, categories=levels, within=1, **shares)
    yield Figure(id="exact", label="Exact agreement", found=exact)
    yield Figure(id="within_one", label="Agreement within one level", found=near)
    for metric in ("ordinal", "interval", "nominal"):
        alpha = krippendorff_alpha(given, categories=levels, level=metric, **asked)
        yield Figure(id=f"alpha_{metric}", label=f"Krippendorff's α, {metric}", found=alpha)
    two = given.shape[1] == 2
    kappa, named = (cohen_kappa, "Cohen's κ") if two else (conger_kappa, "Conger's κ")
    weighed = (
        ("ac2_quadratic", "Gwet's AC2", gwet_ac, "quadratic"),
        ("ac1", "Gwet's AC1", gwet_ac, "identity"),
        ("kappa_quadratic", named, kappa, "quadratic"),
        ("kappa", named, kappa, "identity"),
        ("fleiss_quadratic", "Fleiss' κ", fleiss_kappa, "quadratic"),
        ("fleiss", "Fleiss' κ", fleiss_kappa, "identity"),
        ("brennan_prediger_quadratic", "Brennan-Prediger κ", brennan_prediger, "quadratic"),
        ("scott", "Scott's π", scott_pi, "identity")
        if two
        else ("light_quadratic", "Light's κ", light_kappa, "quadratic"),
    )
    for figure_id, label, coefficient, weights in weighed:
        found = coefficient(given, categories=levels, weights=weights, **asked)
        yield Figure(id=figure_id, label=label + (", quadratic weights" if weights == "quadratic" else ""), found=found)


def _confusion(units: Floats, categories: Sequence[float]) -> tuple[tuple[tuple[int, ...], ...], int]:
    counts = np.stack([(units == value).sum(axis=1) for value in categories], axis=1).astype(np.int64)
    pairs = counts.T @ counts - np.diag(counts.sum(axis=0))
    return tuple(tuple(int(n) for n in row) for row in pairs), int(pairs.sum() // 2)


def _variance(cells: Floats) -> GStudy:
    return g_study(cells if cells.shape[2] > 1 else cells[:, :, 0])


def _drift(
    ratings: Sequence[Rating], cells: Floats, submissions: Sequence[str], raters: Sequence[str], criteria: Sequence[str]
) -> tuple[Drift | None, str | None]:
    """Change of severity per month, on submission × criterion; None with the reason where times are not there."""
    scored = [rating for rating in ratings if rating.score is not None]
    timed = [rating for rating in scored if rating.at is not None]
    if not timed:
        return None, "The file has no times, so nothing can be said of change. Add a column “time”."
    if len(timed) < len(scored):
        missing = len(scored) - len(timed)
        return None, f"{missing} of {len(scored)} scores have no time, so change is not computed."
    row, column, item = ({name: i for i, name in enumerate(names)} for names in (submissions, raters, criteria))
    first = min(rating.at for rating in timed if rating.at)
    months = np.full(cells.shape, np.nan)
    for rating in timed:
        if rating.at:
            place = row[rating.submission], column[rating.rater], item[rating.criterion]
            months[place] = (rating.at - first).total_seconds() / 86400.0 / _DAYS_A_MONTH
    n_submissions, n_raters, n_criteria = cells.shape
    try:
        found = drift(
            cells.transpose(0, 2, 1).reshape(-1, n_raters),
            times=months.transpose(0, 2, 1).reshape(-1, n_raters),
            clusters=np.repeat(np.arange(n_submissions), n_criteria),
        )
    except RatingsInvalid as refusal:
        return None, str(refusal)
    return (None, found.reason) if found.reason else (found, None)


def effect_of_suggestions(rows: Sequence[Rating], scale: Scale) -> tuple[Influence | None, str | None]:
    """The arms compared, or why they cannot be; neither where nobody ever saw a suggestion."""
    scored = [rating for rating in rows if rating.score is not None and rating.condition is not None]
    if not any(rating.condition in {Condition.ASSISTED, Condition.REVEALED} for rating in scored):
        return None, None
    try:
        found = influence(
            [
                ArmScore(
                    submission=rating.submission,
                    criterion=rating.criterion,
                    rater=rating.rater,
                    value=rating.score,
                    condition=rating.condition,
                    machine=rating.machine,
                    minutes=rating.minutes,
                )
                for rating in scored
                if rating.score is not None and rating.condition is not None
            ],
            levels=scale.values,
        )
    except InputRefused as refusal:
        return None, str(refusal)
    return found, None
