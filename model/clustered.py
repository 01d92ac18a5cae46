"""Least squares with rows that belong together, and standard errors that hold with few clusters.

The bias-reduced cluster-robust variance CR2 (Bell & McCaffrey 2002) with an identity working model, and Satterthwaite
degrees of freedom for each coefficient (Pustejovsky & Tipton 2018). Plain sandwich errors are too small here: a
nominal 5 % test rejected 9 % of true nulls with 50 submissions.
"""

import math
from dataclasses import dataclass

import numpy as np

from model.scoring.estimate import Estimate, Floats, Ints, with_t

_SINGULAR = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Regression:
    """Coefficients of shape (k,), their CR2 standard errors and Satterthwaite degrees of freedom."""

    coefficients: Floats
    se: Floats
    df: Floats
    n: int
    n_clusters: int

    def estimate(self, column: int) -> Estimate:
        """One coefficient with its t interval."""
        return with_t(
            float(self.coefficients[column]),
            float(self.se[column]),
            float(self.df[column]),
            n=self.n,
            n_submissions=self.n_clusters,
            method=f"least squares, CR2 standard error over {self.n_clusters} submissions (Bell-McCaffrey), "
            f"Satterthwaite t with {self.df[column]:.1f} df",
        )


def regress(X: Floats, y: Floats, clusters: Ints) -> Regression | None:
    """Least squares of y, shape (n,), on X, shape (n, k); None where X does not tell its columns apart."""
    n, k = X.shape
    if n <= k or np.linalg.matrix_rank(X) < k:
        return None
    bread = np.asarray(np.linalg.inv(X.T @ X), dtype=np.float64)
    coefficients = bread @ (X.T @ y)
    residuals = y - X @ coefficients
    corrected, leverage, squares = _by_cluster(X, residuals, bread, clusters)
    influence = corrected @ bread
    se = np.sqrt((influence**2).sum(axis=0))
    df = np.array([_satterthwaite(bread[:, j], bread, leverage, squares) for j in range(k)])
    return Regression(coefficients=coefficients, se=se, df=df, n=n, n_clusters=len(corrected))


def _by_cluster(X: Floats, residuals: Floats, bread: Floats, clusters: Ints) -> tuple[Floats, Floats, Floats]:
    """X_gᵀ A_g e_g of shape (n_clusters, k), X_gᵀ A_g X_g and X_gᵀ A_g² X_g of shape (n_clusters, k, k).

    Clusters of one size are worked on as one stack.
    """
    order = np.argsort(clusters, kind="stable")
    _, starts, sizes = np.unique(clusters[order], return_index=True, return_counts=True)
    corrected, leverage, squares = [], [], []
    for size in np.unique(sizes):
        rows = order[starts[sizes == size][:, None] + np.arange(size)]  # shape (clusters of this size, size)
        Xg = X[rows]
        AX = _inverse_root(np.eye(size) - Xg @ bread @ Xg.swapaxes(1, 2)) @ Xg
        corrected.append(np.einsum("gmk,gm->gk", AX, residuals[rows]))
        leverage.append(Xg.swapaxes(1, 2) @ AX)
        squares.append(AX.swapaxes(1, 2) @ AX)
    return np.concatenate(corrected), np.concatenate(leverage), np.concatenate(squares)


def _inverse_root(matrices: Floats) -> Floats:
    """Symmetric inverse square roots; directions a cluster determines alone (eigenvalue 0) are left out."""
    values, vectors = np.linalg.eigh(matrices)
    roots = np.where(values > _SINGULAR, 1.0 / np.sqrt(np.maximum(values, _SINGULAR)), 0.0)
    found: Floats = (vectors * roots[:, None, :]) @ vectors.swapaxes(1, 2)
    return found


def _satterthwaite(contrast: Floats, bread: Floats, leverage: Floats, squares: Floats) -> float:
    """(Σλ)² / Σλ² of B, B_gh = p_gᵀ (I - H)_gh p_h with p_g = A_g X_g (XᵀX)⁻¹ c.

    B = diag(d) - U (XᵀX)⁻¹ Uᵀ with d_g = p_gᵀp_g and U's rows X_gᵀ p_g, so traces cost clusters · k² and no matrix of
    clusters × clusters is made.
    """
    d = np.einsum("i,gij,j->g", contrast, squares, contrast)
    U = np.einsum("gij,j->gi", leverage, contrast)
    inner = bread @ (U.T @ U)
    trace = float(d.sum() - np.trace(inner))
    square = float((d**2).sum() - 2.0 * (d * np.einsum("gi,ij,gj->g", U, bread, U)).sum() + np.trace(inner @ inner))
    return max(1.0, trace**2 / square) if square > 0 and math.isfinite(square) else 1.0
