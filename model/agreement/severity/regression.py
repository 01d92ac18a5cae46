"""Least squares with cluster-robust uncertainty that stays honest in small samples."""

from dataclasses import dataclass

import numpy as np
import scipy.linalg
import scipy.special

from model.agreement.ratings import Codes, Floats

_ESTIMABLE = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A contrast of coefficients with its CR2 standard error and Satterthwaite degrees of freedom."""

    value: float
    se: float
    df: float
    low: float
    high: float
    p: float


class ClusteredRegression:
    """y on X by least squares, errors free to correlate within clusters.

    Standard errors are the bias-reduced CR2 of Bell & McCaffrey (2002), degrees of freedom theirs by Satterthwaite's
    approximation (Pustejovsky & Tipton 2018), which keeps intervals wide when few clusters carry a contrast.
    X: shape (n, d); y, clusters: shape (n,), clusters numbered 0..c-1. Fixed effects already swept out of X and y must
    be nested in the clusters.
    """

    def __init__(self, x: Floats, y: Floats, clusters: Codes) -> None:
        norms = np.linalg.norm(x, axis=0)
        self.scale = np.where(norms > 0.0, norms, 1.0)  # time in seconds must not drown the raters' own columns
        x = x / self.scale
        self.inverse: Floats = np.asarray(np.linalg.pinv(x.T @ x, rcond=_ESTIMABLE, hermitian=True), dtype=np.float64)
        self.projection = self.inverse @ (x.T @ x)
        self.coefficients = self.inverse @ (x.T @ y)
        residuals = y - x @ self.coefficients
        order = np.argsort(clusters, kind="stable")
        blocks = np.split(order, np.flatnonzero(np.diff(clusters[order])) + 1)
        adjusted = [_adjusted(x[block], residuals[block], self.inverse) for block in blocks]
        self.scores = np.array([score for score, _, _ in adjusted])  # (c, d): X_c' A_c e_c
        self.designs = [design for _, design, _ in adjusted]  # A_c X_c
        self.crossed = np.array([cross for _, _, cross in adjusted])  # (c, d, d): X_c' A_c X_c

    def contrast(self, weights: Floats, *, confidence: float) -> Estimate | None:
        """Σ weights · coefficients; None when the data do not determine it or every cluster fits it exactly."""
        weights = weights / self.scale
        if np.abs(weights @ self.projection - weights).max() > 1e-6 * np.abs(weights).max():
            return None
        direction = self.inverse @ weights
        variance = float(((self.scores @ direction) ** 2).sum())
        df = self._degrees_of_freedom(direction)
        if variance <= 0.0 or df is None:
            return None
        value, se = float(weights @ self.coefficients), float(np.sqrt(variance))
        half = float(scipy.special.stdtrit(df, 0.5 + confidence / 2.0)) * se
        p = 2.0 * float(scipy.special.stdtr(df, -abs(value) / se))
        return Estimate(value=value, se=se, df=df, low=value - half, high=value + half, p=p)

    def _degrees_of_freedom(self, direction: Floats) -> float | None:
        """2 E(v)² / Var(v) of the variance estimate v under equal independent errors, in O(clusters)."""
        own = np.array([float(((design @ direction) ** 2).sum()) for design in self.designs])
        b = self.crossed @ direction  # (c, d)
        shared = np.einsum("cd,de,ce->c", b, self.inverse, b)
        trace = float((own - shared).sum())
        whole = self.inverse @ (b.T @ b)
        squares = float((own**2).sum() - 2.0 * (own * shared).sum() + np.trace(whole @ whole))
        return trace**2 / squares if trace > 0.0 and squares > 0.0 else None


def _adjusted(x: Floats, residuals: Floats, inverse: Floats) -> tuple[Floats, Floats, Floats]:
    """X'Ae, AX and X'AX of one cluster with A = (I - H)^(-1/2), H its block of the hat matrix."""
    values, vectors = scipy.linalg.eigh(np.eye(len(x)) - x @ inverse @ x.T)
    root = np.where(values > 1e-10, 1.0 / np.sqrt(np.maximum(values, 1e-10)), 0.0)
    design = vectors @ (root[:, None] * (vectors.T @ x))
    return design.T @ residuals, design, x.T @ design
