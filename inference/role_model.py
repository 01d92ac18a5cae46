"""How much a voice sounds like someone who leads: the learned part of naming roles, read from a plain JSON file.

Two steps. Every utterance gets three scores from its words and word pairs: its own, that of what another speaker
said just before, that of what another speaker says next (an answer shows who asked). Then each speaker gets a
probability from the means of these scores and from how the speaker stands in the conversation. Talk share is
deliberately no feature: facilitators lead it in most lessons, and in the sessions a rubric rewards they do not.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.errors import LookforsError
from model.preannotation import Version

SHIPPED = Path(__file__).parent / "artefacts" / "roles" / "model.json"
FORMAT = "lookfors.roles/1"

VIEWS = ("own", "before", "after")
FEATURES = (
    "own", "before", "after",  # mean score per utterance
    "own_root", "before_root", "after_root",  # the same times √n: certainty grows with what was said
    "lead",  # own score over the highest of the others': the one who sounds most like leading
    "hub",  # share in the changes of speaker over an even share
    "length",  # log words per utterance over the session's mean
)  # fmt: skip
_MOST = 64  # utterances after which certainty grows no more
_SHRINK = 4.0  # utterances' worth of doubt in a speaker's mean when speakers are compared

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


class RoleModelInvalid(LookforsError):
    """The role model's file is not one this version can read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One utterance, as far as roles need it. `speaker` is None where nobody was told apart."""

    speaker: str | None
    text: str


@dataclass(frozen=True, slots=True)
class RoleModel:
    """Weights in log odds for the facilitator, equal prior odds."""

    name: str
    licence: str
    sha256: str
    words: Mapping[str, Mapping[str, float]]  # view -> word or word pair -> weight
    bias: float
    speaker: NDArray[np.float64]  # shape (len(FEATURES) + 1,), the last is the intercept
    sentence: tuple[float, float]  # slope and intercept from all three views to calibrated log odds
    sentence_alone: tuple[float, float]  # the same from the utterance's own words only

    @property
    def version(self) -> Version:
        return Version(part="roles", name=self.name, sha256=self.sha256, licence=self.licence)


@lru_cache(maxsize=2)
def load_roles(path: Path = SHIPPED) -> RoleModel:
    """Raises RoleModelInvalid for a file that is missing or of another format."""
    try:
        content = path.read_bytes()
        document = json.loads(content)
    except (OSError, ValueError) as cause:
        raise RoleModelInvalid(f"{path} cannot be read: {cause}.") from cause
    if document.get("format") != FORMAT or tuple(document.get("features", ())) != FEATURES:
        raise RoleModelInvalid(f"{path} is not of the format {FORMAT} with this version's features: train it again.")
    return RoleModel(
        name=document["name"],
        licence=document["licence"],
        sha256=hashlib.sha256(content).hexdigest(),
        words=document["words"],
        bias=document["bias"],
        speaker=np.array(document["speaker"]),
        sentence=(document["sentence"][0], document["sentence"][1]),
        sentence_alone=(document["sentence_alone"][0], document["sentence_alone"][1]),
    )


@lru_cache(maxsize=65_536)
def terms(text: str) -> frozenset[str]:
    """Words and word pairs; `^` stands for the beginning, so that "^ what" is an utterance that opens with what.

    Case and punctuation are left out, because recognisers are not to be trusted with them.
    """
    words = _WORD.findall(text.lower().replace("’", "'"))
    pairs = (f"{first} {second}" for first, second in zip(["^", *words], words, strict=False))
    return frozenset((*words, *pairs))


def neighbours(said: Sequence[Said]) -> tuple[tuple[int | None, int | None], ...]:
    """For each utterance the last one before it and the first one after it by another known speaker, as indices."""

    def other(at: int, step: int) -> int | None:
        i = at + step
        while 0 <= i < len(said):
            if said[i].speaker is None:
                return None
            if said[i].speaker != said[at].speaker:
                return i
            i += step
        return None

    return tuple((None, None) if one.speaker is None else (other(at, -1), other(at, 1)) for at, one in enumerate(said))


def view_scores(said: Sequence[Said], score: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Shape (n, 3): own, before and after. `score`: view -> shape (n,), every text's weight in that view."""
    out = np.zeros((len(said), 3))
    out[:, 0] = score["own"]
    for at, (before, after) in enumerate(neighbours(said)):
        if before is not None:
            out[at, 1] = score["before"][before]
        if after is not None:
            out[at, 2] = score["after"][after]
    return out


def word_scores(texts: Sequence[str], model: RoleModel) -> dict[str, NDArray[np.float64]]:
    """The weight of every text in every view."""
    return {
        view: np.array([sum(model.words[view].get(term, 0.0) for term in terms(text)) for text in texts])
        for view in VIEWS
    }


def speaker_features(said: Sequence[Said], scores: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """FEATURES of each known speaker, in the order of first words. scores: shape (n, 3)."""
    rows: dict[str, list[int]] = {}
    for at, one in enumerate(said):
        if one.speaker is not None:
            rows.setdefault(one.speaker, []).append(at)
    lengths = np.log1p([len(one.text.split()) for one in said])
    shrunk = {speaker: float(scores[own, 0].sum() / (len(own) + _SHRINK)) for speaker, own in rows.items()}
    hubs = _hubs([one.speaker for one in said if one.speaker is not None])
    found = {}
    for speaker, own in rows.items():
        means = scores[own].mean(axis=0)
        root = np.sqrt(min(len(own), _MOST))
        others = [value for label, value in shrunk.items() if label != speaker]
        lead = shrunk[speaker] - max(others) if others else 0.0
        length = float(lengths[own].mean() - lengths.mean())
        found[speaker] = np.array([*means, *(means * root), lead, hubs[speaker], length])
    return found


def _hubs(order: Sequence[str]) -> dict[str, float]:
    """Share in the changes of speaker less the even share 2/K; 0 for two speakers or fewer."""
    changes = [(a, b) for a, b in pairwise(order) if a != b]
    speakers = set(order)
    if len(speakers) <= 2 or not changes:
        return dict.fromkeys(speakers, 0.0)
    return {who: sum(who in pair for pair in changes) / len(changes) - 2 / len(speakers) for who in speakers}
