"""Phrases two sets of dialogues share: a test dialogue that repeats a training one measures memory."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inference.features import words_of
from training.corpora.dialogues import Dialogue

N = 6  # words; shorter runs are ordinary English ("what do you think would")


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
    known = _runs(train, n).keys()
    found = {}
    for dialogue in test:
        runs = [run for line in dialogue.lines for run in _of(line.text, n)]
        found[dialogue.id] = sum(run in known for run in runs) / len(runs) if runs else 0.0
    return found


def same_topics(train: Sequence[Dialogue], test: Sequence[Dialogue]) -> frozenset[str]:
    return frozenset(d.topic.lower() for d in train) & frozenset(d.topic.lower() for d in test)


def without_near_duplicates(
    train: Sequence[Dialogue], test: Sequence[Dialogue], *, limit: float = 0.3
) -> tuple[Dialogue, ...]:
    """`train` less the dialogues of which more than `limit` of the runs are in `test`."""
    share = overlap_share(test, train)
    return tuple(dialogue for dialogue in train if share[dialogue.id] <= limit)


def commonest_runs(dialogues: Sequence[Dialogue], *, n: int = N) -> list[tuple[str, int]]:
    """Runs said in several dialogues of one set: a sign of templates."""
    counted = Counter({" ".join(run): len(ids) for run, ids in _runs(dialogues, n).items() if len(ids) > 1})
    return counted.most_common(20)


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
