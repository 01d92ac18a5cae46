"""Evidence on the timeline: whether raters point to the same moments, and what nobody was pointed to."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from api.agreement.charts import Moment as Drawn
from api.agreement.charts import Point, Scale1D, axis, scale_for, track
from api.agreement.chosen import Chosen
from api.agreement.figures.needs import need_of
from api.agreement.plots import SHAPES, Line, key, plot
from api.agreement.reads import Moment, Read
from api.agreement.schemas import ChartRow, FigureRead, KeyRead, Need, PlotChart, RowsChart, TableRead
from api.agreement.tables import table
from api.agreement.wanted import Wanted
from api.agreement.words import number, percent
from model.agreement import AuditWindow as Audited
from model.agreement import EvidenceAgreement, Mark, Missed, Timeline, evidence_agreement, missed_moments
from model.agreement.wording import reading
from model.indicators import Indicator
from model.review import Protocol
from model.rubric import Rubric

OWN, HANDED_IN = "Marked on one's own", "As handed in"
_ABOUT = {
    OWN: "marks made before any suggestion of their kind was shown",
    HANDED_IN: "own marks and the suggestions a rater said support, all protocols",
}
Marks = dict[str, tuple[EvidenceAgreement, ...]]


def evidence_figure(chosen: Chosen, wanted: Wanted) -> FigureRead:
    """Both ways of counting a rater's moments, so that what suggestions add to agreement can be seen."""
    title = "Do raters point to the same moments?"
    lines = {
        OWN: _timelines(chosen.reads, lambda r: r.protocol is not Protocol.ASSISTED, lambda m: m.unprompted),
        HANDED_IN: _timelines(chosen.reads, lambda _read: True, lambda _moment: True),
    }
    told = {name: timelines for name, timelines in lines.items() if _marked(timelines)}
    if not told:
        text = (
            "Not enough data yet: no recording has moments marked by one of two raters who both reviewed it. One more "
            "double review with marks would do."
        )
        return FigureRead(id="evidence", title=title, shown=False, need=Need(have=0, needed=1, text=text))
    found: Marks = {
        name: evidence_agreement(timelines, resamples=wanted.resamples, seed=wanted.seed)
        for name, timelines in told.items()
    }
    notes = [
        "Two raters who both say of the same suggestion that it supports agree on its place by that alone: read “as "
        "handed in” as what the record holds, not as independent agreement."
    ]
    if OWN not in found:
        notes.append("No recording has marks that two raters could have made on their own.")
    return FigureRead(
        id="evidence",
        title=title,
        shown=True,
        sentences=[
            "Of all moments two raters marked on the same recording, the share that has a counterpart by the other, "
            "when starts may lie so many seconds apart (F1). There is no agreed cut-off; read the whole curve.",
            *(f"{name}: {_within(one[0], 5)}" for name, one in found.items()),
        ],
        apa=[f"{name}. {reading(one[0]).apa}" for name, one in found.items()],
        notes=notes,
        chart=_curve(found),
        tables=[_tolerance_table(found), _evidence_table(found)],
    )


def _timelines(reads: Sequence[Read], counts: Callable[[Read], bool], kept: Callable[[Moment], bool]) -> list[Timeline]:
    """Recordings that two raters or more reviewed. One who marked nothing is there with nothing."""
    together: dict[str, list[Read]] = defaultdict(list)
    for read in reads:
        if counts(read):
            together[read.submission].append(read)
    return [
        Timeline(
            submission=submission,
            duration_s=_duration(own),
            marks={read.rater: _marks(read, kept, _duration(own)) for read in own},
        )
        for submission, own in together.items()
        if len({read.rater for read in own}) >= 2
    ]


def _duration(reads: Iterable[Read]) -> float:
    given = list(reads)
    known = [read.duration_s for read in given if read.duration_s]
    return max(known or [moment.end for read in given for moment in read.moments] or [1.0])


def _marks(read: Read, kept: Callable[[Moment], bool], duration_s: float) -> tuple[Mark, ...]:
    """A mark set past the end of the recording is cut there: players round the duration."""
    return tuple(
        Mark(start=min(m.start, duration_s), end=min(m.end, duration_s), indicator=m.indicator)
        for m in read.moments
        if kept(m)
    )


def _marked(timelines: Iterable[Timeline]) -> bool:
    return any(marks for timeline in timelines for marks in timeline.marks.values())


