"""Fit an artefact's calibration and thresholds to a program's own decisions, from 50 on a code or a look-for.

A calibrated chance is a rate, so a decision weighs what it stands for: one over its chance of being shown. Nothing is
moved that does not hold for other educators than those it was fitted on.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load
from scipy.optimize import minimize
from scipy.special import expit, logit
from scipy.stats import norm

from inference.artefact import Manifest, read_manifest, read_weights
from inference.features import Line, role_share
from inference.showing import LEAST, Reading, Showing, showing_document
from inference.tagger import load_tagger
from model.errors import InputRefused
from model.indicators import CODE_BY_ID, CODE_IDS, codes_of
from training.artefact import write_artefact
from training.calibrate import IDENTITY, RIDGE, Bools, Floats, Platt
from training.cards import write_model_card
from training.corpora.decisions import Decided

ENOUGH = 50  # decisions a code or an indicator needs before its calibration follows them
WANTED = 0.7  # precision a program's threshold must hold with 80 % confidence (one-sided Wilson bound)
FOLDS = 5
ABLE = 0.5  # a line counts for a code where its speaker can carry it with a higher chance than this

ONE_EDUCATOR = "all decisions are on one educator's sessions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A calibration after decisions: how many each moved part rests on, and why parts with ENOUGH were left."""

    lines: tuple[Platt, ...]  # in the order of CODE_IDS
    limits: Mapping[str, float]
    showing: Showing
    used: Mapping[str, int]  # by code or indicator
    left: Mapping[str, str]

    def document(self, manifest: Manifest) -> dict[str, Any]:
        """`manifest` with this calibration, and without what was true of the one before."""
        return {
            **{key: value for key, value in manifest.document.items() if key != "wanted_precision"},
            "cross_validation": still_true(manifest, self.used),
            "calibration": {code: [p.slope, p.intercept] for code, p in zip(CODE_IDS, self.lines, strict=True)},
            "thresholds": dict(self.limits),
            "showing": showing_document(self.showing),
            "recalibrated_on": dict(self.used),
            "not_recalibrated": dict(self.left),
        }


def recalibrate(source: Path, out: Path, sessions: Sequence[Decided]) -> Moved:
    """Write to `out` the artefact at `source` with its calibration moved, and its card.

    The decisions must be on sessions the artefact was not trained on. Raises InputRefused `decisions.few` where no
    code and no indicator has ENOUGH, `recalibration.no_gain` where none gains; then nothing is written.
    """
    manifest, tagger = read_manifest(source), load_tagger(source)
    moved = moved_calibration(manifest, Judged.of([tagger.logits(session.lines) for session in sessions], sessions))
    if not moved.used and not moved.left:
        raise InputRefused(
            "decisions.few",
            f"No code and no look-for has {ENOUGH} decisions yet.",
            "Go on reviewing; the calibration stays as it is.",
        )
    if not moved.used:
        raise InputRefused(
            "recalibration.no_gain",
            f"Nothing was moved ({'; '.join(f'{name}: {why}' for name, why in moved.left.items())}).",
            "Go on reviewing; the calibration stays as it is.",
        )
    document = moved.document(manifest) | {"name": f"{manifest.name}+recalibrated-{decisions_in(sessions)}"}
    write_artefact(out, load(read_weights(source, manifest.weights_sha256)), document, force=True)
    write_model_card(out, read_manifest(out))
    return moved


def decisions_in(sessions: Sequence[Decided]) -> int:
    """Utterances something was decided of: one found empty denies many codes and is one decision."""
    return sum(int((session.weight > 0).any(1).sum()) for session in sessions)


