"""Refit a tagger's heads to a program's decisions, in minutes: the encoder stays, and what it gives is read once.

What the tagger says of our own dialogues holds the conversation branch's head where it is, but for what the decisions
ask. The frozen branch's heads are fitted anew, as in training, to dialogues and decisions together.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load
from torch import Tensor, nn

from inference.artefact import Manifest, read_manifest, read_weights
from inference.conversation import ConversationEncoder, Head
from inference.encoder import SentenceEncoder
from inference.heads import Heads
from model.errors import InputRefused
from model.indicators import CODE_IDS
from training.artefact import write_artefact
from training.calibrate import Floats, Platt
from training.cards import write_model_card
from training.corpora.decisions import Decided
from training.corpora.dialogues import Dialogue
from training.fit import Say, decided_rows, fit_frozen, rows_of, truth_of, variants
from training.recalibrate import ABLE, Judged, Moved, decisions_in, folds_of_groups, moved_calibration, shares_of
from training.run import GIVEN_LICENCE, read_training_dialogues

FEWEST = 50  # decisions, as `decisions_in` counts them
FOLDS = 3  # of whole educators; a refit is judged on those it did not learn from
STEPS, BATCH, RATE = 300, 256, 3e-4  # of the conversation branch's head; as many dialogue lines as decided ones a step
STAY = 0.01  # weight of the squared way a dialogue's logit goes: near nought its chance alone hardly holds it
HEAD = "conversation.heads.codes."

Tensors = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refitted:
    """The decisions' log loss by the tagger as it was and as refitted (None: one educator, not judged)."""

    decisions: int
    present: float | None
    refitted: float | None
    moved: Moved


def refit(
    source: Path, out: Path, dialogues: Path, sessions: Sequence[Decided], *, seed: int, force: bool, say: Say
) -> Refitted:
    """Write to `out` the tagger at `source` with its heads refitted, and its card.

    `dialogues` are those it was trained on; the decisions must be on sessions it was not. Its calibration stays, but
    where `training.recalibrate` has enough decisions to move it. Unless `force`, raises InputRefused `decisions.few`
    under FEWEST decisions or two educators, and `refit.no_gain` where decisions on educators it did not learn from are
    foretold no better than now; then nothing is written.
    """
    decided = [session for session in sessions if session.weight.any()]
    many, educators = decisions_in(decided), len({session.group for session in decided})
    if not many or (not force and (many < FEWEST or educators < 2)):
        raise InputRefused(
            "decisions.few",
            f"There are {many} decisions on sessions of {educators} educators; a refit takes {FEWEST}, of two or more.",
            "Go on reviewing; the tagger stays as it is.",
        )
    manifest = read_manifest(source)
    tensors = load(read_weights(source, manifest.weights_sha256))
    own = {name: value.astype(np.float32) for name, value in tensors.items()}
    workshop = Workshop(manifest, own, read_training_dialogues(dialogues), decided, seed=seed, say=say)
    crossed = workshop.crossfit() if educators > 1 else None
    found = _judged(manifest, workshop, crossed, many)
    if not force and not _gains(found):
        raise InputRefused(
            "refit.no_gain",
            f"Refitted, the log loss of decisions on other educators would be {found.refitted:.4f}; "
            f"it is {found.present:.4f}.",
            "The tagger stays as it is. Go on reviewing, or move only its calibration with --recalibrate.",
        )
    say("Fitting to all decisions", 0.0)
    for fit in workshop.fitted(range(len(decided))):
        tensors |= fit.tensors
    say("Fitting to all decisions", 1.0)
    write_artefact(out, tensors, _document(manifest, found, educators), force=True)
    write_model_card(out, read_manifest(out))
    return found


def _judged(manifest: Manifest, workshop: "Workshop", crossed: Sequence[Floats] | None, many: int) -> Refitted:
    """The whole of what would be written is judged: heads and calibration fitted without the educators held out."""
    if crossed is None:
        untouched = moved_calibration(manifest, Judged.of([], []))
        return Refitted(decisions=many, present=None, refitted=None, moved=untouched)
    before, after = (Judged.of(logits, workshop.sessions) for logits in (workshop.present, crossed))
    # The calibration is fitted to logits of heads that had not learnt from their session: others would be too sure.
    fold = np.repeat(workshop.fold, [len(session.lines) for session in workshop.sessions])
    p = np.zeros(after.logits.shape)
    for k in range(int(fold.max()) + 1):
        lines = moved_calibration(manifest, after.only(fold != k)).lines
        p[fold == k] = after.only(fold == k).chances(lines)
    return Refitted(
        decisions=many,
        present=log_loss(before, before.chances([Platt(a, b) for _, a, b in manifest.calibration])),
        refitted=log_loss(after, p),
        moved=moved_calibration(manifest, after),
    )


