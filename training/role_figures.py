"""How good the role model is on conversations it has not seen, and its card."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.metrics import log_loss, roc_auc_score

from inference.role_model import SHIPPED, RoleModel, view_scores, word_scores
from inference.roles import by_words
from inference.weights import write_whole
from training.role_sessions import Scored, Session, Window, windows

CARD = Path(__file__).parent.parent / "data_cards" / "models" / "roles.md"
LED = ("facilitator-led", "youth-led")  # kinds of windows with a facilitator in them

Figures = Mapping[str, Mapping[str, Mapping[str, float]]]  # corpus -> kind of window -> figure -> value


def judge(model: RoleModel, sessions: Sequence[Session], *, seed: int, each: int = 4) -> dict[str, dict[str, float]]:
    """Figures on sessions the model has not seen, for kinds of windows: whole sessions, facilitator-led, youth-led."""
    rng = np.random.default_rng(seed)
    scored = [Scored(s, word_scores([one.text for one in s.said], model)) for s in sessions]
    kinds: dict[str, list[Window]] = {"whole session": [], "facilitator-led": [], "youth-led": [], "no facilitator": []}
    for one in scored:
        kinds["whole session"].append(
            Window(one.session.corpus, one.session.said, one.session.leads, view_scores(one.session.said, one.score))
        )
    for window in windows(scored, rng, each=each * 3):
        share = window.facilitator_share
        kind = "no facilitator" if share == 0 else "youth-led" if share < 0.4 else "facilitator-led"
        kinds[kind].append(window)
    return {kind: _figures(found, model) for kind, found in kinds.items() if found}


def _figures(found: Sequence[Window], model: RoleModel) -> dict[str, float]:
    p, truth, words, most = [], [], [], []
    for window in found:
        p.append(expit(by_words(window.said, {}, model)))
        truth.append(np.array(window.truth))
        lengths = np.array([len(one.text.split()) for one in window.said])
        words.append(lengths)
        spoken: Counter[str | None] = Counter()
        for one, length in zip(window.said, lengths.tolist(), strict=True):
            spoken[one.speaker] += length
        loudest = spoken.most_common(1)[0][0]
        most.append(np.array([one.speaker == loudest for one in window.said]))
    chance, lead, weight = np.concatenate(p), np.concatenate(truth), np.concatenate(words)
    clipped = np.clip(chance, 0.01, 0.99)
    right = (chance > 0.5) == lead
    return {
        "windows": float(len(found)),
        "right, by words": float(np.average(right, weights=weight)),
        "facilitators right": _mean(right[lead]),
        "youth right": _mean(right[~lead]),
        "most-speech rule, by words": float(np.average(np.concatenate(most) == lead, weights=weight)),
        "log loss": float(log_loss(lead, clipped, labels=[False, True])),
        "calibration error": _calibration_error(clipped, lead),
        "AUROC": float(roc_auc_score(lead, chance)) if 0 < lead.mean() < 1 else float("nan"),
    }


def _mean(values: NDArray[np.bool_]) -> float:
    return float(values.mean()) if values.size else float("nan")


def _calibration_error(p: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """Expected calibration error over ten equal bins."""
    bins = np.minimum((p * 10).astype(int), 9)
    return float(
        sum(
            (bins == b).mean() * abs(p[bins == b].mean() - truth[bins == b].mean())
            for b in range(10)
            if (bins == b).any()
        )
    )


def write_role_card(model: RoleModel, path: Path, *, made_from: Mapping[str, int], figures: Figures) -> Path:
    """The shipped model's card goes to `data_cards/models/roles.md`, any other beside its file."""
    card = CARD if path == SHIPPED else path.with_suffix(".md")
    write_whole(card, card_text(model, made_from=made_from, figures=figures).encode())
    return card


def card_text(model: RoleModel, *, made_from: Mapping[str, int], figures: Figures) -> str:
    sources = {
        "own": "the project's own written dialogues (training/corpora/dialogues/train)",
        "talkmoves": "lesson transcripts of TalkMoves (Suresh et al., LREC 2022, CC BY-NC-SA 4.0; not part of the "
        "project), of which the weights of words that at least five teachers' or dialogues' groups share are kept",
    }
    lines = [
        f"# {model.name}",
        "",
        f"Licence of the weights: {model.licence}. SHA-256: `{model.sha256}`. "
        "File: inference/artefacts/roles/model.json.",
        "",
        "Says of every voice in a recording or transcript whether it is a facilitator's or a youth's, with a "
        "probability. Roles, never identities. English only: in another language the role stays unknown unless the "
        "pitch says something.",
        "",
        "Logistic regression in two steps, readable as a table of weights: words and word pairs (own, of the voice "
        "before, of the voice after) give every utterance a score; the means of these and the place in the "
        "conversation give every voice a probability. Talk share is no feature. At use the voice's median pitch adds "
        "at most one unit of log odds, from published means (inference/roles.py); it is not learned.",
        "",
        "Made from " + "; ".join(f"{count} of {sources[corpus]}" for corpus, count in sorted(made_from.items())) + ".",
        "",
        "## On conversations set aside",
        "",
        "One in five dialogues and one in five teachers, never seen by the model these figures are of; the shipped "
        "model was then fitted on all of these. The dialogues by another hand (training/corpora/dialogues/test) were "
        "never fitted on at all. Windows are of 8 to 240 utterances, in which facilitators were thinned "
        "out at random and 3 % of utterances given to a wrong voice. Youth-led: facilitators speak less than 40 % of "
        "the words. The most-speech rule is what calling the voice that speaks most the facilitator would reach.",
        "",
    ]
    for corpus, kinds in figures.items():
        names = list(next(iter(kinds.values())))
        lines += [f"### {corpus}", "", "| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
        lines += [
            f"| {kind} | " + " | ".join(_shown(name, row[name]) for name in names) + " |" for kind, row in kinds.items()
        ]
        lines.append("")
    lines += [
        "## Limits",
        "",
        "Not measured on out-of-school recordings of real children, because none could be had. A youth who runs the "
        "whole session sounds like a facilitator, and a facilitator who only chats sounds like a youth. Where nobody "
        "leads, a voice may still be called facilitator. A reviewer's correction always wins.",
        "",
    ]
    return "\n".join(lines)


def _shown(name: str, value: float) -> str:
    if np.isnan(value):
        return "–"
    return f"{value:.0f}" if name == "windows" else f"{value:.3f}"
