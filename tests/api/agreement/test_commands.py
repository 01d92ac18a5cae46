"""The commands as a person runs them, on simulated programs whose truth is known."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from api.agreement.document import to_document
from api.agreement.page import render
from api.agreement.ratings_file import read_ratings_file
from api.agreement.study import Study, study
from api.agreement.words import apa, bracket, lead, number, read_alpha, signed
from lookfors import main
from model.agreement import krippendorff_alpha
from training.simulate import Arms, Scenario, simulate
from training.simulate.files import write_files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("simulated")
    arms = Arms(unassisted=0.4, blind_then_reveal=0.2, assisted=0.4, pull=0.5)
    write_files(simulate(Scenario(submissions=70, arms=arms), seed=11), found)
    return found


@pytest.fixture(scope="module")
def figures(folder: Path) -> Study:
    file = read_ratings_file(folder / "ratings.csv", levels=["1", "2", "3", "4"])
    return study(file, resamples=200)


def run(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return done.exit_code, done.stdout, done.stderr


def test_agreement_shows_reads_and_writes(folder: Path, tmp_path: Path) -> None:
    code, shown, _ = run(
        "agreement", folder / "ratings.csv", "--levels", "1,2,3,4", "--resamples", 200,
        "--json", tmp_path / "a.json", "--html", tmp_path / "a.html",
    )  # fmt: skip

    assert code == 0
    for phrase in ("Krippendorff's α, ordinal = ", "How severe each rater is", "What suggestions did"):
        assert phrase in shown
    document = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert document["format"] == "lookfors.agreement/1"
    assert document["agreement"][0]["criterion"] == "all criteria"
    assert "<h1>Do the raters agree?</h1>" in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_every_coefficient_in_the_document_has_a_value_or_a_reason(figures: Study) -> None:
    document = json.loads(json.dumps(to_document(figures), allow_nan=False))
    seen = 0
    for block in document["agreement"]:
        for found in block["coefficients"].values():
            assert (found["value"] is None) == (found["reason"] is not None)
            assert found["low"] is not None or found["interval_reason"] or found["reason"]
            assert found["n_pairable"] >= 0
            seen += 1
    assert seen == 5 * 13


def test_figures_are_those_of_the_api(folder: Path, figures: Study) -> None:
    """The command's α against the published function on an array made by hand from the file."""
    rows = [line.split(",") for line in (folder / "ratings.csv").read_text().splitlines()[1:]]
    kept = [row for row in rows if row[5] in {"unassisted", "blind"} and row[1] == "press"]
    submissions, raters = (sorted({row[place] for row in kept}) for place in (0, 2))
    cells = np.full((len(submissions), len(raters)), np.nan)
    for row in kept:
        cells[submissions.index(row[0]), raters.index(row[2])] = float(row[3])

    expected = krippendorff_alpha(cells, categories=[1, 2, 3, 4]).value
    block = next(block for block in figures.blocks if block.name == "press")
    assert block.figure("alpha_ordinal").value == pytest.approx(expected)
    assert sum(map(sum, block.confusion)) == 2 * block.n_pairs


