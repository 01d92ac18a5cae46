"""Training dialogues against figures: whether more of them would help. `python -m training.learning_curve`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click
import numpy as np

from inference.encoder import SentenceEncoder
from training.corpora.dialogues import OWN, read_dialogues
from training.fit import Rows, crossfit_frozen, folds_of, rows_of, settle, shares, truth_of, variants

SIZES = (5, 10, 20, 40, 80, 160)


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
    fold = folds_of(found, seed=seed)
    truth, share = [truth_of(form) for form in forms], [shares(form) for form in forms]
    whole = np.flatnonzero(fold >= 0)
    order = np.random.default_rng(seed).permutation(whole)
    for size in (*(s for s in sizes if s < 0.8 * len(whole)), int(0.8 * len(whole))):
        logits = [np.full(t.shape, np.nan) for t, _, _ in truth]
        for k in range(int(fold.max()) + 1):
            chosen = [i for i in order if fold[i] != k][:size]
            kept = np.isin(np.arange(len(fold)), chosen) | (fold == -1) | (fold == k)
            part = [_only(r, kept) for r in rows]
            held = crossfit_frozen(part, np.where(fold == k, 0, -1), lambda what, done: None)
            for whole_logits, r, p, h in zip(logits, rows, part, held, strict=True):
                whole_logits[fold[r.dialogue] == k] = h[fold[p.dialogue] == k]
        figures = settle(logits, truth, share).figures
        yield Point(size, figures["macro_auprc"], {n: row["f1"] for n, row in figures["indicators"].items()})


def _only(rows: Rows, kept: np.ndarray) -> Rows:
    chosen = kept[rows.dialogue]
    return Rows(rows.inputs[chosen], rows.truth[chosen], rows.usable[chosen], rows.dialogue[chosen])


def main() -> None:
    for point in learning_curve():
        f1 = ", ".join(f"{name} {value or 0:.3f}" for name, value in point.f1.items())
        click.echo(f"{point.dialogues:4d} dialogues: macro AUPRC {point.macro_auprc:.3f}; F1 {f1}")


if __name__ == "__main__":
    main()
