"""What the pointers missed: moments found in audit windows drawn with known probabilities (Horvitz-Thompson)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import scipy.special

from model.agreement.ratings import Floats, RatingsInvalid

Target: TypeAlias = Literal["these recordings", "recordings like these"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditWindow:
    """A stretch that nothing pointed at, drawn at random and watched.

    p: the probability with which it was drawn, in (0, 1]. missed: moments of the indicator found inside.
    A window watched for several indicators is one entry per indicator, also where nothing was found.
    """

    submission: str
    start: float
    end: float
    p: float
    indicator: str
    missed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Moments that were not pointed at, per indicator.

    total: estimated number in all recordings the windows were drawn from. per_hour: of unflagged time.
    share: missed over all moments, missed + flagged ones that a person confirmed; 1 - share is the recall.
    """

    indicator: str
    n_windows: int
    n_submissions: int
    n_found: int
    seconds_watched: float
    flagged: int
    total: float | None
    total_low: float | None
    total_high: float | None
    per_hour: float | None
    per_hour_low: float | None
    per_hour_high: float | None
    share: float | None
    share_low: float | None
    share_high: float | None
    target: Target
    confidence: float
    method: str
    reason: str | None
    notes: tuple[str, ...] = ()


def missed_moments(
    windows: Sequence[AuditWindow],
    *,
    flagged: Mapping[str, int],
    unflagged_s: float | None = None,
    target: Target = "these recordings",
    confidence: float = 0.95,
) -> tuple[Missed, ...]:
    """Estimate what was missed, for every indicator in `windows` or `flagged`.

    flagged: confirmed moments that were pointed at, in the same recordings. unflagged_s: seconds nothing pointed at in
    all of them; without it they are estimated from the windows. target: the very recordings the windows were drawn
    from (all watched with p = 1 leaves no doubt), or recordings like them, which adds that moments themselves vary.

    Total = Σ missed / p (Horvitz & Thompson 1952). Intervals are the gamma ones of Fay & Feuer (1997) for weighted
    counts, so at 0 found the upper bound is that of the rule of three, and small counts lean upwards. Their variance
    is the largest of Poisson, Horvitz-Thompson between windows and, for `recordings like these`, between submissions.
    Windows are taken as drawn independently; drawing a fixed number makes the interval cautious.

    Raises:
        RatingsInvalid: a probability outside (0, 1], a negative count, or a window without length.
    """
    _check(windows, flagged, unflagged_s, target, confidence)
    names = dict.fromkeys([*(window.indicator for window in windows), *flagged])
    return tuple(
        _estimate(
            name, [w for w in windows if w.indicator == name], flagged.get(name, 0), unflagged_s, target, confidence
        )
        for name in names
    )


def _check(
    windows: Sequence[AuditWindow], flagged: Mapping[str, int], unflagged_s: float | None, target: str, level: float
) -> None:
    for place, window in enumerate(windows):
        if not 0.0 < window.p <= 1.0:
            raise RatingsInvalid(
                f"Audit window {place} (counted from 0) was drawn with probability {window.p}.",
                "Give the probability it had of being drawn, above 0 and at most 1.",
                row=place,
            )
        if window.missed < 0 or not window.end > window.start:
            raise RatingsInvalid(
                f"Audit window {place} (counted from 0) has no length or a negative count.", "Correct it.", row=place
            )
    if min([0, *flagged.values()]) < 0 or (unflagged_s is not None and unflagged_s <= 0.0):
        raise RatingsInvalid("A number of flagged moments or of unflagged seconds is negative.", "Correct it.")
    if target not in {"these recordings", "recordings like these"} or not 0.0 < level < 1.0:
        raise RatingsInvalid("Unknown target, or a confidence outside (0, 1).", "Correct the request.")


def _estimate(
    name: str, windows: Sequence[AuditWindow], flagged: int, unflagged_s: float | None, target: Target, level: float
) -> Missed:
    watched = float(sum(window.end - window.start for window in windows))
    if not windows:
        return Missed(
            indicator=name, n_windows=0, n_submissions=0, n_found=0, seconds_watched=0.0, flagged=flagged, total=None,
            total_low=None, total_high=None, per_hour=None, per_hour_low=None, per_hour_high=None, share=None,
            share_low=None, share_high=None, target=target, confidence=level, method="none",
            reason="No window was watched for this indicator, so what was missed is unknown.",
        )  # fmt: skip
    p = np.array([window.p for window in windows])
    found = np.array([window.missed for window in windows], dtype=np.float64)
    total = float((found / p).sum())
    low, high = _these(found, p, level) if target == "these recordings" else _like_these(windows, found, p, level)
    seconds = unflagged_s if unflagged_s is not None else float(sum((w.end - w.start) / w.p for w in windows))
    share, share_low, share_high, reason = _share(total, low, high, flagged, target, level)
    hour = 3600.0 / seconds
    return Missed(
        indicator=name,
        n_windows=len(windows),
        n_submissions=len({window.submission for window in windows}),
        n_found=int(found.sum()),
        seconds_watched=watched,
        flagged=flagged,
        total=total,
        total_low=low,
        total_high=high,
        per_hour=total * hour,
        per_hour_low=low * hour,
        per_hour_high=high * hour,
        share=share,
        share_low=share_low,
        share_high=share_high,
        target=target,
        confidence=level,
        method="Horvitz-Thompson total, gamma interval for weighted counts (Fay & Feuer 1997)",
        reason=reason,
        notes=() if unflagged_s is not None else ("Unflagged time is itself estimated from the windows.",),
    )


