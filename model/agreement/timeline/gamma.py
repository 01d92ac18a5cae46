"""Gamma (Mathet, Widlöcher & Métivier 2015): unitizing and categorising judged together, through pygamma-agreement."""

import contextlib
import importlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.agreement.chance.intervals import t_quantile
from model.agreement.ratings import RatingsInvalid
from model.agreement.timeline.spans import Mark, Timeline, check_timelines, only
from model.errors import LookforsError


class GammaUnavailable(LookforsError):
    """The optional package that computes gamma is not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gamma:
    """Mean gamma over submissions, each weighing by its marks; 1 is perfect, 0 what chance placement gives.

    low, high: t interval over submissions, None under five. n_left_out: submissions without an answer because a rater
    marked nothing there (n_one_sided of them were marked by somebody).
    """

    indicator: str | None
    value: float | None
    reason: str | None
    low: float | None
    high: float | None
    interval_reason: str | None
    n_submissions: int
    n_left_out: int
    n_one_sided: int
    n_marks: int
    per_submission: tuple[tuple[str, float], ...]
    seed: int
    precision: float | None
    method: str
    confidence: float = 0.95
    notes: tuple[str, ...] = ()


def gamma_agreement(
    timelines: Sequence[Timeline],
    *,
    indicator: str | None = None,
    precision: float | None = None,
    confidence: float = 0.95,
    seed: int = 0,
    progress: Callable[[float], None] = lambda _share: None,
) -> Gamma:
    """Gamma per submission, then their mean weighted by marks; chance is sampled, so `seed` is part of the answer.

    indicator: one indicator (place only), or None for all (place and indicator). precision: None compares with 30
    chance samples (seconds for dozens of marks, standard deviation of gamma about .005); a number keeps sampling until
    the chance level is known to that share, e.g. .01, at several times the cost.
    A submission where a rater marked nothing has no gamma: it is left out and counted.
    progress: told the share of submissions done.

    Raises:
        GammaUnavailable: pygamma-agreement is not installed (`pip install lookfors[spans]`).
        RatingsInvalid: marks with impossible times, or a precision outside (0, 1).
    """
    check_timelines(timelines)
    if not 0.0 < (precision or 0.5) < 1.0 or not 0.0 < confidence < 1.0:
        raise RatingsInvalid("Precision and confidence must lie between 0 and 1.", "Use for example .02 and .95.")
    package = _package()
    kinds = {mark.indicator for timeline in timelines for own in timeline.marks.values() for mark in own}
    dissimilarity = (
        package.CombinedCategoricalDissimilarity(delta_empty=1.0, alpha=1.0, beta=1.0)
        if indicator is None and len(kinds) > 1
        else package.PositionalSporadicDissimilarity(delta_empty=1.0)
    )
    values: list[tuple[str, float]] = []
    weights: list[int] = []
    left_out = one_sided = 0
    for place, timeline in enumerate(timelines):
        progress(place / len(timelines))
        marks = {rater: only(own, indicator) for rater, own in timeline.marks.items()}
        if len(marks) < 2 or not all(marks.values()):
            left_out += 1
            one_sided += len(marks) >= 2 and any(marks.values())
            continue
        values.append((timeline.submission, _of_submission(package, dissimilarity, marks, precision, seed)))
        weights.append(sum(len(own) for own in marks.values()))
    return _report(indicator, values, weights, (left_out, one_sided), (precision, confidence, seed))


def _package() -> Any:
    try:
        return importlib.import_module("pygamma_agreement")
    except ImportError as missing:
        raise GammaUnavailable(
            "Gamma needs the package pygamma-agreement, which is not installed: pip install 'lookfors[spans]'."
        ) from missing


def _of_submission(
    package: Any, dissimilarity: Any, marks: dict[str, tuple[Mark, ...]], precision: float | None, seed: int
) -> float:
    continuum = package.Continuum()
    segment = importlib.import_module("pyannote.core").Segment
    for rater, own in marks.items():
        for mark in own:
            # a point in time has no length to place at random: it stands for a tenth of a second
            continuum.add(rater, segment(mark.start, max(mark.end, mark.start + 0.1)), mark.indicator)
    before = np.random.get_state()  # noqa: NPY002 - the package draws from numpy's global generator
    try:
        np.random.seed(seed)  # noqa: NPY002
        with _solver_held_quiet():
            found = continuum.compute_gamma(dissimilarity, n_samples=30, precision_level=precision)
            return float(found.gamma)
    finally:
        np.random.set_state(before)  # noqa: NPY002


@contextlib.contextmanager
def _solver_held_quiet() -> Iterator[None]:
    """The package warns through the root logger, once per alignment, that it uses another solver than its favourite;
    without a handler that call would also install one for the whole program. That solver, GLPK, prints unless told
    not to; cvxpy tells it for one solution at a time, which fails when samples are solved side by side."""
    solver = importlib.import_module("cvxopt.glpk").options
    before = dict(solver)
    solver["msg_lev"] = "GLP_MSG_OFF"
    root, handler = logging.getLogger(), logging.NullHandler()

    def other_than_solver(record: logging.LogRecord) -> bool:
        return "solver not installed" not in record.getMessage()

    root.addHandler(handler)
    root.addFilter(other_than_solver)
    try:
        yield
    finally:
        root.removeFilter(other_than_solver)
        root.removeHandler(handler)
        solver.clear()
        solver.update(before)


def _report(
    indicator: str | None,
    values: list[tuple[str, float]],
    weights: list[int],
    counts: tuple[int, int],
    settings: tuple[float | None, float, int],
) -> Gamma:
    left_out, one_sided = counts
    precision, confidence, seed = settings
    gammas, weight = np.array([value for _, value in values]), np.array(weights, dtype=np.float64)
    mean = float((gammas * weight).sum() / weight.sum()) if values else None
    low = high = None
    if mean is not None and len(values) >= 5:
        share = weight / weight.sum()
        se = float(np.sqrt(len(values) / (len(values) - 1) * (share**2 * (gammas - mean) ** 2).sum()))
        half = t_quantile(confidence, len(values) - 1) * se
        low, high = mean - half, min(1.0, mean + half)
    return Gamma(
        indicator=indicator,
        value=mean,
        reason=None if values else "On no submission did two raters both mark something.",
        low=low,
        high=high,
        interval_reason=None if low is not None or mean is None else "Fewer than 5 submissions have a gamma.",
        n_submissions=len(values),
        n_left_out=left_out,
        n_one_sided=one_sided,
        n_marks=int(weight.sum()),
        per_submission=tuple(values),
        seed=seed,
        precision=precision,
        confidence=confidence,
        method="pygamma-agreement; mean over submissions weighted by marks, t interval",
        notes=(f"{one_sided} submissions where only some raters marked anything are left out, which flatters.",)
        if one_sided
        else (),
    )
