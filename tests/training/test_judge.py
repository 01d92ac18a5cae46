"""What taught an artefact is no test of it."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from model.errors import InputRefused
from tests.training.plain_artefact import plain_artefact
from training.judge import compare_artefacts, judge_artefact

HEAD = "# topic: kites\n# ages: 8-10\n# strength: weak\n# hand: x\n"
SAID = {
    "x-1": "A tail of old newspaper would keep it steady.",
    "x-2": "We could tie the string a little lower down.",
    "x-3": "Thinner paper, because then it is not so heavy.",
}


@pytest.fixture
def three(tmp_path: Path) -> Path:
    folder = tmp_path / "dialogues"
    folder.mkdir()
    for id_, text in SAID.items():
        _write(folder, id_, text)
    return folder


def _write(folder: Path, id_: str, text: str) -> None:
    body = f"# id: {id_}\n{HEAD}F\topen\tIdeas?\nY1\tidea\t{text}\n"
    (folder / f"{id_}.tsv").write_text(body, encoding="utf-8")


def _judge(artefact: Path, path: Path, other: Path | None = None) -> dict[str, Any]:
    return judge_artefact(artefact, "dialogues", path, draws=20, seed=1, other=other, say=lambda what, share: None)


def _taught_by(folder: Path, *ids: str) -> Path:
    digests = [hashlib.sha256(f"Ideas?\n{SAID[id_]}".encode()).hexdigest()[:12] for id_ in ids]
    plain_artefact(folder, trained_on={"dialogue_digests": [*digests, "of another"]})
    return folder


def test_dialogues_that_taught_it_are_left_out_and_counted(three: Path, tmp_path: Path) -> None:
    report = _judge(_taught_by(tmp_path / "a", "x-1"), three)
    assert (report["dialogues"], report["left_out_as_seen"]) == (2, 1)
    assert "note" not in report


def test_another_name_or_a_word_put_in_makes_nothing_unseen(three: Path, tmp_path: Path) -> None:
    _write(three, "y-1", SAID["x-1"])
    # nine words make 4 runs of six, ten make 5; the word put in leaves 3 of these as they were: .6, above .3
    _write(three, "y-2", SAID["x-1"].replace("A tail", "A long tail"))
    report = _judge(_taught_by(tmp_path / "a", "x-1"), three)
    assert (report["dialogues"], report["left_out_as_seen"]) == (2, 3)


def test_nothing_unseen_is_refused(three: Path, tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        _judge(_taught_by(tmp_path / "a", "x-1", "x-2", "x-3"), three)
    assert refused.value.code == "corpus.seen"


def test_an_artefact_that_lists_no_dialogues_is_judged_with_a_note(three: Path, tmp_path: Path) -> None:
    plain_artefact(tmp_path / "a")
    report = _judge(tmp_path / "a", three)
    assert (report["dialogues"], report["left_out_as_seen"]) == (3, 0)
    assert "is not known" in str(report["note"])


def test_two_artefacts_meet_only_what_taught_neither(three: Path, tmp_path: Path) -> None:
    a, b = _taught_by(tmp_path / "a", "x-1"), _taught_by(tmp_path / "b", "x-2")
    ours, theirs = _judge(a, three, other=b), _judge(b, three, other=a)
    assert (ours["dialogues"], theirs["dialogues"]) == (1, 1)
    gains = compare_artefacts(a, b, "dialogues", three, draws=20, seed=1, say=lambda what, share: None)
    assert gains["left_out_as_seen"] == 2
    assert "note" not in gains
    f1 = gains["figures"]["as_written: youth_voice f1"]
    assert f1["ours"] == ours["forms"]["as_written"]["indicators"]["youth_voice"]["f1"]
    assert f1["theirs"] == theirs["forms"]["as_written"]["indicators"]["youth_voice"]["f1"]
    plain_artefact(tmp_path / "c")
    gains = compare_artefacts(a, tmp_path / "c", "dialogues", three, draws=20, seed=1, say=lambda what, share: None)
    assert "is not known" in gains["note"]
