"""Heads refitted to a program's decisions: what they ask is learnt, what they do not ask stays, no gain is no refit."""

import math
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load

from inference.artefact import SHIPPED, read_manifest, read_weights
from inference.features import Line
from inference.tagger import load_tagger
from model.errors import InputRefused
from model.indicators import CODE_BY_ID, CODE_IDS
from training.artefact import write_artefact
from training.corpora.decisions import WEIGHTS, Decided
from training.corpora.dialogues import OWN, CodedLine, Dialogue, read_dialogues
from training.recalibrate import Judged
from training.refit import log_loss, refit
from training.run import Plan, train_tagger

EVERYDAY = CODE_IDS.index("everyday")
Verdict = Callable[[CodedLine, str], bool]  # whether a program's reviewers say that the line bears the code


def _quiet(what: str, share: float) -> None:
    """Progress nobody watches."""


def _decided(dialogue: Dialogue, educator: str, p: Any, verdict: Verdict) -> Decided:
    """Every evidence code with a chance of a fifth or more was shown and decided; `p` (n_lines, n_codes)."""
    evidence = [CODE_BY_ID[code].indicator is not None for code in CODE_IDS]
    shown = (p >= 0.2) & evidence
    target = np.array([[verdict(line, code) for code in CODE_IDS] for line in dialogue.lines]) & shown
    return Decided(
        id=dialogue.id,
        group=educator,
        lines=dialogue.as_lines(),
        target=target,
        weight=np.where(target, WEIGHTS["supports"], WEIGHTS["does_not"]) * shown,
        shown=shown.astype(np.float64),
    )


def test_log_loss_counts_a_decision_for_what_it_stands_for() -> None:
    line = Line(text="What do you notice?", p_youth=0.0, speaker="v0")
    shape = (2, len(CODE_IDS))
    target, shown, p = np.zeros(shape, dtype=bool), np.zeros(shape), np.full(shape, 0.5)
    target[0, 0], shown[0, 0], p[0, 0] = True, 1.0, 0.8
    shown[1, 0], p[1, 0] = 3.0, 0.4
    session = Decided(id="s", group="a", lines=(line, line), target=target, weight=shown, shown=shown)
    # a confirmed .8 once, a rejected .4 three times; what was not decided says nothing
    expected = -(math.log(0.8) + 3 * math.log(1 - 0.4)) / 4
    assert log_loss(Judged.of([np.zeros(shape)], [session]), p) == pytest.approx(expected)


def test_under_fifty_decisions_or_two_educators_nothing_is_refitted(tmp_path: Path) -> None:
    dialogue = read_dialogues(OWN / "test")[0]
    one = np.zeros((len(dialogue.lines), len(CODE_IDS)))
    one[0] = 1.0
    for p, sessions in ((one, 0), (one, 3), (np.ones(one.shape), 1)):
        decided = [_decided(dialogue, "ann", p, lambda line, code: True)] * sessions
        with pytest.raises(InputRefused, match="a refit takes 50, of two or more") as refused:
            refit(SHIPPED, tmp_path / "out", OWN, decided, seed=20, force=False, say=_quiet)
        assert refused.value.code == "decisions.few"
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every twentieth dialogue the shipped tagger was trained on."""
    folder = tmp_path_factory.mktemp("dialogues")
    (folder / "train").mkdir()
    for file in sorted((OWN / "train").glob("*.tsv"))[::20]:
        shutil.copy(file, folder / "train")
    return folder


@pytest.fixture(scope="module")
def conversation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped tagger's conversation branch alone: what it says of talk it has not seen is worth moving."""
    out, manifest = tmp_path_factory.mktemp("artefact"), read_manifest(SHIPPED)
    tensors = load(read_weights(SHIPPED, manifest.weights_sha256))
    own = {name: value for name, value in tensors.items() if name.startswith("conversation.")}
    write_artefact(out, own, {**manifest.document, "branches": {"conversation": 1.0}}, force=True)
    return out


def _moved(before: Path, after: Path, sessions: Sequence[Decided]) -> Any:
    """How far the logits of every line went, (n, n_codes)."""
    taggers = [load_tagger(path) for path in (before, after)]
    old, new = (np.vstack([tagger.logits(session.lines) for session in sessions]) for tagger in taggers)
    return new - old