def _within(one: EvidenceAgreement, seconds: float) -> str:
    point = next(point for point in one.curve if point.tolerance_s == seconds)
    recordings = f"{one.n_submissions} {'recording' if one.n_submissions == 1 else 'recordings'}"
    return (
        f"{percent(point.f1.value)} at {seconds:g} seconds, on {recordings} with {one.n_reference + one.n_other} marks."
    )


def _curve(found: Marks) -> PlotChart:
    lines = [
        Line(
            name=name,
            moments=tuple(
                Drawn(at=point.tolerance_s, value=point.f1.value, low=point.f1.low, high=point.f1.high)
                for point in one[0].curve
            ),
        )
        for name, one in found.items()
    ]
    described = "; ".join(
        f"{line.name}: from {number(line.moments[0].value)} at 0 seconds to {number(line.moments[-1].value)} at 10"
        for line in lines
    )
    drawing = plot(
        lines,
        Scale1D(low=0.0, high=10.0),
        Scale1D(low=0.0, high=1.0),
        title="Agreement on moments by tolerance",
        described=described,
    )
    return PlotChart(
        label="Agreement on moments by tolerance",
        drawing=str(drawing),
        across="Seconds that starts may lie apart",
        up="F1, share of marks with a counterpart",
        key=[
            KeyRead(drawing=str(key(SHAPES[place])), label=f"{line.name}: {_ABOUT[line.name]}")
            for place, line in enumerate(lines)
        ],
    )


def _look_for(indicator: str | None) -> str:
    return "All look-fors" if indicator is None else Indicator(indicator).label


def _tolerance_table(found: Marks) -> TableRead:
    return table(
        "tolerance",
        "Agreement when starts may lie so many seconds apart.",
        (
            ("counted", "Counted", "text"),
            ("look_for", "Look-for", "text"),
            ("tolerance_s", "Seconds", "count"),
            ("f1", "F1", "figure"),
            ("low", "From", "figure"),
            ("high", "To", "figure"),
            ("matched", "Matched", "count"),
            ("reason", "Why not", "text"),
        ),
        [
            (
                name, _look_for(one.indicator), round(point.tolerance_s), point.f1.value, point.f1.low, point.f1.high,
                point.n_matched, point.f1.reason or point.f1.interval_reason,
            )
            for name, every in found.items()
            for one in every
            for point in one.curve
        ],
    )  # fmt: skip


def _evidence_table(found: Marks) -> TableRead:
    return table(
        "evidence",
        "Matched by overlap: at least half of the time that either mark covers is shared. κ is over time: marked or "
        "not, by both.",
        (
            ("counted", "Counted", "text"),
            ("look_for", "Look-for", "text"),
            ("recordings", "Recordings", "count"),
            ("marks", "Marks", "count"),
            ("matched", "Matched", "count"),
            ("f1", "F1", "figure"),
            ("low", "From", "figure"),
            ("high", "To", "figure"),
            ("kappa", "κ of time", "figure"),
            ("kappa_low", "From", "figure"),
            ("kappa_high", "To", "figure"),
            ("reason", "Why not", "text"),
        ),
        [
            (
                name, _look_for(one.indicator), one.n_submissions, one.n_reference + one.n_other, one.n_matched,
                one.f1.value, one.f1.low, one.f1.high, one.kappa_continuous.value, one.kappa_continuous.low,
                one.kappa_continuous.high, one.f1.reason or one.f1.interval_reason,
            )
            for name, every in found.items()
            for one in every
        ],
    )  # fmt: skip


def missed_figure(chosen: Chosen) -> FigureRead:
    """What audit windows say of moments that no suggestion pointed at."""
    title = "What do suggestions miss?"
    audited = [read for read in chosen.reads if read.windows]
    if not audited:
        need = need_of(0, 1, "review with audit windows", "reviews with audit windows")
        text = f"{need.text} Every review that shows suggestions has some, unless the program asks for none."
        return FigureRead(id="missed", title=title, shown=False, need=Need(have=0, needed=1, text=text))
    windows, flagged = audit_of(audited, _look_fors(chosen.rubric))
    found = missed_moments(windows, flagged=flagged)
    scale = scale_for([], at_least=(0.0, 1.0))
    return FigureRead(
        id="missed",
        title=title,
        shown=True,
        sentences=[
            "Reviewers are also shown stretches that no suggestion points at, drawn at random with known chances. What "
            "they mark there tells how much suggestions miss. Nothing found is not nothing missed: see the interval.",
            *(f"{Indicator(one.indicator).label}: {reading(one).plain}" for one in found),
        ],
        apa=[reading(one).apa.replace(one.indicator, Indicator(one.indicator).label) for one in found],
        notes=[
            "The share is of all moments: those missed, and those suggested that the same reviewer said support.",
            "A window drawn for two reviewers of a recording counts once, with the chance that either draw had it.",
        ],
        chart=RowsChart(
            label="Share of moments that no suggestion pointed at",
            rows=[_missed_row(one, scale) for one in found],
            axis=str(axis(scale)),
            axis_label="Share missed of all such moments, with 95 % interval",
            key=[],
        ),
        tables=[_missed_table(found)],
    )


