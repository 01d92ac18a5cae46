"""Facilitator or youth: from what a voice says, how the others answer it, and a little from how high it is.

Roles are named for whole voices, because one sentence says little and ten say nearly everything. Who speaks most
decides nothing. A single utterance leaves its voice's role only when its own words speak strongly against it, as
when the voices of a child and an adult were taken for one.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, softmax

from inference.role_model import RoleModel, Said, load_roles, speaker_features, view_scores, word_scores
from model.preannotation import Version
from model.transcript import Role

__all__ = ["Said", "name_roles", "roles_version"]

# Pitch in hertz (mean, spread) and share of each kind of speaker. Means: Hillenbrand et al. 1995 (men 131, women 220,
# ages 10-12 about 237) and Traunmüller & Eriksson 1995 (running speech lies lower). Shares: ours, wide on purpose.
_ADULTS = ((0.35, 120.0, 25.0), (0.65, 205.0, 28.0))
_YOUTH = ((0.65, 250.0, 38.0), (0.2, 215.0, 28.0), (0.15, 135.0, 28.0))
_PITCH_TRUST = 0.5  # children's and women's voices overlap, and rooms disturb the estimate
_NOBODY_LEADS = 0.1  # odds factor against a recording in which no facilitator speaks at all
_PURITY = 0.97  # share of a speaker's utterances that are really one role's
_MIXED = 0.1  # how often one voice is really several people
_CERTAIN = 0.99  # no machine is surer than this
_LANGUAGES = frozenset({None, "en"})  # the words say nothing in another language; None: not detected, English assumed


def name_roles(
    said: Sequence[Said], *, pitch: Mapping[str, float] | None = None, language: str | None = "en"
) -> tuple[tuple[Role, float], ...]:
    """Role and its probability for each utterance. pitch: hertz by speaker.

    Without evidence of any kind (another language, nobody told apart) the role is unknown with probability .5.
    """
    if not said:
        return ()
    known = language in _LANGUAGES
    odds = by_words(said, pitch or {}, load_roles()) if known else _by_pitch(said, pitch or {})
    return tuple(_role(float(value)) for value in odds)


def roles_version() -> Version:
    return load_roles().version


def _role(odds: float) -> tuple[Role, float]:
    p = min(max(float(expit(odds)), 1 - _CERTAIN), _CERTAIN)
    if p == 0.5:
        return Role.UNKNOWN, 0.5
    return (Role.FACILITATOR, round(p, 3)) if p > 0.5 else (Role.YOUTH, round(1 - p, 3))


def _by_pitch(said: Sequence[Said], pitch: Mapping[str, float]) -> NDArray[np.float64]:
    return np.array([pitch_odds(pitch[s.speaker]) if s.speaker and s.speaker in pitch else 0.0 for s in said])


def by_words(said: Sequence[Said], pitch: Mapping[str, float], model: RoleModel) -> NDArray[np.float64]:
    """Log odds for the facilitator, shape (n,)."""
    scores = view_scores(said, word_scores([one.text for one in said], model))
    slope, intercept = model.sentence_alone
    alone = slope * (scores[:, 0] + model.bias) + intercept
    voices = {one.speaker for one in said if one.speaker is not None}
    if len(voices) == 1:
        (voice,) = voices
        return one_voice_odds(alone, pitch_odds(pitch[voice]) if voice in pitch else 0.0)
    speakers = speaker_odds(said, scores, model, pitch)
    slope, intercept = model.sentence
    in_company = slope * (scores.sum(axis=1) + model.bias) + intercept
    return np.array(
        [
            alone[at] if one.speaker is None else _with_own_words(speakers[one.speaker], in_company[at])
            for at, one in enumerate(said)
        ]
    )


def speaker_odds(
    said: Sequence[Said], scores: NDArray[np.float64], model: RoleModel, pitch: Mapping[str, float]
) -> dict[str, float]:
    """Log odds of each known speaker, given that somebody probably leads. scores: shape (n, 3)."""
    odds = {
        speaker: float(model.speaker[:-1] @ features + model.speaker[-1])
        + (pitch_odds(pitch[speaker]) if speaker in pitch else 0.0)
        for speaker, features in speaker_features(said, scores).items()
    }
    # P(someone leads) is raised from 1-q to (1-q)/(1-q+λq), q the product of the youth probabilities.
    nobody = float(np.prod([expit(-value) for value in odds.values()])) if odds else 0.0
    rest = 1 - nobody + _NOBODY_LEADS * nobody
    return {speaker: float(logit(min(expit(value) / rest, 1 - 1e-9))) for speaker, value in odds.items()}


def one_voice_odds(sentences: NDArray[np.float64], pitch: float) -> NDArray[np.float64]:
    """Log odds of each utterance of a recording in which one voice was found, from its own words, shape (n,).

    Either one person speaks, or several could not be told apart. The facilitator's share in the utterances is
    unknown: it is _PURITY, 1 - _PURITY or, with probability _MIXED, anything between; the words say which. On unseen
    dialogues whose voices were all made one this halved the log loss, and one voice alone stayed named.
    """
    shares = np.array([1 - _PURITY, *np.linspace(0.1, 0.9, 9), _PURITY])
    lead = float(expit(pitch))
    prior = np.array([(1 - _MIXED) * (1 - lead), *[_MIXED / 9] * 9, (1 - _MIXED) * lead])
    ratio = np.exp(np.clip(sentences, -4.0, 4.0))
    chance = shares[:, None] * ratio / (shares[:, None] * ratio + 1 - shares[:, None])  # (shares, n)
    evidence = np.log(prior) + np.log(shares[:, None] * ratio + 1 - shares[:, None]).sum(axis=1)
    posterior = softmax(evidence)
    odds: NDArray[np.float64] = logit(np.clip(posterior @ chance, 1e-6, 1 - 1e-6))
    return odds


def _with_own_words(speaker: float, sentence: float) -> float:
    """Log odds of one utterance from its speaker's and its own: the speaker's hold for all but a few (_PURITY)."""
    p = float(expit(speaker))
    return float(logit(p * _PURITY + (1 - p) * (1 - _PURITY))) + sentence


def pitch_odds(hertz: float) -> float:
    """Log odds for an adult from a median pitch, with half trust and at most 1 either way."""
    adult, youth = (
        sum(share / spread * np.exp(-(((hertz - mean) / spread) ** 2) / 2) for share, mean, spread in kinds)
        for kinds in (_ADULTS, _YOUTH)
    )
    return float(np.clip(_PITCH_TRUST * np.log((adult + 1e-4) / (youth + 1e-4)), -1.0, 1.0))
