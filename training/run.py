"""What `lookfors train` does, from folders to artefact and card."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from inference.artefact import read_manifest
from inference.auxiliary import HOME
from inference.conversation import ConversationModel, judge, prepare, shipped_names
from inference.encoder import SentenceEncoder, load_tokenizer
from inference.showing import showing_document
from model.errors import InputRefused
from model.indicators import CODE_IDS
from training.artefact import write_artefact
from training.auxiliary import read_outside
from training.calibrate import Floats
from training.cards import write_model_card
from training.corpora.decisions import Decided, read_decisions
from training.corpora.dialogues import OWN, Dialogue, read_dialogues
from training.corpora.overlap import without_near_duplicates
from training.corpora.slips import recognised, role_slips, without_punctuation
from training.fit import (
    FOLDS,
    PRECISION,
    Say,
    crossfit_frozen,
    decided_rows,
    fit_frozen,
    folds_of,
    rows_of,
    settle,
    shares,
    truth_of,
    variants,
)
from training.fit_auxiliary import RECIPE, train_auxiliary
from training.fit_conversation import Lesson, Recipe, code_lesson, decided_lesson, standardise, train_model
from training.fit_roles import WORSE, train_roles

OWN_LICENCE = "CC-BY-4.0"  # of what learnt from our own dialogues alone
GIVEN_LICENCE = "that of the data the program gave"  # nobody here can say more of talk that is not ours
MIX = 0.75  # weight of the conversation encoder's logits beside the frozen heads'; chosen as `Recipe` was


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to train and how thoroughly. `folds` cross-fit the calibration; more is steadier and slower."""

    dialogues: Path
    data: Path | None = None  # folder of the outside corpora
    decisions: Path | None = None  # reviewers' decisions
    seed: int = 20
    folds: int = FOLDS
    recipe: Recipe = field(default_factory=Recipe)
    auxiliary_recipe: Recipe = RECIPE  # of what judges the outside corpora
    frozen_only: bool = False
    roles: Path | None = None  # where the names of roles go; no run takes them from elsewhere than where they ship


def train_tagger(out: Path, plan: Plan, *, force: bool, say: Say) -> dict[str, Any]:
    """Train, write the artefact and its card; returns the cross-validated figures.

    The names of roles are only learnt where talk moves are there, too: of written dialogues alone they are worse.
    Raises InputRefused for a corpus that cannot be read and for an artefact that did better (without `force`).
    """
    refused = learn_roles(plan, force=force, say=say)
    found = read_training_dialogues(plan.dialogues)
    forms = variants(found, seed=plan.seed)
    fold = folds_of(found, seed=plan.seed, folds=plan.folds)
    outside = read_outside(plan.data, seed=plan.seed) if plan.data else None
    decided = read_decisions(plan.decisions) if plan.decisions else ()
    truth = [truth_of(form) for form in forms]
    share = [shares(form) for form in forms]
    frozen, tensors = _frozen(found, forms, fold, decided, say)
    candidates = {"frozen": (frozen, {"frozen": 1.0})}
    if not plan.frozen_only:
        school = School(plan, decided, say)
        read = school.crossfit(found, forms, fold)
        both = [MIX * a + (1 - MIX) * b for a, b in zip(read, frozen, strict=True)]
        candidates["conversation"] = (read, {"conversation": 1.0})
        candidates["both"] = (both, {"conversation": MIX, "frozen": 1 - MIX})
    settled = {name: settle(logits, truth, share, found) for name, (logits, _) in candidates.items()}
    best = max(settled, key=lambda name: _worth(settled[name].figures))
    chosen = settled[best]
    branches = candidates[best][1]
    if "conversation" in branches:
        tensors |= school.shipped(school.teach(found, "Fitting on everything"))
    if "frozen" not in branches:
        tensors = {name: value for name, value in tensors.items() if name.startswith("conversation.")}
    manifest = _manifest(plan, found, decided) | {
        "name": f"lookfors-tagger-{best}-{plan.seed}",
        "branches": branches,
        "session": chosen.outlook.document(),
        "calibration": {code: [p.slope, p.intercept] for code, p in zip(CODE_IDS, chosen.lines, strict=True)},
        "thresholds": chosen.limits,
        "showing": showing_document(chosen.showing),
        "cross_validation": chosen.figures,
        "considered": {name: round(_worth(one.figures), 4) for name, one in settled.items()},
    }
    write_artefact(out, tensors, manifest, force=force)
    write_model_card(out, read_manifest(out))
    if outside:
        train_auxiliary(out / HOME, outside, seed=plan.seed, force=force, say=say, recipe=plan.auxiliary_recipe)
    say("Done", 1.0)
    if refused:
        raise refused
    return chosen.figures


def learn_roles(plan: Plan, *, force: bool, say: Say) -> InputRefused | None:
    """A worse model is no reason to train no tagger: the refusal is given back, to be raised at the end."""
    talkmoves = plan.data / "talkmoves" if plan.data else None
    if not plan.roles or not talkmoves or not talkmoves.is_dir():
        return None
    try:
        train_roles(plan.roles, plan.dialogues, talkmoves, seed=plan.seed, force=force, say=say)
    except InputRefused as refusal:
        if refusal.code != WORSE:
            raise
        return refusal
    return None


