"""The many-facet Rasch model's marginal likelihood, its exact gradient and its maximum."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.optimize
import scipy.sparse
import scipy.special

from model.agreement.ratings import Codes, Floats

NODES = np.linspace(-6.0, 6.0, 121)  # standard normal quadrature; spacing .1 resolves posteriors down to .1 sd
_LOG_WEIGHTS = -(NODES**2) / 2.0 - np.log(np.exp(-(NODES**2) / 2.0).sum())
_LEAST_LOG_SD = np.log(1e-3)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observations:
    """Long-format ratings: shape (n_obs,) each; `score` counts steps from 0 to n_steps."""

    unit: Codes
    rater: Codes
    item: Codes
    score: Codes
    n_units: int
    n_raters: int
    n_items: int
    n_steps: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parameters:
    """severity (r,), difficulty (i,) and thresholds (g, m) each sum to 0 (thresholds per row); g is 1 or i."""

    severity: Floats
    difficulty: Floats
    thresholds: Floats
    mean: float
    sd: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """The maximum, covariances of the constrained parameters, and what the posterior says of each combination."""

    parameters: Parameters
    log_likelihood: float
    converged: bool
    severity_covariance: Floats
    difficulty_covariance: Floats
    threshold_covariance: Floats  # of the thresholds, row after row
    posterior: Floats  # (n_units, nodes)
    infit_raters: Floats
    outfit_raters: Floats
    infit_items: Floats
    outfit_items: Floats


def contrasts(n: int) -> Floats:
    """Orthonormal columns spanning vectors of length n that sum to 0, shape (n, n - 1)."""
    found = np.zeros((n, n - 1))
    for column in range(n - 1):
        found[: column + 1, column] = 1.0
        found[column + 1, column] = -(column + 1.0)
    return found / np.linalg.norm(found, axis=0) if n > 1 else found


def probabilities(eta: Floats, thresholds: Floats) -> Floats:
    """P(score = k) for k = 0..m, shape (*eta.shape, m + 1); Andrich (1978): log-odds of step k are eta - τ_k."""
    steps = eta[..., None] - thresholds
    logits = np.concatenate([np.zeros((*eta.shape, 1)), np.cumsum(steps, axis=-1)], axis=-1)
    return np.asarray(scipy.special.softmax(logits, axis=-1))


class MarginalLikelihood:
    """-log L of θ ~ N(mean, sd²) integrated out, over [severity | difficulty | thresholds | mean, log sd]."""

    def __init__(self, data: Observations, *, by_item: bool) -> None:
        self.data, self.by_item = data, by_item
        pairs, place = np.unique(data.rater * data.n_items + data.item, return_inverse=True)
        self.raters, self.items = pairs // data.n_items, pairs % data.n_items
        self.levels = data.n_steps + 1
        cells = place * self.levels + data.score
        shape = (data.n_units, len(pairs) * self.levels)
        self.counts = scipy.sparse.csr_array((np.ones(len(cells)), (data.unit, cells)), shape=shape)
        self.severity_map, self.difficulty_map = contrasts(data.n_raters), contrasts(data.n_items)
        self.step_map = contrasts(data.n_steps)
        self.groups = self.items if by_item else np.zeros(len(pairs), dtype=np.int64)
        self.n_groups = data.n_items if by_item else 1
        free = (data.n_raters - 1, data.n_items - 1, self.n_groups * (data.n_steps - 1))
        self.splits = np.cumsum(free)

    @property
    def size(self) -> int:
        return int(self.splits[-1]) + 2

    def unpack(self, free: Floats) -> Parameters:
        a, b, t, last = np.split(free, self.splits)
        steps = t.reshape(self.n_groups, -1) @ self.step_map.T
        return Parameters(
            severity=self.severity_map @ a,
            difficulty=self.difficulty_map @ b,
            thresholds=steps,
            mean=float(last[0]),
            sd=float(np.exp(last[1])),
        )

    def tables(self, parameters: Parameters) -> Floats:
        """P(score = k) of every rater-item pair at every node, shape (pairs, nodes, m + 1)."""
        ability = parameters.mean + parameters.sd * NODES
        eta = ability - parameters.severity[self.raters][:, None] - parameters.difficulty[self.items][:, None]
        return probabilities(eta, parameters.thresholds[self.groups][:, None, :])

    def posterior(self, tables: Floats) -> tuple[Floats, float]:
        """Posterior weight of every node for every unit, shape (n_units, nodes), and log L."""
        flat = np.log(np.maximum(tables, 1e-300)).transpose(0, 2, 1).reshape(-1, len(NODES))
        joint = np.asarray(self.counts @ flat) + _LOG_WEIGHTS
        peak = joint.max(axis=1, keepdims=True)
        weights = np.exp(joint - peak)
        sums = weights.sum(axis=1, keepdims=True)
        return weights / sums, float((np.log(sums) + peak).sum())

    def expected_counts(self, posterior: Floats) -> Floats:
        """How often each pair gave each score to units at each node, shape (pairs, m + 1, nodes)."""
        return np.asarray(self.counts.T @ posterior).reshape(len(self.raters), self.levels, len(NODES))

    def __call__(self, free: Floats) -> tuple[float, Floats]:
        parameters = self.unpack(free)
        tables = self.tables(parameters)
        posterior, log_likelihood = self.posterior(tables)
        counts = self.expected_counts(posterior)
        scores = np.arange(self.levels)
        total = counts.sum(axis=1)
        surplus = np.einsum("ckq,k->cq", counts, scores) - total * (tables @ scores)  # Σ (x - E)
        at_least = np.cumsum(tables[..., ::-1], axis=-1)[..., ::-1][..., 1:]
        observed = np.cumsum(counts[:, ::-1], axis=1)[:, ::-1][:, 1:].sum(axis=2)
        steps = np.einsum("cq,cqm->cm", total, at_least) - observed
        by_group = np.zeros((self.n_groups, self.data.n_steps))
        np.add.at(by_group, self.groups, steps)
        per_pair = surplus.sum(axis=1)
        gradient = np.concatenate(
            [
                -self.severity_map.T @ np.bincount(self.raters, weights=per_pair, minlength=self.data.n_raters),
                -self.difficulty_map.T @ np.bincount(self.items, weights=per_pair, minlength=self.data.n_items),
                (by_group @ self.step_map).ravel(),
                [surplus.sum(), parameters.sd * float((surplus @ NODES).sum())],
            ]
        )
        return -log_likelihood, -gradient


def fit(data: Observations, *, by_item: bool) -> Fit:
    """Maximum of the marginal likelihood (L-BFGS-B, then Newton steps on the observed information)."""
    likelihood = MarginalLikelihood(data, by_item=by_item)
    bounds: list[tuple[float | None, float | None]] = [(None, None)] * (likelihood.size - 1)
    bounds.append((_LEAST_LOG_SD, 5.0))
    rough: Any = scipy.optimize.minimize(
        likelihood, np.zeros(likelihood.size), jac=True, method="L-BFGS-B", bounds=bounds,
        options={"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-6},
    )  # fmt: skip
    free, information = _newton(likelihood, np.asarray(rough.x))
    covariance = np.linalg.pinv(information, hermitian=True)
    parameters = likelihood.unpack(free)
    tables = likelihood.tables(parameters)
    posterior, log_likelihood = likelihood.posterior(tables)
    s, d, t = likelihood.splits
    wide = np.kron(np.eye(likelihood.n_groups), likelihood.step_map)
    return Fit(
        parameters=parameters,
        log_likelihood=log_likelihood,
        converged=bool(np.abs(likelihood(free)[1]).max() < 1e-3 * max(1.0, len(data.score) ** 0.5)),
        severity_covariance=likelihood.severity_map @ covariance[:s, :s] @ likelihood.severity_map.T,
        difficulty_covariance=likelihood.difficulty_map @ covariance[s:d, s:d] @ likelihood.difficulty_map.T,
        threshold_covariance=wide @ covariance[d:t, d:t] @ wide.T,
        posterior=posterior,
        **_mean_squares(likelihood, tables, posterior),
    )


def _newton(likelihood: MarginalLikelihood, free: Floats) -> tuple[Floats, Floats]:
    """A few Newton steps from a point that is already close, each kept only if it does not climb."""
    value, gradient = likelihood(free)
    information = _information(likelihood, free)
    for _ in range(3):
        step = np.linalg.lstsq(information, gradient, rcond=1e-10)[0]
        moved = free - step
        moved[-1] = np.clip(moved[-1], _LEAST_LOG_SD, 5.0)
        new_value, new_gradient = likelihood(moved)
        if not new_value <= value + 1e-9:
            break
        free, value, gradient = moved, new_value, new_gradient
        if np.abs(gradient).max() < 1e-9:
            break
    return free, information


def _information(likelihood: MarginalLikelihood, free: Floats) -> Floats:
    """Observed information by central differences of the exact gradient."""
    found = np.empty((len(free), len(free)))
    for place in range(len(free)):
        step = np.zeros_like(free)
        step[place] = 1e-4
        found[place] = (likelihood(free + step)[1] - likelihood(free - step)[1]) / 2e-4
    return (found + found.T) / 2.0


def _mean_squares(likelihood: MarginalLikelihood, tables: Floats, posterior: Floats) -> dict[str, Floats]:
    """Infit and outfit (Wright & Masters 1982, ch. 5), squared residuals averaged over the posterior of θ.

    infit = Σ (x - E)² / Σ V, outfit = mean of (x - E)² / V; averaged over (θ, x) drawn from the model both are 1.
    """
    counts = likelihood.expected_counts(posterior)
    scores = np.arange(likelihood.levels)
    mean = tables @ scores
    variance = np.maximum(tables @ scores**2 - mean**2, 1e-12)
    total = counts.sum(axis=1)
    squared = (
        np.einsum("ckq,k->cq", counts, scores**2)
        - 2.0 * np.einsum("ckq,k->cq", counts, scores) * mean
        + total * mean**2
    )
    sums = {
        "squared": squared.sum(axis=1),
        "variance": (total * variance).sum(axis=1),
        "standardised": (squared / variance).sum(axis=1),
        "n": total.sum(axis=1),
    }
    found: dict[str, Floats] = {}
    for facet, labels, size in (
        ("raters", likelihood.raters, likelihood.data.n_raters),
        ("items", likelihood.items, likelihood.data.n_items),
    ):
        by = {name: np.bincount(labels, weights=value, minlength=size) for name, value in sums.items()}
        with np.errstate(divide="ignore", invalid="ignore"):
            found[f"infit_{facet}"] = by["squared"] / by["variance"]
            found[f"outfit_{facet}"] = by["standardised"] / by["n"]
    return found
