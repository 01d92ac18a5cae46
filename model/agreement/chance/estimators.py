"""Coefficients as functions of sums over units.

Every coefficient here is 1 - observed / expected disagreement, and both disagreements depend on the ratings only
through sums of per-unit features. That one fact gives the value, the delete-one jackknife (total minus one
cluster), the bootstrap (resampling weights @ features, one matrix product) and the linearised standard error
(gradient @ features).
"""

from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
import scipy.sparse

from model.agreement.chance.weights import Level
from model.agreement.ratings import MISSING, Floats, RatingTable

Features: TypeAlias = Floats | scipy.sparse.csr_array
_DUST = 1e-9  # what subtracting a unit's sums from a total can leave where the exact answer is zero
_NOTHING = np.empty((0, 0))
_DENSE_CATEGORIES = 12  # beyond this the coincidences of a unit are mostly zeros and are stored sparsely


class Disagreement(NamedTuple):
    """Observed and expected disagreement, each of shape (...,); NaN where nothing can be compared."""

    observed: Floats
    expected: Floats


class Estimator(Protocol):
    """A coefficient bound to one table. `totals` are sums of `features` over units, shape (..., d)."""

    @property
    def features(self) -> Features:
        """Shape (n_units, d)."""

    def disagreement(self, totals: Floats) -> Disagreement: ...


@runtime_checkable
class Differentiable(Estimator, Protocol):
    """An estimator with a closed form for how one unit moves it."""

    def gradient(self, totals: Floats) -> Floats:
        """Shape (..., d): gradient @ features[u] is unit u's contribution to value - truth."""


def value_of(disagreement: Disagreement) -> Floats:
    """1 - observed / expected; NaN where chance alone explains everything (expected disagreement is zero)."""
    observed, expected = disagreement
    defined = expected > 1e-12
    return np.where(defined, 1.0 - observed / np.where(defined, expected, 1.0), np.nan)


