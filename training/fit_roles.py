"""Make the model that tells a facilitator's words from a youth's.

    python -m training.fit_roles [--talkmoves FILE] [--out FILE] [--force]

Trained on the project's own dialogues and, where the file is given, on TalkMoves (Suresh et al., LREC 2022; what is
trained on it is CC BY-NC-SA 4.0). Everything is split by group: a dialogue or a teacher is never on both sides. The
second step is fitted on windows in which facilitators were thinned out at random, weighted so that youth-led and
facilitator-led windows count alike; otherwise it would learn that leading is talking most.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from inference.role_model import (
    FEATURES,
    FORMAT,
    SHIPPED,
    VIEWS,
    RoleModel,
    load_roles,
    neighbours,
    speaker_features,
    terms,
    word_scores,
)
from inference.weights import write_whole
from model.errors import InputRefused
from training.corpora.dialogues import OWN
from training.fit import Say
from training.role_figures import LED, Figures, judge, write_role_card
from training.role_sessions import Scored, Session, Window, own_sessions, talkmoves_sessions, windows

WORSE = "roles.worse"
MARGIN = 0.02  # of log loss by which a model may be worse and still pass: twenty dialogues of one hand tell no less
_FOLDS = 5
_MOST_OF_ONE = 150  # utterances of one speaker used for the words: a talkative teacher is one teacher
_GROUPS_PER_TERM = 5  # a word or pair counts when this many groups use it: no names, no single lesson
_KEPT_TERMS = 8_000  # a view, by size of weight


# --- step one: words -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    weights: dict[str, dict[str, float]]
    bias: float


def fit_words(sessions: Sequence[Session], rng: np.random.Generator) -> Words:
    """Logistic regression on words and pairs of all three views; corpora and roles weigh the same."""
    rows = [row for session in sessions for row in _rows(session, rng)]
    known = _common_terms(sessions)
    vectorizer = CountVectorizer(analyzer=_listed_terms, binary=True, vocabulary=sorted(known), dtype=np.float32)
    views = [vectorizer.transform([row[1 + i] for row in rows]) for i in range(len(VIEWS))]
    leads = np.array([row[0] for row in rows])
    corpora = np.array([row[4] for row in rows])
    model = LogisticRegression(C=0.1, max_iter=400)
    model.fit(csr_matrix(hstack(views)), leads, sample_weight=_even(leads, corpora))
    names = vectorizer.get_feature_names_out()
    split = np.split(model.coef_[0], len(VIEWS))
    return Words(
        {view: _largest(names, weights) for view, weights in zip(VIEWS, split, strict=True)},
        float(model.intercept_[0]),
    )


def _rows(session: Session, rng: np.random.Generator) -> list[tuple[bool, str, str, str, str]]:
    near = neighbours(session.said)
    by_speaker: dict[str | None, list[int]] = defaultdict(list)
    for at, one in enumerate(session.said):
        by_speaker[one.speaker].append(at)
    kept = [
        at
        for own in by_speaker.values()
        for at in (own if len(own) <= _MOST_OF_ONE else rng.choice(own, _MOST_OF_ONE, replace=False))
    ]

    def text(at: int | None) -> str:
        return "" if at is None else session.said[at].text

    return [
        (session.leads[at], session.said[at].text, text(near[at][0]), text(near[at][1]), session.corpus) for at in kept
    ]


def _listed_terms(text: str) -> list[str]:
    return list(terms(text))


def _common_terms(sessions: Iterable[Session]) -> set[str]:
    """Terms that enough groups use, without those that are written like names."""
    groups: dict[str, set[str]] = defaultdict(set)
    capital: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for session in sessions:
        for one in session.said:
            for term in terms(one.text):
                groups[term].add(session.group)
            for word in one.text.split()[1:]:
                bare = word.strip(".,!?;:\"'…–-").replace("’", "'")
                seen[bare.lower()] += 1
                capital[bare.lower()] += bare[:1].isupper()
    names = {word for word in seen if capital[word] > 0.5 * seen[word] and not word.startswith("i'") and word != "i"}
    return {
        term
        for term, used in groups.items()
        if len(used) >= _GROUPS_PER_TERM and not names.intersection(term.split(" "))
    }


def _even(leads: NDArray[np.bool_], corpora: NDArray[np.str_]) -> NDArray[np.float64]:
    """Weights under which each role of each corpus counts alike."""
    weight = np.ones(len(leads))
    for corpus in np.unique(corpora):
        for role in (True, False):
            cell = (leads == role) & (corpora == corpus)
            weight[cell] = 1 / max(1, cell.sum())
    even: NDArray[np.float64] = weight * len(leads) / weight.sum()
    return even


def _largest(names: NDArray[np.str_], weights: NDArray[np.float64]) -> dict[str, float]:
    order = np.argsort(-np.abs(weights))[:_KEPT_TERMS]
    kept = {str(names[i]): round(float(weights[i]), 3) for i in sorted(order)}
    return {term: weight for term, weight in kept.items() if weight}


def _as_model(words: Words) -> RoleModel:
    return RoleModel("", "", "", words.weights, words.bias, np.zeros(len(FEATURES) + 1), (1.0, 0.0), (1.0, 0.0))


# --- step two: speakers --------------------------------------------------------------------------------------------


def cross_scored(sessions: Sequence[Session], rng: np.random.Generator) -> tuple[Scored, ...]:
    fold = _folds([session.group for session in sessions], rng)
    found: dict[int, Scored] = {}
    for held in range(_FOLDS):
        words = fit_words([s for s in sessions if fold[s.group] != held], rng)
        for at, session in enumerate(sessions):
            if fold[session.group] == held:
                found[at] = Scored(session, word_scores([one.text for one in session.said], _as_model(words)))
    return tuple(found[at] for at in range(len(sessions)))


def _folds(groups: Iterable[str], rng: np.random.Generator) -> dict[str, int]:
    names = sorted(set(groups))
    return {names[at]: rank % _FOLDS for rank, at in enumerate(rng.permutation(len(names)))}


def speaker_rows(found: Sequence[Window]) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """Features (n, len(FEATURES)), whether the voice is mostly a facilitator's, and the window's facilitator share."""
    features, leads, shares = [], [], []
    for window in found:
        share = window.facilitator_share
        truth: dict[str | None, list[bool]] = defaultdict(list)
        for one, lead in zip(window.said, window.truth, strict=True):
            truth[one.speaker].append(lead)
        for speaker, row in speaker_features(window.said, window.scores).items():
            features.append(row)
            leads.append(float(np.mean(truth[speaker])) > 0.5)
            shares.append(share)
    return np.array(features), np.array(leads), np.array(shares)


def fit_speakers(found: Sequence[Window]) -> NDArray[np.float64]:
    """Weights of FEATURES and an intercept. Windows with little and with much facilitator talk weigh the same."""
    features, leads, shares = speaker_rows(found)
    bins = np.digitize(shares, (0.01, 0.2, 0.4, 0.6, 0.8))
    sizes = Counter(bins.tolist())
    weight = np.array([1 / sizes[b] for b in bins.tolist()])
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    model = LogisticRegression(C=1.0, max_iter=500)
    model.fit((features - mean) / spread, leads, sample_weight=weight * len(weight) / weight.sum())
    coefficients = model.coef_[0] / spread
    return np.array([*coefficients, float(model.intercept_[0] - coefficients @ mean)])


def fit_sentences(found: Sequence[Window], bias: float, views: int) -> tuple[float, float]:
    """Platt scaling (slope, intercept) of an utterance's summed score, roles weighing the same."""
    total = np.concatenate([window.scores[:, :views].sum(axis=1) + bias for window in found])
    truth = np.concatenate([np.array(window.truth) for window in found])
    model = LogisticRegression(C=1e6, class_weight="balanced").fit(total[:, None], truth)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def fit(sessions: Sequence[Session], *, seed: int, each: int = 12) -> RoleModel:
    rng = np.random.default_rng(seed)
    crossed = windows(cross_scored(sessions, rng), rng, each=each)
    words = fit_words(sessions, rng)
    corpora = {session.corpus for session in sessions}
    return RoleModel(
        name=f"role words ({' + '.join(sorted(corpora))})",
        licence="CC-BY-NC-SA-4.0" if "talkmoves" in corpora else "CC-BY-4.0",
        sha256="",
        words=words.weights,
        bias=round(words.bias, 4),
        speaker=np.round(fit_speakers(crossed), 4),
        sentence=_rounded(fit_sentences(crossed, words.bias, 3)),
        sentence_alone=_rounded(fit_sentences(crossed, words.bias, 1)),
    )


