"""The flow from a source to a pre-annotation: what is made, what is resumed, what is refused."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from inference.options import DEFAULT, Options, options_from_document
from inference.pipeline import STAGES, annotate
from inference.workspace import WorkspaceDamaged
from model.errors import InputRefused, RubricInvalid, TranscriptInvalid
from model.indicators import Indicator
from model.measures import MEASURE_IDS
from model.preannotation import PreAnnotation, to_document
from model.rubric_pack import shipped_rubrics
from tests.inference.media.made import clip

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "docs/formats/preannotation.schema.json").read_text())
)

SCENE = """WEBVTT

00:01.000 --> 00:04.000
<v Teacher>What do you notice about the two bridges?

00:06.500 --> 00:10.000
<v Student 1>I think the triangles hold better because they cannot squish.

00:10.600 --> 00:13.000
<v Teacher>Why do you think they cannot squish?

00:16.000 --> 00:19.000
<v Student 2>Because the sides push against each other.

00:19.800 --> 00:21.000
<v Teacher>Please put the tape back in the box.
"""


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    path = tmp_path / "scene.vtt"
    path.write_text(SCENE)
    return path


def measured(made: PreAnnotation, id_: str) -> float | None:
    return next(m.value for m in made.measures if m.id == id_)


# ---- a transcript someone already has ------------------------------------------------------------------------------


def test_a_transcript_becomes_evidence_and_measures(scene: Path) -> None:
    told: list[tuple[str, float]] = []
    made = annotate(scene, progress=lambda stage, share: told.append((stage, share)))
    SCHEMA.validate(json.loads(json.dumps(to_document(made))))

    asked = [e for e in made.evidence if e.indicator is Indicator.PURPOSEFUL_QUESTIONS]
    assert {e.span.utterances[0] for e in asked} == {"u1", "u3"}  # both questions, not the request about the tape
    assert any(e.indicator is Indicator.YOUTH_VOICE for e in made.evidence)
    assert {c.kind for c in asked[0].cues} >= {"words", "wait"}

    assert made.media.streams == ()
    assert made.media.duration == 21.0
    assert tuple(m.id for m in made.measures) == MEASURE_IDS
    # youth 3.5 + 3.0 s of 3.0 + 3.5 + 2.4 + 3.0 + 1.2 = 13.1 s
    assert measured(made, "talk_share_youth") == pytest.approx(6.5 / 13.1, abs=1e-3)
    assert all(m.coverage is None for m in made.measures)  # no sound, so nobody can know

    assert [v.part for v in made.versions] == ["tagger"]  # every role was given, no model named them
    # media stages are passed over, the others are told from 0 to 1 in order
    assert list(dict.fromkeys(stage for stage, _ in told)) == ["probe", "speakers", "indicators", "preannotation"]
    for stage in {stage for stage, _ in told}:
        shares = [share for named, share in told if named == stage]
        assert (shares[0], shares[-1]) == (0.0, 1.0)
        assert shares == sorted(shares)


def test_the_same_source_gives_the_same_document(scene: Path) -> None:
    assert to_document(annotate(scene)) == to_document(annotate(scene))


def test_a_transcript_without_times_needs_none(tmp_path: Path) -> None:
    path = tmp_path / "scene.json"
    said = [
        {"role": "facilitator", "text": "What do you notice about the two bridges?"},
        {"role": "youth", "text": "I think the triangles hold better because they cannot squish."},
    ]
    path.write_text(json.dumps({"utterances": said}))
    made = annotate(path)
    SCHEMA.validate(json.loads(json.dumps(to_document(made))))
    assert any(e.code == "open" and e.span.start is None for e in made.evidence)
    assert measured(made, "talk_share_youth") is None
    assert measured(made, "word_share_youth") == pytest.approx(10 / 18, abs=1e-3)


def test_another_language_is_said_and_nothing_is_pointed_at(tmp_path: Path) -> None:
    path = tmp_path / "scene.json"
    said = [{"role": "facilitator", "text": "¿Qué observan en los dos puentes?"}]
    path.write_text(json.dumps({"utterances": said, "language": "es"}))
    made = annotate(path)
    assert made.evidence == ()
    assert [w.code for w in made.media.warnings] == ["language"]
    assert next(m.reason for m in made.measures if m.id == "count_open") == "Codes were not looked for."


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.vtt", "", "is empty"),
        ("a.vtt", "WEBVTT\n\n1\nno times here\n", "Line 3"),
        ("a.json", '{"utterances": [{"text": "a", "start": 1}]}', "utterances[0]"),
    ],
)
def test_a_broken_transcript_is_refused_with_the_place(tmp_path: Path, name: str, text: str, told: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises((InputRefused, TranscriptInvalid)) as refused:
        annotate(path)
    assert told in refused.value.fact


def test_a_transcript_of_days_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "days.json"
    path.write_text(json.dumps({"utterances": [{"text": "Hm."}] * 20_001}))
    with pytest.raises(InputRefused, match="20001 utterances"):
        annotate(path)


# ---- recordings that need no speech model --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def silent_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of moving picture without a sound track."""
    return clip(tmp_path_factory.mktemp("film") / "two rivers – café.mp4", sound=None)


