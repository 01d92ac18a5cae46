"""The shipped tagger: whole, of stated licence and size, and of the opinions its contract promises."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from inference.artefact import SHIPPED, read_manifest
from inference.tagger import Tagger, load_tagger
from model.errors import InputRefused
from model.indicators import CODE_IDS
from model.transcript import Role, Transcript, Utterance

pytestmark = pytest.mark.slow
TALK = (
    (Role.FACILITATOR, "Okay, everyone has a boat now."),
    (Role.FACILITATOR, "What do you notice about the ones that sink?"),
    (Role.YOUTH, "The ones with short sides fill up because the water comes over."),
    (Role.YOUTH, "We could fold the sides higher."),
    (Role.FACILITATOR, "Who needs more foil?"),
)


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return load_tagger()


def _transcript(role_p: float = 1.0, *, language: str = "en", bare: bool = False) -> Transcript:
    return Transcript(
        utterances=tuple(
            Utterance(
                id=f"u{i}",
                start=None,
                end=None,
                speaker=str(role),
                role=role,
                role_p=role_p,
                text=text.lower().strip("?.").replace(",", "") if bare else text,
            )
            for i, (role, text) in enumerate(TALK)
        ),
        language=language,
    )


def test_every_utterance_gets_every_code_in_order(tagger: Tagger) -> None:
    codes = tagger.tag(_transcript())
    assert [id_ for id_, _ in codes] == [f"u{i}" for i in range(len(TALK))]
    assert all(tuple(code for code, _ in row) == CODE_IDS for _, row in codes)
    assert all(0 <= p <= 1 for _, row in codes for _, p in row)


@pytest.mark.parametrize("bare", [False, True])
def test_an_open_question_is_told_from_a_procedural_one_without_its_mark_too(tagger: Tagger, bare: bool) -> None:
    rows = {id_: dict(row) for id_, row in tagger.tag(_transcript(bare=bare))}
    assert rows["u1"]["open"] > rows["u1"]["procedural"]
    assert rows["u4"]["procedural"] > rows["u4"]["open"]
    assert rows["u2"]["reasoning"] > rows["u3"]["reasoning"]
    assert rows["u3"]["idea"] > 0.5


def test_a_code_cannot_be_surer_than_the_role_that_carries_it(tagger: Tagger) -> None:
    rows = {id_: dict(row) for id_, row in tagger.tag(_transcript(role_p=0.6))}
    assert rows["u1"]["open"] <= 0.6
    assert rows["u1"]["idea"] <= 0.4


def test_another_language_gets_no_opinion(tagger: Tagger) -> None:
    assert all(p == 0 for _, row in tagger.tag(_transcript(language="es")) for _, p in row)


def test_broken_text_gets_no_opinion(tagger: Tagger) -> None:
    transcript = _transcript()
    noise = replace(transcript.utterances[1], text="the the the the the the the the the")
    rows = dict(tagger.tag(replace(transcript, utterances=(transcript.utterances[0], noise))))
    assert all(p == 0 for _, p in rows["u1"])


def test_an_empty_transcript_is_no_error(tagger: Tagger) -> None:
    assert tagger.tag(Transcript(utterances=())) == ()


def test_progress_ends_at_one(tagger: Tagger) -> None:
    told: list[float] = []
    tagger.tag(_transcript(), progress=told.append)
    assert told[-1] == 1.0
    assert told == sorted(told)


def test_the_artefact_is_small_and_says_its_licence() -> None:
    manifest = read_manifest(SHIPPED)
    assert (SHIPPED / "weights.safetensors").stat().st_size <= 30 * 2**20
    assert manifest.licence == "CC-BY-4.0"  # nothing but the project's own dialogues taught it
    assert "talkmoves_lines" not in manifest.document["trained_on"]
    assert set(dict(manifest.thresholds)) == set(CODE_IDS)


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "tagger")
    weights = tmp_path / "tagger" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    with pytest.raises(InputRefused, match="does not match its manifest") as refused:
        load_tagger(tmp_path / "tagger")
    assert refused.value.code == "tagger.changed"


def test_an_artefact_of_other_features_is_refused(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "tagger")
    path = tmp_path / "tagger" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"features": ["length"]}))
    with pytest.raises(InputRefused, match="other features"):
        read_manifest(tmp_path / "tagger")
