"""`lookfors annotate` as outsiders use it: results, folders, resuming, refusals, exit codes."""

import json
import os
import time
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

import lookfors
from model.formats.webvtt import read_webvtt
from tests.inference.media.made import clip

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "docs/formats/preannotation.schema.json").read_text())
)
SCENE = """WEBVTT

00:01.000 --> 00:04.000
<v Teacher>What do you notice about the two bridges?

00:06.500 --> 00:10.000
<v Student 1>I think the triangles hold better because they cannot squish.
"""


def annotate(*arguments: str | Path) -> Result:
    return CliRunner().invoke(lookfors.main, ["annotate", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def silent_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of picture without sound: everything runs but the speech models."""
    return clip(tmp_path_factory.mktemp("film") / "film.mp4", sound=None)


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    path = tmp_path / "scene.vtt"
    path.write_text(SCENE)
    return path


# ---- one source ----------------------------------------------------------------------------------------------------


def test_every_kind_of_result_from_one_run(scene: Path, tmp_path: Path) -> None:
    wanted = {kind: tmp_path / "out" / f"result.{kind}" for kind in ("json", "vtt", "html", "eaf")}
    done = annotate(scene, *(part for kind, out in wanted.items() for part in (f"--{kind}", out)))
    assert done.exit_code == 0
    assert done.stdout == ""  # only what is asked for with - goes there
    document = json.loads(wanted["json"].read_text())
    SCHEMA.validate(document)
    assert {e["indicator"] for e in document["evidence"]} == {"purposeful_questions", "youth_voice"}
    assert [u.text for u in read_webvtt(wanted["vtt"].read_bytes()).utterances] == [
        "What do you notice about the two bridges?",
        "I think the triangles hold better because they cannot squish.",
    ]
    assert "<v Facilitator>" in wanted["vtt"].read_text()
    assert Xml.parse(wanted["eaf"]).getroot().tag == "ANNOTATION_DOCUMENT"
    assert "What do you notice about the two bridges?" in wanted["html"].read_text()
    assert "Written: " in done.stderr
    assert "Purposeful questions" in done.stderr
    assert not list(tmp_path.rglob(".*"))  # nothing half written


def test_what_another_run_is_writing_is_left_alone(scene: Path, tmp_path: Path) -> None:
    draft = tmp_path / ".result.vtt.part"
    draft.write_text("half of it")
    assert annotate(scene, "--vtt", tmp_path / "result.vtt").exit_code == 0
    assert draft.read_text() == "half of it"


def test_a_dash_prints_the_document_and_nothing_else(scene: Path) -> None:
    done = annotate(scene, "--json", "-")
    assert done.exit_code == 0
    SCHEMA.validate(json.loads(done.stdout))


def test_a_result_into_a_folder_that_is_there_takes_the_sources_name(silent_film: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert annotate(silent_film, "--json", tmp_path / "out").exit_code == 0
    assert (tmp_path / "out" / "film.json").is_file()


def test_without_any_result_asked_for_a_page_and_a_document_are_written(silent_film: Path, tmp_path: Path) -> None:
    assert annotate(silent_film).exit_code == 0
    assert {path.name for path in (tmp_path / "lookfors-results").iterdir()} == {"film.html", "film.json"}


def test_a_workspace_is_kept_and_gone_on_from(silent_film: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    assert annotate(silent_film, "--json", "-", "--workspace", work).exit_code == 0
    assert not (work / "proxy.mp4").exists()  # nobody plays it here
    made_at = (work / "preannotation.json").stat().st_mtime_ns
    annotate(silent_film, "--json", "-", "--workspace", work)
    assert (work / "preannotation.json").stat().st_mtime_ns == made_at
    annotate(silent_film, "--json", "-", "--workspace", work, "--force")
    assert (work / "preannotation.json").stat().st_mtime_ns > made_at


def test_one_file_that_is_named_is_always_done(silent_film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    out.write_text("from another time")
    assert annotate(silent_film, "--json", out).exit_code == 0
    SCHEMA.validate(json.loads(out.read_text()))


def test_the_rubric_that_is_named_is_the_one_in_the_document(silent_film: Path) -> None:
    done = annotate(silent_film, "--json", "-", "--rubric", "youth-voice")
    versions = json.loads(done.stdout)["versions"]
    assert [v["name"] for v in versions if v["part"] == "rubric"] == ["youth-voice 0.1"]


# ---- a folder ------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(silent_film: Path, tmp_path: Path) -> Path:
    """Two good recordings of one stem, one in a sub-folder, one that is text, and what is to be left alone."""
    videos = tmp_path / "videos"
    (videos / "week 2").mkdir(parents=True)
    for name in ("a.mp4", "a.mov", "week 2/b.mp4"):
        (videos / name).write_bytes(silent_film.read_bytes())
    (videos / "broken.mp4").write_text("not a film at all")
    (videos / "notes.txt").write_text("bring tape")
    (videos / "._a.mp4").write_bytes(b"\0\5\x16\7")  # what another system leaves beside its files
    return videos


def test_a_folder_is_walked_and_one_bad_file_stops_nothing(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = annotate(folder, "--json", out, "--html", out)
    assert done.exit_code == 3  # one was refused
    made = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert made == {
        *("a.mp4.json", "a.mov.json", "week 2/b.json"),  # two of one name keep their suffix
        *("a.mp4.html", "a.mov.html", "week 2/b.html"),
    }
    assert "broken.mp4" in done.stderr
    assert "refused" in done.stderr
    assert "Passed over, being no recordings: 1 × .txt." in done.stderr


def test_a_folder_is_resumed(folder: Path, tmp_path: Path) -> None:
    (folder / "broken.mp4").unlink()
    out = tmp_path / "out"
    assert annotate(folder, "--json", out).exit_code == 0
    finished = {path: path.stat().st_mtime_ns for path in out.rglob("*.json")}
    (out / "a.mov.json").unlink()  # as if the run had been stopped before it
    done = annotate(folder, "--json", out)
    assert done.exit_code == 0
    assert done.stderr.count("already done") >= 2
    for path, made_at in finished.items():
        assert (path.stat().st_mtime_ns == made_at) == (path.name != "a.mov.json")


def test_a_recording_that_changed_and_a_forced_run_are_done_again(silent_film: Path, tmp_path: Path) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    film = videos / "a.mp4"
    film.write_bytes(silent_film.read_bytes())
    out = tmp_path / "out" / "a.json"

    def made_again(*arguments: str) -> bool:
        before = out.stat().st_mtime_ns
        assert annotate(videos, "--json", tmp_path / "out", *arguments).exit_code == 0
        return out.stat().st_mtime_ns != before

    assert annotate(videos, "--json", tmp_path / "out").exit_code == 0
    assert not made_again()
    assert made_again("--force")
    later = time.time() + 60
    os.utime(film, (later, later))
    assert made_again()


def test_several_files_need_a_folder(silent_film: Path, scene: Path, tmp_path: Path) -> None:
    done = annotate(silent_film, scene, "--json", tmp_path / "out")
    assert done.exit_code == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"film.json", "scene.json"}


def test_an_empty_folder_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = annotate(tmp_path / "empty", "--json", tmp_path / "out")
    assert done.exit_code == 0
    assert "No recordings here." in done.stderr


# ---- what goes wrong -----------------------------------------------------------------------------------------------


def test_a_refused_file_is_exit_code_3_with_fact_and_remedy(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    done = annotate(path, "--json", tmp_path / "out.json")
    assert done.exit_code == 3
    assert "empty.mp4: refused: " in done.stderr
    assert not (tmp_path / "out.json").exists()


def test_captions_from_a_transcript_without_times_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "scene.json"
    path.write_text('{"utterances": [{"role": "youth", "text": "It bends."}]}')
    done = annotate(path, "--vtt", tmp_path / "out.vtt")
    assert done.exit_code == 3
    assert "no times" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Missing argument"),
        (["gone.mp4"], "does not exist"),
        (["scene.vtt", "--json", "-", "--vtt", "-"], "Only one result"),
        (["scene.vtt", "scene.vtt", "--json", "-"], "need a folder"),
        (["scene.vtt", "scene.vtt", "--json", "scene.vtt"], "this is a file"),
        (["scene.vtt", "--engine", "magic"], "magic"),
        (["scene.vtt", "--rubric", "nonsense"], "purposeful-questions"),
    ],
)
def test_wrong_usage_is_exit_code_2(scene: Path, arguments: list[str], told: str) -> None:
    done = annotate(*arguments)
    assert done.exit_code == 2
    assert told in done.stderr


def test_our_own_failure_is_exit_code_1_and_one_sentence(silent_film: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = annotate(silent_film, "--json", tmp_path / "file" / "out.json")  # a folder cannot be made there
    assert done.exit_code == 1
    assert "film.mp4: failed: " in done.stderr
    assert "Traceback" not in done.stderr
    with pytest.raises(OSError, match="file"):
        annotate(silent_film, "--json", tmp_path / "file" / "out.json", "--debug")


# ---- models and check ----------------------------------------------------------------------------------------------


def test_models_lists_weights_with_licences_and_hashes() -> None:
    done = CliRunner().invoke(lookfors.main, ["models", "--json"])
    assert done.exit_code == 0
    listed = json.loads(done.stdout)
    assert {weight["part"] for weight in listed["weights"]} >= {"transcriber", "speakers", "tagger"}
    assert all(len(weight["sha256"]) == 64 and weight["licence"] and weight["size"] for weight in listed["weights"])
    assert len(listed["rubrics"]) == 4
    table = CliRunner().invoke(lookfors.main, ["models"]).stdout
    assert all(weight["sha256"][:12] in table for weight in listed["weights"])


def test_the_encoder_listed_is_the_one_loaded() -> None:
    from inference.encoder import FILES, PACKAGE
    from inference.inventory import ENCODER

    assert (ENCODER.package, ENCODER.sha256) == (PACKAGE, FILES[ENCODER.relative])


def test_check_finds_this_installation_whole() -> None:
    done = CliRunner().invoke(lookfors.main, ["check", "--json"])
    found = {check["name"]: check for check in json.loads(done.stdout)}
    assert done.exit_code == 0, found
    for name in ("Python", "Packages", "ffmpeg", "Speech model", "Speaker model", "Sentence encoder", "Tagger"):
        assert found[name]["state"] == "ok", found[name]


def test_check_names_what_is_missing_and_how_to_mend_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LOOKFORS_CACHE", str(tmp_path / "file" / "cache"))  # cannot be made
    done = CliRunner().invoke(lookfors.main, ["check"])
    assert done.exit_code == 1
    assert "✗ Disk: the cache folder cannot be made" in done.stdout
    assert "LOOKFORS_CACHE" in done.stdout
