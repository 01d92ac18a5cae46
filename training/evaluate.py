"""Judge a tagger on coded dialogues: as written, without punctuation, as a recogniser hears, with roles estimated."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from inference.artefact import Manifest
from inference.roles import Said, name_roles
from inference.tagger import Tagger
from model.indicators import CODE_IDS, QUESTION_CODES, codes_of
from model.transcript import Role
from training.corpora.dialogues import WORDS_PER_MINUTE, Dialogue
from training.corpora.slips import recognised, without_punctuation
from training.fit import EVIDENCE_CODES, truth_of
from training.scores import (
    NAN,
    Bools,
    Floats,
    Found,
    auprc,
    ceiling_at,
    debiased_calibration_error,
    document,
    f1,
    kappa,
    mcc,
    precision,
    precision_at,
    recall,
    reliability,
    resampled,
)

FORMAT = "lookfors.evaluation/1"
DRAWS = 200
EDGES = tuple(i / 10 for i in range(11))
FALSE_FLAGS = "false_flags_per_10_min_weak"

AT = 5  # the surest utterances of a session, for `precision_at_5`

Say = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Judged:
    """Truth, probability and flags of one target (a code or an indicator) over all utterances of a corpus."""

    truth: Bools
    p: Floats
    shown: Bools


Targets = dict[str, dict[str, Judged]]  # "indicators" and "codes", each by name


@dataclass(frozen=True, slots=True)
class Session:
    """One dialogue's rows in a corpus, how long it would last and how strong its author made it."""

    rows: NDArray[np.int64]
    minutes: float
    strength: str


def evaluate_dialogues(
    tagger: Tagger, dialogues: Sequence[Dialogue], *, seed: int = 20, draws: int = DRAWS, say: Say
) -> dict[str, Any]:
    """The whole report as a document of format `lookfors.evaluation/1`."""
    sessions = sessions_of(dialogues)
    targets = targets_in_forms(tagger, dialogues, seed=seed, say=say)
    report: dict[str, Any] = {}
    for i, (name, found) in enumerate(targets.items()):
        say("Resampling", i / len(targets))
        report[name] = _form_report(found, sessions, draws=draws, seed=seed)
        report[name]["question_kind_confusion"] = question_confusion(found["codes"])
    lost = {
        name: _f1_lost(targets["as_written"], worse, sessions, draws=draws, seed=seed)
        for name, worse in targets.items()
        if name != "as_written"
    }
    say("Resampling", 1.0)
    return {
        "format": FORMAT,
        "corpus": "dialogues",
        "tagger": {"name": tagger.manifest.name, "sha256": tagger.manifest.sha256},
        "dialogues": len(dialogues),
        "utterances": sum(len(d.lines) for d in dialogues),
        "words_per_minute_assumed": WORDS_PER_MINUTE,
        "interval": f"95 %, {draws} resamplings of whole dialogues",
        "forms": report,
        "f1_lost": lost,
    }


def sessions_of(dialogues: Sequence[Dialogue]) -> list[Session]:
    _, _, owner = truth_of(dialogues)
    return [
        Session(np.flatnonzero(owner == i), dialogue.minutes, dialogue.strength) for i, dialogue in enumerate(dialogues)
    ]


def targets_in_forms(tagger: Tagger, dialogues: Sequence[Dialogue], *, seed: int, say: Say) -> dict[str, Targets]:
    """What `tagger` makes of the dialogues in each of `forms_of`."""
    truth, _, _ = truth_of(dialogues)
    forms = forms_of(dialogues, seed=seed)
    found = {}
    for i, (name, form) in enumerate(forms.items()):
        say(f"Judging: {name.replace('_', ' ')}", i / len(forms))
        p = np.vstack([probabilities(tagger, dialogue) for dialogue in form])
        found[name] = judged_targets(p, truth, tagger.manifest)
    return found


def probabilities(tagger: Tagger, dialogue: Dialogue) -> Floats:
    """Shape (n_lines, n_codes) in the order of CODE_IDS, as for a transcript handed in: 0 where there is no opinion."""
    told = [dict(row) for _, row in tagger.tag(dialogue.as_transcript())]
    return np.array([[row[code] for code in CODE_IDS] for row in told])


