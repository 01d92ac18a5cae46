"""A gain is of the same lines in the same resamplings."""

import numpy as np
import pytest

from training.compare import compare_answers, compare_dialogues
from training.evaluate import FALSE_FLAGS, Judged, Session, Targets
from training.evaluate_corpora import Answers
from training.fit import EVIDENCE_CODES
from training.scores import Bools

N = 40  # sessions of ten lines, the first of each there
SESSION = np.repeat(np.arange(N), 10)
FIRST, SECOND = np.arange(10 * N) % 10 == 0, np.arange(10 * N) % 10 == 1
SESSIONS = [Session(np.flatnonzero(i == SESSION), 5.0, "weak" if i % 2 else "strong") for i in range(N)]


def targets(shown: Bools) -> Targets:
    one = Judged(FIRST, np.where(shown, 0.9, 0.1), shown)
    return {"indicators": {"youth_voice": one}, "codes": dict.fromkeys(EVIDENCE_CODES, one)}


def test_a_gain_is_sure_though_the_two_intervals_overlap() -> None:
    """Both miss what is there in every other session of the first twenty; `theirs` flags a line wrongly in six."""
    hit = FIRST & ~((SESSION < 20) & (SESSION % 2 == 0))
    wrong = SECOND & np.isin(SESSION, (20, 23, 26, 29, 32, 35))
    found = compare_dialogues(
        {"as_written": targets(hit)}, {"as_written": targets(hit | wrong)}, SESSIONS, draws=400, seed=3
    )
    row = found["as_written: youth_voice f1"]
    # 30 of 40 found: 2·30/(30 + 40) = .857, and with six flags more 2·30/(36 + 40) = .789
    values = {side: one["value"] for side, one in row.items()}
    assert values == {"ours": 0.8571, "theirs": 0.7895, "difference": 0.0677}
    ours, theirs, gain = (row[side] for side in ("ours", "theirs", "difference"))
    assert ours["low"] is not None
    assert theirs["high"] is not None
    assert gain["low"] is not None
    assert theirs["high"] > ours["low"]
    assert gain["low"] > 0
    # three of the six are in weak sessions, 20 of five minutes: 3 in 100 minutes
    flags = found[f"as_written: youth_voice {FALSE_FLAGS}"]
    assert [flags[side]["value"] for side in ("ours", "theirs", "difference")] == pytest.approx([0, 0.3, -0.3])
    assert found[f"as_written: all indicators {FALSE_FLAGS}"] == flags


def test_answers_are_drawn_by_transcript() -> None:
    """All wrong rows are in one transcript of twenty: it is left out of a third of draws, which then show no gain."""
    truth = np.tile([0, 1], 100)
    owner = np.repeat(np.arange(20), 10)
    right = np.eye(2)[truth]
    wrong = np.where((owner == 7)[:, None], right[:, ::-1], right)
    ours, theirs = ({"teacher_move": Answers(truth, p, owner)} for p in (right, wrong))
    row = compare_answers(ours, theirs, draws=200, seed=1)["teacher_move: macro F1"]
    # 190 of 200 rows right, five of each class wrong: F1 of both is 2·95/200
    assert {side: one["value"] for side, one in row.items()} == {"ours": 1.0, "theirs": 0.95, "difference": 0.05}
    assert row["difference"]["low"] == 0
    assert row["difference"]["high"] == pytest.approx(0.15, abs=0.03)  # drawn up to three times in 97.5 % of draws