def test_a_film_without_sound_is_annotated_as_far_as_it_goes(silent_film: Path, tmp_path: Path) -> None:
    made = annotate(silent_film, options=Options(rubrics=shipped_rubrics()), workspace=tmp_path / "work")
    SCHEMA.validate(json.loads(json.dumps(to_document(made))))
    assert made.media.name == "two rivers – café.mp4"
    assert [w.code for w in made.media.warnings] == ["too_short", "no_audio"]
    assert "0:03 long" in made.media.warnings[0].text
    assert "asks for 20:00" in made.media.warnings[0].text
    assert made.transcript.utterances == ()
    assert {(m.value, m.reason) for m in made.measures} == {(None, "No voice was heard.")}
    rubrics = [(v.name, v.sha256) for v in made.versions if v.part == "rubric"]
    assert rubrics == [(f"{r.id} {r.version}", r.content_hash) for r in shipped_rubrics()]
    kept = {path.name for path in (tmp_path / "work").iterdir()}
    assert {"probe.json", "proxy.mp4", "peaks.json", "thumbnails.jpg", "sound.json", "preannotation.json"} <= kept
    assert "audio.wav" not in kept


def test_the_tolerance_of_a_rubric_is_kept(silent_film: Path) -> None:
    rubric = shipped_rubrics()[0]
    lenient = replace(rubric, evidence=replace(rubric.evidence, video_min_s=10.0, tolerance_s=7.5))
    made = annotate(silent_film, options=Options(rubrics=(lenient,), playback=False))
    assert [w.code for w in made.media.warnings] == ["no_audio"]  # 3 s is within 7.5 s of 10 s


