"""Phrases two sets of dialogues share: a test dialogue that repeats a training one measures memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inference.features import words_of
from training.corpora.dialogues import Dialogue

N = 6  # words; shorter runs are ordinary English ("what do you think would")
NEAR = 0.3  # share of runs from which talk is taken as said before; strangers share under .09, copies over .9


@dataclass(frozen=True, slots=True)
class Shared:
    """A run of N words said in both sets, and where."""

    words: str
    test: tuple[str, ...]
    train: tuple[str, ...]


def shared_runs(train: Sequence[Dialogue], test: Sequence[Dialogue], *, n: int = N) -> tuple[Shared, ...]:
    """Every run of `n` words inside one utterance that both sets have, most widespread first."""
    ours, theirs = _runs(train, n), _runs(test, n)
    both = [Shared(" ".join(run), tuple(sorted(theirs[run])), tuple(sorted(ours[run]))) for run in ours.keys() & theirs]
    return tuple(sorted(both, key=lambda shared: (-len(shared.test) - len(shared.train), shared.words)))


def overlap_share(train: Sequence[Dialogue], test: Sequence[Dialogue], *, n: int = N) -> dict[str, float]:
    """For each test dialogue the share of its runs of `n` words that some training dialogue has too."""
    share = repeated_share([_texts(dialogue) for dialogue in test], [_texts(dialogue) for dialogue in train], n=n)
    return {dialogue.id: part for dialogue, part in zip(test, share, strict=True)}


def repeated_share(talks: Sequence[Sequence[str]], known: Sequence[Sequence[str]], *, n: int = N) -> list[float]:
    """For each of `talks`, texts of utterances, the share of its runs of `n` words that are in `known` somewhere."""
    there = {run for talk in known for text in talk for run in _of(text, n)}
    found = []
    for talk in talks:
        runs = [run for text in talk for run in _of(text, n)]
        found.append(sum(run in there for run in runs) / len(runs) if runs else 0.0)
    return found


def same_topics(train: Sequence[Dialogue], test: Sequence[Dialogue]) -> frozenset[str]:
    return frozenset(d.topic.lower() for d in train) & frozenset(d.topic.lower() for d in test)


def without_near_duplicates(train: Sequence[Dialogue], test: Sequence[Dialogue]) -> tuple[Dialogue, ...]:
    """`train` less the dialogues of which more than NEAR of the runs are in `test`."""
    share = overlap_share(test, train)
    return tuple(dialogue for dialogue in train if share[dialogue.id] <= NEAR)


def _texts(dialogue: Dialogue) -> list[str]:
    return [line.text for line in dialogue.lines]


def _runs(dialogues: Sequence[Dialogue], n: int) -> dict[tuple[str, ...], set[str]]:
    found: dict[tuple[str, ...], set[str]] = {}
    for dialogue in dialogues:
        for line in dialogue.lines:
            for run in _of(line.text, n):
                found.setdefault(run, set()).add(dialogue.id)
    return found


def _of(text: str, n: int) -> Iterable[tuple[str, ...]]:
    words = words_of(text)
    return (tuple(words[i : i + n]) for i in range(len(words) - n + 1))
