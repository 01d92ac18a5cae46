"""From the machine's raw distribution to one that people's scores bear out.

Three views are weighed against each other: the raw distribution moved by a cumulative Platt map shared by all criteria
(ridge towards changing nothing), the plain shares of each level (shrunk towards all criteria's shares), and, once a
criterion has PER_CRITERION_FROM scored submissions, a map of its own. Why these and not others: docs/scoring.md.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator

from model.errors import InputRefused
from model.scoring.estimate import Floats, Ints
from model.scoring.platt import Platt, Ridge, apply_platt, fit_platt, identity
from model.scoring.scores import ScoreTable

FOLDS = 5
PER_CRITERION_FROM = 1000
"""Scored submissions from which a criterion is calibrated on its own (STATISTICS: at 1,000 unpooled maps win)."""
OWN_RIDGE = Ridge(slope=1.0, shift=2.0, criterion=1e-3, gap=1.0)
_POOLED_PSEUDO_COUNT = 1.0  # per level, towards equal shares
_CRITERION_PSEUDO_COUNT = 10.0  # scores a criterion needs to outweigh the shares of all criteria


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """How often each level was given: shape (n_criteria, n_levels), rows add to 1."""

    by_criterion: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMap:
    """A criterion's own map and how much it counts beside the shares."""

    criterion: int
    platt: Platt
    stack: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StackParameters:
    """All that is learned; plain numbers."""

    platt: Platt
    shares: Shares
    stack: float  # weight of the moved distribution, 1 - stack that of the shares
    own: tuple[OwnMap, ...] = ()


class StackedPlatt(BaseEstimator):  # type: ignore[misc]
    """Stacked, pooled cumulative Platt scaling with the interface of a scikit-learn classifier.

    fit(X, y, criteria=…, groups=…) takes raw distributions X of shape (n, n_levels), level positions y, criterion
    positions and submissions; predict_proba(X, criteria=…) gives calibrated distributions. `seed` draws the folds.
    Learned: `parameters_`, `n_levels_`, `n_criteria_`.
    """

    def __init__(self, *, ridge: Ridge | None = None, per_criterion_from: int = PER_CRITERION_FROM, seed: int = 0):
        self.ridge = ridge
        self.per_criterion_from = per_criterion_from
        self.seed = seed

    def fit(
        self, X: Floats, y: Ints, *, criteria: Ints, groups: Ints, weight: Floats | None = None, n_criteria: int = 0
    ) -> "StackedPlatt":
        """Raises InputRefused with fewer than two submissions or rows that are not distributions."""
        _check(X, groups)
        weight = np.ones(len(y)) if weight is None else weight
        n_criteria = max(n_criteria, int(criteria.max()) + 1)
        whole = _Rows(X, y, criteria, groups, weight, n_criteria)
        platt, shares = _fit_pooled(whole, self.ridge), _fit_shares(whole)
        fold = fold_of(groups, self.seed)
        pooled_p, shares_p = np.empty_like(X), np.empty_like(X)
        for held in range(int(fold.max()) + 1):
            seen, unseen = whole.at(np.flatnonzero(fold != held)), np.flatnonzero(fold == held)
            pooled_p[unseen] = apply_platt(_fit_pooled(seen, self.ridge), X[unseen], criteria[unseen])
            shares_p[unseen] = _shares_of(_fit_shares(seen), criteria[unseen])
        self.parameters_ = StackParameters(
            platt=platt,
            shares=shares,
            stack=_stack(pooled_p, shares_p, y, weight),
            own=self._own_maps(whole, platt, shares_p, fold),
        )
        self.n_levels_, self.n_criteria_ = X.shape[1], n_criteria
        return self

    def _own_maps(self, whole: "_Rows", centre: Platt, shares_p: Floats, fold: Ints) -> tuple[OwnMap, ...]:
        """Own maps of the criteria with enough scored submissions, around the shared one."""
        found = []
        for criterion in range(whole.n_criteria):
            place = np.flatnonzero(whole.criteria == criterion)
            if len(np.unique(whole.groups[place])) < self.per_criterion_from:
                continue
            rows, its_fold = whole.at(place), fold[place]
            held_p = np.empty_like(rows.X)
            for held in range(int(fold.max()) + 1):
                seen, unseen = rows.at(np.flatnonzero(its_fold != held)), np.flatnonzero(its_fold == held)
                held_p[unseen] = apply_platt(_fit_own(seen, centre), rows.X[unseen], rows.criteria[unseen])
            stack = _stack(held_p, shares_p[place], rows.y, rows.weight)
            found.append(OwnMap(criterion=criterion, platt=_fit_own(rows, centre), stack=stack))
        return tuple(found)

    def predict_proba(self, X: Floats, *, criteria: Ints) -> Floats:
        """Calibrated distributions, shape (n, n_levels)."""
        return predict(self.parameters_, X, criteria)

    def predict(self, X: Floats, *, criteria: Ints) -> Ints:
        """The likeliest level, as a position, shape (n,)."""
        likeliest: Ints = self.predict_proba(X, criteria=criteria).argmax(axis=1)
        return likeliest


@dataclass(frozen=True, slots=True)
class _Rows:
    X: Floats
    y: Ints
    criteria: Ints
    groups: Ints
    weight: Floats
    n_criteria: int

    def at(self, place: Ints) -> "_Rows":
        return _Rows(
            self.X[place], self.y[place], self.criteria[place], self.groups[place], self.weight[place], self.n_criteria
        )


