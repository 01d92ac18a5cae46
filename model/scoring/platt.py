"""Cumulative Platt scaling of an ordinal distribution, drawn towards leaving it as it is.

With z_k = logit P_raw(level > k), k = 1 … K-1, mean z̄ over k and gaps g_j = z_j - z_{j+1} ≥ 0, the calibrated logits of
criterion c are

    η_k = e^α z̄ + b + b_c + D_k,   D_k - D_{k+1} = e^{α + γ_k} g_k,   mean of D = 0.

Gaps stay positive, so calibrated cumulative probabilities never cross, whatever the parameters. α = b = b_c = γ = 0
is the identity, and a normal prior on each parameter (ridge) draws towards it: with few scores little changes. The
maximum is found with SciPy's BFGS, whose line search keeps steps from diverging where the machine is
overconfident. Platt (1999) for two classes; the cumulative form is McCullagh's (1980) model on the machine's logits.
"""

from dataclasses import dataclass

import numpy as np
import scipy.optimize
import scipy.special

from model.scoring.estimate import Floats, Ints

CLIP = 1e-4
"""Raw chances are kept this far from 0 and 1: a machine that says "never" must remain correctable."""
_SMALLEST_GAP = 1e-6
_FURTHEST = 20.0  # a line search may try anything; e^20 still adds up, and no ridge leaves a maximum out there


@dataclass(frozen=True, slots=True, kw_only=True)
class Ridge:
    """Standard deviations of the normal priors around the centre; wider trusts the data sooner."""

    slope: float = 1.0  # of α
    shift: float = 1.5  # of b
    criterion: float = 0.5  # of b_c
    gap: float = 0.5  # of γ_k


@dataclass(frozen=True, slots=True, kw_only=True)
class Platt:
    """Fitted parameters; the default of all zeros is the identity."""

    slope: float  # α
    shift: float  # b
    criteria: tuple[float, ...]  # b_c
    gaps: tuple[float, ...]  # γ_k, one fewer than thresholds


def identity(n_criteria: int, n_levels: int) -> Platt:
    return Platt(slope=0.0, shift=0.0, criteria=(0.0,) * n_criteria, gaps=(0.0,) * (n_levels - 2))


def fit_platt(
    raw: Floats, level: Ints, criterion: Ints, weight: Floats, *, centre: Platt, ridge: Ridge | None = None
) -> Platt:
    """Maximum a posteriori parameters around `centre`.

    Shapes: raw (n, n_levels), level, criterion and weight (n,).
    """
    ridge = ridge or Ridge()
    mean, gaps = _logits(raw)
    n_criteria, n_gaps = len(centre.criteria), gaps.shape[1]
    start = _pack(centre)
    precision = np.concatenate(
        [
            [ridge.slope**-2.0, ridge.shift**-2.0],
            np.full(n_criteria, ridge.criterion**-2.0),
            np.full(n_gaps, ridge.gap**-2.0),
        ]
    )
    spread = _spread(n_gaps + 1)

    def objective(parameters: Floats) -> tuple[float, Floats]:
        parameters = np.clip(parameters, -_FURTHEST, _FURTHEST)
        scaled = gaps * np.exp(parameters[0] + parameters[2 + n_criteria :])
        moved = np.exp(parameters[0]) * mean[:, None] + scaled @ spread
        eta = moved + parameters[1] + parameters[2 + criterion][:, None]
        log_p, slope_eta = _log_likelihood(eta, scaled, level)
        slope_eta *= weight[:, None]
        by_row = slope_eta.sum(axis=1)
        gradient = np.concatenate(
            [
                [(slope_eta * moved).sum(), by_row.sum()],
                np.bincount(criterion, weights=by_row, minlength=n_criteria),
                ((slope_eta @ spread.T) * scaled).sum(axis=0),
            ]
        )
        away = parameters - start
        loss = -float(weight @ log_p) + 0.5 * float(precision @ away**2)
        return loss, precision * away - gradient

    # BFGS rather than L-BFGS-B: the latter's threaded linear algebra is 25 times slower on a busy machine at this size.
    found = scipy.optimize.minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-4})
    return _unpack(found.x, n_criteria)


