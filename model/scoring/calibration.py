"""The score model as a whole: fitted, judged on what it had not seen, and replaced only by something no worse."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from model.agreement import Agreement
from model.errors import InputRefused
from model.scoring import conformal, metrics
from model.scoring.conformal import LevelSets
from model.scoring.estimate import Estimate, Floats, cluster_mean
from model.scoring.estimator import (
    OwnMap,
    Shares,
    StackedPlatt,
    StackParameters,
    cross_fit,
    cross_fit_shares,
    fit_table,
    predict,
)
from model.scoring.metrics import CalibrationError, RiskPoint
from model.scoring.platt import Platt
from model.scoring.scores import ScoreTable

FORMAT = "lookfors.scores/1"
ENOUGH = 20
"""Scored submissions below which nothing is fitted: stacked calibration was never judged on fewer (docs/scoring.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotEnoughData:
    """The honest answer until there are ENOUGH scored submissions."""

    n_submissions: int
    needed: int = ENOUGH

    @property
    def text(self) -> str:
        return (
            f"Not enough data: {self.n_submissions} submissions have blind or adjudicated scores, "
            f"{self.needed} are needed ({self.needed - self.n_submissions} more)."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """The model's error on one score when it had not seen that submission; lets a later fit be compared fairly."""

    submission: str
    criterion: str
    level: int
    rps: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreModel:
    """A fitted score model; plain numbers, no pickle. `version` is the hash of everything that shapes an answer."""

    levels: tuple[float, ...]
    criteria: tuple[str, ...]
    parameters: StackParameters
    sets: LevelSets
    n_scores: int
    n_submissions: int
    held_out: tuple[HeldOut, ...] = field(default=(), repr=False)

    @property
    def version(self) -> str:
        """SHA-256 of the parameters, levels, criteria and set threshold."""
        return _sha256(_shaping(self))

    def predict_proba(self, raw: Floats, criteria: Sequence[str]) -> Floats:
        """Calibrated chance of each level, shape (n, n_levels), for raw rows of the named criteria.

        Raises InputRefused for a criterion the model was not fitted on.
        """
        place = {name: position for position, name in enumerate(self.criteria)}
        unknown = sorted(set(criteria) - set(place))
        if unknown:
            raise InputRefused(
                "scoring.criterion",
                f"The score model has never seen scores of {', '.join(unknown)}.",
                "Refit it on scores that include them.",
            )
        return predict(self.parameters, np.asarray(raw), np.array([place[name] for name in criteria], dtype=np.int64))

    def predict_sets(self, raw: Floats, criteria: Sequence[str]) -> tuple[tuple[float, ...], ...]:
        """Runs of levels that hold the score with `sets.confidence`; the whole scale where `sets.reason` says so."""
        found = conformal.level_sets(self.sets, self.predict_proba(raw, criteria))
        return tuple(self.levels[first : last + 1] for first, last in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """How the model does on submissions it had not seen, beside doing less and beside people.

    rps_raw: the machine uncalibrated; rps_shares: level shares alone, knowing nothing of the recording.
    """

    n_scores: int
    n_submissions: int
    rps: Estimate
    rps_raw: Estimate
    rps_shares: Estimate
    gain: Estimate  # rps_shares - rps, paired; above 0 the recording tells something
    brier: Estimate
    calibration: CalibrationError
    qwk_machine: Agreement
    qwk_human: Agreement
    risk: tuple[RiskPoint, ...]
    set_size: float  # mean number of levels in a set


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """A fitted model and how it was judged."""

    model: ScoreModel
    reliability: Reliability


def calibrate(table: ScoreTable, *, confidence: float = 0.9, seed: int = 0) -> Calibrated | NotEnoughData:
    """Fit on all scores and judge by cross-fitting grouped by submission; under ENOUGH submissions say so."""
    if table.n_submissions < ENOUGH:
        return NotEnoughData(n_submissions=table.n_submissions)
    held = cross_fit(table, seed=seed)
    fitted = fit_table(StackedPlatt(seed=seed), table)
    sets = conformal.fit_sets(held, table.level, table.submission, table.weight, confidence=confidence)
    errors = metrics.rps_of(held, table.level)
    model = ScoreModel(
        levels=table.levels,
        criteria=table.criteria,
        parameters=fitted.parameters_,
        sets=sets,
        n_scores=len(table.level),
        n_submissions=table.n_submissions,
        held_out=tuple(
            HeldOut(
                submission=table.submissions[table.submission[row]],
                criterion=table.criteria[table.criterion[row]],
                level=int(table.level[row]),
                rps=float(errors[row]),
                weight=float(table.weight[row]),
            )
            for row in range(len(errors))
        ),
    )
    return Calibrated(model=model, reliability=_judge(table, held, sets, seed))


def _judge(table: ScoreTable, held: Floats, sets: LevelSets, seed: int) -> Reliability:
    shares = cross_fit_shares(table, seed=seed)
    where = (table.level, table.submission, table.weight)
    apart = metrics.rps_of(shares, table.level) - metrics.rps_of(held, table.level)
    cut = conformal.level_sets(sets, held)
    return Reliability(
        n_scores=len(table.level),
        n_submissions=table.n_submissions,
        rps=metrics.rps(held, *where),
        rps_raw=metrics.rps(table.raw, *where),
        rps_shares=metrics.rps(shares, *where),
        gain=cluster_mean(apart, table.submission, table.weight),
        brier=metrics.brier(held, *where),
        calibration=metrics.calibration_error(held, table.level),
        qwk_machine=metrics.machine_qwk(held, table),
        qwk_human=metrics.human_qwk(table),
        risk=metrics.risk_coverage(held, table),
        set_size=float((cut[:, 1] - cut[:, 0] + 1).mean()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refit:
    """What a refit came to. `model` is the one to use from now on."""

    model: ScoreModel
    replaced: bool
    difference: Estimate | None  # new minus last RPS, paired on the same scores; below 0 the new one is better
    text: str


def refit(last: ScoreModel | None, new: Calibrated, table: ScoreTable) -> Refit:
    """The new model if its cross-fitted RPS is not worse than the last one's on the same scores, else the last.

    `table` is what the new one was fitted on. Scores the last model was fitted on count with its own cross-fitted
    errors, the others with its plain predictions: neither model is judged on a submission it had seen.
    """
    if last is None:
        return Refit(model=new.model, replaced=True, difference=None, text="The first score model of this scale.")
    if last.levels != new.model.levels or set(last.criteria) != set(new.model.criteria):
        text = "The levels or criteria have changed, so the last model no longer applies; the new one replaces it."
        return Refit(model=new.model, replaced=True, difference=None, text=text)
    difference = cluster_mean(_errors_apart(last, new, table), table.submission, table.weight)
    worse = (difference.value or 0.0) > 1e-12
    said = _difference_text(difference)
    if worse:
        text = f"The last model stays: on the same scores, unseen by either, the refit is worse. {said}"
        return Refit(model=last, replaced=False, difference=difference, text=text)
    text = f"The refit replaces the last model: on the same scores, unseen by either, it is not worse. {said}"
    return Refit(model=new.model, replaced=True, difference=difference, text=text)


def _errors_apart(last: ScoreModel, new: Calibrated, table: ScoreTable) -> Floats:
    new_errors = np.array([held.rps for held in new.model.held_out])
    names = [table.criteria[position] for position in table.criterion]
    fresh = metrics.rps_of(last.predict_proba(table.raw, names), table.level)
    known: dict[tuple[str, str, int], float] = {(x.submission, x.criterion, x.level): x.rps for x in last.held_out}
    seen = {x.submission for x in last.held_out}
    last_errors = fresh.copy()
    for row, held in enumerate(new.model.held_out):
        own = known.get((held.submission, held.criterion, held.level))
        if own is not None:
            last_errors[row] = own
        elif held.submission in seen:
            last_errors[row] = new_errors[row]  # changed since: the last model saw the submission, so it says nothing
    return new_errors - last_errors


def _difference_text(difference: Estimate) -> str:
    if difference.value is None:
        return "There was nothing to compare."
    interval = (
        f", 95 % CI [{difference.low:+.4f}, {difference.high:+.4f}]"
        if difference.low is not None and difference.high is not None
        else ""
    )
    return (
        f"RPS new minus last: {difference.value:+.4f}{interval}, {difference.n} scores of "
        f"{difference.n_submissions} submissions."
    )


def to_document(model: ScoreModel) -> dict[str, object]:
    """Format lookfors.scores/1, ready for JSON."""
    return {
        "format": FORMAT,
        "version": model.version,
        **_shaping(model),
        "n_scores": model.n_scores,
        "n_submissions": model.n_submissions,
        "held_out": [[x.submission, x.criterion, x.level, x.rps, x.weight] for x in model.held_out],
    }


def from_document(document: Mapping[str, object]) -> ScoreModel:
    """Read what `to_document` wrote. Raises InputRefused for another format or content that is not what was hashed."""
    if document.get("format") != FORMAT:
        raise InputRefused(
            "scoring.format",
            f"This is {document.get('format')!r}, not {FORMAT}.",
            "Give a file from lookfors calibrate.",
        )
    try:
        model = _read(document)
    except (KeyError, TypeError, ValueError) as fault:
        raise InputRefused(
            "scoring.format", f"The score model lacks something or holds the wrong kind: {fault!r}.", "Calibrate anew."
        ) from fault
    if model.version != document["version"]:
        raise InputRefused(
            "scoring.hash",
            "The score model has been changed since it was written: its hash differs.",
            "Calibrate anew.",
        )
    return model


def _shaping(model: ScoreModel) -> dict[str, object]:
    return {
        "levels": list(model.levels),
        "criteria": list(model.criteria),
        "parameters": asdict(model.parameters),
        "sets": asdict(model.sets),
    }


def _sha256(document: Mapping[str, object]) -> str:
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _read(document: Mapping[str, object]) -> ScoreModel:
    # JSON read from a file: every access below may fail, and from_document names that.
    raw: dict[str, dict] = document  # type: ignore[assignment, type-arg]
    parameters = raw["parameters"]
    return ScoreModel(
        levels=tuple(float(level) for level in raw["levels"]),
        criteria=tuple(str(name) for name in raw["criteria"]),
        parameters=StackParameters(
            platt=_read_platt(parameters["platt"]),
            shares=Shares(
                by_criterion=tuple(tuple(float(x) for x in row) for row in parameters["shares"]["by_criterion"])
            ),
            stack=float(parameters["stack"]),
            own=tuple(
                OwnMap(criterion=int(x["criterion"]), platt=_read_platt(x["platt"]), stack=float(x["stack"]))
                for x in parameters["own"]
            ),
        ),
        sets=LevelSets(**raw["sets"]),
        n_scores=int(str(document["n_scores"])),
        n_submissions=int(str(document["n_submissions"])),
        held_out=tuple(
            HeldOut(submission=str(s), criterion=str(c), level=int(level), rps=float(error), weight=float(weight))
            for s, c, level, error, weight in raw["held_out"]
        ),
    )


def _read_platt(document: Mapping[str, object]) -> Platt:
    numbers: dict[str, list[float]] = document  # type: ignore[assignment]
    return Platt(
        slope=float(str(document["slope"])),
        shift=float(str(document["shift"])),
        criteria=tuple(float(x) for x in numbers["criteria"]),
        gaps=tuple(float(x) for x in numbers["gaps"]),
    )
