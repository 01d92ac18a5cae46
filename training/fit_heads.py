"""Fit the linear heads on frozen vectors: seconds to a few minutes, also from reviewers' decisions."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from inference.encoder import DIMENSIONS
from inference.heads import LinearHeads

EMBEDDING_SCALE = 0.35  # embeddings have unit length over 384 numbers; this leaves them less sway each than a feature
C = 0.02  # inverse ridge strength, chosen by cross-validation on the training dialogues


def fit_heads(
    inputs: NDArray[np.float32],
    truth: NDArray[np.bool_],
    weight: NDArray[np.float64],
    codes: Sequence[str],
    *,
    strength: float = C,
) -> LinearHeads:
    """One ridge-regularised logistic regression per code.

    `inputs` (n, WIDTH), `truth` (n, n_codes), `weight` (n, n_codes): 0 leaves a row out of a code. A code without
    both kinds of rows gets a head that always says "almost never".
    """
    mean = inputs.mean(0)
    scale = inputs.std(0) + 1e-3
    scale[: 3 * DIMENSIONS] /= EMBEDDING_SCALE
    x = (inputs - mean) / scale
    columns, biases = [], []
    for k in range(len(codes)):
        rows = weight[:, k] > 0
        if len(set(truth[rows, k].tolist())) < 2:
            columns.append(np.zeros(x.shape[1]))
            biases.append(-6.0)
            continue
        model = LogisticRegression(C=strength, max_iter=300, solver="lbfgs")
        model.fit(x[rows], truth[rows, k], sample_weight=weight[rows, k])
        columns.append(model.coef_[0])
        biases.append(float(model.intercept_[0]))
    return LinearHeads(
        mean.astype(np.float32),
        scale.astype(np.float32),
        np.stack(columns, axis=1).astype(np.float32),
        np.asarray(biases, dtype=np.float32),
    )
