"""`lookfors evaluate` and `lookfors models compare` from the command line, on a tagger without a model."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import lookfors
from tests.training.plain_artefact import plain_artefact
from training.cli import evaluate
from training.corpora.dialogues import OWN, read_dialogues


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Two of our own test dialogues."""
    folder = tmp_path / "few"
    folder.mkdir()
    for file in sorted((OWN / "test").glob("*.tsv"))[:2]:
        (folder / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def test_tables_go_to_standard_output_and_the_report_into_file_and_card(few: Path, tmp_path: Path) -> None:
    first, second = read_dialogues(few)
    for name, seen in (("a", first), ("b", second)):
        plain_artefact(
            tmp_path / name,
            trained_on={
                "dialogues": 1,
                "exchanges": 0,
                "utterances": 9,
                "hands": ["x"],
                "dialogue_digests": [seen.digest],
            },
            name=name,
        )
    out = tmp_path / "report.json"
    arguments = [str(tmp_path / "a"), "--data", str(few), "--draws", "20", "--json", str(out), "--card"]
    result = CliRunner().invoke(evaluate, arguments)
    assert result.exit_code == 0, result.output
    for title in ("As written: what is flagged", "F1 lost against as written", "In all"):
        assert title in result.stdout
    assert "Left out, since they taught it: 1" in result.stdout
    assert json.loads(out.read_text())["left_out_as_seen"] == 1
    card = (tmp_path / "a" / "card.md").read_text()
    assert f"1 dialogues, {len(second.lines)} utterances; 1 others were left out" in card
    # of two dialogues each taught one tagger: nothing is left on which the two could be compared
    result = CliRunner().invoke(
        lookfors.main, ["models", "compare", str(tmp_path / "a"), str(tmp_path / "b"), "--data", str(few)]
    )
    assert result.exit_code == 3
    assert "trained on every dialogue" in " ".join(result.stderr.split())


def test_two_taggers_are_compared_on_standard_output(few: Path, tmp_path: Path) -> None:
    plain_artefact(tmp_path / "a")
    result = CliRunner().invoke(
        lookfors.main,
        ["models", "compare", str(tmp_path / "a"), str(tmp_path / "a"), "--data", str(few), "--draws", "20"],
    )
    assert result.exit_code == 0, result.output
    assert "Compared" in result.stdout
    assert "as written: macro AUPRC" in result.stdout
