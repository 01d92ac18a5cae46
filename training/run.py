"""What `lookfors train` does, from folders to artefact and card."""

from pathlib import Path
from typing import Any

from inference.artefact import read_manifest
from inference.encoder import SentenceEncoder
from model.indicators import CODE_IDS
from training.artefact import write_artefact
from training.cards import write_model_card
from training.corpora.dialogues import read_dialogues
from training.fit import Say, crossfit_frozen, fit_frozen, folds_of, rows_of, settle, shares, variants

OWN_LICENCE = "CC-BY-4.0"


def train_tagger(out: Path, *, dialogues: Path, seed: int, force: bool, say: Say) -> dict[str, Any]:
    """Train on `dialogues`/train and /seeds and write the artefact and its card; returns the cross-validated figures.

    Raises InputRefused for a corpus that cannot be read and for an artefact that did better (without `force`).
    """
    found = (*read_dialogues(dialogues / "train"), *read_dialogues(dialogues / "seeds"))
    encoder = SentenceEncoder()
    forms = variants(found, seed=seed)
    rows = []
    for i, form in enumerate(forms):
        say("Encoding", i / len(forms))
        rows.append(rows_of(encoder, form))
    logits = crossfit_frozen(rows, folds_of(found, seed=seed), say)
    say("Fitting on everything", 0.9)
    lines, limits, figures = settle(logits, [(r.truth, r.usable) for r in rows], [shares(form) for form in forms])
    heads = fit_frozen(rows, lambda owner: owner >= 0)
    manifest = {
        "name": f"lookfors-tagger-frozen-{seed}",
        "licence": OWN_LICENCE,
        "codes": list(CODE_IDS),
        "branches": {"frozen": 1.0},
        "calibration": {code: [p.slope, p.intercept] for code, p in zip(CODE_IDS, lines, strict=True)},
        "thresholds": limits,
        "seed": seed,
        "trained_on": {
            "dialogues": sum(d.strength != "seed" for d in found),
            "exchanges": sum(d.strength == "seed" for d in found),
            "utterances": sum(len(d.lines) for d in found),
        },
        "cross_validation": figures,
    }
    write_artefact(out, heads.tensors(), manifest, force=force)
    write_model_card(out, read_manifest(out))
    say("Done", 1.0)
    return figures
