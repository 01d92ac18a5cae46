"""The documents under docs/formats and data_cards/rubrics say what the program does."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest

import lookfors
from inference import stage
from inference.batch import Kind
from model.formats.transcript_json import read_transcript_json
from model.formats.webvtt import read_webvtt
from model.indicators import CODE_IDS, Indicator
from model.measures import MEASURE_IDS, MIN_COVERAGE, RESUMED_S, WAIT_MAX_S, WAIT_MIN_N, WAIT_NOISE_S, sum_id
from model.preannotation import WarningCode
from model.rubric import Rubric
from model.rubric_pack import parse_rubric, shipped_rubrics
from model.transcript import Role

ROOT = Path(__file__).resolve().parents[1]
FORMATS = ROOT / "docs" / "formats"


def document(name: str) -> str:
    return (FORMATS / name).read_text(encoding="utf-8")


def block(text: str, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_rubric_shown_is_a_rubric() -> None:
    shown = parse_rubric(block(document("rubric.md"), "toml"), source="rubric.md")
    assert [level.id for level in shown.levels] == ["not_yet", "yes"]
    assert shown.criteria[0].required == "yes"


def test_the_transcript_shown_is_a_transcript() -> None:
    shown = read_transcript_json(block(document("transcript.md"), "json").encode())
    assert [u.role for u in shown.utterances] == [Role.FACILITATOR, Role.YOUTH, Role.UNKNOWN]


def test_the_captions_shown_are_captions() -> None:
    shown = read_webvtt(block(document("webvtt.md"), "").encode())
    assert shown.utterances[0].text == "Why do you think the engineers use triangles instead of squares?"


def test_every_name_outsiders_meet_is_in_the_document_on_pre_annotations() -> None:
    text = document("preannotation.md")
    for name in (*CODE_IDS, *get_args(WarningCode), *Indicator, *Role):
        assert f"`{name}`" in text, name


def test_every_measure_and_its_bounds_are_described() -> None:
    text = document("measures.md")
    for id_ in MEASURE_IDS:
        assert f"`{id_}`" in text or id_ in {sum_id(code) for code in CODE_IDS}, id_
    for stated in (
        f"Below {MIN_COVERAGE:.2f}".replace("0.", "."),
        f"within {RESUMED_S} s",
        f"over {WAIT_MAX_S:g} s",
        f"At least {WAIT_MIN_N} pauses",
        f"widened by {WAIT_NOISE_S} s",
    ):
        assert stated in text, stated


def test_the_command_line_is_described() -> None:
    text = document("command-line.md")
    command = lookfors.main.get_command(lookfors.main.make_context("lookfors", ["annotate"]), "annotate")
    assert command is not None
    for parameter in command.params:
        for option in parameter.opts:
            assert option in ("paths", "--debug") or f"`{option}" in text, option
    for kind in Kind:
        assert f"`--{kind} OUT`" in text
    codes = {int(code) for code in re.findall(r"^\| (\d) \|", text, re.MULTILINE)}
    assert codes == {0, lookfors.FAILED, 2, lookfors.REFUSED} == {stage.DONE, stage.FAILED, 2, stage.REFUSED}


def test_the_schema_is_valid_json_and_linked() -> None:
    json.loads(document("preannotation.schema.json"))
    assert "(preannotation.schema.json)" in document("preannotation.md")


@pytest.mark.parametrize("rubric", shipped_rubrics(), ids=lambda r: r.id)
def test_every_shipped_pack_has_a_card_of_its_present_content(rubric: Rubric) -> None:
    card = (ROOT / "data_cards" / "rubrics" / f"{rubric.id}.md").read_text(encoding="utf-8")
    assert rubric.content_hash in card
    for criterion in rubric.criteria:
        assert f"| {criterion.label} | {', '.join(criterion.observable_in)} |" in card