def test_same_file_same_report(folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        run(
            "agreement", folder / "ratings.csv", "--levels", "1,2,3,4", "--criterion", "press", "--quiet",
            "--resamples", 200, "--html", tmp_path / name, "--json", tmp_path / f"{name}.json",
        )  # fmt: skip

    assert (tmp_path / "one").read_text() == (tmp_path / "two").read_text()
    assert (tmp_path / "one.json").read_text() == (tmp_path / "two.json").read_text()


def test_page_fetches_nothing_runs_nothing_and_has_a_table_for_each_chart(figures: Study) -> None:
    page = render(figures)

    assert not re.search(r"https?://|<script|@import|url\(|<img|<link", page)
    assert page.count('class="chart"') <= page.count("<table")
    assert "<html lang=" in page
    for heading in re.findall(r'href="#(\w+)"', page):
        assert f'id="{heading}"' in page


def test_page_escapes_what_the_file_says(tmp_path: Path) -> None:
    rows = [f"S{i},<b>c</b>,{rater},{1 + (i + j) % 3}" for i in range(6) for j, rater in enumerate(("a", "<script>"))]
    path = tmp_path / "r.csv"
    path.write_text("submission,criterion,rater,score\n" + "\n".join(rows) + "\n")
    page = render(study(read_ratings_file(path, levels=["1", "2", "3"]), resamples=100))

    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<b>c</b>" not in page


@pytest.mark.parametrize(
    "rows",
    [
        ["S1,c,a,2"],
        ["S1,c,a,2", "S1,c,b,2"],
        ["S1,c,a,2", "S2,c,a,3", "S3,c,a,1"],
        ["S1,c,a,2", "S1,c,b,2", "S2,c,a,2", "S2,c,b,2"],
        ["S1,c,a,", "S1,c,b,"],
        ["S1,c,a,1", "S1,d,b,2"],
    ],
    ids=["one score", "one unit", "one rater", "one value", "nothing scored", "never the same thing"],
)
def test_files_with_too_little_get_a_report_that_says_why(tmp_path: Path, rows: list[str]) -> None:
    path = tmp_path / "few.csv"
    path.write_text("submission,criterion,rater,score\n" + "\n".join(rows) + "\n")

    code, shown, error = run("agreement", path, "--levels", "1,2,3", "--html", tmp_path / "p", "--json", tmp_path / "j")

    assert code == 0, error
    assert "cannot be computed" in shown or "no value" in shown
    assert "NaN" not in (tmp_path / "j").read_text()


def test_refusals_end_with_three_and_say_what_to_do(folder: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("submission,criterion,rater,score\nS1,c,a,7\n")

    assert run("agreement", bad, "--levels", "1,2")[0] == 3
    code, _, error = run("agreement", folder / "ratings.csv", "--criterion", "tempo")
    assert (code, "has no criterion tempo" in error) == (3, True)
    assert run("agreement", tmp_path / "none.csv")[0] == 2
    assert run("agreement", bad, "--column", "rater")[0] == 2


def test_help_loads_no_numerical_library() -> None:
    heavy = "('numpy', 'torch', 'jinja2')"
    code = f"import sys; from api.agreement import cli; sys.exit(any(m in sys.modules for m in {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_evidence_agreement_finds_the_planted_misses(folder: Path, tmp_path: Path) -> None:
    """Machine misses 30 %, raters 25 %; the machine finds about 70 % of what a rater truly saw."""
    code, shown, error = run(
        "agreement-evidence", folder / "evidence.csv", "--reference", "R01", "--other", "machine",
        "--audit", folder / "audit.csv", "--json", tmp_path / "e.json",
    )  # fmt: skip
    document = json.loads((tmp_path / "e.json").read_text())

    assert code == 0, error
    assert "There is no agreed cut-off" in shown
    whole = document["agreement"][0]
    by_tolerance = {point["tolerance_s"]: point["recall"]["value"] for point in whole["curve"]}
    # .7 of the true marks; false alarms of the rater (about 1 in 7 marks) find no match: .7 · .85 = .6
    assert by_tolerance[5] == pytest.approx(0.6, abs=0.08)
    assert [row["indicator"] for row in document["missed"]]


def test_evidence_refusals(folder: Path, tmp_path: Path) -> None:
    bad = tmp_path / "t.csv"
    bad.write_text("submission,rater,indicator,start,end\nS1,a,v,5,2\nS1,b,v,x,9\nS1,b,,1,2\n")

    code, _, error = run("agreement-evidence", bad)
    assert code == 3
    for phrase in ("line 2, column end", "line 3, column start", "line 4, column indicator"):
        assert phrase in error
    assert run("agreement-evidence", folder / "evidence.csv", "--reference", "R01")[0] == 2
    assert run("agreement-evidence", folder / "evidence.csv", "--reference", "R01", "--other", "nobody")[0] == 2


def test_calibrate_fits_reports_writes_and_keeps_the_better(folder: Path, tmp_path: Path) -> None:
    asked = ("calibrate", folder / "measures.csv", folder / "ratings.csv", "--levels", "1,2,3,4")
    code, shown, error = run(*asked, "--json", tmp_path / "m.json")

    assert code == 0, error
    assert "assisted scores are not used" in shown
    assert "RPS" in shown
    again = run(*asked, "--last", tmp_path / "m.json")
    assert "replaces the last model" in again[1].replace("\n", " ")
    assert json.loads((tmp_path / "m.json").read_text())["format"] == "lookfors.scores/1"


def test_calibrate_says_not_enough_data_and_asks_for_the_protocol(tmp_path: Path) -> None:
    measures, scores = tmp_path / "m.csv", tmp_path / "s.csv"
    measures.write_text("submission,c\n" + "".join(f"S{i},{i % 5}\n" for i in range(9)))
    scores.write_text("submission,criterion,rater,score\n" + "".join(f"S{i},c,a,{1 + i % 3}\n" for i in range(9)))

    code, _, error = run("calibrate", measures, scores, "--levels", "1,2,3")
    assert (code, "were given blind" in error) == (3, True)
    code, shown, _ = run("calibrate", measures, scores, "--levels", "1,2,3", "--all-blind")
    assert (code, "Not enough data: 9 submissions" in shown) == (0, True)


@pytest.mark.parametrize(
    ("value", "said"), [(0.5649, ".56"), (-0.123, "−.12"), (1.0, "1.00"), (-0.001, ".00"), (None, "–"), (-1.2, "−1.20")]
)
def test_numbers_in_apa_style(value: float | None, said: str) -> None:
    assert number(value) == said


def test_sentences_read_intervals_not_points(figures: Study) -> None:
    found = figures.blocks[0].figure("alpha_ordinal")

    def reading(value: float, low: float, high: float) -> str:
        return read_alpha(replace(found, value=value, low=low, high=high))

    assert "relied on" in reading(0.9, 0.81, 0.95)
    assert "tentative conclusions." in reading(0.75, 0.7, 0.85)
    assert "too little even" in reading(0.4, 0.2, 0.6)
    assert "too wide to tell" in reading(0.82, 0.5, 0.9)
    assert bracket(0.5, 0.6) == "95% CI [.50, .60]"
    assert signed(-0.001) == "0.00"
    assert apa("α", found).startswith("α = ")
    assert any("submissions were scored by two or more" in sentence for sentence in lead(figures))
