"""The coefficients straight from their definitions: loops over pairs, slow and obvious."""

from collections.abc import Sequence
from itertools import combinations, permutations

import numpy as np

from model.agreement.ratings import Floats

Row = Sequence[float]


def weight(kind: str, a: float, b: float, categories: Sequence[float]) -> float:
    spread = max(categories) - min(categories)
    if kind == "identity":
        return float(a == b)
    if kind == "gwet_ordinal":
        steps, q = abs(categories.index(a) - categories.index(b)), len(categories)
        return 1 - (steps + 1) * steps / (q * (q - 1))
    distance = abs(a - b) / spread
    return 1 - distance if kind == "linear" else 1 - distance**2


def present(row: Row) -> list[float]:
    return [value for value in row if not np.isnan(value)]


def observed(ratings: Floats, kind: str, categories: Sequence[float]) -> float:
    """Mean over pairable units of the mean weight over ordered pairs of its ratings."""
    units = [present(row) for row in ratings if len(present(row)) >= 2]
    return float(
        np.mean([np.mean([weight(kind, a, b, categories) for a, b in permutations(unit, 2)]) for unit in units])
    )


def shares(ratings: Floats, categories: Sequence[float]) -> Floats:
    units = [present(row) for row in ratings if present(row)]
    return np.array([np.mean([unit.count(category) / len(unit) for unit in units]) for category in categories])


def kappa(ratings: Floats, kind: str, categories: Sequence[float], chance: str) -> float:
    table = np.array([[weight(kind, a, b, categories) for b in categories] for a in categories])
    pi, q = shares(ratings, categories), len(categories)
    expected = {
        "fleiss": float(pi @ table @ pi),
        "gwet": float(table.sum() * (pi * (1 - pi)).sum() / (q * (q - 1))),
        "brennan_prediger": float(table.sum() / q**2),
        "conger": conger_chance(ratings, table, categories),
    }[chance]
    return (observed(ratings, kind, categories) - expected) / (1 - expected)


def conger_chance(ratings: Floats, table: Floats, categories: Sequence[float]) -> float:
    own = []
    for column in ratings.T:
        given = present(column.tolist())
        if given:
            own.append(np.array([given.count(category) / len(given) for category in categories]))
    return float(np.mean([a @ table @ b for a, b in permutations(own, 2)]))


def cohen(ratings: Floats, kind: str, categories: Sequence[float]) -> float:
    both = [row for row in ratings[:, :2] if len(present(row)) == 2]
    agreement = np.mean([weight(kind, a, b, categories) for a, b in both])
    chance = np.mean([weight(kind, a, b, categories) for a, _ in both for _, b in both])
    return float((agreement - chance) / (1 - chance))


def alpha(ratings: Floats, level: str) -> float:
    """1 - D_o / D_e over all pairable values, with the ordinal metric as Krippendorff writes it."""
    units = [present(row) for row in ratings if len(present(row)) >= 2]
    values = [value for unit in units for value in unit]
    n = len(values)

    def distance(a: float, b: float) -> float:
        if level == "nominal":
            return float(a != b)
        if level == "interval":
            return (a - b) ** 2
        if level == "ratio":
            return ((a - b) / (a + b)) ** 2 if a + b else 0.0
        low, high = min(a, b), max(a, b)
        between = sum(values.count(g) for g in set(values) if low <= g <= high)
        return (between - (values.count(a) + values.count(b)) / 2) ** 2 if a != b else 0.0

    d_o = sum(sum(distance(a, b) for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in units) / n
    d_e = 2 * sum(distance(a, b) for a, b in combinations(values, 2)) / (n * (n - 1))
    return float(1 - d_o / d_e)
