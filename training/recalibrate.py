"""Fit an artefact's calibration and thresholds to a program's own decisions, from 50 on a code or a look-for."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load
from scipy.special import logit
from scipy.stats import norm

from inference.artefact import read_manifest, read_weights
from inference.features import role_share
from inference.showing import LEAST, Reading, showing_document
from inference.tagger import load_tagger
from model.errors import InputRefused
from model.indicators import CODE_BY_ID, CODE_IDS, codes_of
from training.artefact import write_artefact
from training.calibrate import Bools, Floats, Platt, fit_platt
from training.corpora.decisions import Decided

ENOUGH = 50  # decisions a code or an indicator needs before its calibration follows them
WANTED = 0.7  # precision a program's threshold must hold with 80 % confidence (one-sided Wilson bound)


def recalibrate(source: Path, out: Path, sessions: Sequence[Decided]) -> dict[str, int]:
    """Write `out` from `source`; returns how many decisions each refitted code or indicator rested on.

    The decisions must be on sessions the artefact was not trained on. Raises InputRefused `decisions.few` where no
    code and no indicator has ENOUGH.
    """
    if not sessions:
        raise _too_few()
    manifest, tagger = read_manifest(source), load_tagger(source)
    logits = np.vstack([tagger.logits(session.lines) for session in sessions])
    share = np.array(
        [[role_share(line.p_youth, CODE_BY_ID[c].said_by) for c in CODE_IDS] for s in sessions for line in s.lines]
    )
    target = np.vstack([session.target for session in sessions])
    weight = np.vstack([session.weight for session in sessions])
    platt = {code: Platt(a, b) for code, a, b in manifest.calibration}
    limits = dict(manifest.thresholds)
    used: dict[str, int] = {}
    for k, code in enumerate(CODE_IDS):
        rows = (weight[:, k] > 0) & (share[:, k] > 0)
        if int(rows.sum()) < ENOUGH:
            continue
        used[code] = int(rows.sum())
        z, y = logits[rows, k], target[rows, k]
        platt[code] = fit_platt(z, y, centre=platt[code], weight=weight[rows, k] / weight[rows, k].mean())
        limits[code] = round(_wilson_threshold(platt[code](z) * share[rows, k], y, limits[code]), 3)
    p = np.stack([platt[code](logits[:, k]) for k, code in enumerate(CODE_IDS)], axis=1) * share
    showing = dict(manifest.showing)
    for indicator, reading in manifest.showing.items():
        columns = [CODE_IDS.index(code.id) for code in codes_of(indicator)]
        decided = np.where(share[:, columns] > 0, weight[:, columns], 0.0)
        rows = decided.max(1) > 0
        if int(rows.sum()) >= ENOUGH:
            used[str(indicator)] = int(rows.sum())
            showing[indicator] = _read_anew(reading, p[rows], target[rows][:, columns], decided[rows])
    if not used:
        raise _too_few()
    document: dict[str, Any] = dict(manifest.document)
    document["name"] = f"{manifest.name.split('+')[0]}+{sum(used.values())}-decisions"
    document["calibration"] = {code: [p.slope, p.intercept] for code, p in platt.items()}
    document["thresholds"] = limits
    document["showing"] = showing_document(showing)
    document["recalibrated_on"] = used
    write_artefact(out, load(read_weights(source, manifest.weights_sha256)), document, force=True)
    return used


def _read_anew(reading: Reading, p: Floats, target: Bools, decided: Floats) -> Reading:
    """The reading moved to what was decided of its codes; `target` and `decided` (weights) have a column for each.

    The look-for is there where any code was said to be, and that decision's weight counts; else the weightiest "no".
    """
    there = np.asarray((target & (decided > 0)).any(1))
    heavy = np.where(there, np.where(target, decided, 0.0).max(1), decided.max(1))
    codes = {code: p[:, CODE_IDS.index(code)] for code, _ in reading.weights}
    before = logit(np.clip(reading.probability(codes), LEAST, 1 - LEAST))
    line = fit_platt(before, there, weight=heavy / heavy.mean())
    moved = replace(
        reading,
        weights=tuple((code, line.slope * one) for code, one in reading.weights),
        any_weight=line.slope * reading.any_weight,
        intercept=line.slope * reading.intercept + line.intercept,
    )
    threshold = _wilson_threshold(moved.probability(codes), there, reading.threshold)
    return replace(moved, threshold=round(threshold, 3))


def _too_few() -> InputRefused:
    return InputRefused(
        "decisions.few",
        f"No code and no look-for has {ENOUGH} decisions yet.",
        "Go on reviewing; the calibration stays as it is.",
    )


def _wilson_threshold(p: Floats, truth: Bools, now: float) -> float:
    """The lowest probability from which precision is surely WANTED or better; `now` where there is none."""
    order = np.argsort(-p, kind="stable")
    hits, n, z = np.cumsum(truth[order]), np.arange(1, len(p) + 1), float(norm.ppf(0.8))
    rate = hits / n
    bound = (rate + z**2 / (2 * n) - z * np.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2))) / (1 + z**2 / n)
    good = np.flatnonzero(bound >= WANTED)
    return float(p[order][good[-1]]) if len(good) else now
