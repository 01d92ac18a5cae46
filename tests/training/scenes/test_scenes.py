"""The shipped sample says truly what is in it, and longer submissions made of it do too."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.media import extract_audio, find_edits, load_audio, probe
from model.errors import InputRefused
from model.indicators import Indicator
from training.scenes.longer import lengthen
from training.scenes.reference import moments
from training.scenes.room import Placed, length_of, mix, place
from training.scenes.script import Line, Script, Speaker, read_script
from training.scenes.table import Table

SAMPLE = Path(__file__).parents[3] / "sample"
RATE = 16_000


@pytest.fixture(scope="module")
def script() -> Script:
    return read_script(SAMPLE / "scene.toml")


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SAMPLE / "muddy-water.json").read_text())
    return read


def test_the_reference_is_the_scripts(script: Script, reference: dict[str, Any]) -> None:
    said = [(u["speaker"], u["text"], tuple(u["codes"])) for u in reference["utterances"]]
    assert said == [(line.speaker, line.text, line.codes) for line in script.lines]


def test_pauses_are_the_scripts(script: Script, reference: dict[str, Any]) -> None:
    """Each line begins `pause` seconds after all before it have ended."""
    free = 0.0
    for line, utterance in zip(script.lines, reference["utterances"], strict=True):
        assert utterance["start"] == pytest.approx(free + line.pause, abs=0.002)
        free = max(free, utterance["end"])


def test_the_film_is_small_short_and_as_long_as_the_reference_says(reference: dict[str, Any]) -> None:
    film = SAMPLE / reference["media"]
    assert film.stat().st_size < 6_000_000
    media = probe(film)
    assert media.duration == pytest.approx(reference["duration"], abs=0.2)
    assert 120 < reference["duration"] < 240
    assert [stream.kind for stream in media.streams] == ["video", "audio"]
    assert media.warnings == ()


def test_voices_are_heard_where_the_reference_has_them(tmp_path: Path, reference: dict[str, Any]) -> None:
    film = SAMPLE / reference["media"]
    extract_audio(film, tmp_path / "a.wav", media=probe(film))
    audio = load_audio(tmp_path / "a.wav")
    for utterance in reference["utterances"]:
        if utterance["id"] in reference["faint"]:
            continue
        spoken = audio[round(utterance["start"] * RATE) : round(utterance["end"] * RATE)]
        assert 20 * np.log10(np.sqrt((spoken**2).mean())) > -40
    before = audio[: round((reference["utterances"][0]["start"] - 0.1) * RATE)]
    assert 20 * np.log10(np.sqrt((before**2).mean())) < -48


def test_every_indicator_has_moments_and_some_waits_are_long(reference: dict[str, Any]) -> None:
    assert {moment["indicator"] for moment in reference["moments"]} == {each.value for each in Indicator}
    waits = [moment["wait_s"] for moment in reference["moments"] if moment["code"] == "open"]
    assert sum(wait >= 3.0 for wait in waits) >= 4
    assert len(reference["overlaps"]) == 1
    assert len(reference["faint"]) == 1


def test_a_questions_moment_reaches_to_the_end_of_its_answer() -> None:
    asked = {"id": "u1", "role": "facilitator", "start": 1.0, "end": 3.0, "codes": ["open", "everyday"]}
    answered = {"id": "u2", "role": "youth", "start": 6.5, "end": 9.0, "codes": []}
    assert moments([asked, answered]) == [
        {
            "indicator": "purposeful_questions", "code": "open", "said_by": "facilitator", "wait_s": 3.5,
            "start": 1.0, "end": 9.0, "utterances": ["u1", "u2"],
        },
        {
            "indicator": "stem_relevance", "code": "everyday", "said_by": "facilitator",
            "start": 1.0, "end": 3.0, "utterances": ["u1"],
        },
    ]  # fmt: skip


def test_a_negative_pause_speaks_into_the_line_before(script: Script) -> None:
    lines = (Line(speaker="maya", text="a", pause=1.0), Line(speaker="leo", text="b", pause=-0.5))
    two = Script(name="n", title="t", seed=1, speakers=script.speakers, lines=lines)
    placed = place(two, (2.0, 3.0))
    assert [(each.start, each.end) for each in placed] == [(1.0, 3.0), (2.5, 5.5)]
    assert length_of(placed) > 5.5


def test_a_turned_away_voice_is_faint(script: Script) -> None:
    speaker: Speaker = script.speaker("sam")
    voice = (0.1 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype(np.float32)
    loud, faint = (Placed(line=Line(speaker="sam", text="x", quiet_db=db), start=1.0, end=2.0) for db in (0.0, -20.0))
    levels = [mix(script, (each,), (voice,), rate=RATE)[RATE : 2 * RATE].std() for each in (loud, faint)]
    assert 15 < 20 * np.log10(levels[0] / levels[1]) < 21  # the room itself sounds on
    assert speaker.level_db < 0


def test_the_table_ends_as_it_began() -> None:
    """So that a longer film can repeat the picture without a visible joint."""
    table = Table(((0.0, "jug"), (5.0, "materials"), (10.0, "pour"), (20.0, "light"), (40.0, "jug")))
    names = ("bowls", "sand", "tilt", "jug", "cup", "clear", "light")
    assert [table.value(name, 60.0) for name in names] == [table.value(name, 1.0) for name in names]
    assert table.value("cup", 30.0) > 0
    assert table.hands(12.5)["maya"][1] is not None


@pytest.mark.parametrize(
    ("change", "place_named"),
    [
        (("lookfors.scene/1", "lookfors.scene/9"), "format"),
        (('codes = ["rhetorical"]', 'codes = ["rethorical"]'), "lines[1].codes"),
        (('stage = "jug"', 'stage = "rocket"'), "lines[0].stage"),
    ],
)
def test_a_script_that_does_not_fit_is_refused_at_its_place(
    tmp_path: Path, change: tuple[str, str], place_named: str
) -> None:
    path = tmp_path / "scene.toml"
    path.write_text((SAMPLE / "scene.toml").read_text().replace(*change, 1))
    with pytest.raises(InputRefused, match=place_named.replace("[", r"\[")):
        read_script(path)


def test_a_longer_submission_is_as_long_as_asked_and_knows_what_it_holds(tmp_path: Path) -> None:
    out = tmp_path / "long.mp4"
    lengthen(SAMPLE / "muddy-water.json", out, minutes=4)
    media = probe(out)
    assert media.duration == pytest.approx(240, abs=0.5)
    held = json.loads(out.with_suffix(".json").read_text())
    times = [(u["start"], u["end"]) for u in held["utterances"]]
    assert len(times) > 40
    assert len({u["id"] for u in held["utterances"]}) == len(times)
    assert max(end for _, end in times) < 240
    extract_audio(out, tmp_path / "a.wav", media=media)
    audio = load_audio(tmp_path / "a.wav")
    levels = [np.sqrt((audio[round(a * RATE) : round(b * RATE)] ** 2).mean()) for a, b in times]
    assert np.median(levels) > 10 ** (-34 / 20)
    assert find_edits(out, media=media) == ()


def test_another_seed_gives_another_order(tmp_path: Path) -> None:
    orders = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        lengthen(SAMPLE / "muddy-water.json", tmp_path / f"{name}.mp4", minutes=1, seed=seed)
        held = json.loads((tmp_path / f"{name}.json").read_text())
        orders.append([u["text"] for u in held["utterances"]])
    assert orders[0] == orders[1]
    assert orders[0] != orders[2]