def _these(found: Floats, p: Floats, level: float) -> tuple[float, float]:
    """Seen for certain, plus an interval for what lies in the windows that were not drawn.

    A lone moment drawn with probability p is missed N times over with chance (1 - p)^N, so with none found the bound
    solves (1 - p)^N = α/2: N = -log(α/2) · (-1 / log(1 - p)), which is the gamma bound with that step.
    """
    drawn = p < 1.0
    unseen = float((found * (1.0 - p) / p).sum())
    variance = float((found**2 * (1.0 - p) / p**2).sum())
    steps = -1.0 / np.log1p(-p[drawn]) if drawn.any() else np.zeros(1)
    low, high = gamma_interval(unseen, variance, float(steps.max()), level)
    return float(found.sum()) + low, float(found.sum()) + high


def _like_these(windows: Sequence[AuditWindow], found: Floats, p: Floats, level: float) -> tuple[float, float]:
    total = float((found / p).sum())
    variance = max(float((found / p**2).sum()), float((found**2 / p**2).sum()), _between(windows, found, p))
    return gamma_interval(total, variance, float((1.0 / p).max()), level)


def _between(windows: Sequence[AuditWindow], found: Floats, p: Floats) -> float:
    """Variance of the total from submissions as the units drawn: n/(n-1) Σ (t_s - mean)²."""
    names = {name: place for place, name in enumerate(dict.fromkeys(window.submission for window in windows))}
    if len(names) < 2:
        return 0.0
    totals = np.bincount([names[window.submission] for window in windows], weights=found / p)
    return float(len(names) / (len(names) - 1) * ((totals - totals.mean()) ** 2).sum())


def gamma_interval(total: float, variance: float, step: float, level: float) -> tuple[float, float]:
    """Fay & Feuer's (1997) interval for a weighted sum of Poisson counts.

    low: quantile of a gamma with this mean and variance; high: of one with mean + step and variance + step², `step`
    being the most one further count could add.
    """
    tail = (1.0 - level) / 2.0
    low = 0.0
    if total > 0.0 and variance > 0.0:
        low = variance / total * float(scipy.special.gammaincinv(total**2 / variance, tail))
    elif total > 0.0:
        low = total
    if step <= 0.0:
        return low, max(low, total)
    mean, spread = total + step, variance + step**2
    return low, spread / mean * float(scipy.special.gammainccinv(mean**2 / spread, tail))


def _share(
    total: float, low: float, high: float, flagged: int, target: Target, level: float
) -> tuple[float | None, float | None, float | None, str | None]:
    if total + flagged <= 0.0:
        return None, None, None, "Nothing was flagged and nothing found, so no share can be formed."
    share = total / (total + flagged)
    if target == "these recordings":
        return share, low / (low + flagged) if low + flagged else 0.0, high / (high + flagged), None
    if not flagged:
        return share, low / (low + _poisson_upper(0, level)) if low else 0.0, 1.0, None
    ratio_low, ratio_high = _ratio(total, low, high, flagged, level)
    return share, ratio_low / (1.0 + ratio_low), ratio_high / (1.0 + ratio_high) if ratio_high < math.inf else 1.0, None


def _poisson_upper(count: int, level: float) -> float:
    return float(scipy.special.gammainccinv(count + 1.0, (1.0 - level) / 2.0))


def _ratio(total: float, low: float, high: float, flagged: int, level: float) -> tuple[float, float]:
    """Limits of total / flagged from the limits of both (MOVER, Donner & Zou 2012, as Fieller's for unequal arms)."""
    below = float(scipy.special.gammaincinv(float(flagged), (1.0 - level) / 2.0))
    above = _poisson_upper(flagged, level)
    product = total * flagged
    spare_low = product**2 - low * above * (2.0 * total - low) * (2.0 * flagged - above)
    spare_high = product**2 - high * below * (2.0 * total - high) * (2.0 * flagged - below)
    lowest = (product - math.sqrt(max(spare_low, 0.0))) / (above * (2.0 * flagged - above))
    below_part = below * (2.0 * flagged - below)
    highest = (product + math.sqrt(max(spare_high, 0.0))) / below_part if below_part > 0.0 else math.inf
    return max(0.0, lowest) if 2.0 * flagged > above else 0.0, highest
