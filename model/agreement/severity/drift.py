"""Whether a rater grows more or less severe with time, compared with the others on the same units."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.agreement.chance.assess import NOTHING_PAIRABLE
from model.agreement.ratings import Codes, Floats, RatingsInvalid, RatingsLike
from model.agreement.severity.regression import ClusteredRegression, Estimate
from model.agreement.variance.scores import ScoreTable, numeric_array, read_scores

RELATIVE = (
    "Severity and drift are relative to the average of these raters: if all of them drift together, double ratings "
    "alone cannot show it. Scores of an anchor (an expert's, or a master rating) would."
)
ABSOLUTE = "Severity and drift are measured against the anchor scores."


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterDrift:
    """slope: change of severity in score points per unit of time, positive is growing harsher.

    p_adjusted: Holm's adjustment over all raters. df: Satterthwaite's; below about 4 the interval is a guess and
    `reason` is set instead. severity: at the mean time, positive is harsher.
    """

    rater: int
    slope: float | None
    se: float | None
    low: float | None
    high: float | None
    df: float | None
    p: float | None
    p_adjusted: float | None
    severity: float | None
    n: int  # ratings that can be compared with another rater's (or an anchor's)
    first: float | None
    last: float | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodSeverity:
    """Mean severity of one rater within a stretch of time, in score points, positive is harsher."""

    rater: int
    start: float
    end: float
    severity: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Slopes of all raters and severity by period; `against` says what severity is measured against."""

    raters: tuple[RaterDrift, ...]
    periods: tuple[PeriodSeverity, ...]
    against: str
    method: str
    confidence: float
    n_units: int
    n_pairable: int
    n_raters: int
    n_missing: int
    n_clusters: int
    percent_agreement: float | None
    reason: str | None


