"""Model cards: what a tagger is, what it was made from, how good it is and what it must not be used for."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from inference.artefact import SHIPPED, Manifest
from inference.auxiliary import SHIPPED_AUXILIARY, AuxiliaryManifest
from inference.weights import write_whole
from training.curves import reliability_svg
from training.tables import GROUPS, LEVELS, shown, words

CARDS = Path(__file__).parent.parent / "data_cards" / "models"


def write_model_card(folder: Path, manifest: Manifest, report: Mapping[str, Any] | None = None) -> Path:
    """Write the card; `report` (of `lookfors evaluate`) is kept beside it and joins those of other corpora.

    The shipped artefact's card is `data_cards/models/tagger.md`; another's is `card.md` in its folder.
    """
    home, name = (CARDS, "tagger") if folder.resolve() == SHIPPED.resolve() else (folder, "card")
    reports = _kept(home / f"{name}.figures.json", manifest.sha256, report)
    if "dialogues" in reports:
        curves = {n: r["reliability"] for n, r in reports["dialogues"]["forms"]["as_written"]["indicators"].items()}
        write_whole(home / f"{name}.reliability.svg", reliability_svg(curves).encode())
    write_whole(home / f"{name}.md", card_text(manifest, reports, svg=f"{name}.reliability.svg").encode())
    return home / f"{name}.md"


def write_auxiliary_card(folder: Path, manifest: AuxiliaryManifest, report: Mapping[str, Any] | None = None) -> Path:
    """The card of the artefact on outside corpora: `data_cards/models/auxiliary.md` for the shipped one."""
    home, name = (CARDS, "auxiliary") if folder.resolve() == SHIPPED_AUXILIARY.resolve() else (folder, "card")
    reports = _kept(home / f"{name}.figures.json", manifest.sha256, report)
    text = (
        _environment()
        .get_template("auxiliary_card.md.j2")
        .render(manifest=manifest, document=manifest.document, reports=reports, cell=_cell, estimate=shown)
    )
    write_whole(home / f"{name}.md", text.encode())
    return home / f"{name}.md"


def _kept(path: Path, sha256: str, report: Mapping[str, Any] | None) -> dict[str, Any]:
    """The reports beside a card, `report` among them."""
    reports = _reports_of(path, sha256)
    if report is not None:
        reports[report["corpus"]] = report
        write_whole(path, (json.dumps(reports, indent=1, ensure_ascii=False) + "\n").encode())
    return reports


def _reports_of(path: Path, sha256: str) -> dict[str, Any]:
    """Reports written earlier for this very artefact; those of others are dropped."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {corpus: report for corpus, report in found.items() if report["tagger"]["sha256"] == sha256}


def card_text(manifest: Manifest, reports: Mapping[str, Any], *, svg: str) -> str:
    """Markdown; `svg` is the name of the reliability curves beside it."""
    return (
        _environment()
        .get_template("model_card.md.j2")
        .render(
            manifest=manifest,
            document=manifest.document,
            made=manifest.document["trained_on"],
            reports=reports,
            groups=GROUPS,
            levels=LEVELS,
            svg=svg,
            cell=_cell,
            estimate=shown,
            held=held,
            words=words,
        )
    )


def _environment() -> Environment:
    return Environment(  # Markdown, not HTML: nothing to escape
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=False,
        keep_trailing_newline=True,
    )


def _cell(value: float | int | None) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def held(precision: float | None, wanted: float) -> str:
    """Whether flags of this cross-validated precision are as often right as the threshold was to make sure."""
    if precision is None:
        return "no flags"
    return "yes" if precision >= wanted else "no"