def _rounded(pair: tuple[float, float]) -> tuple[float, float]:
    return round(pair[0], 4), round(pair[1], 4)


# --- the command ---------------------------------------------------------------------------------------------------


def held_out(sessions: Sequence[Session], *, share: float, seed: int) -> tuple[list[Session], list[Session]]:
    """(to learn from, to judge on), split by group within each corpus."""
    rng = np.random.default_rng(seed)
    aside: set[str] = set()
    for corpus in sorted({session.corpus for session in sessions}):
        groups = sorted({session.group for session in sessions if session.corpus == corpus})
        aside.update(groups[at] for at in rng.permutation(len(groups))[: max(1, round(share * len(groups)))])
    return [s for s in sessions if s.group not in aside], [s for s in sessions if s.group in aside]


def write_model(model: RoleModel, path: Path, *, made_from: dict[str, int], figures: Figures) -> None:
    document = {
        "format": FORMAT,
        "name": model.name,
        "licence": model.licence,
        "made_from": made_from,
        "figures": figures,
        "features": FEATURES,
        "speaker": model.speaker.tolist(),
        "sentence": model.sentence,
        "sentence_alone": model.sentence_alone,
        "bias": model.bias,
        "words": model.words,
    }
    write_whole(path, json.dumps(document, separators=(",", ":"), sort_keys=False).encode())


