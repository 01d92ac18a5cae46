"""The score model: better than raw and than shares, honest about too few, replaced only by something no worse."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone

from model.errors import InputRefused
from model.scoring import Calibrated, NotEnoughData, StackedPlatt, calibrate, from_document, refit, to_document
from model.scoring.calibration import ENOUGH
from model.scoring.estimator import fit_table, fold_of
from model.scoring.metrics import rps_of

from .simulated import MACHINES, scored, split


def done(found: Calibrated | NotEnoughData) -> Calibrated:
    assert isinstance(found, Calibrated)
    return found


def test_under_twenty_submissions_there_is_no_model_but_a_sentence() -> None:
    found = calibrate(scored(19))

    assert isinstance(found, NotEnoughData)
    assert found.text.startswith("Not enough data: 19 submissions")
    assert "1 more" in found.text
    assert isinstance(calibrate(scored(ENOUGH)), Calibrated)


def test_folds_keep_submissions_together_and_even() -> None:
    fold = fold_of(np.repeat(np.arange(23), 4), seed=1)

    assert all(len(set(fold[4 * i : 4 * i + 4])) == 1 for i in range(23))
    assert sorted(np.bincount(fold[::4])) == [4, 4, 5, 5, 5]


@pytest.mark.parametrize("machine", MACHINES)
def test_stack_is_near_the_best_of_raw_and_shares_and_far_from_the_worse(machine: str) -> None:
    """Mean over 4 runs of 100 submissions, judged on 1,000 new ones; .01 is the bar of the acceptance."""
    gaps = []
    for seed in range(4):
        seen, new = split(scored(1100, machine=machine, seed=seed), 100)
        found = done(calibrate(seen))
        names = [new.criteria[c] for c in new.criterion]
        ours = rps_of(found.model.predict_proba(new.raw, names), new.level).mean()
        shares = np.array(found.model.parameters.shares.by_criterion)[new.criterion]
        gaps.append(ours - min(rps_of(new.raw, new.level).mean(), rps_of(shares, new.level).mean()))

    assert np.mean(gaps) <= 0.01


def test_held_out_error_is_the_error_on_new_submissions() -> None:
    seen, new = split(scored(2300, machine="overconfident", seed=3), 300)
    found = done(calibrate(seen))
    names = [new.criteria[c] for c in new.criterion]
    fresh = rps_of(found.model.predict_proba(new.raw, names), new.level).mean()

    rps = found.reliability.rps
    assert rps.value is not None
    assert rps.se is not None
    assert abs(rps.value - fresh) < 3 * rps.se
    assert found.reliability.rps_raw.value is not None
    assert rps.value < found.reliability.rps_raw.value
    assert (found.reliability.gain.low or 0) > 0


def test_each_submission_and_criterion_counts_once_however_often_it_was_read() -> None:
    """Every row twice with half the weight is the same fit."""
    table = scored(40)
    twice = table.rows(np.repeat(np.arange(len(table.level)), 2))
    doubled = replace(twice, weight=twice.weight / 2)

    one, other = (fit_table(StackedPlatt(), t).parameters_ for t in (table, doubled))

    assert one.platt.slope == pytest.approx(other.platt.slope, abs=1e-3)
    assert one.shares.by_criterion[0] == pytest.approx(other.shares.by_criterion[0])
    assert one.stack == pytest.approx(other.stack, abs=1e-2)


def test_criteria_get_their_own_map_once_they_have_enough() -> None:
    table = scored(60)
    pooled = fit_table(StackedPlatt(), table).parameters_
    own = fit_table(StackedPlatt(per_criterion_from=55), table).parameters_

    assert pooled.own == ()
    assert [one.criterion for one in own.own] == [0, 1, 2, 3]


def test_estimator_follows_scikit_learn() -> None:
    table = scored(40)
    first = StackedPlatt(seed=4)
    fit_table(first, table)
    second = fit_table(clone(first), table)

    assert second.get_params()["seed"] == 4
    p = second.predict_proba(table.raw, criteria=table.criterion)
    assert p == pytest.approx(first.predict_proba(table.raw, criteria=table.criterion))
    assert second.predict(table.raw, criteria=table.criterion).tolist() == p.argmax(axis=1).tolist()
    with pytest.raises(InputRefused, match="fewer than two"):
        StackedPlatt().fit(table.raw[:3], table.level[:3], criteria=np.zeros(3, int), groups=np.zeros(3, int))
    with pytest.raises(InputRefused, match="not chances"):
        StackedPlatt().fit(table.raw * 2, table.level, criteria=table.criterion, groups=table.submission)


def test_refit_on_more_of_the_same_replaces_and_on_shuffled_scores_does_not() -> None:
    table = scored(300, machine="overconfident", seed=5)
    early, _ = split(table, 100)
    last = done(calibrate(early)).model
    better = refit(last, done(calibrate(table)), table)
    spoiled = replace(table, raw=table.raw[np.random.default_rng(0).permutation(len(table.raw))])
    worse = refit(last, done(calibrate(spoiled)), table)

    assert better.replaced
    assert better.difference is not None
    assert (better.difference.value or 0) <= 0
    assert "not worse" in better.text
    assert not worse.replaced
    assert worse.model is last
    assert "stays" in worse.text


def test_refit_judges_the_last_model_only_on_what_it_had_not_seen() -> None:
    """The same data again: both sides are the same cross-fitted errors, so the difference is exactly 0."""
    table = scored(60, seed=6)
    found = done(calibrate(table))

    again = refit(found.model, found, table)

    assert again.difference is not None
    assert again.difference.value == pytest.approx(0.0, abs=1e-12)
    assert again.replaced


def test_other_levels_make_a_new_model() -> None:
    found = done(calibrate(scored(30)))
    other = replace(found.model, levels=(1.0, 2.0, 3.0, 5.0))

    assert "no longer applies" in refit(other, found, scored(30)).text
    assert refit(None, found, scored(30)).replaced


def test_document_round_trip_and_tampering() -> None:
    model = done(calibrate(scored(40))).model
    document = json.loads(json.dumps(to_document(model)))

    assert from_document(document) == model
    assert document["version"] == model.version
    changed = json.loads(json.dumps(to_document(model)))
    changed["parameters"]["stack"] = 0.123
    with pytest.raises(InputRefused, match="hash differs"):
        from_document(changed)
    with pytest.raises(InputRefused, match=r"not lookfors\.scores/1"):
        from_document({"format": "else"})
    del changed["sets"]
    with pytest.raises(InputRefused, match="lacks something"):
        from_document(changed)


def test_unknown_criterion_is_refused_and_sets_are_level_values() -> None:
    model = done(calibrate(scored(40))).model
    raw = np.array([[0.1, 0.2, 0.4, 0.3]])

    with pytest.raises(InputRefused, match="never seen scores of tempo"):
        model.predict_proba(raw, ["tempo"])
    assert set(model.predict_sets(raw, ["press"])[0]) <= {1.0, 2.0, 3.0, 4.0}
