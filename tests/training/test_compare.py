"""A gain is of the same lines in the same resamplings."""

import numpy as np

from training.compare import compare_answers, compare_dialogues
from training.evaluate import FALSE_FLAGS, Judged, Session, Targets
from training.evaluate_corpora import Answers
from training.fit import EVIDENCE_CODES

N = 40  # sessions of ten lines, the first of each there
TRUTH = np.tile([True] + [False] * 9, N)
SESSIONS = [Session(np.arange(10 * i, 10 * i + 10), 5.0, "weak" if i % 2 else "strong") for i in range(N)]


def targets(shown: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Targets:
    one = Judged(TRUTH, np.where(shown, 0.9, 0.1), shown)
    return {"indicators": {"youth_voice": one}, "codes": dict.fromkeys(EVIDENCE_CODES, one)}


def test_a_small_gain_in_every_session_is_sure_though_the_intervals_overlap() -> None:
    """Every third session is missed by both; in the others `ours` flags one line fewer wrongly."""
    hit = TRUTH & (np.repeat(np.arange(N), 10) % 3 > 0)
    ours = {"as_written": targets(hit)}
    theirs = {"as_written": targets(hit | np.tile([False, True] + [False] * 8, N))}
    found = compare_dialogues(ours, theirs, SESSIONS, draws=200, seed=3)
    f1 = found["as_written: youth_voice f1"]
    # 26 of 40 found: ours 2·26/(26+40) = .788; theirs flags 40 lines more: 2·26/(66+40) = .491
    assert (f1["ours"]["value"], f1["theirs"]["value"]) == (0.7879, 0.4906)
    assert f1["difference"]["value"] == 0.2973
    width = {side: (row["high"] or 0) - (row["low"] or 0) for side, row in f1.items()}
    assert 0 < width["difference"] < width["ours"] / 2
    # a false flag in each of 20 weak sessions of 5 minutes is 2 in ten
    flags = found[f"as_written: youth_voice {FALSE_FLAGS}"]
    assert [flags[side]["value"] for side in ("ours", "theirs", "difference")] == [0, 2, -2]
    assert flags["difference"] == {"value": -2, "low": -2, "high": -2}
    assert found[f"as_written: all indicators {FALSE_FLAGS}"] == flags
    assert (
        found["as_written: macro AUPRC"]["difference"]["value"]
        == found["as_written: youth_voice auprc"]["difference"]["value"]
    )


def test_answers_are_drawn_by_transcript() -> None:
    truth = np.tile([0, 1], 30)
    owner = np.repeat(np.arange(20), 3)
    right = np.eye(2)[truth]
    half = right.copy()
    half[::4] = half[::4, ::-1]  # every other row of class 0 is answered with class 1
    ours, theirs = ({"teacher_move": Answers(truth, p, owner)} for p in (right, half))
    found = compare_answers(ours, theirs, draws=50, seed=1)
    row = found["teacher_move: macro F1"]
    # class 0: 15 of 30 found, F1 2·15/45 = .667; class 1: 30 found with 15 wrong flags, 2·30/75 = .8; mean .733
    assert (row["ours"]["value"], row["theirs"]["value"], row["difference"]["value"]) == (1.0, 0.7333, 0.2667)
    assert row["ours"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    low, high = row["difference"]["low"], row["difference"]["high"]
    assert low is not None
    assert high is not None
    assert 0 < low < 0.2667 < high
