"""What suggestions do to scores: scores with them in view against scores without.

Only a comparison with reads that never saw a suggestion tells anything. Scoring again moves a rater towards the
middle and so, on average, towards the machine, whether or not it has any pull; a design that only reveals therefore
finds influence where there is none, and is refused.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.special

from model.agreement import Agreement, fleiss_kappa
from model.agreement.severity.regression import ClusteredRegression
from model.conditions import UNTOUCHED, Condition
from model.errors import InputRefused
from model.scoring.estimate import Estimate, Floats, Ints, cluster_mean, with_t

TARGET_PULL = 0.3
TARGET_SHIFT = 0.3  # levels
_POWER_Z = scipy.special.ndtri(0.975) + scipy.special.ndtri(0.8)  # two-sided 5 %, power 80 %
_FEWEST = 10  # submissions in each arm below which clustered errors say little


class RevealOnly(InputRefused):
    """Scores before and after a reveal, and nothing to compare them with."""

    def __init__(self, n: int) -> None:
        super().__init__(
            "influence.reveal_only",
            f"All {n} scores with suggestions were given after a reveal. Anyone who scores again moves towards the "
            "middle, and so towards the machine, even if it has no pull: such data show influence where there is none.",
            "Compare with a randomised share of reads that never see suggestions, scored by others with suggestions "
            "in view from the start.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmScore:
    """One score with what the machine said and how long the whole read took; both optional."""

    submission: str
    criterion: str
    rater: str
    value: float
    condition: Condition
    machine: float | None = None  # the machine's expected level
    minutes: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """How many more submissions, each read once with and once without, would show `target` with a power of 80 %."""

    what: str
    target: float
    more: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """Differences are assisted minus without suggestions; in levels unless said otherwise."""

    n_assisted: int
    n_without: int
    n_submissions: int
    paired_shift: Estimate  # within submission and criterion, different raters
    unpaired_shift: Estimate  # all reads, criteria held constant
    slope_change: Estimate  # how much more closely scores follow the machine's signal, put on the raters' scale
    slope_without: Estimate  # of scores without suggestions on that signal: a correlation
    pull: Estimate  # slope_change / (1 - slope_without): 0 keeps own view, 1 takes the machine's
    machine_agreement: Estimate  # change in the share of scores that equal the machine's nearest level
    agreement_assisted: Agreement  # assisted with blind reads of the same
    agreement_without: Agreement  # blind reads with each other
    minutes: Estimate  # change in minutes per read
    power: tuple[Needed, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    submission: Ints
    criterion: Ints
    rater: Ints
    value: Floats
    assisted: Floats
    machine: Floats
    minutes: Floats
    levels: tuple[float, ...]

    def at(self, keep: np.ndarray) -> "_Columns":
        return _Columns(
            self.submission[keep],
            self.criterion[keep],
            self.rater[keep],
            self.value[keep],
            self.assisted[keep],
            self.machine[keep],
            self.minutes[keep],
            self.levels,
        )


def influence(scores: Iterable[ArmScore], *, levels: Sequence[float]) -> Influence:
    """Compare arms.

    Raises RevealOnly where suggestions were only ever shown after a first score, and InputRefused where one arm is
    missing.
    """
    given = list(scores)
    revealed = sum(score.condition is Condition.REVEALED for score in given)
    settled = sum(score.condition is Condition.ADJUDICATED for score in given)
    kept = [score for score in given if score.condition in UNTOUCHED or score.condition is Condition.ASSISTED]
    n_assisted = sum(score.condition is Condition.ASSISTED for score in kept)
    if n_assisted == 0 and revealed:
        raise RevealOnly(revealed)
    if n_assisted == 0 or n_assisted == len(kept):
        missing = "with" if n_assisted == 0 else "without"
        raise InputRefused(
            "influence.one_arm",
            f"There are no scores {missing} suggestions in view, so there is nothing to compare.",
            "Draw a share of reads at random for each arm.",
        )
    columns = _columns(kept, levels)
    paired, unpaired = _paired_shift(columns), _unpaired_shift(columns)
    slope_change, slope_without = _slopes(columns)
    pull = _pull(slope_change, slope_without)
    assisted_agreement, without_agreement = _agreements(columns)
    return Influence(
        n_assisted=n_assisted,
        n_without=len(kept) - n_assisted,
        n_submissions=len(np.unique(columns.submission)),
        paired_shift=paired,
        unpaired_shift=unpaired,
        slope_change=slope_change,
        slope_without=slope_without,
        pull=pull,
        machine_agreement=_machine_agreement(columns),
        agreement_assisted=assisted_agreement,
        agreement_without=without_agreement,
        minutes=_minutes(columns),
        power=(*_needed_shift(paired), *_needed_pull(pull)),
        notes=_notes(revealed, settled, len(kept) - n_assisted, n_assisted),
    )


def _columns(kept: list[ArmScore], levels: Sequence[float]) -> _Columns:
    def numbered(names: list[str]) -> Ints:
        return np.unique(names, return_inverse=True)[1].astype(np.int64)

    def number(value: float | None) -> float:
        return math.nan if value is None else value

    return _Columns(
        numbered([score.submission for score in kept]),
        numbered([score.criterion for score in kept]),
        numbered([score.rater for score in kept]),
        np.array([score.value for score in kept]),
        np.array([float(score.condition is Condition.ASSISTED) for score in kept]),
        np.array([number(score.machine) for score in kept]),
        np.array([number(score.minutes) for score in kept]),
        tuple(sorted(levels)),
    )


def _paired_shift(columns: _Columns) -> Estimate:
    """Mean of (mean assisted - mean without) over submission × criterion read in both arms, t over submissions."""
    cell = columns.submission * (columns.criterion.max() + 1) + columns.criterion
    unique, place = np.unique(cell, return_inverse=True)
    assisted = columns.assisted == 1.0
    n = [np.bincount(place[arm], minlength=len(unique)) for arm in (assisted, ~assisted)]
    total = [
        np.bincount(place[arm], weights=columns.value[arm], minlength=len(unique)) for arm in (assisted, ~assisted)
    ]
    both = (n[0] > 0) & (n[1] > 0)
    if not both.any():
        return Estimate(value=None, reason="No submission was read both with and without suggestions.")
    differences = total[0][both] / n[0][both] - total[1][both] / n[1][both]
    return cluster_mean(differences, unique[both] // (columns.criterion.max() + 1))


def _unpaired_shift(columns: _Columns) -> Estimate:
    X = np.column_stack([columns.assisted, _dummies(columns)])
    return _coefficient(X, columns.value, columns, 0)


def _dummies(columns: _Columns) -> Floats:
    """One column per criterion, and per rater but one where all raters are found in both arms."""
    found = [_indicators(columns.criterion)]
    arms = tuple(np.unique(columns.rater[columns.assisted == arm]) for arm in (0.0, 1.0))
    if np.array_equal(arms[0], arms[1]) and len(arms[0]) > 1:
        found.append(_indicators(columns.rater)[:, 1:])
    return np.column_stack(found)


def _indicators(codes: Ints) -> Floats:
    _, place = np.unique(codes, return_inverse=True)
    columns: Floats = np.eye(int(place.max()) + 1)[place]
    return columns


def _coefficient(X: Floats, y: Floats, columns: _Columns, place: int) -> Estimate:
    fewest = min(len(np.unique(columns.submission[columns.assisted == arm])) for arm in (0.0, 1.0))
    if fewest < _FEWEST:
        reason = f"One arm has {fewest} submissions; {_FEWEST} in each are needed for a standard error to trust."
        return Estimate(value=None, n=len(y), reason=reason)
    clusters = np.unique(columns.submission, return_inverse=True)[1].astype(np.int64)
    found = ClusteredRegression(X, y, clusters).contrast(np.eye(X.shape[1])[place], confidence=0.95)
    if found is None:
        return Estimate(value=None, n=len(y), reason="The arms cannot be told apart from criteria and raters.")
    n = int(clusters.max()) + 1
    return with_t(
        found.value,
        found.se,
        found.df,
        n=len(y),
        n_submissions=n,
        method=f"least squares, CR2 standard error over {n} submissions (Bell-McCaffrey), "
        f"Satterthwaite t with {found.df:.1f} df",
    )


def _slopes(columns: _Columns) -> tuple[Estimate, Estimate]:
    """score ~ criterion + rater + assisted + machine + machine × assisted; change of slope and slope without.

    The machine's signal is put on the raters' own scale, criterion by criterion: centred, and as spread out as scores
    without suggestions. The slope without suggestions is then a correlation, and a pull λ towards the machine shows as
    a change of λ · (1 - correlation), whatever unit the signal came in.
    """
    told = ~np.isnan(columns.machine)
    if not told.any():
        none = Estimate(value=None, reason="No machine signal was given with the scores.")
        return none, none
    columns = columns.at(told)
    if len(np.unique(columns.assisted)) < 2:
        none = Estimate(value=None, reason="Only one arm has scores with a machine signal.")
        return none, none
    signal = _on_raters_scale(columns)
    X = np.column_stack([signal * columns.assisted, signal, columns.assisted, _dummies(columns)])
    return _coefficient(X, columns.value, columns, 0), _coefficient(X, columns.value, columns, 1)


def _on_raters_scale(columns: _Columns) -> Floats:
    signal = np.zeros(len(columns.value))
    for criterion in np.unique(columns.criterion):
        rows = columns.criterion == criterion
        spread = float(columns.machine[rows].std())
        without = columns.value[rows & (columns.assisted == 0.0)]
        scale = float(without.std()) / spread if spread > 0 and len(without) else 0.0
        signal[rows] = scale * (columns.machine[rows] - columns.machine[rows].mean())
    return signal


def _machine_agreement(columns: _Columns) -> Estimate:
    told = ~np.isnan(columns.machine)
    if not told.any() or len(np.unique(columns.assisted[told])) < 2:
        return Estimate(value=None, reason="No machine signal was given with the scores of both arms.")
    columns = columns.at(told)
    levels = np.asarray(columns.levels)
    said = levels[np.abs(columns.machine[:, None] - levels).argmin(axis=1)]
    X = np.column_stack([columns.assisted, _dummies(columns)])
    return _coefficient(X, (said == columns.value).astype(np.float64), columns, 0)


def _agreements(columns: _Columns) -> tuple[Agreement, Agreement]:
    """Quadratically weighted: an assisted read with an untouched one, and two untouched ones; the first of each."""
    n_criteria = int(columns.criterion.max()) + 1
    units = (int(columns.submission.max()) + 1) * n_criteria
    cell = columns.submission * n_criteria + columns.criterion
    clusters = np.arange(units) // n_criteria
    mixed, without = np.full((units, 2), np.nan), np.full((units, 2), np.nan)
    for row in np.flatnonzero(columns.assisted == 0.0):
        place = without[cell[row]]
        empty = np.flatnonzero(np.isnan(place))
        if len(empty):
            place[empty[0]] = columns.value[row]
    mixed[:, 1] = without[:, 0]
    for row in np.flatnonzero(columns.assisted == 1.0):
        if np.isnan(mixed[cell[row], 0]):
            mixed[cell[row], 0] = columns.value[row]
    first, second = (
        fleiss_kappa(table, categories=columns.levels, weights="quadratic", interval="recommended", clusters=clusters)
        for table in (mixed, without)
    )
    return first, second


def _minutes(columns: _Columns) -> Estimate:
    """Change in minutes per read: one row per rater and submission."""
    read = columns.submission * (columns.rater.max() + 1) + columns.rater
    _, first = np.unique(read, return_index=True)
    reads = columns.at(first)
    reads = reads.at(~np.isnan(reads.minutes))
    if len(np.unique(reads.assisted)) < 2:
        return Estimate(value=None, reason="Minutes were not given for reads of both arms.")
    X = np.column_stack([reads.assisted, np.ones(len(reads.minutes))])
    return _coefficient(X, reads.minutes, reads, 0)


def _needed_shift(paired: Estimate) -> tuple[Needed, ...]:
    what = f"a shift of {TARGET_SHIFT:g} levels"
    if paired.se is None or not paired.n_submissions:
        text = f"How many submissions would show {what} cannot be told before some are read in both arms."
        return (Needed(what=what, target=TARGET_SHIFT, more=None, text=text),)
    return (_needed(what, TARGET_SHIFT, paired.se, paired.n_submissions),)


def _pull(change: Estimate, without: Estimate) -> Estimate:
    """The slope without is taken as known: its doubt matters little beside that of the change."""
    if change.value is None or change.se is None or change.df is None or without.value is None:
        return Estimate(value=None, n=change.n, reason=change.reason)
    if without.value >= 0.95:
        reason = "Scores without suggestions follow the machine so closely that there is nothing left to pull."
        return Estimate(value=None, n=change.n, reason=reason)
    left = 1.0 - without.value
    method = f"change of slope / (1 - slope without); {change.method}"
    return with_t(
        change.value / left, change.se / left, change.df, n=change.n, n_submissions=change.n_submissions, method=method
    )


def _needed_pull(pull: Estimate) -> tuple[Needed, ...]:
    what = f"a pull of {TARGET_PULL:g} towards the machine"
    if pull.se is None:
        text = f"How many submissions would show {what} cannot be told from these data."
        return (Needed(what=what, target=TARGET_PULL, more=None, text=text),)
    return (_needed(what, TARGET_PULL, pull.se, pull.n_submissions),)


def _needed(what: str, target: float, se: float, n: int) -> Needed:
    """se falls with √n: n · (z · se / target)² submissions are needed in all."""
    total = math.ceil(n * (_POWER_Z * se / target) ** 2)
    more = max(0, total - n)
    text = (
        f"{more} more submissions, read both ways, to see {what} with a power of 80 %."
        if more
        else f"Enough submissions to see {what} with a power of 80 %."
    )
    return Needed(what=what, target=target, more=more, text=text)


def _notes(revealed: int, settled: int, n_without: int, n_assisted: int) -> tuple[str, ...]:
    notes = []
    if revealed:
        notes.append(
            f"{revealed} scores given after a reveal say nothing here: scoring again moves raters towards the machine "
            "without any pull."
        )
    if settled:
        notes.append(f"{settled} adjudicated levels are left out: they are not one rater's read.")
    if min(n_without, n_assisted) < 0.1 * (n_without + n_assisted):
        notes.append("One arm holds fewer than one score in ten: differences are known poorly.")
    notes.append(
        "Raters are taken as alike in how far they follow suggestions; if they differ, intervals are too narrow."
    )
    return tuple(notes)
