"""What the other utterances of a session say of one."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.session import PRIOR, Outlook
from model.indicators import CODE_IDS

OPEN, PRESS, CLOSED = (CODE_IDS.index(code) for code in ("open", "press", "closed"))


def outlook(**weights: float) -> Outlook:
    n = len(CODE_IDS)
    parts = {name: np.full(n, value) for name, value in weights.items()}
    return Outlook(
        codes=tuple(CODE_IDS),
        slope=np.ones(n),
        intercept=np.zeros(n),
        usual=np.full(n, 0.05),
        usual_of_indicator=np.full(n, 0.1),
        weight=parts.get("weight", np.zeros(n)),
        weight_of_indicator=parts.get("weight_of_indicator", np.zeros(n)),
    )


def sure(n: int, code: int, *lines: int) -> NDArray[np.float64]:
    """Logits that find `code` on `lines` of `n` and nothing else."""
    logits = np.full((n, len(CODE_IDS)), -50.0)
    logits[list(lines), code] = 50.0
    return logits


def test_a_line_is_judged_by_the_others() -> None:
    # 11 lines, `open` on lines 0 and 1. For line 0 one other of ten: (1 + 20·.05) / ((10 + 20)·.05) = 2/1.5; for
    # line 5 both: (2 + 1)/1.5 = 2
    own, indicator = outlook().excess(sure(11, OPEN, 0, 1), np.ones((11, len(CODE_IDS))))
    assert PRIOR == 20
    assert own[0, OPEN] == pytest.approx(math.log(2 / 1.5))
    assert own[5, OPEN] == pytest.approx(math.log(2))
    # any purposeful question, usual rate .1: (2 + 2)/(30·.1); it moves `press` too, `closed` counts for nothing
    assert indicator[5, OPEN] == indicator[5, PRESS] == pytest.approx(math.log(4 / 3))
    assert indicator[5, CLOSED] == 0


def test_one_line_alone_says_nothing_of_itself() -> None:
    logits = sure(1, OPEN, 0)
    moved = outlook(weight=1.0, weight_of_indicator=1.0).moved(logits, np.ones(logits.shape))
    assert moved == pytest.approx(logits)


def test_a_code_no_speaker_can_carry_does_not_count() -> None:
    own, _ = outlook().excess(sure(11, OPEN, 0, 1), np.zeros((11, len(CODE_IDS))))
    assert own[5, OPEN] == pytest.approx(math.log(1 / 1.5))


def test_it_comes_back_from_its_document() -> None:
    before = outlook(weight=0.3, weight_of_indicator=-0.2)
    again = Outlook.from_document(before.document())
    logits = np.random.default_rng(3).normal(size=(40, len(CODE_IDS)))
    assert again.moved(logits, np.ones(logits.shape)) == pytest.approx(before.moved(logits, np.ones(logits.shape)))