def _look_fors(rubric: Rubric) -> tuple[str, ...]:
    """Those the rubric asks for: nobody auditing under it was asked about the others."""
    asked = {indicator.value for criterion in rubric.criteria for indicator in criterion.indicators}
    return tuple(indicator.value for indicator in Indicator if not asked or indicator.value in asked)


def audit_of(reads: Sequence[Read], look_fors: Sequence[str]) -> tuple[tuple[Audited, ...], dict[str, int]]:
    """Distinct windows of each recording with the chance that any of its draws had them, and confirmed suggestions.

    Reviewers of one recording draw from the same free windows, independently: a window is in with chance
    1 - Π(1 - p). Where two drew it, what the first of them found counts. Draws on different machine runs are not
    mixed: the run with most reviews speaks for the recording.
    """
    windows: list[Audited] = []
    flagged = dict.fromkeys(look_fors, 0)
    by_submission: dict[str, dict[int, list[Read]]] = defaultdict(lambda: defaultdict(list))
    for read in reads:
        by_submission[read.submission][read.annotation].append(read)
    for submission, runs in by_submission.items():
        own = max(runs.items(), key=lambda run: (len(run[1]), run[0]))[1]
        p = 1.0 - math.prod(1.0 - read.windows[0].p for read in own)
        seen: set[float] = set()
        for read in own:
            for window in read.windows:
                if window.start in seen:
                    continue
                seen.add(window.start)
                counts = dict(window.found)
                windows += [
                    Audited(
                        submission=submission, start=window.start, end=window.end, p=p, indicator=name,
                        missed=counts.get(name, 0),
                    )
                    for name in look_fors
                ]  # fmt: skip
        for name, n in own[0].supported:
            if name in flagged:
                flagged[name] += n
    return tuple(windows), flagged


def _missed_row(one: Missed, scale: Scale1D) -> ChartRow:
    drawn = track([Point(value=one.share, low=one.share_low, high=one.share_high)], scale)
    beside = "–" if one.share is None else percent(one.share)
    if one.share_low is not None and one.share_high is not None:
        beside += f" [{percent(one.share_low)}, {percent(one.share_high)}]"
    return ChartRow(label=Indicator(one.indicator).label, drawing=str(drawn), beside=beside)


def _missed_table(found: Sequence[Missed]) -> TableRead:
    return table(
        "missed",
        "Estimated from the windows and the chances they were drawn with (Horvitz and Thompson). In all: in these "
        "recordings. An hour: of time that no suggestion points at.",
        (
            ("look_for", "Look-for", "text"),
            ("windows", "Windows", "count"),
            ("recordings", "Recordings", "count"),
            ("found", "Found", "count"),
            ("confirmed", "Suggested and confirmed", "count"),
            ("total", "Missed in all", "fine"),
            ("total_low", "From", "fine"),
            ("total_high", "To", "fine"),
            ("per_hour", "An hour", "fine"),
            ("per_hour_low", "From", "fine"),
            ("per_hour_high", "To", "fine"),
            ("share", "Share missed", "share"),
            ("share_low", "From", "share"),
            ("share_high", "To", "share"),
            ("method", "Method", "text"),
            ("reason", "Why not", "text"),
        ),
        [
            (
                Indicator(one.indicator).label, one.n_windows, one.n_submissions, one.n_found, one.flagged, one.total,
                one.total_low, one.total_high, one.per_hour, one.per_hour_low, one.per_hour_high, one.share,
                one.share_low, one.share_high, one.method, one.reason,
            )
            for one in found
        ],
    )  # fmt: skip