def _manifest(plan: Plan, found: Sequence[Dialogue], decided: Sequence[Decided]) -> dict[str, Any]:
    """What the artefact says of its making, whatever was chosen."""
    return {
        "licence": licence_of(plan),
        "codes": list(CODE_IDS),
        "seed": plan.seed,
        "folds": plan.folds,
        "wanted_precision": PRECISION,
        "trained_on": {
            "own_dialogues": _own(plan),
            "dialogues": sum(d.strength != "seed" for d in found),
            "exchanges": sum(d.strength == "seed" for d in found),
            "utterances": sum(len(d.lines) for d in found),
            "hands": sorted({d.hand for d in found}),
            "decisions": sum(int((d.weight > 0).sum()) for d in decided),
            "dialogue_digests": sorted(d.digest for d in found),  # evaluation leaves them out
        },
    }


def licence_of(plan: Plan) -> str:
    """Of the weights: ours to give only where nothing but our own dialogues taught."""
    return OWN_LICENCE if _own(plan) and plan.decisions is None else GIVEN_LICENCE


def _own(plan: Plan) -> bool:
    return plan.dialogues.resolve() == OWN.resolve()


def _worth(figures: dict[str, Any]) -> float:
    """What a candidate is chosen by: the mean of macro AUPRC over evidence codes and over indicators."""
    indicators = [row["auprc"] for row in figures["indicators"].values() if row["auprc"] is not None]
    return float(np.mean([figures["macro_auprc"], np.mean(indicators)]))


def _frozen(
    found: Sequence[Dialogue],
    forms: Sequence[Sequence[Dialogue]],
    fold: NDArray[np.int64],
    decided: Sequence[Decided],
    say: Say,
) -> tuple[list[Floats], dict[str, NDArray[Any]]]:
    """Cross-fitted logits of every form and the tensors of linear heads over the packaged encoder: a minute's work."""
    encoder = SentenceEncoder()
    rows = []
    for i, form in enumerate(forms):
        say("Reading with the packaged encoder", i / len(forms))
        rows.append(rows_of(encoder, form))
    extra = decided_rows(encoder, decided)
    logits = crossfit_frozen(rows, fold, say, extra)
    return logits, fit_frozen(rows, lambda owner: owner >= 0, extra).tensors()


def read_training_dialogues(folder: Path) -> tuple[Dialogue, ...]:
    """`train/` and `seeds/`, less whole dialogues that nearly repeat one of `test/`."""
    train = read_dialogues(folder / "train")
    if (folder / "test").is_dir() and any((folder / "test").glob("*.tsv")):
        train = without_near_duplicates(train, read_dialogues(folder / "test"))
    seeds = read_dialogues(folder / "seeds") if (folder / "seeds").is_dir() else ()
    return (*train, *seeds)


class School:
    """Fits conversation models of one plan."""

    def __init__(self, plan: Plan, decided: Sequence[Decided], say: Say) -> None:
        self._plan = plan
        self._decided = decided
        self._say = say
        self._tokenizer: Tokenizer = load_tokenizer()

    def teach(self, dialogues: Sequence[Dialogue], what: str) -> ConversationModel:
        """A model trained on `dialogues`, with fresh slips in every epoch."""
        torch.manual_seed(self._plan.seed)
        model = ConversationModel({"codes": len(CODE_IDS)})

        def lessons(epoch: int) -> list[Lesson]:
            rng = np.random.default_rng((self._plan.seed, 7, epoch))
            drawn = [code_lesson(self._tokenizer, form) for form in forms_for_an_epoch(dialogues, rng)]
            return drawn + [decided_lesson(self._tokenizer, session) for session in self._decided]

        standardise(model, lessons(0))
        train_model(model, lessons, self._plan.recipe, lambda share: self._say(what, share))
        return model

    def crossfit(
        self, dialogues: Sequence[Dialogue], forms: Sequence[Sequence[Dialogue]], fold: NDArray[np.int64]
    ) -> list[Floats]:
        """Logits of every form's lines from models that never saw their dialogue; NaN for seed exchanges."""
        truth, _, owner = truth_of(dialogues)
        out = [np.full(truth.shape, np.nan) for _ in forms]
        for k in range(int(fold.max()) + 1):
            taught = [d for d, f in zip(dialogues, fold, strict=True) if f != k]
            model = self.teach(taught, f"Cross-validating, fold {k + 1} of {int(fold.max()) + 1}")
            for form, logits in zip(forms, out, strict=True):
                held = [d for d, f in zip(form, fold, strict=True) if f == k]
                told = judge(model, [prepare(self._tokenizer, d.as_lines()) for d in held])
                logits[fold[owner] == k] = np.vstack([part["codes"] for part in told])
        return out

    @staticmethod
    def shipped(model: ConversationModel) -> dict[str, NDArray[Any]]:
        """What of a model travels with the artefact, in half precision."""
        state = model.state_dict()
        return {f"conversation.{name}": state[name].half().numpy() for name in shipped_names(model)}


def forms_for_an_epoch(dialogues: Sequence[Dialogue], rng: np.random.Generator) -> Iterator[Dialogue]:
    """Each dialogue once: a third as written, a fifth without punctuation, the rest as recognised; roles often slip."""
    for dialogue in dialogues:
        draw = rng.random()
        form = dialogue
        if draw > 0.55:
            form = recognised(dialogue, rng)
        elif draw > 0.35:
            form = without_punctuation(dialogue)
        yield role_slips(form, rng) if rng.random() < 0.6 else form