def predict(parameters: StackParameters, raw: Floats, criteria: Ints) -> Floats:
    """Calibrated distributions from learned numbers alone, shape (n, n_levels)."""
    shares = _shares_of(parameters.shares, criteria)
    moved = apply_platt(parameters.platt, raw, criteria)
    mixed = parameters.stack * moved + (1.0 - parameters.stack) * shares
    for own in parameters.own:
        place = np.flatnonzero(criteria == own.criterion)
        if len(place):
            its = apply_platt(own.platt, raw[place], criteria[place])
            mixed[place] = own.stack * its + (1.0 - own.stack) * shares[place]
    return mixed


def cross_fit(table: ScoreTable, *, estimator: StackedPlatt | None = None, seed: int = 0) -> Floats:
    """Distributions for every row from a fit that saw none of its submission, shape (n, n_levels)."""
    template = estimator or StackedPlatt()
    fold = fold_of(table.submission, seed)
    found = np.empty_like(table.raw)
    for held in range(int(fold.max()) + 1):
        seen, unseen = table.rows(np.flatnonzero(fold != held)), np.flatnonzero(fold == held)
        one = StackedPlatt(ridge=template.ridge, per_criterion_from=template.per_criterion_from, seed=template.seed)
        fit_table(one, seen)
        found[unseen] = one.predict_proba(table.raw[unseen], criteria=table.criterion[unseen])
    return found


def cross_fit_shares(table: ScoreTable, *, seed: int = 0) -> Floats:
    """The same for level shares alone: what knowing nothing of the recording gives, shape (n, n_levels)."""
    fold = fold_of(table.submission, seed)
    found = np.empty_like(table.raw)
    whole = _Rows(table.raw, table.level, table.criterion, table.submission, table.weight, len(table.criteria))
    for held in range(int(fold.max()) + 1):
        unseen = np.flatnonzero(fold == held)
        found[unseen] = _shares_of(_fit_shares(whole.at(np.flatnonzero(fold != held))), table.criterion[unseen])
    return found


def fit_table(estimator: StackedPlatt, table: ScoreTable) -> StackedPlatt:
    """Fit on a table of scores."""
    return estimator.fit(
        table.raw,
        table.level,
        criteria=table.criterion,
        groups=table.submission,
        weight=table.weight,
        n_criteria=len(table.criteria),
    )


def fold_of(groups: Ints, seed: int) -> Ints:
    """Fold of each row, 0 .. FOLDS-1, all rows of a submission in one; folds differ by at most one submission."""
    unique, place = np.unique(groups, return_inverse=True)
    shuffled = np.random.default_rng(seed).permutation(len(unique))
    folds: Ints = (shuffled % min(FOLDS, len(unique))).astype(np.int64)
    return folds[place]


def _fit_pooled(rows: _Rows, ridge: Ridge | None) -> Platt:
    centre = identity(rows.n_criteria, rows.X.shape[1])
    return fit_platt(rows.X, rows.y, rows.criteria, rows.weight, centre=centre, ridge=ridge)


def _fit_own(rows: _Rows, centre: Platt) -> Platt:
    return fit_platt(rows.X, rows.y, rows.criteria, rows.weight, centre=centre, ridge=OWN_RIDGE)


def _fit_shares(rows: _Rows) -> Shares:
    n_levels = rows.X.shape[1]
    counts = np.bincount(
        rows.criteria * n_levels + rows.y, weights=rows.weight, minlength=rows.n_criteria * n_levels
    ).reshape(rows.n_criteria, n_levels)
    pooled = counts.sum(axis=0) + _POOLED_PSEUDO_COUNT
    shrunk = counts + _CRITERION_PSEUDO_COUNT * pooled / pooled.sum()
    shares = shrunk / shrunk.sum(axis=1, keepdims=True)
    return Shares(by_criterion=tuple(tuple(float(share) for share in row) for row in shares))


def _shares_of(shares: Shares, criteria: Ints) -> Floats:
    rows: Floats = np.asarray(shares.by_criterion)[criteria]
    return rows


def _stack(moved: Floats, shares: Floats, level: Ints, weight: Floats) -> float:
    """Weight of `moved` that gives the lowest ranked probability score, in [0, 1].

    The score is quadratic in the weight: w = Σ (M - S)(Y - S) / Σ (M - S)², on cumulative distributions.
    """
    cumulative_moved, cumulative_shares = (np.cumsum(p, axis=1)[:, :-1] for p in (moved, shares))
    happened = level[:, None] <= np.arange(moved.shape[1] - 1)
    apart = cumulative_moved - cumulative_shares
    total = float((weight[:, None] * apart**2).sum())
    if total < 1e-12:
        return 1.0
    best = float((weight[:, None] * apart * (happened - cumulative_shares)).sum()) / total
    return min(1.0, max(0.0, best))


def _check(X: Floats, groups: Ints) -> None:
    if len(np.unique(groups)) < 2:
        raise InputRefused(
            "scoring.too_few", "Scores of fewer than two submissions cannot be cross-fitted.", "Score more submissions."
        )
    if X.ndim != 2 or X.shape[1] < 2 or not np.allclose(X.sum(axis=1), 1.0, atol=1e-6) or (X < 0).any():
        raise InputRefused(
            "scoring.raw",
            f"The raw predictions have shape {X.shape} or rows that are not chances adding to 1.",
            "Give one row of chances per score, one column per level.",
        )
