"""Variance components: REML for units and raters, and Henderson's Method 1 for any crossed or nested facets."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.optimize

from model.agreement.ratings import Codes, Floats


class Components(NamedTuple):
    """Variances of units, raters and the residual (interaction and error)."""

    units: float
    raters: float
    residual: float


def reml(scores: Floats, *, raters: bool) -> Components:
    """REML for score = mean + unit + rater + residual, all random; missing cells are left out.

    scores: shape (n_units, n_raters), NaN where missing, each unit with at least one score. Without `raters` the
    model is one-way. The restricted likelihood is profiled over the residual and maximised over the two ratios of
    standard deviations (as Bates et al. 2015 do), units eliminated in closed form and raters through an r x r matrix.
    Variances cannot be negative: an estimate of exactly 0 is a boundary.
    """
    present = ~np.isnan(scores)
    centre = float(scores[present].mean())
    spread = float(scores[present].std()) or 1.0
    y = np.where(present, (scores - centre) / spread, 0.0)
    problem = _Reml(y=y, present=present.astype(np.float64))
    free = 2 if raters else 1

    def objective(theta: Floats) -> float:
        return problem.deviance(theta[0], theta[1] if raters else 0.0)[0]

    def mirrored(theta: Floats) -> float:
        return objective(np.abs(theta))

    best = min(
        (
            scipy.optimize.minimize(objective, np.full(free, start), bounds=[(0.0, None)] * free, method="L-BFGS-B")
            for start in (1.0, 0.2)
        ),
        key=lambda fit: float(fit.fun),
    )
    start = np.asarray(best.x, dtype=np.float64)
    fine: Any = {"xatol": 1e-9, "fatol": 1e-12, "initial_simplex": _simplex(start), "maxiter": 2000}
    polished = scipy.optimize.minimize(mirrored, start, method="Nelder-Mead", options=fine)
    theta = np.abs(polished.x)
    residual = problem.deviance(theta[0], theta[1] if raters else 0.0)[1]
    ratios = np.where(theta < 1e-6, 0.0, theta) ** 2
    scale = residual * spread**2
    return Components(float(ratios[0] * scale), float(ratios[1] * scale) if raters else 0.0, float(scale))


def _simplex(start: Floats) -> Floats:
    steps = np.diag(np.maximum(0.02 * np.abs(start), 1e-3))
    return np.vstack([start, start + steps])


class _Reml:
    """The restricted deviance of the unit + rater model as a function of sd ratios to the residual."""

    def __init__(self, y: Floats, present: Floats) -> None:
        self.y, self.present = y, present
        self.per_unit = present.sum(axis=1)
        self.n = float(present.sum())
        self.by_rater = present.sum(axis=0)
        self.unit_sums, self.rater_sums = y.sum(axis=1), y.sum(axis=0)
        self.squares = float((y**2).sum())

    def deviance(self, unit_ratio: float, rater_ratio: float) -> tuple[float, float]:
        """-2 restricted log-likelihood up to a constant, and the residual variance that goes with it."""
        g, h = unit_ratio**2, rater_ratio**2
        shrink = g / (1.0 + g * self.per_unit)  # inverse of I + g J is I - shrink J within a unit
        weighted = self.present * shrink[:, None]
        raters = np.diag(self.by_rater) - self.present.T @ weighted
        ones_by_rater = self.by_rater - weighted.T @ self.per_unit
        y_by_rater = self.rater_sums - weighted.T @ self.unit_sums
        ones = self.n - float((shrink * self.per_unit**2).sum())
        ones_y = float(self.unit_sums.sum() - (shrink * self.per_unit * self.unit_sums).sum())
        yy = self.squares - float((shrink * self.unit_sums**2).sum())
        inner = np.eye(len(raters)) + h * raters
        solved = np.linalg.solve(inner, np.column_stack([ones_by_rater, y_by_rater]))
        ones -= h * float(ones_by_rater @ solved[:, 0])
        ones_y -= h * float(ones_by_rater @ solved[:, 1])
        yy -= h * float(y_by_rater @ solved[:, 1])
        quadratic = max(yy - ones_y**2 / ones, 1e-300)
        residual = quadratic / (self.n - 1.0)
        log_v = float(np.log1p(g * self.per_unit).sum()) + float(np.linalg.slogdet(inner)[1])
        return (self.n - 1.0) * float(np.log(residual)) + log_v + float(np.log(ones)), residual


def henderson(scores: Floats, effects: Mapping[str, npt.NDArray[np.int64]]) -> dict[str, float]:
    """Henderson's Method 1, "analogous ANOVA" (Henderson 1953; Searle, Casella & McCulloch 1992, ch. 5; Brennan 2001,
    ch. 7): each uncorrected sum of squares T = Σ (total of level)² / (its n) is set equal to its expectation.

    scores: shape (n_obs,); effects: for every random effect the level of each observation, shape (n_obs,), the last
    one distinguishing all observations. Unbiased for any pattern of missing data; equal to ANOVA when none is
    missing; may be negative.

    Raises:
        numpy.linalg.LinAlgError: the design cannot tell the effects apart.
    """
    y = scores - scores.mean()  # the estimates do not depend on it, the arithmetic does
    names = list(effects)
    whole = np.zeros(len(y), dtype=np.int64)
    rows = [whole, *effects.values()]
    coefficients = np.array([[_expected(a, b) for b in rows[1:]] for a in rows])
    system = np.column_stack([coefficients, np.full(len(rows), float(len(y)))])
    observed = np.array([_sum_of_squares(y, labels) for labels in rows])
    if np.linalg.matrix_rank(system) < len(rows):
        raise np.linalg.LinAlgError("effects are confounded")
    solved = np.linalg.solve(system, observed)
    return dict(zip(names, (float(value) for value in solved), strict=False))


def _sum_of_squares(y: Floats, labels: Codes) -> float:
    counts = np.bincount(labels)
    totals = np.bincount(labels, weights=y)
    return float((totals[counts > 0] ** 2 / counts[counts > 0]).sum())


def _expected(a: Codes, b: Codes) -> float:
    """Coefficient of effect b's variance in the expectation of T_a: Σ_a Σ_b n_ab² / n_a."""
    pairs, counts = np.unique(a * (int(b.max()) + 1) + b, return_counts=True)
    per_a = np.bincount(a)
    return float((counts**2 / per_a[pairs // (int(b.max()) + 1)]).sum())
