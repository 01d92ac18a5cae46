"""Lessons from the outside corpora, where a program has them: talk moves, focusing questions, uptake.

They teach the encoder beside the codes and keep heads of their own. A share of teachers and transcripts is never
trained on, so that what is said about them is said of strangers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from inference.conversation import FOLLOW_UPS, STUDENT_MOVES, TEACHER_MOVES, UPTAKE_LEVELS
from inference.features import Line
from training.corpora.exchanges import Exchange, read_focusing, read_uptake
from training.corpora.slips import strip_punctuation
from training.corpora.talkmoves import LICENCE as TALKMOVES_LICENCE
from training.corpora.talkmoves import Lesson as Transcript
from training.corpora.talkmoves import held_out_groups, read_talkmoves
from training.fit_conversation import Lesson, class_lesson

HELD_OUT = 0.12  # of the lines or exchanges
BARE = 0.3  # share of lessons whose punctuation is taken away


@dataclass(frozen=True, slots=True, kw_only=True)
class Auxiliary:
    """What of the outside corpora may be trained on. `licence` is the strictest of what was found."""

    transcripts: tuple[Transcript, ...]
    focusing: tuple[Exchange, ...]
    uptake: tuple[Exchange, ...]
    seen: dict[str, list[str]]  # groups by corpus: evaluation leaves them out
    licence: str | None

    @property
    def tasks(self) -> list[str]:
        found = ["teacher_move", "student_move"] if self.transcripts else []
        return found + ["follow_up"] * bool(self.focusing) + ["uptake_level"] * bool(self.uptake)

    def described(self) -> dict[str, Any]:
        return {
            "talkmoves_lines": sum(len(t.lines) for t in self.transcripts),
            "focusing_exchanges": len(self.focusing),
            "uptake_exchanges": len(self.uptake),
        }


def read_auxiliary(folder: Path, *, seed: int) -> Auxiliary:
    """Whatever of `talkmoves/`, `focusing_ncte/` and `uptake_ncte/` is in `folder`, less the held-out groups."""
    transcripts = read_talkmoves(folder / "talkmoves") if (folder / "talkmoves").is_dir() else ()
    held = held_out_groups(transcripts, share=HELD_OUT, seed=seed)
    kept = tuple(t for t in transcripts if t.group not in held)
    focusing = (
        _less_held_out(read_focusing(folder / "focusing_ncte"), seed) if (folder / "focusing_ncte").is_dir() else ()
    )
    uptake = _less_held_out(read_uptake(folder / "uptake_ncte"), seed) if (folder / "uptake_ncte").is_dir() else ()
    return Auxiliary(
        transcripts=kept,
        focusing=focusing,
        uptake=uptake,
        seen={
            "talkmoves": sorted({t.group for t in kept}),
            "focusing": sorted({e.group for e in focusing}),
            "uptake": sorted({e.group for e in uptake}),
        },
        licence=TALKMOVES_LICENCE if kept else None,
    )


def _less_held_out(exchanges: tuple[Exchange, ...], seed: int) -> tuple[Exchange, ...]:
    """One draw over all transcripts of the collection, so that both exchange corpora hold out the same ones."""
    groups = sorted({exchange.group for exchange in exchanges}, key=lambda g: (len(g), g))
    held = {g for g in groups if np.random.default_rng((seed, *g.encode())).random() < HELD_OUT}
    return tuple(e for e in exchanges if e.group not in held and e.label is not None)


def auxiliary_lessons(
    auxiliary: Auxiliary, tokenizer: Tokenizer, rng: np.random.Generator, *, lines: int
) -> Iterator[Lesson]:
    """About `lines` lines of transcripts drawn at random, stretches of 120 at a time, and as many exchanges as fit.

    A stretch gives a lesson for each of its two tasks; exchanges fill a tenth of the lines.
    """
    left = lines
    while auxiliary.transcripts and left > 0:
        transcript = auxiliary.transcripts[int(rng.integers(len(auxiliary.transcripts)))]
        first = int(rng.integers(0, max(1, len(transcript.lines) - 60)))
        part = slice(first, first + 120)
        spoken = _spoken(transcript.lines[part], rng)
        left -= len(spoken)
        yield class_lesson(tokenizer, "teacher_move", spoken, transcript.teacher[part], len(TEACHER_MOVES))
        if any(label is not None for label in transcript.student[part]):
            yield class_lesson(tokenizer, "student_move", spoken, transcript.student[part], len(STUDENT_MOVES))
    for task, pool, classes in (
        ("follow_up", auxiliary.focusing, len(FOLLOW_UPS)),
        ("uptake_level", auxiliary.uptake, len(UPTAKE_LEVELS)),
    ):
        many = min(len(pool), max(32, lines // 20))
        for i in rng.permutation(len(pool))[:many]:
            exchange = pool[int(i)]
            yield class_lesson(tokenizer, task, _spoken(exchange.lines, rng), (None, exchange.label), classes)


def _spoken(lines: tuple[Line, ...], rng: np.random.Generator) -> tuple[Line, ...]:
    if rng.random() >= BARE:
        return lines
    return tuple(Line(strip_punctuation(line.text) or line.text, line.p_youth, line.speaker) for line in lines)
