"""Write the data card of our own dialogues from the files themselves: `python -m training.corpora.describe`."""

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from inference.weights import write_whole
from model.indicators import CODE_IDS
from training.corpora.dialogues import OWN, Dialogue, read_dialogues
from training.corpora.overlap import N, overlap_share, same_topics, shared_runs
from training.corpora.second_coding import agreement

CARD = Path(__file__).parent.parent.parent / "data_cards" / "datasets" / "dialogues.md"

INTRODUCTION = """# Session dialogues

Invented conversations of out-of-school STEM sessions, coded utterance by utterance by the codebook
(docs/codebook.md). They were written for this project by several independent hands working apart, each with its own
topics, adults and youth; the hands are language models given the codebook, and each coded its lines as it wrote
them. **No human reviewer has confirmed the codes yet**, and no real person or session is in them. Licence: CC BY
4.0.

Use: training and testing the tagger. Not for: claims about how educators or children speak; base rates of real
programs. Known weaknesses: tidier turn-taking than a real room, one language (English), hands that know what the
codes are looking for. Strength (`weak`, `mixed`, `strong`) is the author's intention for the session, not a score.

Format: `training/corpora/dialogues.py`. `seeds/` are short exchanges made of hard negatives and hard positives,
used only in training; `test/` was written apart and is never trained or tuned on; `first/` and `second/` are two
independent codings of a part, kept for their agreement. Recogniser slips and role errors
are not in the files: `training/corpora/slips.py` puts them in by seed.
"""


def card() -> str:
    """The card's text."""
    train = read_dialogues(OWN / "train")
    test = read_dialogues(OWN / "test") if any((OWN / "test").glob("*.tsv")) else ()
    seeds = read_dialogues(OWN / "seeds")
    parts = [INTRODUCTION, _counts({"train": train, "test": test, "seeds": seeds}), _codes(train, test, seeds)]
    parts.append(_overlap(train, test) if test else "No test dialogues are here yet.")
    before = {d.id: d for d in (*train, *test, *read_dialogues(OWN / "first"))}  # as coded before anything was settled
    second = read_dialogues(OWN / "second")
    tested = {d.id for d in test}
    taught = tuple(d for d in before.values() if d.id not in tested)
    parts.append(_second(taught, [d for d in second if d.id not in tested]))
    parts.append(_test_again(test, [d for d in second if d.id in tested]))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _counts(sets: dict[str, Sequence[Dialogue]]) -> str:
    head = "| set | dialogues | utterances | hands | weak / mixed / strong | topics |"
    rows = ["## Size", "", head, "|---|---|---|---|---|---|"]
    for name, dialogues in sets.items():
        strength = Counter(dialogue.strength for dialogue in dialogues)
        rows.append(
            f"| {name} | {len(dialogues)} | {sum(len(d.lines) for d in dialogues)} | "
            f"{', '.join(sorted({d.hand for d in dialogues}))} | "
            f"{strength['weak']} / {strength['mixed']} / {strength['strong']} | {len({d.topic for d in dialogues})} |"
        )
    return "\n".join(rows)


def _codes(*sets: Sequence[Dialogue]) -> str:
    rows = ["## Codes", "", "| code | train | test | seeds |", "|---|---|---|---|"]
    counted = [Counter(code for d in dialogues for line in d.lines for code in line.codes) for dialogues in sets]
    rows += [f"| {code} | " + " | ".join(str(count[code]) for count in counted) + " |" for code in CODE_IDS]
    none = [sum(not line.codes for d in dialogues for line in d.lines) for dialogues in sets]
    return "\n".join([*rows, "| none | " + " | ".join(map(str, none)) + " |"])


def _overlap(train: Sequence[Dialogue], test: Sequence[Dialogue]) -> str:
    share = overlap_share(train, test)
    worst = max(share, key=lambda id_: share[id_])
    topics = sorted(same_topics(train, test))
    longest = next((n for n in range(14, N - 1, -1) if shared_runs(train, test, n=n)), 0)
    return (
        "## Overlap of training and test\n\n"
        f"Shared topics: {', '.join(topics) or 'none'}. Of a test dialogue's runs of {N} words training has "
        f"{sum(share.values()) / len(share):.2%} on average, {share[worst]:.2%} at most ({worst}). Longest common run: "
        f"{longest or f'under {N}'} words. A training dialogue with over 30 % of its runs in test is left out."
    )


def _second(first: Sequence[Dialogue], second: Sequence[Dialogue]) -> str:
    lines = sum(len(dialogue.lines) for dialogue in second)
    share = lines / sum(len(dialogue.lines) for dialogue in first)
    rows = [
        "## Second coding",
        "",
        f"{len(second)} training dialogues, {lines} utterances ({share:.0%}), coded by hands that saw no first code. "
        "The first codes are those of before the two were compared (`first/`). Differences were then settled by the "
        "codebook, which grew by them (docs/codebook.md), and `train/` was mended. F1 is that of one hand's codes "
        "judged by the other's.",
        "",
        *_agreed(first, second),
    ]
    return "\n".join(rows)


def _test_again(test: Sequence[Dialogue], second: Sequence[Dialogue]) -> str:
    rows = [
        "## Test dialogues coded again",
        "",
        f"{len(second)} of {len(test)} test dialogues, by hands that saw neither the first codes nor what a tagger "
        "makes of them, most of them by the codebook as it stands now: the first codes are older than many of its "
        "boundaries. `test/` keeps the first codes and is what the tagger is judged by; a tagger that did better than "
        "the F1 here would agree with the first hand more than another hand does.",
        "",
        *_agreed(test, second),
    ]
    return "\n".join(rows)


def _agreed(first: Sequence[Dialogue], second: Sequence[Dialogue]) -> list[str]:
    rows = ["| target | first | second | kappa | F1 |", "|---|---|---|---|---|"]
    for name, found in agreement(first, second).items():
        kappa, f1 = ("–" if math.isnan(value) else f"{value:.2f}" for value in (found.kappa, found.f1))
        rows.append(f"| {name} | {found.n_first} | {found.n_second} | {kappa} | {f1} |")
    return rows


if __name__ == "__main__":
    write_whole(CARD, card().encode())