def forms_of(dialogues: Sequence[Dialogue], *, seed: int) -> dict[str, list[Dialogue]]:
    """The same dialogues in the forms they may reach a tagger in; roles are the written ones but in the last."""
    rng = np.random.default_rng(seed)
    heard = [recognised(dialogue, rng) for dialogue in dialogues]
    return {
        "as_written": list(dialogues),
        "without_punctuation": [without_punctuation(dialogue) for dialogue in dialogues],
        "recognised": heard,
        "estimated_roles": [with_estimated_roles(dialogue) for dialogue in heard],
    }


def with_estimated_roles(dialogue: Dialogue) -> Dialogue:
    """Roles as the product would name them from each voice's words (no pitch: there is no sound)."""
    named = name_roles([Said(speaker=line.speaker, text=line.text) for line in dialogue.lines], pitch={})
    lines = tuple(
        replace(line, p_youth=p if role is Role.YOUTH else 1 - p)
        for line, (role, p) in zip(dialogue.lines, named, strict=True)
    )
    return replace(dialogue, lines=lines)


def judged_targets(p: Floats, truth: Bools, manifest: Manifest) -> Targets:
    """Every code and every indicator. An indicator is there where one of its codes is, and flagged as it is shown."""
    limits = dict(manifest.thresholds)
    codes = {code: Judged(truth[:, k], p[:, k], p[:, k] >= limits[code]) for k, code in enumerate(CODE_IDS)}
    indicators = {}
    for indicator, reading in manifest.showing.items():
        columns = [CODE_IDS.index(code.id) for code in codes_of(indicator)]
        chance = reading.probability({CODE_IDS[k]: p[:, k] for k in columns})
        there = np.asarray(truth[:, columns].any(1))
        indicators[str(indicator)] = Judged(there, chance, chance >= reading.threshold)
    return {"indicators": indicators, "codes": codes}


def _form_report(targets: Targets, sessions: Sequence[Session], *, draws: int, seed: int) -> dict[str, Any]:
    report: dict[str, Any] = {
        level: {name: _target_report(judged, sessions, draws=draws, seed=seed) for name, judged in found.items()}
        for level, found in targets.items()
    }
    report["macro_auprc_evidence_codes"] = over_sessions(
        sessions, lambda chosen: macro_auprc(targets, chosen), draws, seed
    )
    indicators = tuple(targets["indicators"].values())
    report[FALSE_FLAGS] = _false_flags(indicators, sessions, draws, seed)
    return report


def macro_auprc(targets: Targets, sessions: Sequence[Session]) -> float:
    """Mean over the evidence codes that are there; NaN where none is."""
    rows = rows_in(sessions)
    each = [auprc(one.truth[rows], one.p[rows]) for one in (targets["codes"][code] for code in EVIDENCE_CODES)]
    defined = [value for value in each if not np.isnan(value)]
    return float(np.mean(defined)) if defined else NAN


def rows_in(sessions: Sequence[Session]) -> NDArray[np.int64]:
    return np.concatenate([session.rows for session in sessions])


def _f1_lost(
    whole: Targets, worse: Targets, sessions: Sequence[Session], *, draws: int, seed: int
) -> dict[str, dict[str, Any]]:
    """F1 in the first form less F1 in the second. Paired: every draw takes the same dialogues in both forms."""
    groups = [session.rows for session in sessions]

    def lost(one: Judged, two: Judged) -> Callable[[NDArray[np.int64]], float]:
        return lambda r: f1(one.truth[r], one.shown[r]) - f1(two.truth[r], two.shown[r])

    return {
        level: {
            name: document(resampled(lost(one, worse[level][name]), groups, draws=draws, seed=seed))
            for name, one in found.items()
        }
        for level, found in whole.items()
    }


