"""Fit what the rest of a session says of one utterance (`inference.session`) from cross-fitted logits."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from inference.session import Outlook, columns_of
from model.indicators import CODE_IDS, Indicator
from training.calibrate import Bools, Floats, Platt

C = 1.0  # inverse ridge strength on three weights a code
LEAST_RATE = 1e-3
LEAST_SLOPE = 0.05  # below it the logit says nothing, and a rate relative to it neither


def sessions_moved(outlook: Outlook, logits: Floats, share: Floats, owner: NDArray[np.int64]) -> Floats:
    """`outlook.moved` for each session of `owner` (n,) apart; rows of NaN (never cross-fitted) stay."""
    out = logits.copy()
    for rows in _sessions(logits, owner):
        out[rows] = outlook.moved(logits[rows], share[rows])
    return out


def fit_outlook(
    logits: Sequence[Floats],
    truth: Sequence[Bools],
    usable: Sequence[Bools],
    share: Sequence[Floats],
    owner: NDArray[np.int64],
    first: Sequence[Platt],
) -> Outlook:
    """Weights of the rates, by logistic regression beside the logit; one array of each kind for every form.

    `first` reads the logits for the rates. Where a code has no rows of both kinds its rates weigh nothing.
    """
    said = np.vstack(truth)
    usual = np.maximum(said.mean(axis=0), LEAST_RATE)
    usual_of_indicator = usual.copy()
    for one in Indicator:
        columns = columns_of(CODE_IDS, one)
        usual_of_indicator[columns] = max(float(said[:, columns].any(axis=1).mean()), LEAST_RATE)
    weights = np.zeros((2, len(CODE_IDS)))
    plain = Outlook(
        codes=tuple(CODE_IDS),
        slope=np.array([line.slope for line in first]),
        intercept=np.array([line.intercept for line in first]),
        usual=usual,
        usual_of_indicator=usual_of_indicator,
        weight=weights[0],
        weight_of_indicator=weights[1],
    )
    rates = [_excess(plain, z, s, owner) for z, s in zip(logits, share, strict=True)]
    own, indicator = (np.vstack(part) for part in zip(*rates, strict=True))
    z, able = np.vstack(logits), np.vstack(usable)
    fitted = weights.copy()
    for k in range(len(CODE_IDS)):
        rows = able[:, k] & ~np.isnan(z[:, k])
        if len(np.unique(said[rows, k])) < 2:
            continue
        inputs = np.column_stack([z[rows, k], own[rows, k], indicator[rows, k]])
        slope, *of_rates = LogisticRegression(C=C).fit(inputs, said[rows, k]).coef_[0]
        if slope > LEAST_SLOPE:
            fitted[:, k] = np.array(of_rates) / slope
    return replace(plain, weight=fitted[0], weight_of_indicator=fitted[1])


def _excess(outlook: Outlook, logits: Floats, share: Floats, owner: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """`outlook.excess` over the sessions of a form; NaN where its logits are."""
    own, indicator = np.full(logits.shape, np.nan), np.full(logits.shape, np.nan)
    for rows in _sessions(logits, owner):
        own[rows], indicator[rows] = outlook.excess(logits[rows], share[rows])
    return own, indicator


def _sessions(logits: Floats, owner: NDArray[np.int64]) -> Iterator[Bools]:
    """The rows of each session that was cross-fitted."""
    for session in np.unique(owner[~np.isnan(logits).any(axis=1)]):
        yield owner == session