def test_without_a_workspace_nothing_stays_behind(
    silent_film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    annotate(silent_film, options=Options(playback=False))
    assert list(tmp_path.iterdir()) == []


# ---- going on, starting again --------------------------------------------------------------------------------------


QUICK = Options(playback=False)


def plant(work: Path) -> None:
    """Leave a result that no stage would make, to see whether it is taken for done."""
    planted = {"code": "quiet", "text": "Planted.", "at": []}
    (work / "sound.json").write_text(json.dumps({"warnings": [planted]}))
    (work / "preannotation.json").unlink()


def was_taken(made: PreAnnotation) -> bool:
    return "Planted." in [warning.text for warning in made.media.warnings]


def test_a_stage_whose_result_is_there_is_not_run_again(silent_film: Path, tmp_path: Path) -> None:
    annotate(silent_film, options=QUICK, workspace=tmp_path)
    plant(tmp_path)
    assert was_taken(annotate(silent_film, options=QUICK, workspace=tmp_path))


@pytest.mark.parametrize(
    "options",
    [replace(QUICK, language="en"), replace(QUICK, rubrics=shipped_rubrics()[:1])],
    ids=["language", "rubric"],
)
def test_results_made_with_other_options_are_not_taken(silent_film: Path, tmp_path: Path, options: Options) -> None:
    annotate(silent_film, options=QUICK, workspace=tmp_path)
    plant(tmp_path)
    assert not was_taken(annotate(silent_film, options=options, workspace=tmp_path))


def test_results_made_with_other_threads_are_the_same(silent_film: Path, tmp_path: Path) -> None:
    annotate(silent_film, options=QUICK, workspace=tmp_path)
    plant(tmp_path)
    assert was_taken(annotate(silent_film, options=replace(QUICK, threads=1), workspace=tmp_path))


def test_results_of_another_source_are_not_taken_and_of_a_copy_are(silent_film: Path, tmp_path: Path) -> None:
    annotate(silent_film, options=QUICK, workspace=tmp_path / "work")
    plant(tmp_path / "work")
    copy = tmp_path / "copy.mp4"  # the same bytes with another name and date
    shutil.copyfile(silent_film, copy)
    assert was_taken(annotate(copy, options=QUICK, workspace=tmp_path / "work"))
    plant(tmp_path / "work")
    other = clip(tmp_path / "other.mp4", picture="testsrc2=s=320x180:r=30", sound=None)
    assert not was_taken(annotate(other, options=QUICK, workspace=tmp_path / "work"))


def test_a_damaged_workspace_is_named(scene: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    annotate(scene, workspace=work)
    (work / "preannotation.json").unlink()
    (work / "transcript.json").write_text('{"utterances": [{"id": 7}]')
    with pytest.raises(WorkspaceDamaged, match=r"transcript\.json"):
        annotate(scene, workspace=work)


def test_what_a_killed_run_left_half_made_is_removed(scene: Path, tmp_path: Path) -> None:
    half = tmp_path / "work" / ".making-abc"
    half.mkdir(parents=True)
    (half / "lock").touch()
    (half / "transcript.json").write_text('{"utter')
    annotate(scene, workspace=tmp_path / "work")
    assert not half.exists()


# ---- options -------------------------------------------------------------------------------------------------------


def test_options_travel_as_a_document() -> None:
    options = Options(
        engine="openai-whisper", model="small", language="en", threads=4, playback=False, rubrics=shipped_rubrics()
    )
    assert options_from_document(json.loads(json.dumps(options.to_document()))) == options
    assert options_from_document({}) == DEFAULT
    assert options_from_document({"rubrics": ["youth-voice"]}).rubrics[0].id == "youth-voice"


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"engine": "magic"}, "engine"),
        ({"threads": 0}, "threads"),
        ({"enigne": "faster-whisper"}, "enigne"),
        ({"rubrics": ["no-such-pack"]}, "rubrics[0]"),
    ],
)
def test_wrong_options_are_refused_with_the_field(document: dict[str, object], place: str) -> None:
    with pytest.raises(InputRefused) as refused:
        options_from_document(document)
    assert refused.value.fact.startswith(f"Options: {place}: ")


def test_a_broken_rubric_in_the_options_is_refused_as_one() -> None:
    with pytest.raises(RubricInvalid):
        options_from_document({"rubrics": [{"format": "lookfors.rubric/1"}]})


# ---- with the speech models ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_recording_in_which_nobody_speaks_says_so(tmp_path: Path) -> None:
    noise = clip(tmp_path / "noise.wav", picture=None, sound="anoisesrc=color=pink:amplitude=0.02:r=16000:seed=1")
    made = annotate(noise, options=Options(playback=False))
    assert "no_speech" in [w.code for w in made.media.warnings]
    assert made.transcript.utterances == ()
    assert all(m.value is None for m in made.measures)


def test_the_stages_are_the_ones_the_service_knows() -> None:
    assert [stage.name for stage in STAGES] == [
        "probe",
        "playback",
        "audio",
        "transcript",
        "speakers",
        "indicators",
        "preannotation",
    ]
    assert sum(stage.share for stage in STAGES) == pytest.approx(1.0)


def test_another_tagger_reads_anew_what_was_heard(scene: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    annotate(scene, workspace=folder)
    heard = (folder / "transcript.json").stat().st_mtime_ns
    stamp = json.loads((folder / "stamp.json").read_text())
    (folder / "stamp.json").write_text(json.dumps({**stamp, "tagger": "of an earlier version"}))
    (folder / "tagged.json").write_text('{"of": "an earlier version"}')
    assert annotate(scene, workspace=folder).evidence
    assert (folder / "transcript.json").stat().st_mtime_ns == heard
    assert json.loads((folder / "stamp.json").read_text()) == stamp