def drift(
    ratings: RatingsLike,
    *,
    times: Sequence[Any] | Any,
    categories: Sequence[Any] | None = None,
    anchors: Sequence[Any] | Any | None = None,
    periods: int = 4,
    confidence: float = 0.95,
    clusters: Sequence[Any] | Any | None = None,
) -> Drift:
    """Score = unit + rater + rater's slope x time, units swept out, so only units with two scores speak.

    ratings: shape (n_units, n_raters). times: shape (n_units,) or (n_units, n_raters), numbers in any unit, or dates
    (read as days). anchors: shape (n_units,), a trusted score where there is one: then each rater is compared with it
    alone and drift shared by all raters shows too. periods: stretches of time with equally many ratings.
    clusters: shape (n_units,), e.g. the submission of each unit.

    Standard errors are CR2 with Satterthwaite degrees of freedom, so a rater with few double-scored units gets a wide
    interval or a reason, never a confident slope.

    Raises:
        RatingsInvalid: unreadable scores, times or anchors, times missing where there is a score, or periods < 1.
    """
    table = read_scores(ratings, categories=categories, clusters=clusters)
    moments = _read_times(times, table)
    reference = _read_anchors(anchors, len(table.scores))
    if periods < 1 or not 0.0 < confidence < 1.0:
        raise RatingsInvalid("`periods` must be 1 or more and `confidence` between 0 and 1.", "Correct the request.")
    data = _comparable(table, moments, reference)
    reason = None if len(data.y) else NOTHING_PAIRABLE if anchors is None else "No rated unit has an anchor score."
    if reason is None and np.ptp(data.time) == 0.0:
        reason = "All scores were given at the same time, so nothing can be said of change."
    return Drift(
        raters=() if reason else _slopes(data, confidence),
        periods=() if reason else _by_period(data, periods, confidence),
        against=RELATIVE if anchors is None else ABSOLUTE,
        method="least squares within units, CR2 standard errors, t with Satterthwaite df"
        if anchors is None
        else "least squares of score minus anchor, CR2 standard errors, t with Satterthwaite df",
        confidence=confidence,
        n_units=len(table.scores),
        n_pairable=int((table.rated >= 2).sum()),
        n_raters=table.scores.shape[1],
        n_missing=int(np.isnan(table.scores).sum()),
        n_clusters=len(np.unique(table.clusters)),
        percent_agreement=table.percent_agreement(),
        reason=reason,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Comparable:
    """Scores that can be compared: shape (n_obs,) each. y is minus the score (severity points upwards)."""

    y: Floats
    unit: Codes
    rater: Codes
    time: Floats
    cluster: Codes
    n_raters: int
    relative: bool


def _comparable(table: ScoreTable, moments: Floats, reference: Floats | None) -> _Comparable:
    usable = ~np.isnan(table.scores)
    usable &= (table.rated >= 2)[:, None] if reference is None else ~np.isnan(reference)[:, None]
    unit, rater = np.nonzero(usable)
    against = np.zeros(len(unit)) if reference is None else reference[unit]
    return _Comparable(
        y=against - table.scores[unit, rater],
        unit=np.unique(unit, return_inverse=True)[1].astype(np.int64),
        rater=rater.astype(np.int64),
        time=moments[unit, rater],
        cluster=np.unique(table.clusters[unit], return_inverse=True)[1].astype(np.int64),
        n_raters=table.scores.shape[1],
        relative=reference is None,
    )


def _regress(data: _Comparable, columns: Floats) -> ClusteredRegression:
    """Severity on `columns`; in relative designs unit means are swept out of both sides."""
    if not data.relative:
        return ClusteredRegression(columns, data.y, data.cluster)
    counts = np.bincount(data.unit).astype(np.float64)

    def within(values: Floats) -> Floats:
        return values - (np.bincount(data.unit, weights=values) / counts)[data.unit]

    swept = np.column_stack([within(column) for column in columns.T])
    return ClusteredRegression(swept, within(data.y), data.cluster)


def _slopes(data: _Comparable, confidence: float) -> tuple[RaterDrift, ...]:
    r = data.n_raters
    member = (data.rater[:, None] == np.arange(r)).astype(np.float64)
    heard = member.any(axis=0)
    time = data.time - data.time.mean()
    fitted = _regress(data, np.column_stack([member, member * time[:, None]]))
    moved = np.array([bool(own.any()) and np.ptp(data.time[own]) > 0.0 for own in member.T.astype(bool)])
    slopes = [_contrast(fitted, rater, moved, r, data.relative, confidence) for rater in range(r)]
    levels = [_contrast(fitted, rater, heard, 0, data.relative, confidence) for rater in range(r)]
    adjusted = _holm([None if one is None else one.p for one in slopes])
    found = []
    for rater in range(r):
        own = data.rater == rater
        slope, level = slopes[rater], levels[rater]
        found.append(
            RaterDrift(
                rater=rater,
                slope=slope.value if slope else None,
                se=slope.se if slope else None,
                low=slope.low if slope else None,
                high=slope.high if slope else None,
                df=slope.df if slope else None,
                p=slope.p if slope else None,
                p_adjusted=adjusted[rater],
                severity=level.value if level else None,
                n=int(own.sum()),
                first=float(data.time[own].min()) if own.any() else None,
                last=float(data.time[own].max()) if own.any() else None,
                reason=None if slope else _why_no_slope(data, own),
            )
        )
    return tuple(found)


def _contrast(
    fitted: ClusteredRegression, rater: int, heard: np.ndarray, offset: int, relative: bool, confidence: float
) -> Estimate | None:
    """The rater's coefficient, in relative designs minus the mean over raters; None without two degrees of freedom."""
    if not heard[rater]:
        return None
    weights = np.zeros(len(fitted.coefficients))
    if relative:
        weights[offset : offset + len(heard)] = -heard.astype(np.float64) / heard.sum()
    weights[offset + rater] += 1.0
    found = fitted.contrast(weights, confidence=confidence)
    return found if found is not None and found.df >= 2.0 else None


def _why_no_slope(data: _Comparable, own: np.ndarray) -> str:
    if not own.any():
        return "This rater has no score that can be compared."
    if np.ptp(data.time[own]) == 0.0:
        return "This rater scored at one time only."
    return "Too few of this rater's scores can be compared over time to tell a slope from chance."


def _by_period(data: _Comparable, periods: int, confidence: float) -> tuple[PeriodSeverity, ...]:
    edges = np.quantile(data.time, np.linspace(0.0, 1.0, periods + 1))
    edges = np.unique(edges)
    place = np.clip(np.searchsorted(edges, data.time, side="right") - 1, 0, len(edges) - 2)
    found = []
    for period in range(len(edges) - 1):
        inside = place == period
        part = _Comparable(
            y=data.y[inside], unit=np.unique(data.unit[inside], return_inverse=True)[1].astype(np.int64),
            rater=data.rater[inside], time=data.time[inside],
            cluster=np.unique(data.cluster[inside], return_inverse=True)[1].astype(np.int64),
            n_raters=data.n_raters, relative=data.relative,
        )  # fmt: skip
        found.extend(_period(part, float(edges[period]), float(edges[period + 1]), confidence))
    return tuple(found)


def _period(part: _Comparable, start: float, end: float, confidence: float) -> list[PeriodSeverity]:
    member = (part.rater[:, None] == np.arange(part.n_raters)).astype(np.float64)
    heard = member.any(axis=0)
    fitted = _regress(part, member) if len(part.y) else None
    found = []
    for rater in range(part.n_raters):
        one = _contrast(fitted, rater, heard, 0, part.relative, confidence) if fitted else None
        found.append(
            PeriodSeverity(
                rater=rater,
                start=start,
                end=end,
                severity=one.value if one else None,
                low=one.low if one else None,
                high=one.high if one else None,
                n=int(member[:, rater].sum()),
            )
        )
    return found


def _holm(p: list[float | None]) -> list[float | None]:
    """Holm's (1979) step-down adjustment; None stays None."""
    order = sorted((value, place) for place, value in enumerate(p) if value is not None)
    found: list[float | None] = [None] * len(p)
    highest = 0.0
    for rank, (value, place) in enumerate(order):
        highest = max(highest, min(1.0, value * (len(order) - rank)))
        found[place] = highest
    return found


def _read_times(times: Sequence[Any] | Any, table: ScoreTable) -> Floats:
    cells = np.asarray(times)
    if cells.dtype.kind == "M":
        cells = _days(cells)
    elif cells.dtype.kind == "O" and any(isinstance(one, datetime.date) for one in cells.ravel()):
        cells = _days(cells.astype("datetime64[s]"))
    shape = table.scores.shape
    found = numeric_array(cells.reshape(-1, 1) if cells.ndim == 1 else cells, dimensions=2)
    if found.shape == (shape[0], 1):
        found = np.repeat(found, shape[1], axis=1)
    if found.shape != shape:
        raise RatingsInvalid(
            f"Times have shape {cells.shape} for ratings of shape {shape}.", "Give one time per unit or per rating."
        )
    lacking = np.isnan(found) & ~np.isnan(table.scores)
    if lacking.any():
        row, column = (int(one) for one in np.argwhere(lacking)[0])
        raise RatingsInvalid(
            f"The score in row {row}, column {column} (counted from 0) has no time.", "Add its time or leave it out.",
            row=row, column=column,
        )  # fmt: skip
    return found


def _days(moments: Any) -> Floats:
    stamps = moments.astype("datetime64[s]")
    days = stamps.astype(np.int64) / 86_400.0
    return np.where(np.isnat(stamps), np.nan, days - np.min(days[~np.isnat(stamps)], initial=np.inf))


def _read_anchors(anchors: Sequence[Any] | Any | None, n_units: int) -> Floats | None:
    if anchors is None:
        return None
    found = numeric_array(np.asarray(anchors, dtype=object).reshape(-1, 1), dimensions=2)[:, 0]
    if len(found) != n_units:
        raise RatingsInvalid(f"There are {len(found)} anchors for {n_units} units.", "Give one, or None, per unit.")
    return found
