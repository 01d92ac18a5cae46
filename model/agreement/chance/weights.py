"""How much credit two different categories earn, and how far apart they are."""

from typing import Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from model.agreement.ratings import Floats, RatingsInvalid, RatingTable

WeightsName: TypeAlias = Literal["identity", "linear", "quadratic", "gwet_ordinal"]
Weights: TypeAlias = WeightsName | npt.ArrayLike
Level: TypeAlias = Literal["nominal", "ordinal", "interval", "ratio"]


def agreement_weights(table: RatingTable, weights: Weights | None) -> tuple[Floats, str]:
    """Agreement weights of shape (q, q), 1 on the diagonal, and their name.

    identity: 1 if equal else 0. linear: 1 - |a - b| / range. quadratic: 1 - (a - b)² / range², both on the declared
    category *values* (Cohen 1968; Fleiss & Cohen 1973). gwet_ordinal: 1 - C(d+1, 2) / C(q, 2) with d the number of
    steps between the categories (Gwet 2014, ch. 3). An own matrix of shape (q, q) is taken as it is.

    Raises:
        RatingsInvalid: an unknown name, linear or quadratic weights on categories that are names, or a matrix of
            another shape, outside [0, 1] or without ones on its diagonal.
    """
    q = table.n_categories
    if weights is None:
        weights = "identity"
    if not isinstance(weights, str):
        return _own_matrix(weights, q), "own matrix"
    if weights not in get_args(WeightsName):
        raise RatingsInvalid(
            f"There are no weights called {weights!r}.",
            f"Use one of {', '.join(get_args(WeightsName))}, or a matrix of weights.",
        )
    if weights == "identity" or q == 1:
        return np.eye(q), weights
    if weights == "gwet_ordinal":
        steps = np.abs(np.subtract.outer(np.arange(q), np.arange(q)))
        return 1.0 - (steps + 1) * steps / (q * (q - 1)), weights
    values = numeric_values(table, f"{weights} weights")
    distance = np.abs(np.subtract.outer(values, values)) / (values[-1] - values[0])
    return 1.0 - (distance if weights == "linear" else distance**2), weights


def check_level(table: RatingTable, level: str) -> Level:
    """The metric's name, checked against what the categories allow.

    Raises:
        RatingsInvalid: an unknown level; interval or ratio on names; ratio with a negative category.
    """
    for known in get_args(Level):
        if level == known:
            if level in {"interval", "ratio"}:
                values = numeric_values(table, f"the {level} metric")
                if level == "ratio" and values[0] < 0:
                    raise RatingsInvalid(
                        "The ratio metric needs a true zero, and a declared category is negative.",
                        "Use the interval metric.",
                    )
            return known  # type: ignore[no-any-return]
    raise RatingsInvalid(f"There is no level called {level!r}.", f"Use one of {', '.join(get_args(Level))}.")


def numeric_values(table: RatingTable, what: str) -> Floats:
    """The category values in ascending order, shape (q,); refuses categories that are names."""
    if table.values is None:
        raise RatingsInvalid(
            f"The categories are names, and {what} needs their values.",
            "Declare numeric categories, or use identity weights or the nominal metric.",
        )
    return table.values


def _own_matrix(weights: npt.ArrayLike, q: int) -> Floats:
    matrix = np.asarray(weights, dtype=np.float64)
    if matrix.shape != (q, q):
        raise RatingsInvalid(
            f"The weights have shape {matrix.shape} for {q} categories.", f"Give a matrix of shape ({q}, {q})."
        )
    if not (np.allclose(np.diag(matrix), 1.0) and (matrix >= 0).all() and (matrix <= 1).all()):
        raise RatingsInvalid(
            "The weights do not have ones on the diagonal and values in [0, 1] elsewhere.", "Correct the matrix."
        )
    return matrix
