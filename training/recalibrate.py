"""Fit an artefact's calibration and thresholds to a program's own decisions, from 50 a code; nothing else moves."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load
from scipy.stats import norm

from inference.artefact import read_manifest, read_weights
from inference.features import role_share
from inference.tagger import load_tagger
from model.errors import InputRefused
from model.indicators import CODE_BY_ID, CODE_IDS
from training.artefact import write_artefact
from training.calibrate import Bools, Floats, Platt, fit_platt
from training.corpora.decisions import Decided

ENOUGH = 50  # decisions a code needs before its calibration follows them
WANTED = 0.7  # precision a program's threshold must hold with 80 % confidence (one-sided Wilson bound)


def recalibrate(source: Path, out: Path, sessions: Sequence[Decided]) -> dict[str, int]:
    """Write `out` from `source`; returns how many decisions each refitted code rested on.

    The decisions must be on sessions the artefact was not trained on. Raises InputRefused `decisions.few` where no
    code has ENOUGH.
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
    if not used:
        raise _too_few()
    document: dict[str, Any] = dict(manifest.document)
    document["name"] = f"{manifest.name.split('+')[0]}+{sum(used.values())}-decisions"
    document["calibration"] = {code: [p.slope, p.intercept] for code, p in platt.items()}
    document["thresholds"] = limits
    document["recalibrated_on"] = used
    write_artefact(out, load(read_weights(source, manifest)), document, force=True)
    return used


def _too_few() -> InputRefused:
    return InputRefused(
        "decisions.few", f"No code has {ENOUGH} decisions yet.", "Go on reviewing; the calibration stays as it is."
    )


def _wilson_threshold(p: Floats, truth: Bools, now: float) -> float:
    """The lowest probability from which precision is surely WANTED or better; `now` where there is none."""
    order = np.argsort(-p, kind="stable")
    hits, n, z = np.cumsum(truth[order]), np.arange(1, len(p) + 1), float(norm.ppf(0.8))
    rate = hits / n
    bound = (rate + z**2 / (2 * n) - z * np.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2))) / (1 + z**2 / n)
    good = np.flatnonzero(bound >= WANTED)
    return float(p[order][good[-1]]) if len(good) else now