def train_roles(out: Path, dialogues: Path, talkmoves: Path | None, *, seed: int, force: bool, say: Say) -> Figures:
    """Judge on what is set aside, fit on everything, write the model and its card.

    Raises InputRefused `roles.worse` where the model at `out` names the voices of `dialogues`/test better, unless
    `force`; what was trained is then kept beside it.
    """
    own = own_sessions(dialogues / "train")
    sessions = (*own, *(talkmoves_sessions(talkmoves) if talkmoves else ()))
    learn, aside = held_out(sessions, share=0.2, seed=seed)
    say("Judging the names of roles", 0.0)
    judged = fit(learn, seed=seed)
    kept = {corpus: [s for s in aside if s.corpus == corpus] for corpus in sorted({s.corpus for s in aside})}
    strangers = list(own_sessions(dialogues / "test")) if (dialogues / "test").is_dir() else []
    if strangers:
        kept["own, another hand"] = strangers
    figures = {corpus: judge(judged, unseen, seed=seed) for corpus, unseen in kept.items()}
    say("Fitting the names of roles", 0.0)
    model = fit(sessions, seed=seed)
    refusal = None if force else worse(out, model, strangers, seed=seed)
    path = out.with_name(f"{out.stem}.worse{out.suffix}") if refusal else out
    made_from = dict(Counter(session.corpus for session in sessions))
    write_model(model, path, made_from=made_from, figures=figures)
    load_roles.cache_clear()
    write_role_card(load_roles(path), path, made_from=made_from, figures=figures)
    say("Fitting the names of roles", 1.0)
    if refusal:
        raise refusal
    return figures


def worse(out: Path, model: RoleModel, strangers: Sequence[Session], *, seed: int) -> InputRefused | None:
    """Whether the model at `out` has a lower log loss on the same windows of `strangers`, who taught neither."""
    if not out.exists() or not strangers:
        return None
    before, after = (_log_loss(judge(one, strangers, seed=seed)) for one in (load_roles(out), model))
    if after <= before + MARGIN:
        return None
    return InputRefused(
        WORSE,
        f"The new role model's log loss on test dialogues is {after:.3f}; the one at {out} has {before:.3f}.",
        "The old one stays; the new one is beside it. --force replaces the old one.",
    )


def _log_loss(figures: Mapping[str, Mapping[str, float]]) -> float:
    """Mean over facilitator-led and youth-led windows: both kinds of session count alike."""
    return float(np.mean([row["log loss"] for kind, row in figures.items() if kind in LED]))


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    arguments.add_argument("--dialogues", type=Path, default=OWN)
    arguments.add_argument("--talkmoves", type=Path, help="talkmoves_dev.tsv.gz; the model is then CC BY-NC-SA 4.0")
    arguments.add_argument("--out", type=Path, default=SHIPPED)
    arguments.add_argument("--seed", type=int, default=20)
    arguments.add_argument("--force", action="store_true")
    given = arguments.parse_args()

    def say(what: str, share: float) -> None:
        sys.stderr.write(f"{what} {share:.0%}\n")

    try:
        train_roles(given.out, given.dialogues, given.talkmoves, seed=given.seed, force=given.force, say=say)
    except InputRefused as refusal:
        raise SystemExit(str(refusal)) from refusal


if __name__ == "__main__":
    main()
