"""How the readings of outside corpora are drawn, joined and shifted."""

import json
from pathlib import Path

import numpy as np
import pytest

from inference.auxiliary import FORMAT, Settled
from inference.features import FEATURES
from model.errors import InputRefused
from training.auxiliary import read_outside
from training.fit_auxiliary import settle_task, worse

HEAD = "group\ttranscript\tturn\trole\tsentence\tteacher_move\tstudent_move\tcontext_tag\n"


def test_two_readings_are_joined_as_log_probabilities() -> None:
    settled = Settled(mix=0.75, shift=(0.0, 0.5))
    read = np.log([[0.8, 0.2]])
    networks = np.log([[0.2, 0.8]])
    # .75·log .8 + .25·log .2 and, less the shift, .75·log .2 + .25·log .8 − .5
    expected = [[0.75 * np.log(0.8) + 0.25 * np.log(0.2), 0.75 * np.log(0.2) + 0.25 * np.log(0.8) - 0.5]]
    assert settled.logits(read, networks) == pytest.approx(np.array(expected))


def test_the_reading_that_knows_gets_the_weight() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, 400)
    knows = 4.0 * np.eye(3)[truth] + rng.normal(size=(400, 3))
    noise = 4.0 * rng.normal(size=(400, 3))
    common = np.array([100, 100, 100])
    assert settle_task(knows, noise, truth, common)[0].mix == 1.0
    assert settle_task(noise, knows, truth, common)[0].mix == 0.25  # the least the conversation can have


def test_a_rare_class_the_readings_shrink_from_is_shifted_up() -> None:
    # 270 lines of class 0 at even odds or better, 30 of class 1 that fall short of even odds by a little
    truth = np.array([0] * 270 + [1] * 30)
    logits = np.where(truth[:, None] == 0, [2.0, 0.0], [0.4, 0.0])
    common = np.array([900, 100])
    settled, figures = settle_task(logits, logits, truth, common)
    assert figures == {"n": 300, "macro_f1": 1.0, "mcc": 1.0}
    # the log-priors lie log 9 = 2.2 apart: a share of .2 is the least that makes up for .4 and leaves the others
    assert settled.shift[0] - settled.shift[1] == pytest.approx(0.2 * np.log(901 / 101), rel=0.01)


def test_few_rows_settle_nothing() -> None:
    truth = np.array([0, 1] * 50)
    settled, figures = settle_task(np.eye(2)[truth], np.zeros((100, 2)), truth, np.array([50, 50]))
    assert settled == Settled(mix=0.5, shift=(0.0, 0.0))
    assert figures == {"n": 100}


def test_nobody_is_in_two_parts(tmp_path: Path) -> None:
    (tmp_path / "talkmoves").mkdir()
    transcripts = [(g, t) for g in "ABCDEFGHIJKLMNOPQRST" for t in "12"]
    rows = "".join(f"{g}\t{g}{t}\t1\tT\t{g} {i}?\tnone\t\tFalse\n" for g, t in transcripts for i in range(5))
    (tmp_path / "talkmoves" / "t.tsv").write_text(HEAD + rows)
    outside = read_outside(tmp_path, seed=20)
    assert outside.tasks == ("teacher_move", "student_move")
    taught, tuned = ({line.text[0] for talk in part for line in talk.lines} for part in (outside.taught, outside.tuned))
    assert taught
    assert tuned
    assert not taught & tuned
    assert sorted(taught | tuned) == outside.seen["talkmoves"]
    assert len(taught | tuned) < 20  # the rest is left to judge by
    assert outside.counts == {"talkmoves_lines": 10 * len(taught | tuned)}


def test_a_worse_judge_does_not_replace_a_better_one(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(
        json.dumps(
            {
                "format": FORMAT, "features": list(FEATURES), "name": "before", "licence": "", "tasks": {},
                "seen_groups": {}, "files": {"weights.safetensors": ""},
                "tuning": {"teacher_move": {"macro_f1": 0.8}, "student_move": {"macro_f1": 0.7}},
            }
        )
    )  # fmt: skip
    told: dict[str, dict[str, float]] = {
        "teacher_move": {"macro_f1": 0.81},
        "student_move": {"macro_f1": 0.66},
        "uptake_level": {"n": 9},
    }
    refusal = worse(tmp_path, told)  # .735 against .75: more than the margin of .01
    assert refusal is not None
    assert "0.735" in str(refusal)
    assert worse(tmp_path, {**told, "student_move": {"macro_f1": 0.68}}) is None  # .745
    assert worse(tmp_path / "nothing here", told) is None


def test_a_folder_without_corpora_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="holds none of talkmoves/"):
        read_outside(tmp_path, seed=20)
