"""What chance decides, and with which probability."""

import pytest

from model.drawing import AUDIT_WINDOW_S, draw_audit_windows, draw_protocol
from model.review import Protocol


def drawn(reviewer: str, share: float = 0.2, seed: str = "s") -> tuple[Protocol, float]:
    draw = draw_protocol(Protocol.ASSISTED, unassisted_share=share, seed=seed, submission="v", reviewer=reviewer)
    return draw.protocol, draw.p


def test_the_same_names_and_seed_draw_the_same() -> None:
    assert drawn("r1") == drawn("r1")
    assert {drawn(f"r{i}", seed="a") == drawn(f"r{i}", seed="b") for i in range(40)} == {True, False}


def test_the_share_without_suggestions_is_the_one_asked_for() -> None:
    # 4,000 draws at .2: the standard error of the share is sqrt(.2 × .8 / 4000) = .0063; four of them are .025.
    unassisted = sum(drawn(f"r{i}")[0] is Protocol.UNASSISTED for i in range(4000)) / 4000
    assert unassisted == pytest.approx(0.2, abs=0.025)


def test_a_draw_carries_its_probability() -> None:
    assert {drawn(f"r{i}") for i in range(100)} == {(Protocol.UNASSISTED, 0.2), (Protocol.ASSISTED, 0.8)}
    alone = draw_protocol(Protocol.UNASSISTED, unassisted_share=0.2, seed="s", submission="v", reviewer="r")
    assert (alone.protocol, alone.p) == (Protocol.UNASSISTED, 1.0)


def test_audit_windows_avoid_what_is_flagged_and_carry_their_probability() -> None:
    # 0–130 s holds six whole windows; the spans touch those at 0, 20 and 100 s, so three are free: p = 2/3.
    windows = draw_audit_windows([(5.0, 21.0), (119.0, 125.0)], duration_s=130.0, n=2, seed="x")
    assert len(windows) == 2
    assert {w.start for w in windows} < {40.0, 60.0, 80.0}
    assert all(w.p == pytest.approx(2 / 3) and w.end - w.start == AUDIT_WINDOW_S for w in windows)


def test_every_free_window_is_as_likely_as_its_probability_says() -> None:
    # 10 free windows, 3 drawn, 2,000 seeds: each falls in .3 of them, standard error sqrt(.21 / 2000) = .0102.
    counts = dict.fromkeys((i * 20.0 for i in range(10)), 0)
    for seed in range(2000):
        for window in draw_audit_windows([], duration_s=200.0, n=3, seed=str(seed)):
            counts[window.start] += 1
    assert all(n / 2000 == pytest.approx(0.3, abs=0.045) for n in counts.values())


def test_fewer_free_windows_than_asked_for_are_all_taken_and_none_is_an_answer() -> None:
    assert [w.p for w in draw_audit_windows([], duration_s=45.0, n=5, seed="x")] == [1.0, 1.0]
    assert draw_audit_windows([(0.0, 60.0)], duration_s=60.0, n=3, seed="x") == ()
    assert draw_audit_windows([], duration_s=12.0, n=3, seed="x") == ()