def log_loss(judged: Judged, p: Floats) -> float:
    """Mean over decided cells, each counted with what it stands for."""
    rows = judged.shown > 0
    right = np.where(judged.target, p, 1 - p)[rows]
    return float(np.average(-np.log(np.clip(right, 1e-6, 1.0)), weights=judged.shown[rows]))


def _gains(found: Refitted) -> bool:
    return found.present is not None and found.refitted is not None and found.refitted < found.present


def _document(manifest: Manifest, found: Refitted, educators: int) -> dict[str, Any]:
    document = found.moved.document(manifest)
    trained_on = document["trained_on"]
    # Of the heads nothing was cross-validated on dialogues; only the figure that guards against a worse one stays.
    rows = {
        level: {name: dict.fromkeys(row) | {"n": row["n"]} for name, row in document["cross_validation"][level].items()}
        for level in ("indicators", "codes")
    }
    return document | {
        "name": f"{manifest.name}+refit-{found.decisions}",
        "licence": GIVEN_LICENCE,
        "refitted_from": {"name": manifest.name, "sha256": manifest.sha256, "licence": manifest.licence},
        "refitted_on": {
            "decisions": found.decisions,
            "educators": educators,
            "log_loss_before": found.present,
            "log_loss": found.refitted,
        },
        "trained_on": trained_on | {"decisions": trained_on["decisions"] + found.decisions},
        "cross_validation": {"macro_auprc": document["cross_validation"]["macro_auprc"], **rows},
    }


@dataclass(frozen=True, slots=True)
class Fit:
    """Heads of one branch: their logits for every session, (n_lines, n_codes) each, and what goes into the artefact."""

    logits: Sequence[Floats]
    tensors: Mapping[str, NDArray[Any]]


class Workshop:
    """What a tagger's branches give of dialogues and decided sessions, read once, and heads fitted to it."""

    def __init__(
        self,
        manifest: Manifest,
        tensors: Tensors,
        dialogues: Sequence[Dialogue],
        sessions: Sequence[Decided],
        *,
        seed: int,
        say: Say,
    ) -> None:
        self.sessions = sessions
        self._manifest, self._say = manifest, say
        groups = [session.group for session in sessions]
        self.fold = folds_of_groups(np.unique(groups, return_inverse=True)[1], most=FOLDS)  # of each session
        self._shares = [shares_of(session.lines) for session in sessions]
        able = [
            replace(session, weight=session.weight * (share > ABLE))
            for session, share in zip(sessions, self._shares, strict=True)
        ]
        forms = variants(dialogues, seed=manifest.document["seed"])
        made: dict[str, Callable[[], Branch]] = {
            "conversation": lambda: ConversationBranch(tensors, forms, able, seed, say),
            "frozen": lambda: FrozenBranch(tensors, forms, able, say),
        }
        self._branches = [(weight, made[name]()) for name, weight in manifest.branches]
        self.present = self._together([branch.now for _, branch in self._branches])

    def crossfit(self) -> list[Floats]:
        """Logits of every session by heads that learnt nothing of its educator."""
        out: list[Floats] = [np.zeros(0)] * len(self.sessions)
        for k in range(int(self.fold.max()) + 1):
            self._say("Judging a refit", k / (self.fold.max() + 1))
            told = self._together(self.fitted(np.flatnonzero(self.fold != k)))
            for i in np.flatnonzero(self.fold == k):
                out[i] = told[i]
        self._say("Judging a refit", 1.0)
        return out

    def fitted(self, chosen: Sequence[int] | NDArray[np.int64]) -> list[Fit]:
        """New heads for every branch from the sessions `chosen`."""
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # on matrices this small several threads only wait for each other
        try:
            return [branch.fitted(self._asks(weight, branch, chosen)) for weight, branch in self._branches]
        finally:
            torch.set_num_threads(threads)

    def _asks(self, weight: float, branch: "Branch", chosen: Sequence[int] | NDArray[np.int64]) -> list["Ask"]:
        slope, intercept = (np.array([row[i] for row in self._manifest.calibration]) for i in (1, 2))
        return [
            Ask(
                session=int(i),
                slope=slope * weight,
                offset=slope * (self.present[i] - weight * branch.now.logits[i]) + intercept,
            )
            for i in chosen
        ]

    def _together(self, fits: Sequence[Fit]) -> list[Floats]:
        """The tagger's logits of every session, as `inference.tagger.Tagger.logits`."""
        found = []
        for i, share in enumerate(self._shares):
            parts = [weight * fit.logits[i] for (weight, _), fit in zip(self._branches, fits, strict=True)]
            found.append(self._manifest.outlook.moved(np.sum(parts, axis=0), share))
        return found


@dataclass(frozen=True, slots=True)
class Ask:
    """A session to learn from. The whole tagger's calibrated logit is `slope`·(the branch's logit) + `offset`."""

    session: int
    slope: Floats  # (n_codes,)
    offset: Floats  # (n_lines, n_codes)


