"""One training run: dialogues in, artefact out; every choice from cross-validation by dialogue."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.encoder import SentenceEncoder
from inference.features import role_share
from inference.heads import Heads, frozen_inputs
from inference.session import Outlook
from inference.showing import Showing
from model.indicators import CODE_BY_ID, CODE_IDS, codes_of
from training.calibrate import Bools, Floats, Platt, calibrate, thresholds
from training.corpora.decisions import Decided
from training.corpora.dialogues import Dialogue
from training.corpora.slips import recognised, role_slips, without_punctuation
from training.fit_heads import fit_heads
from training.fit_session import fit_outlook, sessions_moved
from training.fit_showing import fit_showing
from training.scores import auprc, f1, precision, recall

Say = Callable[[str, float], None]  # what is being done, and how far it is (0..1)

FOLDS = 3  # of cross-validation, whole hands together
EVIDENCE_CODES = tuple(code for code in CODE_IDS if CODE_BY_ID[code].indicator is not None)
PRECISION = 0.75  # wanted of every flag on cross-fitted predictions; a reviewer forgives one in four


@dataclass(frozen=True, slots=True)
class Rows:
    """One pass over dialogues: inputs (n, WIDTH), truth and usable (n, n_codes), the dialogue of each row (n,)."""

    inputs: NDArray[np.float32]
    truth: Bools
    usable: Bools
    dialogue: NDArray[np.int64]


def truth_of(dialogues: Sequence[Dialogue]) -> tuple[Bools, Bools, NDArray[np.int64]]:
    """Codes given, codes possible for the true speaker, and the position of the dialogue, one row per utterance."""
    lines = [(i, line) for i, dialogue in enumerate(dialogues) for line in dialogue.lines]
    truth = np.array([[code in line.codes for code in CODE_IDS] for _, line in lines])
    usable = np.array([[line.role in CODE_BY_ID[code].said_by for code in CODE_IDS] for _, line in lines])
    return truth, usable, np.array([i for i, _ in lines])


def rows_of(encoder: SentenceEncoder, dialogues: Sequence[Dialogue]) -> Rows:
    truth, usable, owner = truth_of(dialogues)
    inputs = np.vstack([frozen_inputs(encoder, dialogue.as_lines()) for dialogue in dialogues])
    return Rows(inputs, truth, usable, owner)


def variants(dialogues: Sequence[Dialogue], *, seed: int) -> list[list[Dialogue]]:
    """The same dialogues as written, without punctuation, and as a recogniser hears them with unsure roles."""
    rng = np.random.default_rng(seed)
    return [
        list(dialogues),
        [without_punctuation(dialogue) for dialogue in dialogues],
        [role_slips(recognised(dialogue, rng), rng) for dialogue in dialogues],
    ]


def folds_of(dialogues: Sequence[Dialogue], *, seed: int, folds: int) -> NDArray[np.int64]:
    """A fold for each dialogue: whole hands together, since the tagger will meet talk written by nobody it learnt from.

    The largest hand goes to the emptiest fold first. Fewer hands than folds: spread by hand and strength instead. Seed
    exchanges get −1: always in training.
    """
    rng = np.random.default_rng(seed)
    fold = np.full(len(dialogues), -1)
    whole = [i for i in rng.permutation(len(dialogues)) if dialogues[i].strength != "seed"]
    by_hand = Counter(dialogues[i].hand for i in whole)
    if len(by_hand) < folds:
        whole.sort(key=lambda i: (dialogues[i].hand, dialogues[i].strength))
        for position, i in enumerate(whole):
            fold[i] = position % folds
        return fold
    size = np.zeros(folds, dtype=np.int64)
    place = {}
    for hand, count in by_hand.most_common():
        place[hand] = int(size.argmin())
        size[place[hand]] += count
    for i in whole:
        fold[i] = place[dialogues[i].hand]
    return fold


Weighted = tuple[NDArray[np.float32], Bools, Floats]  # inputs, truth, weight


def decided_rows(encoder: SentenceEncoder, sessions: Sequence[Decided]) -> list[Weighted]:
    """Reviewers' decisions as rows for the heads, one part a session; undecided cells weigh nothing."""
    return [(frozen_inputs(encoder, s.lines), s.target, s.weight) for s in sessions]


def fit_frozen(
    rows: Sequence[Rows], keep: Callable[[NDArray[np.int64]], Bools], extra: Sequence[Weighted] = ()
) -> Heads:
    """Heads on the rows of every variant whose dialogue `keep` allows, and on all of `extra`."""
    inputs = [part for part, _, _ in extra]
    truth = [part for _, part, _ in extra]
    weight = [part for _, _, part in extra]
    for part in rows:
        chosen = keep(part.dialogue)
        inputs.append(part.inputs[chosen])
        truth.append(part.truth[chosen])
        weight.append(part.usable[chosen].astype(np.float64) / len(rows))
    return fit_heads(np.vstack(inputs), np.vstack(truth), np.vstack(weight), CODE_IDS)