def still_true(manifest: Manifest, moved: Collection[str]) -> dict[str, Any]:
    """The cross-validated figures a moved calibration leaves true.

    A line of positive slope keeps the order of a code's utterances, so AUPRC stays. Flags are others now, and an
    indicator's order hangs on all its codes: these are left empty (null) where anything they rest on was moved.
    """
    found = manifest.document["cross_validation"]
    emptied = {"precision": None, "recall": None, "f1": None}
    codes = {code: row | (emptied if code in moved else {}) for code, row in found["codes"].items()}
    indicators = {}
    for indicator in manifest.showing:
        touched = str(indicator) in moved or any(code.id in moved for code in codes_of(indicator))
        indicators[str(indicator)] = found["indicators"][indicator] | (emptied | {"auprc": None} if touched else {})
    return {**found, "indicators": indicators, "codes": codes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """All sessions' lines below one another; arrays of shape (n, n_codes), `group` (n,) a number for each educator."""

    logits: Floats
    share: Floats  # P(a speaker who can carry the code)
    target: Bools
    shown: Floats  # `Decided.shown`, 0 where the speaker hardly can carry the code
    group: NDArray[np.int64]

    @classmethod
    def of(cls, logits: Sequence[Floats], sessions: Sequence[Decided]) -> "Judged":
        """`logits` (n_lines, n_codes) for each session."""
        none = np.zeros((0, len(CODE_IDS)))
        share = np.vstack([none, *(shares_of(session.lines) for session in sessions)])
        groups = [session.group for session in sessions for _ in session.lines]
        return cls(
            logits=np.vstack([none, *logits]),
            share=share,
            target=np.vstack([none.astype(bool), *(session.target for session in sessions)]),
            shown=np.vstack([none, *(session.shown for session in sessions)]) * (share > ABLE),
            group=np.unique(groups, return_inverse=True)[1].astype(np.int64),
        )

    def only(self, rows: Bools) -> "Judged":
        return Judged(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def chances(self, lines: Sequence[Platt]) -> Floats:
        """As the tagger gives them: the role's chance is a factor."""
        return np.stack([line(self.logits[:, k]) for k, line in enumerate(lines)], axis=1) * self.share

    def of_code(self, k: int) -> "Votes":
        rows = self.shown[:, k] > 0
        return Votes(
            logits=self.logits[rows, k],
            share=self.share[rows, k],
            yes=self.target[rows, k],
            weight=self.shown[rows, k],
            group=self.group[rows],
        )

    def of_reading(self, reading: Reading, p: Floats) -> "Votes":
        """An indicator is there where any code was said to be, with that decision's weight; else the weightiest "no".

        `p` are the codes' chances, (n, n_codes); what the reading makes of them is the votes' logit.
        """
        columns = [CODE_IDS.index(code) for code, _ in reading.weights]
        target, shown = self.target[:, columns], self.shown[:, columns]
        yes = np.asarray((target & (shown > 0)).any(1))
        weight = np.where(yes, np.where(target, shown, 0.0).max(1), shown.max(1))
        rows = weight > 0
        chance = reading.probability({code: p[rows, k] for (code, _), k in zip(reading.weights, columns, strict=True)})
        return Votes(
            logits=logit(np.clip(chance, LEAST, 1 - LEAST)),
            share=np.ones(len(chance)),
            yes=yes[rows],
            weight=weight[rows],
            group=self.group[rows],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Votes:
    """The decided lines of one code or one indicator; arrays of shape (n,)."""

    logits: Floats
    share: Floats
    yes: Bools
    weight: Floats
    group: NDArray[np.int64]

    def only(self, rows: Bools) -> "Votes":
        return Votes(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def chance(self, line: Platt) -> Floats:
        return line(self.logits) * self.share

    def brier(self, chance: Floats) -> float:
        """Σ weight·(chance − yes)² / Σ weight."""
        return float(np.average((chance - self.yes) ** 2, weights=self.weight))


def shares_of(lines: Sequence[Line]) -> Floats:
    """Shape (n_lines, n_codes)."""
    found = [[role_share(line.p_youth, CODE_BY_ID[code].said_by) for code in CODE_IDS] for line in lines]
    return np.array(found).reshape(len(lines), len(CODE_IDS))


def folds_of_groups(group: NDArray[np.int64], *, most: int = FOLDS) -> NDArray[np.int64]:
    """A fold for each row: whole groups, the largest first into the emptiest fold. Shape (n,)."""
    numbers, sizes = np.unique(group, return_counts=True)
    filled = np.zeros(min(most, len(numbers)))
    place = {}
    for i in np.argsort(-sizes, kind="stable"):
        place[numbers[i]] = int(filled.argmin())
        filled[place[numbers[i]]] += sizes[i]
    return np.array([place[number] for number in group], dtype=np.int64)


def moved_calibration(manifest: Manifest, judged: Judged) -> Moved:
    """`manifest`'s calibration, each part moved where the decisions are enough and the gate lets it.

    The gate: fitted on some educators' decisions, it does not raise the weighted Brier score of the others'. An
    indicator comes after the codes and is judged over the codes as they then are. What is moved is fitted on all.
    """
    present = tuple(Platt(a, b) for _, a, b in manifest.calibration)
    limits, showing = dict(manifest.thresholds), dict(manifest.showing)
    used: dict[str, int] = {}
    left: dict[str, str] = {}
    for k, code in enumerate(CODE_IDS):
        votes = judged.of_code(k)
        if len(votes.yes) >= ENOUGH:
            _gate(code, votes, _no_gain_of_code(votes, present[k]), used, left)
    lines = _lines(judged, present, used)
    for k, code in enumerate(CODE_IDS):
        if code in used:
            votes = judged.of_code(k)
            limits[code] = _precise_from(votes, votes.chance(lines[k]), limits[code])
    p = judged.chances(lines)
    for indicator, reading in manifest.showing.items():
        votes = judged.of_reading(reading, p)
        if len(votes.yes) >= ENOUGH:
            why = _no_gain_of_reading(judged, reading, present, used)
            _gate(str(indicator), votes, why, used, left)
        if str(indicator) in used:
            line = fit_line(votes)
            threshold = _precise_from(votes, votes.chance(line), reading.threshold)
            showing[indicator] = replace(_moved_reading(reading, line), threshold=threshold)
    return Moved(lines=lines, limits=limits, showing=showing, used=used, left=left)


def _gate(name: str, votes: Votes, why: str | None, used: dict[str, int], left: dict[str, str]) -> None:
    if why is None:
        used[name] = len(votes.yes)
    else:
        left[name] = why


def _lines(judged: Judged, present: Sequence[Platt], codes: Collection[str]) -> tuple[Platt, ...]:
    """`present`, but for `codes` lines fitted to the decisions in `judged`."""
    return tuple(
        fit_line(judged.of_code(k), centre=present[k]) if code in codes else present[k]
        for k, code in enumerate(CODE_IDS)
    )


def _no_gain_of_code(votes: Votes, present: Platt) -> str | None:
    """Why a line fitted to the votes is not to be used; None where it is."""
    fold = folds_of_groups(votes.group)
    if fold.max() < 1:
        return ONE_EDUCATOR
    after = np.zeros(len(fold))
    for j in range(int(fold.max()) + 1):
        line = fit_line(votes.only(fold != j), centre=present)
        after[fold == j] = votes.chance(line)[fold == j]
    return _raised(votes.brier(votes.chance(present)), votes.brier(after))


def _no_gain_of_reading(
    judged: Judged, reading: Reading, present: Sequence[Platt], codes: Collection[str]
) -> str | None:
    """As for a code; the codes' own lines are fitted without the educators held out, too."""
    votes = judged.of_reading(reading, judged.chances(present))
    fold = folds_of_groups(votes.group)
    if fold.max() < 1:
        return ONE_EDUCATOR
    before, after = np.zeros(len(fold)), np.zeros(len(fold))
    for j in range(int(fold.max()) + 1):
        held = fold == j
        lines = _lines(judged.only(~np.isin(judged.group, votes.group[held])), present, codes)
        theirs = judged.of_reading(reading, judged.chances(lines))
        before[held] = theirs.chance(IDENTITY)[held]
        after[held] = theirs.chance(fit_line(theirs.only(~held)))[held]
    return _raised(votes.brier(before), votes.brier(after))


def _raised(before: float, after: float) -> str | None:
    if after <= before:
        return None
    return f"moved, its Brier score on other educators would be {after:.4f} and not {before:.4f}"


def fit_line(votes: Votes, *, centre: Platt = IDENTITY) -> Platt:
    """The line with the greatest likelihood of the votes, yes with chance share·σ(slope·logit + intercept).

    Weights are scaled to their effective number (Σw)²/Σw², and the line is drawn to `centre` as in
    `training.calibrate.fit_platt`: without votes it is `centre`.
    """
    w = votes.weight * votes.weight.sum() / max(float((votes.weight**2).sum()), 1e-9)

    def loss(theta: Floats) -> tuple[float, Floats]:
        z = theta[0] * votes.logits + theta[1]
        p = np.clip(expit(z), 1e-9, 1 - 1e-9)
        no = 1 - votes.share * p
        away = theta - (centre.slope, centre.intercept)
        value = -np.sum(w * np.where(votes.yes, np.log(p), np.log(no)))
        pull = w * np.where(votes.yes, p - 1, votes.share * p * (1 - p) / no)
        return float(value + RIDGE * (away[0] ** 2 + away[1] ** 2 / 4)), np.array(
            [np.sum(pull * votes.logits) + 2 * RIDGE * away[0], np.sum(pull) + RIDGE * away[1] / 2]
        )

    start = np.array([centre.slope, centre.intercept])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0.05, 10.0), (-15, 15)])
    return Platt(float(found.x[0]), float(found.x[1]))


def _moved_reading(reading: Reading, line: Platt) -> Reading:
    return replace(
        reading,
        weights=tuple((code, line.slope * one) for code, one in reading.weights),
        any_weight=line.slope * reading.any_weight,
        intercept=line.slope * reading.intercept + line.intercept,
    )


def _precise_from(votes: Votes, chance: Floats, now: float) -> float:
    """The lowest chance from which precision is surely WANTED or better; `now` where there is none."""
    order = np.argsort(-chance, kind="stable")
    w = votes.weight[order]
    n, z = np.cumsum(w) ** 2 / np.cumsum(w**2), float(norm.ppf(0.8))
    rate = np.cumsum(w * votes.yes[order]) / np.cumsum(w)
    bound = (rate + z**2 / (2 * n) - z * np.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2))) / (1 + z**2 / n)
    last_of_tie = np.append(np.diff(chance[order]) != 0, True)
    good = np.flatnonzero((bound >= WANTED) & last_of_tie)
    return float(np.floor(chance[order][good[-1]] * 1000) / 1000) if len(good) else now
