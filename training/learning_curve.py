"""Training dialogues against figures: whether more of them would help. `python -m training.learning_curve`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from inference.encoder import SentenceEncoder
from inference.weights import write_whole
from training.corpora.dialogues import OWN, read_dialogues
from training.fit import FOLDS, Rows, crossfit_frozen, folds_of, rows_of, settle, shares, truth_of, variants

SIZES = (10, 20, 40, 80, 160)
CARD = Path(__file__).parent.parent / "data_cards" / "models" / "learning_curve.md"


@dataclass(frozen=True, slots=True)
class Point:
    """Cross-validated figures with this many dialogues in every training fold."""

    dialogues: int
    macro_auprc: float
    f1: dict[str, float | None]


def learning_curve(sizes: Sequence[int] = SIZES, *, seed: int = 20) -> Iterator[Point]:
    """The frozen heads, refitted on ever more dialogues and judged on the same held-out ones; seed exchanges always in.

    The heads stand in for the encoder, which would take an hour of training a point; the slope is what counts.
    """
    found = (*read_dialogues(OWN / "train"), *read_dialogues(OWN / "seeds"))
    forms = variants(found, seed=seed)
    encoder = SentenceEncoder()
    rows = [rows_of(encoder, form) for form in forms]
    fold = folds_of(found, seed=seed, folds=FOLDS)
    truth, share = [truth_of(form) for form in forms], [shares(form) for form in forms]
    whole = np.flatnonzero(fold >= 0)
    order = np.random.default_rng(seed).permutation(whole)
    most = int((1 - 1 / FOLDS) * len(whole))
    for size in (*(s for s in sizes if s < most), most):
        logits = [np.full(t.shape, np.nan) for t, _, _ in truth]
        for k in range(int(fold.max()) + 1):
            chosen = [i for i in order if fold[i] != k][:size]
            kept = np.isin(np.arange(len(fold)), chosen) | (fold == -1) | (fold == k)
            part = [_only(r, kept) for r in rows]
            held = crossfit_frozen(part, np.where(fold == k, 0, -1), lambda what, done: None)
            for whole_logits, r, p, h in zip(logits, rows, part, held, strict=True):
                whole_logits[fold[r.dialogue] == k] = h[fold[p.dialogue] == k]
        figures = settle(logits, truth, share, found).figures
        yield Point(size, figures["macro_auprc"], {n: row["f1"] for n, row in figures["indicators"].items()})


def _only(rows: Rows, kept: np.ndarray) -> Rows:
    chosen = kept[rows.dialogue]
    return Rows(rows.inputs[chosen], rows.truth[chosen], rows.usable[chosen], rows.dialogue[chosen])


def card(points: Sequence[Point]) -> str:
    """The card's text."""
    rows = [
        "# Learning curve of the tagger",
        "",
        "Dialogues taught on against figures on dialogues of other hands: the frozen heads alone, three folds of",
        "whole hands, as written, without punctuation and as recognised (`python -m training.learning_curve --card`).",
        "The heads stand in for the fine-tuned encoder, which does better (tagger.md); the slope is what counts.",
        "",
        "| dialogues | macro AUPRC of evidence codes | F1 " + " | F1 ".join(points[0].f1) + " |",
        "|---|---|" + "---|" * len(points[0].f1),
    ]
    for point in points:
        f1 = " | ".join(f"{value or 0:.3f}" for value in point.f1.values())
        rows.append(f"| {point.dialogues} | {point.macro_auprc:.3f} | {f1} |")
    return "\n".join(rows) + "\n"


@click.command()
@click.option("--card", "with_card", is_flag=True, help=f"Write {CARD.name} among the model cards.")
def main(*, with_card: bool) -> None:
    """Print how figures grow with the number of dialogues."""
    points = []
    for point in learning_curve():
        points.append(point)
        f1 = ", ".join(f"{name} {value or 0:.3f}" for name, value in point.f1.items())
        click.echo(f"{point.dialogues:4d} dialogues: macro AUPRC {point.macro_auprc:.3f}; F1 {f1}")
    if with_card:
        write_whole(CARD, card(points).encode())


if __name__ == "__main__":
    main()
