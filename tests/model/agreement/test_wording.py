"""Sentences a researcher can paste and a newcomer can read."""

import dataclasses
import re

import pytest

from model.agreement import (
    AuditWindow,
    brennan_prediger,
    cohen_kappa,
    d_study,
    drift,
    evidence_agreement,
    g_study,
    gwet_ac,
    icc,
    krippendorff_alpha,
    missed_moments,
    percent_agreement,
    rasch,
)
from model.agreement.timeline.gamma import Gamma
from model.agreement.wording import decimal, percent, reading
from tests.model.agreement.published import GWET_12X4, SHROUT_FLEISS
from tests.model.agreement.test_timeline import timelines

FIVE = range(1, 6)


@pytest.mark.parametrize(
    ("value", "bounded", "text"),
    [(0.816, True, ".82"), (-0.05, True, "−.05"), (1.0, True, "1.00"), (0.0, True, ".00"), (-0.001, True, ".00"),
     (1.234, False, "1.23"), (0.5, False, "0.50"), (-2.5, True, "−2.50")],
)  # fmt: skip
def test_numbers(value: float, bounded: bool, text: str) -> None:
    assert decimal(value, bounded=bounded) == text


def test_shares_never_round_to_all_or_nothing() -> None:
    assert [percent(one) for one in (0.0, 0.001, 0.5, 0.999, 1.0)] == ["0%", "under 1%", "50%", "over 99%", "100%"]


def test_alpha() -> None:
    found = reading(krippendorff_alpha(GWET_12X4, categories=FIVE, interval="jackknife"))
    assert found.apa == (
        "Krippendorff's alpha (ordinal), α = .82, 95% CI [.49, 1.00], about these raters (12 units, 11 with two "
        "ratings or more, 4 raters, 7 ratings missing; exact agreement 82%)."
    )
    assert found.plain.startswith("The raters disagree 18% as much as chance alone would make them.")
    assert "do not settle it" in found.plain


def test_undefined_gives_the_reason_and_the_percent() -> None:
    found = reading(gwet_ac([[3, 3], [3, 3]], categories=FIVE))
    assert found.apa == "Gwet's AC1 (unweighted) is undefined (2 units, 2 raters; exact agreement 100%)."
    assert "one value in use" in found.plain


def test_the_paradox_is_named_where_it_bites() -> None:
    ratings = [[1, 1]] * 18 + [[1, 2], [2, 1]]
    assert "one level dominates" in reading(cohen_kappa(ratings, categories=[1, 2])).plain
    assert "one level dominates" not in reading(gwet_ac(ratings, categories=[1, 2])).plain
    assert "one level dominates" not in reading(cohen_kappa(GWET_12X4, categories=FIVE)).plain


def test_percent_says_chance_is_inside() -> None:
    found = reading(percent_agreement(GWET_12X4, categories=FIVE, within=1, interval="analytic"))
    assert "at most 1 apart 95% of the time" in found.plain
    assert "Chance is not taken out" in found.plain
    assert "[74%, 100%]" in found.apa


def test_every_result_has_words() -> None:
    timeline = evidence_agreement(timelines(), reference="ann", other="bea", resamples=200)
    window = AuditWindow(submission="s", start=0, end=60, p=0.5, indicator="career", missed=1)
    times = list(range(6))
    gamma = Gamma(
        indicator=None, value=0.7, reason=None, low=0.6, high=0.8, interval_reason=None, n_submissions=6, n_left_out=0,
        n_one_sided=0, n_marks=40, per_submission=(), seed=1, precision=None, method="",
    )  # fmt: skip
    for result in (
        brennan_prediger(GWET_12X4, categories=FIVE, interval="recommended"),
        icc(SHROUT_FLEISS),
        icc(SHROUT_FLEISS, form="ICC(3,k)"),
        g_study(SHROUT_FLEISS),
        d_study(SHROUT_FLEISS),
        rasch(GWET_12X4, categories=FIVE),
        drift(SHROUT_FLEISS, times=times),
        *timeline,
        gamma,
        *missed_moments([window], flagged={"career": 3, "idea": 2}),
    ):
        found = reading(result)
        for sentence in (found.apa, found.plain):
            assert sentence.endswith((".", "!")), sentence
            assert not re.search(r"\b(None|nan|inf)\b", sentence), sentence


def test_every_undefined_result_has_words() -> None:
    nothing = [[1, None], [None, 2]]
    gamma = Gamma(
        indicator="career", value=None, reason="Nobody.", low=None, high=None, interval_reason=None, n_submissions=0,
        n_left_out=1, n_one_sided=1, n_marks=0, per_submission=(), seed=1, precision=None, method="",
    )  # fmt: skip
    for result in (
        icc(nothing), g_study(nothing), d_study(nothing), rasch(nothing, categories=FIVE), drift(nothing, times=[0, 1]),
        percent_agreement(nothing, categories=FIVE), gamma, *evidence_agreement([]),
    ):  # fmt: skip
        found = reading(result)
        assert found.plain
        assert "None" not in found.apa + found.plain


def test_raters_needed_in_words() -> None:
    assert reading(d_study(SHROUT_FLEISS)).plain == "10 raters per unit would bring dependability (Φ) to .80 or more."


def test_missed_in_words() -> None:
    quiet = [AuditWindow(submission=f"s{k}", start=0, end=60, p=0.1, indicator="idea", missed=0) for k in range(30)]
    found = reading(missed_moments(quiet, flagged={"idea": 40}, unflagged_s=14_400.0)[0])
    assert found.plain == "Of every 100 such moments, 0 were not pointed at; it could be anything from 0 to 47."


def test_what_has_no_words_says_so() -> None:
    with pytest.raises(TypeError, match="int"):
        reading(3)


def test_results_are_values() -> None:
    # frozen, so that a figure on a page cannot change after it was computed
    for result in (gwet_ac(GWET_12X4, categories=FIVE), icc(SHROUT_FLEISS), g_study(SHROUT_FLEISS)):
        with pytest.raises(dataclasses.FrozenInstanceError):
            result.reason = "changed"  # type: ignore[misc]
