"""`lookfors train` and `lookfors evaluate` from start to finish on a few dialogues: files, figures, refusals."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import lookfors
from inference.artefact import read_manifest
from inference.auxiliary import read_auxiliary_manifest
from inference.tagger import load_tagger
from model.indicators import CODE_IDS
from training.cli import evaluate, train
from training.corpora.dialogues import OWN
from training.fit_conversation import Recipe
from training.run import Plan, train_tagger

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four training dialogues, one kept as the test, and twenty seed exchanges."""
    folder = tmp_path_factory.mktemp("dialogues")
    files = sorted((OWN / "train").glob("*.tsv"))
    for part, chosen in (("train", files[:4]), ("test", files[-1:])):
        (folder / part).mkdir()
        for file in chosen:
            shutil.copy(file, folder / part)
    (folder / "seeds").mkdir()
    seeds = (OWN / "seeds" / "exchanges.tsv").read_text(encoding="utf-8").split("\n\n")
    (folder / "seeds" / "few.tsv").write_text("\n\n".join(seeds[:21]) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def trained(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A conversation tagger after one epoch: as poor as it is quick."""
    out = tmp_path_factory.mktemp("artefact") / "tagger"
    plan = Plan(dialogues=few, folds=2, recipe=Recipe(epochs=1))
    train_tagger(out, plan, force=False, say=lambda what, share: None)
    return out


def test_what_was_trained_can_be_loaded_and_says_what_it_is(trained: Path, few: Path) -> None:
    manifest = read_manifest(trained)
    assert manifest.document["trained_on"]["dialogues"] == 4
    assert manifest.document["trained_on"]["exchanges"] == 20
    assert len(manifest.document["trained_on"]["dialogue_digests"]) == 24
    assert manifest.document["wanted_precision"] == 0.75
    assert manifest.licence == "that of the data the program gave"  # a folder that is not the project's own
    # the best of three in cross-validation is shipped, and the others' worth is on record
    considered = manifest.document["considered"]
    assert set(considered) == {"frozen", "conversation", "both"}
    assert manifest.name == f"lookfors-tagger-{max(considered, key=considered.__getitem__)}-20"
    assert set(dict(manifest.thresholds)) == set(CODE_IDS)
    assert "They are invented" not in (trained / "card.md").read_text()
    assert load_tagger(trained).version.sha256 == manifest.sha256


def test_evaluation_gives_every_figure_in_every_form(trained: Path, few: Path, tmp_path: Path) -> None:
    report_file, curve = tmp_path / "report.json", tmp_path / "curve.svg"
    arguments = [
        str(trained),
        "--data",
        str(few / "test"),
        "--json",
        str(report_file),
        "--svg",
        str(curve),
        "--draws",
        "20",
    ]
    result = CliRunner().invoke(evaluate, [*arguments, "--against", str(trained), "--card"])
    assert result.exit_code == 0, result.output
    report = json.loads(report_file.read_text())
    assert set(report["forms"]) == {"as_written", "without_punctuation", "recognised", "estimated_roles"}
    row = report["forms"]["as_written"]["indicators"]["youth_voice"]
    for figure in (
        "precision",
        "recall",
        "f1",
        "auprc",
        "mcc",
        "kappa",
        "debiased_calibration_error",
        "precision_at_5",
    ):
        assert set(row[figure]) == {"value", "low", "high"}
    assert set(report["forms"]["as_written"]["codes"]) == set(CODE_IDS)
    assert set(report["f1_lost"]["recognised"]["codes"]) == set(CODE_IDS)
    assert report["left_out_as_seen"] == 0
    assert all(found["difference"]["value"] in (0, None) for found in report["against"]["figures"].values())
    assert curve.read_text().startswith("<svg")
    for title in ("As written: what is flagged", "F1 lost against as written", "In all", "Compared"):
        assert title in result.output
    assert "On test dialogues" in (trained / "card.md").read_text()


def test_a_tagger_gains_nothing_over_itself(trained: Path, few: Path, tmp_path: Path) -> None:
    out = tmp_path / "compared.json"
    arguments = ["models", "compare", str(trained), str(trained), "--data", str(few / "test"), "--draws", "20"]
    result = CliRunner().invoke(lookfors.main, [*arguments, "--json", str(out)])
    assert result.exit_code == 0, result.output
    rows = json.loads(out.read_text())["figures"]
    # one test dialogue: a difference, and no interval of it
    assert rows["as_written: macro AUPRC"]["difference"] == {"value": 0, "low": None, "high": None}
    assert rows["as_written: youth_voice f1"]["ours"] == rows["as_written: youth_voice f1"]["theirs"]
    assert "Compared" in result.output


def test_a_task_the_tagger_was_not_taught_is_refused_with_the_remedy(trained: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.tsv"
    table.write_text(
        "group\ttranscript\tturn\trole\tsentence\tteacher_move\tstudent_move\tcontext_tag\n"
        "A\tA1\t1\tT\tWhy?\tpress_reasoning\t\tFalse\n"
    )
    result = CliRunner().invoke(evaluate, [str(trained), "--corpus", "talkmoves", "--data", str(table)])
    assert result.exit_code == 3
    assert "Nothing was trained on outside corpora" in " ".join(result.output.split())


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small stand-ins for the outside corpora: ten teachers of talk moves, thirty exchanges of each kind."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "talkmoves").mkdir()
    head = "group\ttranscript\tturn\trole\tsentence\tteacher_move\tstudent_move\tcontext_tag\n"
    pair = (
        "{g}\t{g}1\t{i}\tT\tWhy is it {i}?\tpress_reasoning\t\tFalse\n{g}\t{g}1\t{i}\tS\tIt is {i}.\t\tclaim\tFalse\n"
    )
    rows = (pair.format(g=group, i=i) for group in "ABCDEFGHIJ" for i in range(8))
    (folder / "talkmoves" / "t.tsv").write_text(head + "".join(rows))
    for name, column in (("focusing_ncte", "follow_up_unfiltered_majority"), ("uptake_ncte", "uptake_majority")):
        (folder / name).mkdir()
        lines = "".join(f"{i},It is {i}.,Why {i}?,{i % 3}.0\n" for i in range(30))
        (folder / name / "e.csv").write_text(f"obs_id,student_text,teacher_text,{column}\n{lines}")
    return folder


def test_outside_corpora_make_an_artefact_of_their_own_licence(few: Path, outside: Path, tmp_path: Path) -> None:
    out = tmp_path / "tagger"
    plan = Plan(dialogues=few, data=outside, folds=2, frozen_only=True, auxiliary_recipe=Recipe(epochs=1))
    train_tagger(out, plan, force=False, say=lambda what, share: None)
    assert "NC" not in read_manifest(out).licence  # the tagger itself learnt nothing from them
    manifest = read_auxiliary_manifest(out / "auxiliary")
    assert manifest.licence == "CC-BY-NC-SA-4.0"
    assert list(manifest.tasks) == ["teacher_move", "student_move", "follow_up", "uptake_level"]
    assert "CC-BY-NC-SA-4.0" in (out / "auxiliary" / "card.md").read_text()
    report_file = tmp_path / "report.json"
    for corpus, path in (("talkmoves", "talkmoves"), ("focusing", "focusing_ncte"), ("uptake", "uptake_ncte")):
        arguments = [str(out), "--corpus", corpus, "--data", str(outside / path), "--draws", "20"]
        result = CliRunner().invoke(evaluate, [*arguments, "--json", str(report_file)])
        assert result.exit_code == 0, result.output
        report = json.loads(report_file.read_text())
        # what it was trained on is left out, what was held out is judged
        assert report["left_out_as_seen"] > 0
        assert report["rows"] > 0


def test_a_corpus_that_cannot_be_read_ends_with_three(tmp_path: Path) -> None:
    result = CliRunner().invoke(train, ["--dialogues", str(tmp_path), "--out", str(tmp_path / "out")])
    assert result.exit_code == 3
    assert not (tmp_path / "out").exists()
