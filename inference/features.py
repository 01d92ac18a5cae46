"""What can be read off an utterance and its neighbours without a neural network.

Overlap with what was said before carries restating and uptake, which an encoder of single sentences cannot see;
the opening words of a question carry its kind even where a recogniser has dropped the question mark. Every
feature is defined on normalised text (lower case, no punctuation) except the three named `mark_…` and
`next_same_answers`, which asks for a question mark.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from inference.lexicon import CUE_PATTERNS, STOP_WORDS
from model.transcript import Role, Transcript, Utterance

_WORD = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?")

_COMPILED = tuple((name, re.compile(pattern)) for name, pattern in CUE_PATTERNS.items())
_WH = ("what", "why", "how", "who", "where", "when", "which")
_SCALARS = (
    "p_youth", "previous_p_youth", "next_p_youth", "turn_continues", "turn_goes_on",
    "length", "starts_wh", "mark_question", "mark_period", "mark_none",
    "repeats_previous_youth", "repeats_recent_youth", "repeats_last_other", "new_words",
    "echoed_by_next", "next_other_length", "next_other_reasons", "next_other_proposes", "next_same_answers", "number",
)  # fmt: skip
FEATURES: tuple[str, ...] = _SCALARS + tuple(CUE_PATTERNS) + tuple(f"previous_{name}" for name in CUE_PATTERNS)


@lru_cache(maxsize=65536)
def words_of(text: str) -> tuple[str, ...]:
    """Lower-case words without punctuation, apostrophes kept inside a word."""
    return tuple(_WORD.findall(text.lower().replace("’", "'")))


def content_words(text: str) -> frozenset[str]:
    """Words that carry content, cut to a rough stem so that "floating" meets "floats"."""
    return frozenset(_stem(word) for word in words_of(text) if word not in STOP_WORDS and len(word) > 1)


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    for suffix in ("ing", "ed", "es", "er", "s"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            return word.removesuffix(suffix)
    return word


def cue_hits(text: str) -> dict[str, tuple[str, ...]]:
    """The words of `text` that match each group of `CUE_PATTERNS`, in order; groups without a match are left out."""
    plain = " ".join(words_of(text))
    found = {name: tuple(match.group(0).strip() for match in pattern.finditer(plain)) for name, pattern in _COMPILED}
    return {name: tuple(hit for hit in hits if hit) for name, hits in found.items() if any(hits)}


@lru_cache(maxsize=65536)
def _cue_vector(text: str) -> tuple[float, ...]:
    plain = " ".join(words_of(text))
    return tuple(float(min(2, sum(1 for _ in pattern.finditer(plain)))) for _, pattern in _COMPILED)


@dataclass(frozen=True, slots=True)
class Line:
    """The part of an utterance the features need; what a corpus without times can give."""

    text: str
    p_youth: float  # probability that a youth speaks
    speaker: str | None


def lines_of(transcript: Transcript) -> tuple[Line, ...]:
    return tuple(Line(text=u.text, p_youth=u.p_youth, speaker=u.speaker) for u in transcript.utterances)


def features(lines: Sequence[Line]) -> NDArray[np.float32]:
    """Shape (n_lines, len(FEATURES)). The neighbours are those of `lines`, so pass whole dialogues."""
    content = [content_words(line.text) for line in lines]
    rows = [
        (
            *_scalars(lines, content, i),
            *_cue_vector(lines[i].text),
            *(_cue_vector(lines[i - 1].text) if i else _NOTHING),
        )
        for i in range(len(lines))
    ]
    return np.asarray(rows, dtype=np.float32).reshape(len(lines), len(FEATURES))


_NOTHING = (0.0,) * len(CUE_PATTERNS)


def same_voice(a: Line, b: Line) -> float:
    """Probability that two neighbouring lines are one voice: by speaker label where both have one, else by role."""
    if a.speaker is not None and b.speaker is not None:
        return float(a.speaker == b.speaker)
    return a.p_youth * b.p_youth + (1 - a.p_youth) * (1 - b.p_youth)


def _contained(part: frozenset[str], whole: frozenset[str]) -> float:
    return len(part & whole) / len(part) if part else 0.0


def _scalars(lines: Sequence[Line], content: Sequence[frozenset[str]], i: int) -> tuple[float, ...]:
    line, own = lines[i], content[i]
    before = lines[i - 1] if i else None
    after = lines[i + 1] if i + 1 < len(lines) else None
    words = words_of(line.text)
    recent = range(max(0, i - 8), i)
    # Youth talk before this line, each weighted by the chance that it is youth talk.
    youth = [(lines[j].p_youth * _contained(content[j], own), j) for j in recent]
    other = [(1 - same_voice(lines[j], line)) * _contained(own, content[j]) for j in recent]
    said = frozenset[str]().union(*(content[j] for j in recent)) if i else frozenset[str]()
    answer = _next_other(lines, i)
    text = line.text.rstrip()
    return (
        line.p_youth,
        before.p_youth if before else 0.5,
        after.p_youth if after else 0.5,
        same_voice(before, line) if before else 0.0,
        same_voice(after, line) if after else 0.0,
        math.log1p(len(words)),
        float(bool(words) and any(w in _WH for w in words[:3])),
        float("?" in text),
        float(text.endswith((".", "!"))),
        float(not text.endswith((".", "!", "?", ",", "…"))),
        max((value for value, j in youth if j >= i - 2), default=0.0),
        max((value for value, _ in youth), default=0.0),
        max(other, default=0.0),
        len(own - said) / len(own) if own else 0.0,
        _contained(own, content[i + 1]) if after else 0.0,
        math.log1p(sum(len(words_of(a.text)) for a in answer)),
        float(any(_cue_vector(a.text)[_REASON] > 0 for a in answer)),
        float(any(_cue_vector(a.text)[_PROPOSE] > 0 for a in answer)),
        same_voice(after, line) * float("?" in text) if after else 0.0,
        float(any(w.isdigit() for w in words)),
    )


_REASON = tuple(CUE_PATTERNS).index("reason")
_PROPOSE = tuple(CUE_PATTERNS).index("propose")


def _next_other(lines: Sequence[Line], i: int) -> Sequence[Line]:
    """The first run of another voice after line i, if it starts within three lines."""
    for j in range(i + 1, min(i + 4, len(lines))):
        if same_voice(lines[j], lines[i]) < 0.5:
            stop = j
            while stop < min(j + 3, len(lines)) and same_voice(lines[stop], lines[i]) < 0.5:
                stop += 1
            return lines[j:stop]
    return ()


MIN_WORD_P = 0.35  # below this mean recogniser probability a sentence is a guess, and a guess is not evidence


def legible(utterance: Utterance) -> bool:
    """Whether the text is sound enough to judge: some words, not hopelessly unsure, not one token over and over.

    Repetition is what recognisers write over noise ("you you you you"): under a quarter distinct words in eight or
    more is taken as that.
    """
    words = words_of(utterance.text)
    if not words:
        return False
    if utterance.words:
        mean_p = sum(word.p for word in utterance.words) / len(utterance.words)
        if mean_p < MIN_WORD_P:
            return False
    return not (len(words) >= 8 and len(set(words)) / len(words) < 0.25)


def role_share(line_p_youth: float, said_by: Sequence[Role]) -> float:
    """Probability that the speaker is one of those who can carry a code: the factor of total probability."""
    share = 0.0
    if Role.FACILITATOR in said_by:
        share += 1 - line_p_youth
    if Role.YOUTH in said_by:
        share += line_p_youth
    return share