def _chances(path: Path, sessions: Sequence[Decided]) -> Any:
    tagger = load_tagger(path)
    return np.vstack([tagger.probabilities(session.lines) for session in sessions])


@pytest.fixture(scope="module")
def spoken(conversation: Path) -> list[tuple[Dialogue, Any]]:
    """Twelve dialogues it was not trained on, with its chances for their lines."""
    tagger = load_tagger(conversation)
    return [(d, tagger.probabilities(d.as_lines())) for d in read_dialogues(OWN / "test")[:12]]


@pytest.mark.slow
def test_a_program_that_never_counts_everyday_life_is_learnt_from(
    conversation: Path, few: Path, spoken: Sequence[tuple[Dialogue, Any]], tmp_path: Path
) -> None:
    """Reviewers confirm what the author coded, but turn down every tie to daily life; the fourth educator is apart."""
    sessions = [
        _decided(d, f"e{i % 4}", p, lambda line, code: code in line.codes and code != "everyday")
        for i, (d, p) in enumerate(spoken)
    ]
    learnt, apart = (sessions[i] for i in range(12) if i % 4 != 3), sessions[3::4]
    found = refit(conversation, tmp_path / "out", few, list(learnt), seed=20, force=False, say=_quiet)
    assert found.present is not None
    assert found.refitted is not None
    assert found.refitted < found.present
    moved = _moved(conversation, tmp_path / "out", apart)
    shown = np.vstack([session.shown > 0 for session in apart])
    assert moved[shown[:, EVERYDAY], EVERYDAY].mean() < -1
    others = [k for k in range(len(CODE_IDS)) if k != EVERYDAY]
    gone = _chances(tmp_path / "out", apart) - _chances(conversation, apart)
    assert np.abs(gone[:, others].mean(0)).max() < 0.01  # their mean over all lines is about where it was
    document = read_manifest(tmp_path / "out").document
    assert document["name"].endswith(f"+refit-{found.decisions}")
    assert document["refitted_on"]["educators"] == 3
    assert document["trained_on"]["decisions"] == document["refitted_on"]["decisions"] == found.decisions
    assert document["cross_validation"]["codes"]["open"]["auprc"] is None  # nothing was cross-validated of these heads
    assert "CC-BY" not in document["licence"]  # words of the program's sessions taught it
    assert document["licence"] in (tmp_path / "out" / "card.md").read_text()


@pytest.mark.slow
def test_what_does_not_carry_over_to_others_is_refused_with_both_figures(
    conversation: Path, few: Path, spoken: Sequence[tuple[Dialogue, Any]], tmp_path: Path
) -> None:
    """Ann's reviewers turn down all, Bo's confirm all: of the one nothing follows for the other."""
    ann = [_decided(d, "ann", p, lambda *_: False) for d, p in spoken[:2]]
    bo = [_decided(d, "bo", p, lambda *_: True) for d, p in spoken[2:4]]
    with pytest.raises(InputRefused, match=r"would be \d\.\d{4}; it is \d\.\d{4}\. The tagger stays") as refused:
        refit(conversation, tmp_path / "out", few, ann + bo, seed=20, force=False, say=_quiet)
    assert refused.value.code == "refit.no_gain"
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_heads_over_the_packaged_encoder_are_fitted_to_decisions_too(
    few: Path, spoken: Sequence[tuple[Dialogue, Any]], tmp_path: Path
) -> None:
    source = tmp_path / "tagger"
    train_tagger(source, Plan(dialogues=few, folds=2, frozen_only=True), force=False, say=_quiet)
    sessions = [_decided(d, "ann", p, lambda line, code: code in line.codes and code != "everyday") for d, p in spoken]
    found = refit(source, tmp_path / "out", few, sessions[:9], seed=20, force=True, say=_quiet)
    assert (found.present, found.refitted) == (None, None)  # of one educator nothing can be judged; it was forced
    shown = np.vstack([session.shown > 0 for session in sessions[9:]])[:, EVERYDAY]
    assert _moved(source, tmp_path / "out", sessions[9:])[shown, EVERYDAY].mean() < 0
