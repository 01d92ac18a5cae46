"""Model cards: what a tagger is, what it was made from, how good it is and what it must not be used for."""

from pathlib import Path
from typing import Any

from inference.artefact import SHIPPED, Manifest
from inference.weights import write_whole

CARDS = Path(__file__).parent.parent / "data_cards" / "models"


def write_model_card(folder: Path, manifest: Manifest) -> Path:
    """`card.md` beside the artefact; the shipped artefact's card goes to `data_cards/models/tagger.md`."""
    path = CARDS / "tagger.md" if folder == SHIPPED else folder / "card.md"
    write_whole(path, card_text(manifest).encode())
    return path


def card_text(manifest: Manifest) -> str:
    document = manifest.document
    made = document["trained_on"]
    figures = document["cross_validation"]
    lines = [
        f"# {manifest.name}",
        "",
        f"Licence of the weights: {manifest.licence}. SHA-256 of the weights: `{manifest.weights_sha256}`. "
        f"Base encoder: {document['encoder']['package']} (Apache-2.0), installed separately.",
        "",
        "Gives every utterance of a transcript a probability for each code of the codebook (docs/codebook.md). It "
        "points a reviewer to moments; it does not score, and no decision about a person may rest on it alone.",
        "",
        f"Made from {made['dialogues']} written dialogues and {made['exchanges']} short exchanges "
        f"({made['utterances']} utterances). No human reviewer has confirmed their codes yet. English only.",
        "",
        "## Cross-validated by dialogue (clean, without punctuation, and as a recogniser writes, together)",
        "",
        *_table("indicator", figures["indicators"]),
        "",
        *_table("code", figures["codes"]),
        "",
        f"Macro AUPRC over evidence codes: {figures['macro_auprc']:.3f}. Thresholds were set on the same cross-fitted "
        "predictions, so precision, recall and F1 here lean to the good side.",
        "",
    ]
    return "\n".join(lines)


def _table(what: str, rows: dict[str, Any]) -> list[str]:
    names = ("n", "auprc", "precision", "recall", "f1")
    return [
        f"| {what} | n | AUPRC | precision | recall | F1 |",
        "|---|---|---|---|---|---|",
        *(f"| {name} | " + " | ".join(_cell(row[k]) for k in names) + " |" for name, row in rows.items()),
    ]


def _cell(value: float | int | None) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}"
