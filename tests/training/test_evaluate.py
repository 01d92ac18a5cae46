"""A report against counts done by hand, of a tagger that holds what it is told."""

from pathlib import Path
from typing import Any

import pytest

from model.indicators import CODE_IDS
from tests.training.plain_artefact import Told, plain_artefact
from training.corpora.dialogues import Dialogue, read_dialogues
from training.evaluate import evaluate_dialogues, probabilities

NOISE = "you you you you you you you you"


def _dialogue(folder: Path, id_: str, strength: str, body: str) -> Dialogue:
    header = f"# id: {id_}\n# topic: kites\n# ages: 8-10\n# strength: {strength}\n# hand: x\n"
    (folder / f"{id_}.tsv").write_text(header + body, encoding="utf-8")
    return read_dialogues(folder / f"{id_}.tsv")[0]


@pytest.fixture
def report(tmp_path: Path) -> dict[str, Any]:
    strong = "F\tpress\tWhy is that?\nY1\tidea\tLonger tail.\nY1\t-\tNo.\nY1\t-\tHm.\nY1\t-\tSo.\nY1\t-\tDone.\n"
    weak = "F\t-\tLids on?\nY1\t-\tOkay then.\nY1\t-\tFine.\nY1\t-\tNow.\nY1\t-\tHere.\nY1\t-\tBye.\n"
    told = {
        "Why is that?": {"press": 0.9},
        "Longer tail.": {"idea": 0.9},
        "Lids on?": {"open": 0.8},  # wrong
        "Okay then.": {"idea": 0.8},  # wrong
        "Fine.": {"idea": 0.7},  # wrong
    }
    dialogues = [_dialogue(tmp_path, "x-1", "strong", strong), _dialogue(tmp_path, "x-2", "weak", weak)]
    tagger = Told(plain_artefact(tmp_path / "tagger"), told)
    return evaluate_dialogues(tagger, dialogues, seed=1, draws=100, say=lambda what, share: None)


def test_precision_at_5_is_the_mean_over_all_sessions_beside_its_ceiling(report: dict[str, Any]) -> None:
    row = report["forms"]["as_written"]["indicators"]["youth_voice"]
    # one of the five surest is an idea in the first session, none in the second: (1/5 + 0/5) / 2; no order does better
    assert row["precision_at_5"]["value"] == 0.1
    assert row["precision_at_5_ceiling"] == 0.1


def test_false_flags_are_counted_by_indicator_and_together(report: dict[str, Any]) -> None:
    found = report["forms"]["as_written"]
    minutes = 8 / 140  # the weak session's words at 140 a minute, below the least a session lasts
    assert minutes < 0.1
    by_indicator = {name: row["false_flags_per_10_min_weak"]["value"] for name, row in found["indicators"].items()}
    # two wrong ideas and one wrong question in a tenth of a minute
    assert by_indicator == {"youth_voice": 200.0, "stem_relevance": 0.0, "purposeful_questions": 100.0}
    assert found["false_flags_per_10_min_weak"]["value"] == 300.0


def test_recall_in_strong_sessions_leaves_the_others_out(report: dict[str, Any]) -> None:
    found = report["forms"]["as_written"]["indicators"]
    assert found["purposeful_questions"]["recall_strong"]["value"] == 1.0
    assert found["stem_relevance"]["recall_strong"]["value"] is None  # there is none to find


def test_f1_lost_has_an_interval_from_the_same_dialogues_in_both_forms(report: dict[str, Any]) -> None:
    # as written 1 of 1 question found beside a wrong one, F1 2·1 / (2 + 1); stripped texts are unknown to the tagger: 0
    lost = report["f1_lost"]["without_punctuation"]
    assert lost["indicators"]["purposeful_questions"]["value"] == pytest.approx(2 / 3, abs=1e-4)
    # a draw holds the first session twice (1 lost), or both (2/3); the second twice holds no question: undefined
    assert lost["indicators"]["purposeful_questions"]["low"] == pytest.approx(2 / 3, abs=1e-4)
    assert lost["indicators"]["purposeful_questions"]["high"] == 1.0
    assert set(report["f1_lost"]) == {"without_punctuation", "recognised", "estimated_roles"}
    assert set(lost["codes"]) == set(CODE_IDS)


def test_a_line_too_broken_to_judge_gets_no_opinion(tmp_path: Path) -> None:
    dialogue = _dialogue(tmp_path, "x-1", "mixed", f"Y1\t-\t{NOISE}\nY1\tidea\tLonger tail.\n")
    tagger = Told(plain_artefact(tmp_path / "tagger"), {NOISE: {"idea": 0.9}, "Longer tail.": {"idea": 0.9}})
    p = probabilities(tagger, dialogue)
    assert p[:, CODE_IDS.index("idea")] == pytest.approx([0.0, 0.9])
    assert not p[0].any()
