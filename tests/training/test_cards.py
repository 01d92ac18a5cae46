"""Cards and tables say all that was measured, and claim of the training data only what is known."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from model.indicators import CODE_IDS
from tests.training.plain_artefact import Told, plain_artefact
from training.cards import card_text
from training.corpora.dialogues import OWN, read_dialogues
from training.evaluate import evaluate_dialogues
from training.run import GIVEN_LICENCE, OWN_LICENCE, Plan, licence_of
from training.tables import GROUPS, tables_of

WANTED = (
    "precision", "recall", "f1", "auprc", "mcc", "kappa", "precision_at_5", "false_flags_per_10_min_weak",
    "recall_strong", "rate_spearman", "debiased_calibration_error",
)  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Of three of our own dialogues, by a tagger that holds .01 of everything."""
    tagger = Told(plain_artefact(tmp_path_factory.mktemp("tagger")), {})
    found = evaluate_dialogues(tagger, read_dialogues(OWN / "test")[:3], draws=20, say=lambda what, share: None)
    return {**found, "left_out_as_seen": 4}


def test_no_figure_is_left_out() -> None:
    assert set(WANTED) <= {key for group in GROUPS for key in group.headings}


def test_the_tables_hold_every_figure_within_120_columns(report: dict[str, Any]) -> None:
    estimate = {"value": -0.123, "low": -0.34, "high": 0.12}  # as wide as they come
    for found in report["forms"].values():
        for level in ("indicators", "codes"):
            for row in found[level].values():
                row.update(dict.fromkeys(WANTED, estimate))
    out = StringIO()
    console = Console(width=120, file=out)
    tables = list(tables_of(report))
    assert len(tables) == 4 * len(GROUPS) + 2  # four forms, what is lost between them, and all in all
    for table in tables:
        console.print(table)
    text = out.getvalue()
    assert "…" not in text
    assert text.count("-0.123 [-0.34, 0.12]") == 4 * len(WANTED) * (3 + len(CODE_IDS))
    for heading in ("F1 lost against as written", "macro AUPRC, evidence codes", "three indicators together"):
        assert heading in " ".join(text.split())


def test_the_card_holds_the_same_and_says_whether_the_precision_was_held(
    report: dict[str, Any], tmp_path: Path
) -> None:
    row = {"n": 8, "auprc": 0.9, "precision": 0.8, "recall": 0.7, "f1": 0.75}
    figures = {
        "macro_auprc": 0.7,
        "indicators": {"youth_voice": row, "stem_relevance": {**row, "precision": 0.7}},
        "codes": {"open": {**row, "precision": None}},
    }
    manifest = plain_artefact(tmp_path, wanted_precision=0.75, cross_validation=figures)
    text = card_text(manifest, {"dialogues": report}, svg="curve.svg")
    for line in (
        "| youth_voice | 8 | 0.900 | 0.800 | 0.700 | 0.750 | 0.500 | yes |",
        "| stem_relevance | 8 | 0.900 | 0.700 | 0.700 | 0.750 | 0.500 | no |",
        "| open | 8 | 0.900 | – | 0.700 | 0.750 | 0.500 | no flags |",
        "precision 0.75 held",
        "4 others were left out",
        "### F1 lost against as written",
        "three indicators together",
    ):
        assert line in text
    for form in ("As written", "Without punctuation", "Recognised", "Estimated roles"):
        for group in GROUPS:
            assert f"### {form}: {group.title}" in text
    assert "\n\n\n\n" not in text


def test_a_moved_calibration_leaves_out_what_no_longer_holds(tmp_path: Path) -> None:
    row = {"n": 8, "auprc": None, "precision": None, "recall": None, "f1": None}
    figures = {"macro_auprc": 0.7, "indicators": {"youth_voice": row}, "codes": {}}
    manifest = plain_artefact(tmp_path, cross_validation=figures, recalibrated_on={"idea": 60, "youth_voice": 75})
    text = card_text(manifest, {}, svg="")
    assert "moved the calibration of idea (60), youth_voice (75); figures" in text
    assert "| youth_voice | 8 | – | – | – | – | 0.500 |\n" in text


def test_only_our_own_dialogues_are_called_invented(tmp_path: Path) -> None:
    made = {"dialogues": 2, "exchanges": 0, "utterances": 9, "hands": ["x"]}
    ours = plain_artefact(tmp_path / "ours", trained_on={**made, "own_dialogues": True})
    theirs = plain_artefact(tmp_path / "theirs", trained_on={**made, "own_dialogues": False}, licence=GIVEN_LICENCE)
    assert "They are invented" in card_text(ours, {}, svg="")
    assert "nvented, and" not in card_text(theirs, {}, svg="")
    assert "**that of the data the program gave**" in card_text(theirs, {}, svg="")


def test_the_licence_is_ours_only_where_nothing_else_taught(tmp_path: Path) -> None:
    assert licence_of(Plan(dialogues=OWN)) == OWN_LICENCE
    assert licence_of(Plan(dialogues=OWN / ".." / OWN.name)) == OWN_LICENCE
    assert licence_of(Plan(dialogues=OWN, data=tmp_path)) == OWN_LICENCE  # outside corpora teach another artefact
    assert licence_of(Plan(dialogues=tmp_path)) == GIVEN_LICENCE
    assert licence_of(Plan(dialogues=OWN, decisions=tmp_path / "decisions.json")) == GIVEN_LICENCE
