"""Fit the heads on frozen vectors: a minute or a few, also from reviewers' decisions."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import nn

from inference.encoder import DIMENSIONS
from inference.heads import Heads, Network

# Chosen by five-fold cross-validation on the training dialogues (macro AUPRC of evidence codes): the line alone .597
# (C .02), the networks alone .616, their mean .650.
EMBEDDING_SCALE = 0.35  # embeddings are many and of unit length together; this leaves each less sway than a feature
C = 0.02  # inverse ridge strength
NETWORKS, HIDDEN, EPOCHS, BATCH = 2, 192, 8, 128
DROPOUT, DECAY, RATE = 0.4, 0.05, 2e-3


def fit_heads(
    inputs: NDArray[np.float32],
    truth: NDArray[np.bool_],
    weight: NDArray[np.float64],
    codes: Sequence[str],
    *,
    seed: int = 20,
) -> Heads:
    """`inputs` (n, WIDTH), `truth` and `weight` (n, n_codes); a weight of 0 leaves a row out of a code."""
    scale = inputs.std(0) + 1e-3
    scale[: 3 * DIMENSIONS] /= EMBEDDING_SCALE
    nothing = np.zeros(0, dtype=np.float32)
    shape = Heads(inputs.mean(0).astype(np.float32), scale.astype(np.float32), nothing, nothing)
    x = shape.scaled(inputs)
    line, bias = _lines(x, truth, weight, len(codes))
    networks = tuple(_network(x, truth, weight, seed=seed + i) for i in range(NETWORKS))
    return Heads(shape.mean, shape.scale, line, bias, networks)


def _lines(
    x: NDArray[np.float32], truth: NDArray[np.bool_], weight: NDArray[np.float64], n_codes: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A ridge-regularised logistic regression per code; one without both kinds of rows always says "almost never"."""
    columns, biases = [], []
    for k in range(n_codes):
        rows = weight[:, k] > 0
        if len(set(truth[rows, k].tolist())) < 2:
            columns.append(np.zeros(x.shape[1]))
            biases.append(-6.0)
            continue
        model = LogisticRegression(C=C, max_iter=300, solver="lbfgs")
        model.fit(x[rows], truth[rows, k], sample_weight=weight[rows, k])
        columns.append(model.coef_[0])
        biases.append(float(model.intercept_[0]))
    return np.stack(columns, axis=1).astype(np.float32), np.asarray(biases, dtype=np.float32)


def _network(x: NDArray[np.float32], truth: NDArray[np.bool_], weight: NDArray[np.float64], *, seed: int) -> Network:
    """One hidden layer for all codes, so that rare codes borrow from common ones."""
    torch.manual_seed(seed)
    inputs, target = torch.from_numpy(x), torch.from_numpy(truth.astype(np.float32))
    share = torch.from_numpy((weight / weight.max()).astype(np.float32))
    there = np.maximum((truth & (weight > 0)).sum(0), 1)
    odds = ((weight > 0).sum(0) - there) / there
    # A positive weighs the root of the odds against it; calibration takes that back.
    balance = torch.from_numpy(np.clip(np.sqrt(odds), 1.0, 4.0).astype(np.float32))
    inner, outer = nn.Linear(x.shape[1], HIDDEN), nn.Linear(HIDDEN, truth.shape[1])
    net = nn.Sequential(nn.Dropout(DROPOUT / 2), inner, nn.GELU(), nn.Dropout(DROPOUT), outer)
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE / 2, weight_decay=DECAY)
    batches = max(1, len(x) // BATCH)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=EPOCHS * batches + 1)
    for _ in range(EPOCHS):
        order = torch.randperm(len(x))
        for b in range(batches):
            rows = order[b * BATCH : (b + 1) * BATCH]
            each = nn.functional.binary_cross_entropy_with_logits(
                net(inputs[rows]), target[rows], pos_weight=balance, reduction="none"
            )
            optimiser.zero_grad()
            ((each * share[rows]).sum() / len(rows)).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            pace.step()
    parts = (inner.weight.T, inner.bias, outer.weight.T, outer.bias)
    return Network(*(np.ascontiguousarray(part.detach().numpy()) for part in parts))
