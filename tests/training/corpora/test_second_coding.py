"""Agreement of two codings, counted by hand."""

from dataclasses import replace

import pytest

from model.errors import InputRefused
from training.corpora.dialogues import OWN, Dialogue, read_dialogues
from training.corpora.second_coding import agreement


def _coded(*codes: str) -> Dialogue:
    base = next(d for d in read_dialogues(OWN / "seeds") if d.lines[0].speaker == "F")
    lines = tuple(
        replace(base.lines[0], text=f"Line {i}?", codes=frozenset({code}) if code else frozenset())
        for i, code in enumerate(codes)
    )
    return replace(base, id="one", lines=lines)


def test_kappa_of_each_code_and_indicator() -> None:
    first = _coded("open", "open", "press", "", "", "", "", "")
    second = _coded("open", "press", "press", "open", "", "", "", "")
    found = agreement([first], [second])
    # open: both 1, only first 1, only second 1, neither 5 of 8: (6/8 − (2·2 + 6·6)/64) / (1 − 40/64) = 1/3
    assert found["open"].kappa == pytest.approx((6 / 8 - 40 / 64) / (1 - 40 / 64))
    # as an indicator the kind does not matter: both 3, second alone 1, neither 4: (7/8 − (3·4 + 5·4)/64) / (1 − 32/64)
    assert found["purposeful_questions"].kappa == pytest.approx((7 / 8 - 32 / 64) / (1 - 32 / 64))
    assert (found["open"].n_first, found["open"].n_second) == (2, 2)
    assert found["open"].f1 == pytest.approx(2 * 1 / (2 + 2))
    assert found["purposeful_questions"].f1 == pytest.approx(2 * 3 / (3 + 4))


def test_a_second_coding_of_other_lines_is_refused() -> None:
    first = _coded("open", "")
    other = replace(first, lines=(first.lines[0], replace(first.lines[1], text="Changed.")))
    with pytest.raises(InputRefused, match="not of the same lines"):
        agreement([first], [other])
