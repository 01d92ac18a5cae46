"""The standard errors influence rests on, against their definition written out with full matrices."""

import numpy as np
import pytest

from model.agreement.severity.regression import ClusteredRegression
from model.scoring.estimate import Floats, Ints, cluster_mean


def by_definition(X: Floats, y: Floats, clusters: Ints) -> tuple[Floats, Floats]:
    """Standard errors and degrees of freedom from n × n matrices, as in Pustejovsky & Tipton (2018), eqs. 5-11."""
    n, k = X.shape
    bread = np.linalg.inv(X.T @ X)
    annihilator = np.eye(n) - X @ bread @ X.T
    residuals = annihilator @ y
    meat = np.zeros((k, k))
    directions: list[Floats] = []
    for g in np.unique(clusters):
        rows = np.flatnonzero(clusters == g)
        values, vectors = np.linalg.eigh(annihilator[np.ix_(rows, rows)])
        root = vectors @ np.diag([v**-0.5 if v > 1e-10 else 0.0 for v in values]) @ vectors.T
        score = X[rows].T @ root @ residuals[rows]
        meat += np.outer(score, score)
        directions.append(annihilator[:, rows] @ root @ X[rows] @ bread)  # (n, k)
    se = np.sqrt(np.diag(bread @ meat @ bread))
    df = []
    for j in range(k):
        P = np.column_stack([direction[:, j] for direction in directions])
        values = np.linalg.eigvalsh(P.T @ P)
        df.append(values.sum() ** 2 / (values**2).sum())
    return se, np.array(df)


def test_against_the_definition_with_unequal_clusters() -> None:
    rng = np.random.default_rng(0)
    clusters = np.repeat(np.arange(9), [1, 2, 3, 5, 2, 7, 4, 3, 3])
    X = np.column_stack([np.ones(30), rng.normal(size=30), rng.integers(0, 2, 30).astype(float)])
    y = rng.normal(size=30) + rng.normal(size=9)[clusters]

    found = [ClusteredRegression(X, y, clusters).contrast(unit, confidence=0.95) for unit in np.eye(3)]

    se, df = by_definition(X, y, clusters)
    coefficients = np.linalg.lstsq(X, y)[0]
    for place, one in enumerate(found):
        assert one is not None
        assert (one.value, one.se, one.df) == pytest.approx((coefficients[place], se[place], df[place]), rel=1e-6)


def test_cluster_mean_with_equal_clusters_is_the_mean_of_cluster_means() -> None:
    """Means 2, 4, 9 of three submissions: mean 5, se √(((3² + 1 + 4²)/2)/3) = √(13/3)."""
    found = cluster_mean(np.array([1.0, 3, 4, 4, 8, 10]), np.array([0, 0, 1, 1, 2, 2]))

    assert found.value == pytest.approx(5.0)
    assert found.se == pytest.approx(np.sqrt(13 / 3))
    assert found.df == 2