def apply_platt(platt: Platt, raw: Floats, criterion: Ints) -> Floats:
    """Calibrated distributions, shape (n, n_levels)."""
    mean, gaps = _logits(raw)
    scaled = gaps * np.exp(platt.slope + np.asarray(platt.gaps))
    eta = np.exp(platt.slope) * mean[:, None] + scaled @ _spread(gaps.shape[1] + 1)
    eta = eta + platt.shift + np.asarray(platt.criteria)[criterion][:, None]
    above = scipy.special.expit(eta)
    edge = np.ones((len(raw), 1))
    distribution = -np.diff(np.concatenate([edge, above, 0.0 * edge], axis=1), axis=1)
    clean = np.maximum(distribution, 0.0)  # differences of equal numbers can fall below 0 by the last bit
    calibrated: Floats = clean / clean.sum(axis=1, keepdims=True)
    return calibrated


def _logits(raw: Floats) -> tuple[Floats, Floats]:
    """Mean logit, shape (n,), and gaps between neighbouring logits, shape (n, n_levels - 2)."""
    above = np.cumsum(raw[:, ::-1], axis=1)[:, ::-1][:, 1:]
    z = scipy.special.logit(np.clip(above, CLIP, 1.0 - CLIP))
    return z.mean(axis=1), np.maximum(-np.diff(z, axis=1), _SMALLEST_GAP)


def _spread(n_thresholds: int) -> Floats:
    """Matrix of shape (n_gaps, n_thresholds): gaps @ it are thresholds with those gaps and mean 0, descending."""
    below: Floats = -np.triu(np.ones((n_thresholds - 1, n_thresholds)), k=1)
    centred: Floats = below - below.mean(axis=1, keepdims=True)
    return centred


def _log_likelihood(eta: Floats, gaps: Floats, level: Ints) -> tuple[Floats, Floats]:
    """log P(level), shape (n,), and its gradient in η, shape (n, n_levels - 1).

    P(level = k) = F(η_{k-1}) - F(η_k) = F(η_{k-1}) F(-η_k) (1 - e^{-gap}): no difference of near-equal numbers.
    """
    n, thresholds = eta.shape
    log_p, gradient = np.zeros(n), np.zeros_like(eta)
    has_lower, has_upper = np.flatnonzero(level > 0), np.flatnonzero(level < thresholds)
    lower = eta[has_lower, level[has_lower] - 1]
    log_p[has_lower] += scipy.special.log_expit(lower)
    gradient[has_lower, level[has_lower] - 1] += scipy.special.expit(-lower)
    upper = eta[has_upper, level[has_upper]]
    log_p[has_upper] += scipy.special.log_expit(-upper)
    gradient[has_upper, level[has_upper]] -= scipy.special.expit(upper)
    inner = np.flatnonzero((level > 0) & (level < thresholds))
    gap = gaps[inner, level[inner] - 1]
    log_p[inner] += np.log(-np.expm1(-gap))
    pressure = 1.0 / np.expm1(np.minimum(gap, 500.0))  # e^500 still fits a float; beyond, the pressure is nil
    gradient[inner, level[inner] - 1] += pressure
    gradient[inner, level[inner]] -= pressure
    return log_p, gradient


def _pack(platt: Platt) -> Floats:
    return np.array([platt.slope, platt.shift, *platt.criteria, *platt.gaps], dtype=np.float64)


def _unpack(parameters: Floats, n_criteria: int) -> Platt:
    values = [float(value) for value in parameters]
    return Platt(
        slope=values[0],
        shift=values[1],
        criteria=tuple(values[2 : 2 + n_criteria]),
        gaps=tuple(values[2 + n_criteria :]),
    )
