"""The report as one self-contained HTML file: no script, no font and no picture from anywhere else."""

from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from api.agreement.charts import Moment, Point, Scale1D, axis, scale_for, timeline, track
from api.agreement.document import program_version
from api.agreement.study import HEADLINE, Block, Study
from api.agreement.words import (
    ABOUT,
    RELY,
    TENTATIVE,
    apa,
    bracket,
    lead,
    number,
    percent,
    plans_in_words,
    read_influence,
    readings,
    signed,
)
from model.agreement.severity.drift import PeriodSeverity
from model.influence import Influence
from model.scoring.estimate import Estimate


def render(study: Study) -> str:
    """The page."""
    environment = Environment(
        loader=PackageLoader("api.agreement"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"number": number, "signed": signed, "percent": percent}
    environment.globals |= {"apa": apa, "bracket": bracket, "about": ABOUT}
    return environment.get_template("report.html.j2").render(
        study=study,
        lead=lead(study),
        headline=HEADLINE,
        forest=draw_forest(study),
        readings=readings(study),
        confusion=[_confusion(block, study) for block in study.blocks],
        severity=draw_severity(study),
        drift=draw_drift(study),
        effect=read_influence(study.influence, study.influence_reason),
        effects=None if study.influence is None else draw_effects(study.influence),
        plans_text=plans_in_words(study),
        version=program_version(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Rows of (label, drawing, figure beside it) over one axis."""

    rows: tuple[tuple[str, str, str], ...]
    axis: str


def draw_forest(study: Study) -> Chart:
    found = [[block.figure(name) for name in HEADLINE] for block in study.blocks]
    known = [bound for row in found for one in row for bound in (one.value, one.low, one.high)]
    scale = scale_for([max(-1.0, value) if value is not None else None for value in known], at_least=(0.0, 1.0))
    rows = []
    for block, row in zip(study.blocks, found, strict=True):
        points = [Point(value=one.value, low=one.low, high=one.high) for one in row]
        alpha = row[0]
        beside = f"α = {number(alpha.value)} {bracket(alpha.low, alpha.high).removeprefix('95% CI ')}"
        rows.append((block.name, track(points, scale, lines=(TENTATIVE, RELY), zero=0.0), beside))
    return Chart(rows=tuple(rows), axis=axis(scale))


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    name: str
    n_pairs: int
    rows: tuple[tuple[str, tuple[tuple[int, float], ...]], ...]  # label, (count, share of the largest)


def _confusion(block: Block, study: Study) -> Confusion:
    most = max((n for row in block.confusion for n in row), default=0) or 1
    return Confusion(
        name=block.name,
        n_pairs=block.n_pairs,
        rows=tuple(
            (label, tuple((n, n / most) for n in row))
            for label, row in zip(study.scale.labels, block.confusion, strict=True)
        ),
    )


def draw_severity(study: Study) -> Chart | None:
    raters = sorted(study.severity.raters, key=lambda rater: -(rater.severity or 0.0))
    bounds = [bound for rater in raters for bound in (rater.low, rater.high)]
    if not any(bound is not None for bound in bounds):
        return None
    scale = scale_for(bounds, at_least=(-1.0, 1.0))
    return Chart(
        rows=tuple(
            (
                study.raters[rater.rater],
                track([Point(value=rater.severity, low=rater.low, high=rater.high)], scale, zero=0.0),
                f"{signed(rater.points)} levels",
            )
            for rater in raters
        ),
        axis=axis(scale),
    )


def draw_drift(study: Study) -> Chart | None:
    if study.drift is None or not study.drift.periods:
        return None
    periods = study.drift.periods
    across = Scale1D(low=min(p.start for p in periods), high=max(p.end for p in periods) + 1e-9)
    up = scale_for(
        [bound for p in periods for bound in (p.severity, _kept(p.low), _kept(p.high))], at_least=(-1.0, 1.0)
    )
    slopes = {rater.rater: rater for rater in study.drift.raters}
    rows = []
    for rater in sorted({period.rater for period in periods}):
        moments = [_moment(period) for period in periods if period.rater == rater]
        one = slopes[rater]
        slope = f"{signed(one.slope)} a month" if one.slope is not None else "no slope"
        rows.append((study.raters[rater], timeline(moments, across, up), slope))
    return Chart(rows=tuple(rows), axis=axis(across))


def _kept(bound: float | None) -> float | None:
    """Intervals from two or three scores would flatten everything else; drawn only to ±2 levels, given in the table."""
    return None if bound is None else min(2.0, max(-2.0, bound))


def _moment(period: PeriodSeverity) -> Moment:
    middle = (period.start + period.end) / 2.0
    return Moment(at=middle, value=period.severity, low=_kept(period.low), high=_kept(period.high))


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    chart: Chart
    rows: tuple[tuple[str, Estimate], ...]


def draw_effects(found: Influence) -> Effects:
    rows = (
        ("Levels, same submissions read both ways", found.paired_shift),
        ("Levels, all reads", found.unpaired_shift),
        ("Slope on the machine's signal", found.slope_change),
        ("Share equal to the machine's level", found.machine_agreement),
    )
    scale = scale_for([bound for _, one in rows for bound in (one.low, one.high)], at_least=(-0.3, 0.3))
    drawn = tuple(
        (label, track([Point(value=one.value, low=one.low, high=one.high)], scale, zero=0.0), signed(one.value))
        for label, one in rows
    )
    return Effects(chart=Chart(rows=drawn, axis=axis(scale)), rows=(*rows, ("Minutes a read", found.minutes)))
