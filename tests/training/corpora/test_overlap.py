"""Shared phrases between training and test dialogues are found and reported."""

from dataclasses import replace

import pytest

from training.corpora.dialogues import OWN, Dialogue, read_dialogues
from training.corpora.overlap import overlap_share, same_topics, shared_runs, without_near_duplicates


def _with_text(dialogue: Dialogue, id_: str, *texts: str) -> Dialogue:
    return replace(dialogue, id=id_, lines=tuple(replace(dialogue.lines[0], text=text) for text in texts))


def test_a_run_of_six_words_said_in_both_sets_is_found() -> None:
    base = read_dialogues(OWN / "train")[0]
    train = _with_text(base, "train", "the kite went over the old stone wall and fell")
    test = _with_text(base, "test", "Well, the kite went over the old fence!", "Nothing alike here at all, no.")
    (shared,) = shared_runs([train], [test])
    assert shared.words == "the kite went over the old"
    # the first line has 8 words: 3 runs of six, one known; the second 6 words: 1 run, unknown
    assert overlap_share([train], [test]) == {"test": pytest.approx(1 / 4)}


def test_a_training_dialogue_that_repeats_a_test_one_is_left_out() -> None:
    first, second = read_dialogues(OWN / "train")[:2]
    assert without_near_duplicates((first, second), (replace(second, id="copy"),)) == (first,)


def test_training_and_test_dialogues_share_neither_topics_nor_long_phrases() -> None:
    if not any((OWN / "test").glob("*.tsv")):
        pytest.skip("no test dialogues are here yet")
    train, test = read_dialogues(OWN / "train"), read_dialogues(OWN / "test")
    assert same_topics(train, test) == frozenset()
    assert max(overlap_share(train, test).values()) < 0.05
    assert not shared_runs(train, test, n=12)
