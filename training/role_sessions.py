"""Conversations whose roles are known, and windows of them as a recording could have caught them."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.role_model import Said, view_scores
from training.corpora.dialogues import read_dialogues
from training.corpora.talkmoves import open_table

_WINDOW_SIZES = (8, 15, 30, 60, 120, 240)
_THINNING = (0.0, 0.0, 0.3, 0.6, 0.8, 1.0)  # share of a window's facilitator utterances left out
_IMPURITY = 0.03


@dataclass(frozen=True, slots=True)
class Session:
    """A conversation whose roles are known. `leads` says of each utterance whether a facilitator spoke it."""

    corpus: str  # "own" or "talkmoves"
    group: str  # never on both sides of a split
    said: tuple[Said, ...]
    leads: tuple[bool, ...]


def own_sessions(folder: Path) -> tuple[Session, ...]:
    return tuple(
        Session(
            "own",
            one.id,
            tuple(Said(speaker=line.speaker, text=line.text) for line in one.lines),
            tuple(line.speaker.startswith("F") for line in one.lines),
        )
        for one in read_dialogues(folder)
    )


def talkmoves_sessions(path: Path) -> tuple[Session, ...]:
    """Transcripts of TalkMoves, from its table or the folder of it; rows without a role are left out.

    Speakers are as published, and not kept.
    """
    rows: dict[tuple[str, str], list[tuple[Said, bool]]] = defaultdict(list)
    with open_table(path) as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["role"] in ("T", "S") and row["sentence"]:
                speaker = f"{row['role']}:{row['speaker_raw'].strip()}"
                said = Said(speaker=speaker, text=row["sentence"])
                rows[row["group"], row["transcript"]].append((said, row["role"] == "T"))
    return tuple(
        Session("talkmoves", group, tuple(s for s, _ in lines), tuple(leads for _, leads in lines))
        for (group, _), lines in rows.items()
    )


@dataclass(frozen=True, slots=True)
class Scored:
    """A session with its texts scored by words that were fitted without its group."""

    session: Session
    score: dict[str, NDArray[np.float64]]  # view -> shape (n,)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a session as a recording could have caught it. `truth` is who really spoke each utterance."""

    corpus: str
    said: tuple[Said, ...]
    truth: tuple[bool, ...]
    scores: NDArray[np.float64]  # shape (n, 3)

    @property
    def facilitator_share(self) -> float:
        words = np.array([len(one.text.split()) + 1 for one in self.said])
        return float(words[np.array(self.truth)].sum() / words.sum())


def windows(scored: Sequence[Scored], rng: np.random.Generator, *, each: int) -> tuple[Window, ...]:
    """Windows of many sizes, facilitators thinned out, a few utterances given to a wrong voice."""
    found = []
    for one in scored:
        for _ in range(each):
            window = _window(one, rng)
            if window is not None:
                found.append(window)
    return tuple(found)


def _window(one: Scored, rng: np.random.Generator) -> Window | None:
    count = len(one.session.said)
    size = min(count, int(rng.choice(_WINDOW_SIZES)))
    first = int(rng.integers(0, count - size + 1))
    thinning = float(rng.choice(_THINNING))
    kept = [at for at in range(first, first + size) if not (one.session.leads[at] and rng.random() < thinning)]
    if len(kept) < 3:
        return None
    said = [one.session.said[at] for at in kept]
    voices = sorted({s.speaker or "" for s in said})
    for at in range(len(said)):
        if rng.random() < _IMPURITY:
            said[at] = replace(said[at], speaker=str(rng.choice(voices)))
    score = {view: values[kept] for view, values in one.score.items()}
    return Window(
        one.session.corpus, tuple(said), tuple(one.session.leads[at] for at in kept), view_scores(said, score)
    )
