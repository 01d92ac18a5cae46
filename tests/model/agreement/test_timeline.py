"""Evidence on the timeline: matching, tolerance, seconds, and gamma."""

import itertools
import logging
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from model.agreement import (
    GammaUnavailable,
    Mark,
    RatingsInvalid,
    Timeline,
    evidence_agreement,
    gamma_agreement,
    match_spans,
    match_within,
)
from model.agreement.timeline.seconds import kappa_of_seconds, merged, shared_seconds
from model.agreement.timeline.spans import temporal_iou

quick = settings(max_examples=60, deadline=None)


def marks(*spans: tuple[float, float], indicator: str = "youth_voice") -> tuple[Mark, ...]:
    return tuple(Mark(start=start, end=end, indicator=indicator) for start, end in spans)


some_marks = st.lists(
    st.tuples(st.floats(0, 90), st.floats(0, 15)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=6
).map(lambda spans: marks(*spans))


def test_temporal_iou_by_hand() -> None:
    # [0, 10) and [5, 15): 5 shared of 15; [20, 20) is a point: inside nothing, equal to itself
    found = temporal_iou(marks((0, 10), (20, 20)), marks((5, 15), (20, 20)))
    assert found == pytest.approx(np.array([[5 / 15, 0], [0, 1]]))


def test_matching_is_optimal_not_greedy() -> None:
    # greedy would take (1, 0) with IoU 9/10 first and leave reference 0 alone; the optimum pairs both
    reference, other = marks((0, 6), (0, 10)), marks((0, 9), (0, 20))
    iou = temporal_iou(reference, other)
    assert iou[1, 0] == iou.max()
    found = match_spans(reference, other, overlap=0.45)
    assert {(match.reference, match.other) for match in found} == {(0, 0), (1, 1)}


@quick
@given(some_marks, some_marks, st.floats(0.1, 1.0))
def test_as_many_matches_as_any_pairing_allows(
    first: tuple[Mark, ...], second: tuple[Mark, ...], overlap: float
) -> None:
    iou = temporal_iou(first, second)
    small, large = sorted((len(first), len(second)))
    table = iou if len(first) == small else iou.T
    best = max(
        (
            sum(table[i, j] >= overlap for i, j in enumerate(chosen))
            for chosen in itertools.permutations(range(large), small)
        ),
        default=0,
    )
    found = match_spans(first, second, overlap=overlap)
    assert len(found) == best
    assert all(match.overlap >= overlap for match in found)
    assert len({match.reference for match in found}) == len({match.other for match in found}) == len(found)


@quick
@given(some_marks, some_marks)
def test_more_tolerance_never_matches_less(first: tuple[Mark, ...], second: tuple[Mark, ...]) -> None:
    counts = [len(match_within(first, second, tolerance_s=tolerance)) for tolerance in range(11)]
    assert counts == sorted(counts)
    swapped = [len(match_within(second, first, tolerance_s=tolerance)) for tolerance in range(11)]
    assert counts == swapped


def test_both_edges() -> None:
    assert len(match_within(marks((0, 10)), marks((1, 30)), tolerance_s=2)) == 1
    assert match_within(marks((0, 10)), marks((1, 30)), tolerance_s=2, edges="both") == ()


def test_seconds_by_hand() -> None:
    # a: [0, 10) ∪ [8, 20) = 20 s; b: [15, 30) = 15 s; shared 5; neither 100 - 20 - 15 + 5 = 70
    a, b = marks((0, 10), (8, 20)), marks((15, 30))
    assert shared_seconds(a, b, duration_s=100, bin_s=None) == pytest.approx([5, 15, 10, 70])
    # p_o = .75, p_e = .2 · .15 + .8 · .85 = .71, kappa = .04/.29
    assert kappa_of_seconds(np.array([5.0, 15, 10, 70])) == pytest.approx(0.04 / 0.29)


@quick
@given(some_marks, some_marks)
def test_bins_of_a_second_against_scikit_learn(first: tuple[Mark, ...], second: tuple[Mark, ...]) -> None:
    grid = np.zeros((2, 100), dtype=int)
    for row, own in enumerate((first, second)):
        for second_of in range(100):
            spans = merged(own, 100)
            covered = sum(max(0.0, min(end, second_of + 1) - max(start, second_of)) for start, end in spans)
            grid[row, second_of] = covered >= 0.5
    found = kappa_of_seconds(shared_seconds(first, second, duration_s=100, bin_s=1.0))
    if len(np.unique(grid)) == 1:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(cohen_kappa_score(*grid, labels=[0, 1]), abs=1e-9)


def test_the_limit_of_small_bins() -> None:
    rng = np.random.default_rng(0)
    first = marks(*[(start, start + 7.3) for start in rng.uniform(0, 590, 12)])
    second = marks(*[(start, start + 6.1) for start in rng.uniform(0, 590, 12)])
    exact = kappa_of_seconds(shared_seconds(first, second, duration_s=600, bin_s=None))
    gaps = [
        abs(float(kappa_of_seconds(shared_seconds(first, second, duration_s=600, bin_s=bin_s)) - exact))
        for bin_s in (5.0, 0.5, 0.01)
    ]
    assert gaps[2] < 0.002
    assert gaps[2] < gaps[0]


def timelines(n: int = 8, *, shift: float = 1.0, each: int = 5) -> list[Timeline]:
    rng = np.random.default_rng(1)
    found = []
    for number in range(n):
        own: dict[str, list[Mark]] = {"ann": [], "bea": []}
        for indicator in ("stem_relevance", "youth_voice"):
            for start in np.sort(rng.uniform(20, 1100, each)):
                own["ann"].append(Mark(start=start, end=start + 10, indicator=indicator))
                if rng.random() < 0.8:
                    moved = start + shift
                    own["bea"].append(Mark(start=moved, end=moved + 10, indicator=indicator))
        found.append(Timeline(submission=f"s{number}", duration_s=1200.0, marks=own))
    return found


def test_evidence_agreement_by_hand() -> None:
    one = Timeline(
        submission="s",
        duration_s=100.0,
        marks={
            "ann": (*marks((0, 10), (50, 60)), *marks((20, 30), indicator="career")),
            "bea": (*marks((2, 12)), *marks((80, 90), indicator="career")),
        },
    )
    whole, career, voice = evidence_agreement([one], reference="ann", other="bea")
    # youth voice: ann 2 marks, bea 1, matched 1 (IoU 8/12): precision 1, recall 1/2, F1 = 2/3
    assert (voice.precision.value, voice.recall.value, voice.f1.value) == pytest.approx((1.0, 0.5, 2 / 3))
    assert voice.mean_overlap == pytest.approx(8 / 12)
    assert (career.n_matched, career.f1.value) == (0, 0.0)
    # both together: 1 matched of 3 and 2
    assert (whole.precision.value, whole.recall.value, whole.f1.value) == pytest.approx((1 / 2, 1 / 3, 2 / 5))
    # starts 2 s apart: nothing at a tolerance of 0 and 1 s, one match from 2 s on
    assert [point.n_matched for point in voice.curve] == [0, 0, *[1] * 9]
    assert voice.curve[2].f1.value == pytest.approx(2 / 3)
    # seconds, voice: both 8, ann only 12, bea only 2, neither 78
    assert voice.percent_agreement == pytest.approx(0.86)
    chance = 0.2 * 0.1 + 0.8 * 0.9
    assert voice.kappa_continuous.value == pytest.approx((0.86 - chance) / (1 - chance))
    assert voice.f1.low is None
    assert voice.f1.interval_reason is not None
    assert "Fewer than 5" in voice.f1.interval_reason


def test_intervals_resample_submissions() -> None:
    whole = evidence_agreement(timelines(), reference="ann", other="bea", resamples=500, seed=4)[0]
    again = evidence_agreement(timelines(), reference="ann", other="bea", resamples=500, seed=4)[0]
    assert whole == again
    assert whole.recall.low is not None
    assert whole.recall.high is not None
    assert whole.recall.value is not None
    assert whole.recall.low < whole.recall.value < whole.recall.high
    counts = np.array(
        [(len(match_within(t.marks["ann"], t.marks["bea"], tolerance_s=5)), len(t.marks["ann"])) for t in timelines()]
    )
    drawn = np.random.default_rng(4).integers(0, 8, size=(500, 8))
    ratios = counts[drawn, 0].sum(axis=1) / counts[drawn, 1].sum(axis=1)
    assert (whole.recall.low, whole.recall.high) == pytest.approx(tuple(np.quantile(ratios, [0.025, 0.975])))


def test_pooling_every_pair_gives_f1_only() -> None:
    found = evidence_agreement(timelines())[0]
    directed = evidence_agreement(timelines(), reference="ann", other="bea")[0]
    assert found.f1.value == pytest.approx(directed.f1.value)
    assert found.precision.value is None
    assert found.precision.reason is not None
    assert "reference" in found.precision.reason


def test_nothing_marked_is_not_perfect_agreement() -> None:
    empty = Timeline(submission="s", duration_s=60.0, marks={"ann": (), "bea": ()})
    found = evidence_agreement([empty], reference="ann", other="bea", indicators=["youth_voice"])[1]
    assert found.f1.value is None
    assert found.kappa_continuous.value is None
    assert found.percent_agreement == 1.0
    assert found.f1.reason is not None
    assert found.kappa_bins.reason is not None
    # one who watched and marked nothing: recall 0, precision without a denominator
    half = Timeline(submission="s", duration_s=60.0, marks={"ann": marks((0, 5)), "bea": ()})
    found = evidence_agreement([half], reference="ann", other="bea")[0]
    assert found.recall.value == 0.0
    assert found.f1.value == 0.0
    assert found.precision.value is None
    # and a submission bea never watched is not counted at all
    unseen = Timeline(submission="s", duration_s=60.0, marks={"ann": marks((0, 5))})
    assert evidence_agreement([unseen], reference="ann", other="bea")[0].reason is not None


@pytest.mark.parametrize("span", [(5, 4), (float("nan"), 4), (70, 80), (-9, -3)])
def test_impossible_marks_are_named(span: tuple[float, float]) -> None:
    wrong = Timeline(submission="s7", duration_s=60.0, marks={"ann": marks((1, 2), span), "bea": ()})
    with pytest.raises(RatingsInvalid, match="s7, rater ann: mark 1"):
        evidence_agreement([wrong])


def test_refused() -> None:
    with pytest.raises(RatingsInvalid, match="Two different raters"):
        evidence_agreement(timelines(), reference="ann")
    with pytest.raises(RatingsInvalid, match="out of range"):
        evidence_agreement(timelines(), tolerances_s=[-1.0])
    with pytest.raises(RatingsInvalid, match="duration"):
        evidence_agreement([Timeline(submission="s", duration_s=0.0, marks={})])


def test_gamma_without_its_package_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygamma_agreement", None)
    with pytest.raises(GammaUnavailable, match="lookfors"):
        gamma_agreement(timelines())


@pytest.mark.slow
def test_gamma() -> None:
    pytest.importorskip("pygamma_agreement")
    state, handlers = np.random.get_state()[1].copy(), list(logging.getLogger().handlers)  # type: ignore[index] # noqa: NPY002
    near = gamma_agreement(timelines(5, shift=1.0, each=3), indicator="youth_voice", seed=3)
    far = gamma_agreement(timelines(5, shift=9.0, each=3), indicator="youth_voice", seed=3)
    assert near.value is not None
    assert far.value is not None
    assert far.value < near.value <= 1.0
    assert near == gamma_agreement(timelines(5, shift=1.0, each=3), indicator="youth_voice", seed=3)
    assert near.low is not None
    assert near.low < near.value
    assert len(near.per_submission) == 5
    # numpy's global generator and the program's log are left as they were
    assert (np.random.get_state()[1] == state).all()  # type: ignore[index] # noqa: NPY002
    assert logging.getLogger().handlers == handlers
    # a rater who marked nothing: no gamma there, and it is said
    empty = Timeline(submission="none", duration_s=60.0, marks={"ann": marks((0, 5)), "bea": ()})
    found = gamma_agreement([*timelines(2, each=2), empty], indicator="youth_voice")
    assert (found.n_submissions, found.n_left_out, found.n_one_sided) == (2, 1, 1)
    assert found.notes
    assert gamma_agreement([empty]).value is None
