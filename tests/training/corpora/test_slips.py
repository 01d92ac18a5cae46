"""Slips are the same for the same seed, keep the codes, and leave some words."""

import numpy as np

from training.corpora.dialogues import OWN, Dialogue, read_dialogues
from training.corpora.slips import recognised, role_slips, strip_punctuation, without_punctuation


def _some() -> tuple[Dialogue, ...]:
    return read_dialogues(OWN / "train")[:8]


def test_the_same_seed_gives_the_same_slips() -> None:
    first = recognised(_some()[0], np.random.default_rng(3))
    again = recognised(_some()[0], np.random.default_rng(3))
    assert first == again
    assert first != recognised(_some()[0], np.random.default_rng(4))


def test_slips_change_words_at_about_the_rate_asked_for() -> None:
    changed = said = 0
    for dialogue in _some():
        slipped = recognised(dialogue, np.random.default_rng(1), word_error=0.10)
        for before, after in zip(dialogue.lines, slipped.lines, strict=True):
            assert after.text
            assert after.codes == before.codes
            if before.speaker.startswith("F"):
                old, new = strip_punctuation(before.text).split(), strip_punctuation(after.text).split()
                said += len(old)
                changed += abs(len(old) - len(new)) + sum(word not in old for word in new)
    assert 0.04 < changed / said < 0.16  # one in ten was asked for


def test_stripped_text_has_words_only() -> None:
    assert strip_punctuation("Wait — don't! Is it “2 cm”?") == "wait don't is it 2 cm"
    bare = without_punctuation(_some()[0])
    assert all(set(line.text) <= set("abcdefghijklmnopqrstuvwxyz0123456789' ") for line in bare.lines)


def test_role_slips_are_soft_mostly_right_and_keep_the_true_role() -> None:
    told = right = 0
    for seed, dialogue in enumerate(_some()):
        slipped = role_slips(dialogue, np.random.default_rng(seed))
        assert [line.role for line in slipped.lines] == [line.role for line in dialogue.lines]
        told += len(slipped.lines)
        right += sum((line.p_youth > 0.5) == line.speaker.startswith("Y") for line in slipped.lines)
    assert 0.8 < right / told < 1.0