def total(features: Features) -> Floats:
    """Sum over units, shape (d,)."""
    return np.asarray(features.sum(axis=0), dtype=np.float64).ravel()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairAgreement:
    """Coefficients whose chance agreement rests on the mean classification probabilities π (Gwet 2014, ch. 5).

    kind: "percent" (no chance correction), "fleiss" (Σ w π π'), "gwet" (Σw / (q(q-1)) · Σ π(1-π)),
    "brennan_prediger" (Σw / q²).
    features, d = 3 + q: agreement within the unit (0 if not pairable), 1 if pairable, 1 if rated, and the unit's
    share of ratings in each category. Units with one rating inform π, as in Gwet's raw-data formulas.
    """

    features: Floats
    weights: Floats
    kind: str

    def disagreement(self, totals: Floats) -> Disagreement:
        agreement, chance, _, _ = self._parts(totals)
        return Disagreement(1.0 - agreement, 1.0 - chance)

    def gradient(self, totals: Floats) -> Floats:
        """Gwet's linearisation (2014, ch. 6; as in his irrCAC): units without a pair count through π only."""
        agreement, chance, pairable, rated = self._parts(totals)
        with np.errstate(divide="ignore", invalid="ignore"):
            room = 1.0 - chance
            value = 1.0 - (1.0 - agreement) / room
            found = np.empty_like(totals)
            found[..., 0] = 1.0 / (pairable * room)
            found[..., 1] = -chance / (pairable * room)
            found[..., 2] = (2.0 * (1.0 - value) * chance / room - value) / rated
            scale = -2.0 * (1.0 - value) / (room * rated)
            found[..., 3:] = scale[..., None] * self._chance_of_unit(totals[..., 3:] / rated[..., None])
        return found

    def _parts(self, totals: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        pairable, rated = totals[..., 1], totals[..., 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            agreement = totals[..., 0] / pairable
            pi = totals[..., 3:] / rated[..., None]
        # Σ_k π_k h_k(π) is the chance agreement itself: h is linear in π but for a constant
        return agreement, (pi * self._chance_of_unit(pi)).sum(axis=-1), pairable, rated

    def _chance_of_unit(self, pi: Floats) -> Floats:
        """h of shape (..., q) with Σ_k π_ik h_k the chance agreement of a unit whose shares are π_i."""
        q = self.weights.shape[0]
        if self.kind == "percent":
            return np.zeros_like(pi)
        if self.kind == "brennan_prediger":
            return np.full_like(pi, self.weights.sum() / q**2)
        if self.kind == "gwet":
            return np.asarray(self.weights.sum() / (q * max(q - 1, 1)) * (1.0 - pi))
        return np.asarray(pi @ ((self.weights + self.weights.T) / 2.0))


def pair_agreement(table: RatingTable, weights: Floats, kind: str) -> PairAgreement:
    """Percent agreement, Fleiss, Gwet or Brennan-Prediger on this table."""
    counts, rated = table.counts, table.rated
    pairable = rated >= 2
    agreeing = (counts * (counts @ weights.T - 1.0)).sum(axis=1)  # ordered pairs, a rating never with itself
    features = np.empty((table.n_units, 3 + table.n_categories))
    features[:, 0] = np.where(pairable, agreeing / np.maximum(rated * (rated - 1), 1), 0.0)
    features[:, 1] = pairable
    features[:, 2] = rated >= 1
    features[:, 3:] = counts / np.maximum(rated, 1)[:, None]
    return PairAgreement(features=features, weights=weights, kind=kind)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CongerKappa:
    """Chance agreement from every rater's own marginals (Conger 1980); with two raters this is Cohen's kappa.

    features, d = 3 + r·q: as PairAgreement's first three, then one indicator for every rater and category.
    """

    features: Floats
    weights: Floats
    n_raters: int

    def disagreement(self, totals: Floats) -> Disagreement:
        shares, _, raters = self._marginals(totals)
        with np.errstate(divide="ignore", invalid="ignore"):
            agreement = totals[..., 0] / totals[..., 1]
            chance = (shares * self._others(shares)).sum(axis=(-1, -2)) / (raters * (raters - 1))
        return Disagreement(1.0 - agreement, 1.0 - chance)

    def gradient(self, totals: Floats) -> Floats:
        """Linearised as in Gwet (2014, ch. 6; irrCAC)."""
        observed, room = self.disagreement(totals)
        shares, given, raters = self._marginals(totals)
        found = np.empty_like(totals)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = observed / room
            found[..., 0] = 1.0 / (totals[..., 1] * room)
            found[..., 1] = -(1.0 - room) / (totals[..., 1] * room)
            found[..., 2] = -(1.0 - ratio) / totals[..., 2]
            slope = 2.0 * self._others(shares) / (raters * (raters - 1))[..., None, None]
            centred = slope - (slope * shares).sum(axis=-1, keepdims=True)  # a rating counts against its rater's mean
            moved = -(ratio / room)[..., None, None] * centred / np.where(given > 0, given, np.inf)[..., None]
        found[..., 3:] = moved.reshape(*totals.shape[:-1], -1)
        return found

    def _marginals(self, totals: Floats) -> tuple[Floats, Floats, Floats]:
        """Shares (..., r, q), ratings given (..., r), and how many raters gave any (...,)."""
        tables = totals[..., 3:].reshape(*totals.shape[:-1], self.n_raters, -1)
        given = tables.sum(axis=-1)
        return tables / np.maximum(given, 1.0)[..., None], given, (given > 0).sum(axis=-1).astype(np.float64)

    def _others(self, shares: Floats) -> Floats:
        """For each rater and category: credit for meeting the other raters' marginals, shape (..., r, q)."""
        weights = (self.weights + self.weights.T) / 2.0
        return np.asarray((shares.sum(axis=-2, keepdims=True) - shares) @ weights)


def conger(table: RatingTable, weights: Floats) -> CongerKappa:
    """Conger's kappa on this table; raters who rated nothing are left out."""
    codes = table.codes[:, (table.codes != MISSING).any(axis=0)]
    given = codes[:, :, None] == np.arange(table.n_categories)
    pairs = pair_agreement(table, weights, "percent").features[:, :3]
    features = np.concatenate([pairs, given.reshape(len(codes), -1)], axis=1, dtype=np.float64)
    return CongerKappa(features=features, weights=weights, n_raters=codes.shape[1])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LightKappa:
    """The mean of Cohen's kappa over all pairs of raters that share units (Light 1971).

    features: for every pair of raters, Cohen's features on the units both rated, side by side.
    Disagreement is averaged per pair, so `expected` is 1 wherever one pair is defined.
    """

    features: Features
    pairs: tuple[CongerKappa, ...]

    def pair_values(self, totals: Floats) -> Floats:
        """Cohen's kappa of every pair, shape (..., n_pairs); NaN where undefined."""
        split = np.split(totals, len(self.pairs), axis=-1)
        return np.stack(
            [value_of(pair.disagreement(part)) for pair, part in zip(self.pairs, split, strict=True)], axis=-1
        )

    def disagreement(self, totals: Floats) -> Disagreement:
        values = self.pair_values(totals)
        defined = ~np.isnan(values)
        count = defined.sum(axis=-1)
        mean = np.where(defined, values, 0.0).sum(axis=-1) / np.maximum(count, 1)
        return Disagreement(np.where(count > 0, 1.0 - mean, np.nan), np.where(count > 0, 1.0, np.nan))


def cohen(table: RatingTable, weights: Floats) -> CongerKappa:
    """Cohen's kappa of a two-rater table, on the units both rated."""
    both = (table.codes != MISSING).all(axis=1)
    codes = np.where(both[:, None], table.codes, MISSING)
    given = codes[:, :, None] == np.arange(table.n_categories)
    features = np.zeros((table.n_units, 3 + 2 * table.n_categories))
    first, second = codes[both].T
    features[both, 0] = weights[first, second]
    features[:, 1] = features[:, 2] = both
    features[:, 3:] = given.reshape(table.n_units, -1)
    return CongerKappa(features=features, weights=(weights + weights.T) / 2.0, n_raters=2)


def light(table: RatingTable, weights: Floats) -> LightKappa:
    """Light's kappa on this table."""
    pairs, parts = [], []
    for first in range(table.n_raters):
        for second in range(first + 1, table.n_raters):
            pair = cohen(table.columns((first, second)), weights)
            parts.append(scipy.sparse.csr_array(pair.features))  # with many raters a pair shares few units
            pairs.append(replace(pair, features=_NOTHING))
    return LightKappa(features=scipy.sparse.csr_array(scipy.sparse.hstack(parts)), pairs=tuple(pairs))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alpha:
    """Krippendorff's alpha from coincidences (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability").

    features, d = q(q+1)/2: the unit's coincidences o_ck for c <= k, each ordered pair weighing 1 / (m_u - 1).
    level: nominal 1; interval (c - k)²; ratio ((c - k)/(c + k))²; ordinal (mid-rank_c - mid-rank_k)², which is
    (Σ_{g=c..k} n_g - (n_c + n_k)/2)² since mid-rank_c = Σ_{g<c} n_g + n_c/2.
    """

    features: Features
    level: Level
    values: Floats  # shape (q,), used by interval and ratio

    def disagreement(self, totals: Floats) -> Disagreement:
        marginals = totals @ self._marginal_map()
        n = marginals.sum(axis=-1)
        distance = self._distance(self._places(marginals))
        lower, upper = np.triu_indices(len(self.values))
        joint = marginals[..., lower] * marginals[..., upper]
        with np.errstate(divide="ignore", invalid="ignore"):
            # in units of the largest distance in use, so that "no expected disagreement" means zero on every scale
            scale = np.max(np.where(joint > _DUST, distance, 0.0), axis=-1, initial=0.0)
            observed = 2.0 * (totals * distance).sum(axis=-1) / (n * scale)
            expected = 2.0 * (joint * distance).sum(axis=-1) / (n * (n - 1.0) * scale)
        return Disagreement(observed, np.where(scale > 0, expected, 0.0))

    def gradient(self, totals: Floats) -> Floats:
        """With A = Σ o_ck δ², B = Σ n_c n_k δ² over c < k: alpha = 1 - (n - 1) A / B, differentiated through the
        marginals n_c, on which B and the ordinal metric's mid-ranks depend."""
        to_marginals = self._marginal_map()
        marginals = totals @ to_marginals
        n = marginals.sum(axis=-1, keepdims=True)
        places = self._places(marginals)
        distance = self._distance(places)
        lower, upper = np.triu_indices(len(self.values))
        joint = marginals[..., lower] * marginals[..., upper]
        a, b = (totals * distance).sum(axis=-1, keepdims=True), (joint * distance).sum(axis=-1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            by_marginal = a / b**2 * self._spread(marginals[..., upper] * distance, marginals[..., lower] * distance)
            if self.level == "ordinal":
                gap = 2.0 * (places[..., upper] - places[..., lower])
                by_place = self._spread(-(totals / b - a / b**2 * joint) * gap, (totals / b - a / b**2 * joint) * gap)
                above = np.cumsum(by_place[..., ::-1], axis=-1)[..., ::-1]  # n_c lifts every mid-rank above c by 1 …
                by_marginal = by_marginal - (above - by_place / 2.0)  # … and its own by 1/2
            own = -(n - 1.0) * distance / b
            return np.asarray(own + ((n - 1.0) * by_marginal - a / b) @ to_marginals.T)

    def _marginal_map(self) -> Floats:
        """(d, q): n_c = Σ_k o_ck; o_ck with c < k stands for two coincidences, one rating of c and one of k."""
        lower, upper = np.triu_indices(len(self.values))
        index, half = np.arange(len(lower)), np.where(lower == upper, 0.5, 1.0)
        found = np.zeros((len(lower), len(self.values)))
        np.add.at(found, (index, lower), half)
        np.add.at(found, (index, upper), half)
        return found

    def _spread(self, to_lower: Floats, to_upper: Floats) -> Floats:
        """Sum what each pair of categories gives its lower and its upper one, shape (..., q)."""
        lower, upper = np.triu_indices(len(self.values))
        identity = np.eye(len(self.values))
        return np.asarray(to_lower @ identity[lower] + to_upper @ identity[upper])

    def _places(self, marginals: Floats) -> Floats:
        """Where each category lies: its value, or for the ordinal metric its mid-rank."""
        return np.cumsum(marginals, axis=-1) - marginals / 2.0 if self.level == "ordinal" else self.values

    def _distance(self, places: Floats) -> Floats:
        """δ² of every pair c <= k, shape (..., d)."""
        lower, upper = np.triu_indices(len(self.values))
        if self.level == "nominal":
            return np.asarray((lower != upper).astype(np.float64))
        gap = places[..., upper] - places[..., lower]
        if self.level == "ratio":
            gap = gap / np.maximum(places[..., upper] + places[..., lower], np.finfo(float).tiny)
        return np.asarray(gap**2)


def alpha(table: RatingTable, level: Level) -> Alpha:
    """Krippendorff's alpha on this table; units with fewer than two ratings drop out, as in its definition."""
    values = table.values if table.values is not None else np.arange(table.n_categories, dtype=np.float64)
    build = _dense_coincidences if table.n_categories <= _DENSE_CATEGORIES else _sparse_coincidences
    return Alpha(features=build(table), level=level, values=values)


def _dense_coincidences(table: RatingTable) -> Floats:
    counts, rated = table.counts, table.rated
    weight = np.where(rated >= 2, 1.0 / np.maximum(rated - 1, 1), 0.0)
    lower, upper = np.triu_indices(table.n_categories)
    same = lower == upper
    return np.asarray(weight[:, None] * counts[:, lower] * (counts[:, upper] - same))


def _sparse_coincidences(table: RatingTable) -> scipy.sparse.csr_array:
    q, rated = table.n_categories, table.rated
    rows, columns, data = [], [], []
    for first in range(table.n_raters):
        for second in range(first + 1, table.n_raters):
            both = np.flatnonzero((table.codes[:, first] != MISSING) & (table.codes[:, second] != MISSING))
            low, high = np.sort(table.codes[both][:, [first, second]], axis=1).T
            rows.append(both)
            columns.append(low * q - low * (low - 1) // 2 + (high - low))  # place in the upper triangle, by rows
            data.append(np.where(low == high, 2.0, 1.0) / (rated[both] - 1))
    shape = (table.n_units, q * (q + 1) // 2)
    if not rows:
        return scipy.sparse.csr_array(shape)
    cells = (np.concatenate(data), (np.concatenate(rows), np.concatenate(columns)))
    return scipy.sparse.csr_array(scipy.sparse.coo_array(cells, shape=shape))