def crossfit_frozen(
    rows: Sequence[Rows], fold: NDArray[np.int64], say: Say, extra: Sequence[Weighted] = ()
) -> list[Floats]:
    """Logits of every variant's rows from heads that never saw their dialogue; NaN for seed exchanges."""
    out = [np.full((len(part.dialogue), len(CODE_IDS)), np.nan) for part in rows]
    for k in range(int(fold.max()) + 1):
        say("Cross-validating the heads", k / (fold.max() + 1))
        heads = fit_frozen(rows, lambda owner, k=k: np.asarray(fold[owner] != k), extra)  # type: ignore[misc]
        for part, logits in zip(rows, out, strict=True):
            held = fold[part.dialogue] == k
            logits[held] = heads.logits(part.inputs[held])
    return out


def figures(p: Floats, truth: Bools, limits: dict[str, float], showing: Showing) -> dict[str, Any]:
    """Cross-validated figures for the manifest: per code, per indicator, and their macro mean."""
    per_code = {
        code: {
            "n": int(truth[:, k].sum()),
            "auprc": auprc(truth[:, k], p[:, k]),
            **_flag_figures(truth[:, k], p[:, k] >= limits[code]),
        }
        for k, code in enumerate(CODE_IDS)
    }
    per_indicator = {}
    for indicator, reading in showing.items():
        columns = [CODE_IDS.index(code.id) for code in codes_of(indicator)]
        there = np.asarray(truth[:, columns].any(1))
        chance = reading.probability({CODE_IDS[k]: p[:, k] for k in columns})
        per_indicator[str(indicator)] = {
            "n": int(there.sum()),
            "auprc": auprc(there, chance),
            **_flag_figures(there, chance >= reading.threshold),
        }
    macro = float(np.nanmean([per_code[code]["auprc"] for code in EVIDENCE_CODES]))
    found: dict[str, Any] = _rounded({"macro_auprc": macro, "indicators": per_indicator, "codes": per_code})
    return found


def _flag_figures(truth: Bools, shown: Bools) -> dict[str, float]:
    return {"precision": precision(truth, shown), "recall": recall(truth, shown), "f1": f1(truth, shown)}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, float):
        return None if np.isnan(value) else round(value, 4)
    return value


def shares(dialogues: Sequence[Dialogue]) -> Floats:
    """P(a speaker who can carry the code), from what the tagger is told; shape (n, n_codes)."""
    return np.array(
        [[role_share(line.p_youth, CODE_BY_ID[c].said_by) for c in CODE_IDS] for d in dialogues for line in d.lines]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What turns logits into shown flags, and how well that did on the cross-fitted logits it was set on."""

    outlook: Outlook
    lines: tuple[Platt, ...]
    limits: dict[str, float]
    showing: Showing
    figures: dict[str, Any]


def settle(
    logits: Sequence[Floats],
    rows: Sequence[tuple[Bools, Bools, NDArray[np.int64]]],
    share: Sequence[Floats],
    dialogues: Sequence[Dialogue],
) -> Settled:
    """From cross-fitted logits of all forms, `rows` as `truth_of` gives them; seed exchanges (NaN) are left out."""
    truth, usable, owner = [t for t, _, _ in rows], [u for _, u, _ in rows], rows[0][2]
    held = [~np.isnan(part).any(1) for part in logits]

    def whole(parts: Sequence[Any]) -> Any:
        return np.concatenate([part[h] for part, h in zip(parts, held, strict=True)])

    first = calibrate(whole(logits), whole(truth), whole(usable))
    outlook = fit_outlook(logits, truth, usable, share, owner, first)
    z = whole([sessions_moved(outlook, part, s, owner) for part, s in zip(logits, share, strict=True)])
    lines = calibrate(z, whole(truth), whole(usable))
    p = np.stack([line(z[:, k]) for k, line in enumerate(lines)], axis=1) * whole(share)
    limits = thresholds(p, whole(truth), precision=PRECISION)
    weak = np.array([dialogue.strength == "weak" for dialogue in dialogues])
    there = [[i for i in np.unique(owner[h]) if weak[i]] for h in held]
    minutes = sum(dialogues[i].minutes for part in there for i in part)
    showing = fit_showing(
        p, whole(truth), whole([weak[owner]] * len(logits)), weak_minutes=minutes, precision=PRECISION
    )
    told = figures(p, whole(truth), limits, showing)
    return Settled(outlook=outlook, lines=lines, limits=limits, showing=showing, figures=told)