class Branch(Protocol):
    now: Fit

    def fitted(self, asks: Sequence[Ask]) -> Fit: ...


class FrozenBranch:
    """Heads over the encoder as packaged, fitted from the start."""

    def __init__(
        self, tensors: Tensors, forms: Sequence[Sequence[Dialogue]], sessions: Sequence[Decided], say: Say
    ) -> None:
        encoder = SentenceEncoder()
        self._rows = []
        for i, form in enumerate(forms):
            say("Reading with the packaged encoder", i / len(forms))
            self._rows.append(rows_of(encoder, form))
        self._decided = decided_rows(encoder, sessions)
        say("Reading with the packaged encoder", 1.0)
        self.now = self._fit(Heads.from_tensors(tensors))

    def fitted(self, asks: Sequence[Ask]) -> Fit:
        chosen = [self._decided[ask.session] for ask in asks]
        return self._fit(fit_frozen(self._rows, lambda owner: owner >= 0, chosen))

    def _fit(self, heads: Heads) -> Fit:
        return Fit([heads.logits(inputs).astype(np.float64) for inputs, _, _ in self._decided], heads.tensors())


class ConversationBranch:
    """One head over the branch's own encoder, moved from where it is."""

    def __init__(
        self, tensors: Tensors, forms: Sequence[Sequence[Dialogue]], sessions: Sequence[Decided], seed: int, say: Say
    ) -> None:
        encoder = ConversationEncoder(tensors, {"codes": len(CODE_IDS)})
        forms = (forms[0], forms[-1])  # as written and as recognised
        spoken = [dialogue.as_lines() for form in forms for dialogue in form]
        read = encoder.vectors(
            [*spoken, *(session.lines for session in sessions)],
            lambda share: say("Reading with the tagger's encoder", share),
        )
        self._sessions, self._seed = sessions, seed
        self._given = [torch.from_numpy(vectors) for vectors in read[len(spoken) :]]
        self._own = {
            name.removeprefix(HEAD): torch.from_numpy(value) for name, value in tensors.items() if name.startswith(HEAD)
        }
        head = self._as_it_is()
        self._held = torch.from_numpy(np.vstack(read[: len(spoken)]))
        # A code counts once for each line of a dialogue, however many forms of it are read.
        usable = np.vstack([truth_of(form)[1] for form in forms]) / len(forms)
        self._hold = torch.from_numpy(usable.astype(np.float32))
        with torch.inference_mode():
            self._said = head(self._held).clone()
        self.now = self._fit(head)

    def fitted(self, asks: Sequence[Ask]) -> Fit:
        """Least BCE of the dialogues' present chances and, by the whole tagger's, of the decisions."""
        torch.manual_seed(self._seed)
        head = self._as_it_is()
        given = torch.cat([self._given[ask.session] for ask in asks])
        slope = torch.from_numpy(asks[0].slope.astype(np.float32))
        offset = _stacked([ask.offset for ask in asks])
        target = _stacked([self._sessions[ask.session].target for ask in asks])
        weight = _stacked([self._sessions[ask.session].weight for ask in asks])
        decided = torch.nonzero(weight.any(1))[:, 0]
        optimiser = torch.optim.Adam(head.parameters(), lr=RATE)
        for step in range(STEPS):
            optimiser.param_groups[0]["lr"] = RATE * 0.5 * (1 + math.cos(math.pi * step / STEPS))
            held = torch.randint(len(self._held), (BATCH,))
            rows = decided[torch.randint(len(decided), (BATCH,))]
            said, now = self._said[held], head(self._held[held])
            hold = _bce(now, torch.sigmoid(said), self._hold[held])
            hold = hold + STAY * ((now - said) ** 2 * self._hold[held]).sum() / len(held)
            ask = _bce(slope * head(given[rows]) + offset[rows], target[rows], weight[rows])
            optimiser.zero_grad()
            # Both are means of a batch; the decisions are as many as they are.
            (hold + ask * len(decided) / len(self._held)).backward()
            optimiser.step()
        return self._fit(head)

    def _as_it_is(self) -> Head:
        head = Head(len(CODE_IDS))
        head.load_state_dict(self._own)
        head.train(False)  # no dropout: with it the head would not stay even where nothing pulls
        return head

    def _fit(self, head: Head) -> Fit:
        with torch.inference_mode():
            logits = [head(vectors).numpy().astype(np.float64) for vectors in self._given]
        return Fit(logits, {HEAD + name: value.half().numpy() for name, value in head.state_dict().items()})


def _stacked(parts: Sequence[NDArray[Any]]) -> Tensor:
    return torch.from_numpy(np.vstack(parts).astype(np.float32))


def _bce(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean over rows of the weighted sum over codes."""
    each = nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return (each * weight).sum() / len(weight)
