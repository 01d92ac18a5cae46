"""Two independent codings of the same dialogues: kappa for each code and indicator."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.errors import InputRefused
from model.indicators import CODE_BY_ID, CODE_IDS, Indicator, codes_of
from training.corpora.dialogues import CodedLine, Dialogue
from training.scores import f1, kappa


@dataclass(frozen=True, slots=True)
class Agreement:
    """`n_first`, `n_second`: lines each coder gave it, and `f1` of one coder's judged by the other's.

    `kappa` is NaN where one coder's answers are all alike, `f1` where neither gave it.
    """

    n_first: int
    n_second: int
    kappa: float
    f1: float


def agreement(first: Sequence[Dialogue], second: Sequence[Dialogue]) -> dict[str, Agreement]:
    """For every code, and every indicator (any of its codes), over the lines of speakers who can carry it.

    `second` holds some of the dialogues of `first` with the same lines. Raises InputRefused `corpus.unlike` where a
    dialogue is unknown or its lines differ.
    """
    known = {dialogue.id: dialogue for dialogue in first}
    pairs: list[tuple[CodedLine, CodedLine]] = []
    for again in second:
        before = known.get(again.id)
        if before is None or [line.text for line in before.lines] != [line.text for line in again.lines]:
            raise InputRefused(
                "corpus.unlike",
                f"The second coding of {again.id} is not of the same lines.",
                "Code the dialogue as it stands, changing only the middle column.",
            )
        pairs += zip(before.lines, again.lines, strict=True)
    targets = {code: frozenset({code}) for code in CODE_IDS}
    targets |= {str(indicator): frozenset(code.id for code in codes_of(indicator)) for indicator in Indicator}
    found = {}
    for name, codes in targets.items():
        able = [(a, b) for a, b in pairs if any(a.role in CODE_BY_ID[code].said_by for code in codes)]
        one = np.array([bool(a.codes & codes) for a, _ in able], dtype=bool)
        two = np.array([bool(b.codes & codes) for _, b in able], dtype=bool)
        found[name] = Agreement(int(one.sum()), int(two.sum()), kappa(one, two), f1(one, two))
    return found