def _target_report(judged: Judged, sessions: Sequence[Session], *, draws: int, seed: int) -> dict[str, Any]:
    figures: dict[str, Callable[[NDArray[np.int64]], float]] = {
        "precision": lambda r: precision(judged.truth[r], judged.shown[r]),
        "recall": lambda r: recall(judged.truth[r], judged.shown[r]),
        "f1": lambda r: f1(judged.truth[r], judged.shown[r]),
        "auprc": lambda r: auprc(judged.truth[r], judged.p[r]),
        "mcc": lambda r: mcc(judged.truth[r], judged.shown[r]),
        "kappa": lambda r: kappa(judged.truth[r], judged.shown[r]),
        "debiased_calibration_error": lambda r: debiased_calibration_error(judged.truth[r], judged.p[r]),
    }
    groups = [session.rows for session in sessions]
    found: dict[str, Any] = {"n": int(judged.truth.sum()), "flags": int(judged.shown.sum())}
    for name, figure in figures.items():
        found[name] = document(resampled(figure, groups, draws=draws, seed=seed))
    found["precision_at_5"] = over_sessions(sessions, lambda chosen: _precision_at_5(judged, chosen), draws, seed)
    ceiling = float(np.mean([ceiling_at(AT, judged.truth[rows]) for rows in groups]))
    found["precision_at_5_ceiling"] = round(ceiling, 4)
    found["rate_spearman"] = over_sessions(sessions, lambda chosen: _rate_spearman(judged, chosen), draws, seed)
    found[FALSE_FLAGS] = _false_flags((judged,), sessions, draws, seed)
    strong = [session.rows for session in sessions if session.strength == "strong"]
    found["recall_strong"] = document(resampled(figures["recall"], strong, draws=draws, seed=seed)) if strong else None
    found["reliability"] = [
        {"p": round(said, 4), "rate": round(rate, 4), "n": n}
        for said, rate, n in reliability(judged.truth, judged.p, edges=EDGES)
    ]
    return found


def over_sessions(
    sessions: Sequence[Session], figure: Callable[[Sequence[Session]], float], draws: int, seed: int
) -> Found:
    """`figure` of `sessions`, at least one, and its interval from drawing among them."""
    groups = [np.array([i]) for i in range(len(sessions))]
    return document(resampled(lambda r: figure([sessions[i] for i in r]), groups, draws=draws, seed=seed))


def _false_flags(targets: Sequence[Judged], sessions: Sequence[Session], draws: int, seed: int) -> Found | None:
    quiet = weak(sessions)
    return over_sessions(quiet, lambda chosen: false_rate(targets, chosen), draws, seed) if quiet else None


def weak(sessions: Sequence[Session]) -> list[Session]:
    return [session for session in sessions if session.strength == "weak"]


def _precision_at_5(judged: Judged, sessions: Sequence[Session]) -> float:
    """Mean over all sessions of the share that bears it among a session's five surest utterances.

    A session in which nobody bears it counts as 0, and one with fewer than five cannot reach 1: `ceiling_at` says how
    far the best order would come.
    """
    return float(np.mean([precision_at(AT, judged.truth[s.rows], judged.p[s.rows]) for s in sessions]))


def _rate_spearman(judged: Judged, sessions: Sequence[Session]) -> float:
    """Rank correlation over sessions of the summed probability a minute with the true count a minute."""
    said = [judged.p[s.rows].sum() / s.minutes for s in sessions]
    true = [judged.truth[s.rows].sum() / s.minutes for s in sessions]
    if len(set(true)) < 2 or len(set(said)) < 2:
        return NAN
    return float(spearmanr(said, true).statistic)


def false_rate(targets: Sequence[Judged], sessions: Sequence[Session]) -> float:
    """False flags of all `targets` together in ten minutes; an utterance flagged wrongly for two counts twice."""
    wrong = sum(int((one.shown[s.rows] & ~one.truth[s.rows]).sum()) for one in targets for s in sessions)
    return 10 * wrong / sum(s.minutes for s in sessions)


def question_confusion(codes: Mapping[str, Judged]) -> dict[str, dict[str, int]]:
    """Of utterances with exactly one question code: which question code the tagger holds most likely."""
    truth = np.stack([codes[code].truth for code in QUESTION_CODES], axis=1)
    one = truth.sum(1) == 1
    said = np.argmax(np.stack([codes[code].p for code in QUESTION_CODES], axis=1), axis=1)
    return {
        code: {other: int((one & truth[:, k] & (said == j)).sum()) for j, other in enumerate(QUESTION_CODES)}
        for k, code in enumerate(QUESTION_CODES)
    }
