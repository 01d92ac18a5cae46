"""The names of roles are judged on strangers, and a worse model replaces nothing."""

import json
import shutil
from pathlib import Path

import pytest

from inference.role_model import SHIPPED, Said, load_roles
from inference.roles import by_words
from model.errors import InputRefused
from training.corpora.dialogues import OWN
from training.fit_roles import held_out, train_roles
from training.role_figures import Figures
from training.role_sessions import own_sessions
from training.run import Plan, learn_roles

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def dialogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty dialogues to learn from, three of another hand."""
    folder = tmp_path_factory.mktemp("dialogues")
    for part, first, step in (("train", 390, 13), ("test", 3, 1)):
        (folder / part).mkdir()
        for file in sorted((OWN / part).glob("*.tsv"))[:first:step]:
            shutil.copy(file, folder / part)
    return folder


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve small lessons with the columns of TalkMoves."""
    rows = ["group\ttranscript\tspeaker_raw\trole\tsentence"]
    for i in range(12):
        for said, answered in (("Can you tell us how you got 12?", "I counted by fours."), ("Who agrees?", "Me.")):
            rows += [f"G{i}\tT{i}\tT\tT\t{said}", f"G{i}\tT{i}\tS1\tS\t{answered}", f"G{i}\tT{i}\t\t\tA bell."]
    folder = tmp_path_factory.mktemp("talkmoves")
    (folder / "lessons.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def taught(dialogues: Path, out: Path, lessons: Path | None = None, *, force: bool = False) -> Figures:
    return train_roles(out, dialogues, lessons, seed=20, force=force, say=lambda what, share: None)


def test_from_dialogues_to_names(dialogues: Path, tmp_path: Path) -> None:
    out = tmp_path / "roles.json"
    figures = taught(dialogues, out)
    assert figures["own, another hand"]["whole session"]["windows"] == 3
    assert figures["own, another hand"]["whole session"]["AUROC"] > 0.9
    model = load_roles(out)
    assert model.licence == "CC-BY-4.0"
    assert json.loads(out.read_bytes())["made_from"] == {"own": 30}
    assert model.sha256 in (tmp_path / "roles.md").read_text()
    # by what is said, not by who says most
    said = [
        Said(speaker="a", text="What do you notice about the way it moves?"),
        *[Said(speaker="b", text=text) for text in ("it fell over", "mine is lighter", "can I have the tape")],
        Said(speaker="a", text="Why do you think that happened?"),
        *[Said(speaker="b", text=text) for text in ("cause its heavy", "look mine works", "I want to go again")],
    ]
    leads = by_words(said, {}, model) > 0
    assert {(one.speaker, bool(lead)) for one, lead in zip(said, leads, strict=True)} == {("a", True), ("b", False)}


def test_what_learnt_from_lessons_carries_their_licence(dialogues: Path, lessons: Path, tmp_path: Path) -> None:
    out = tmp_path / "roles.json"
    figures = taught(dialogues, out, lessons)
    assert load_roles(out).licence == "CC-BY-NC-SA-4.0"
    assert json.loads(out.read_bytes())["made_from"] == {"own": 30, "talkmoves": 12}
    assert figures["talkmoves"]["whole session"]["windows"] == 2  # a fifth of twelve teachers, rounded


def test_a_worse_model_replaces_nothing_unasked(dialogues: Path, tmp_path: Path) -> None:
    """Nobody leads better than by the model that ships: it learnt from ten times as much."""
    out = tmp_path / "roles.json"
    shutil.copy(SHIPPED, out)
    with pytest.raises(InputRefused, match=r"log loss .* is 0\.\d+; the one at .*roles\.json has 0\.\d+"):
        taught(dialogues, out)
    assert out.read_bytes() == SHIPPED.read_bytes()
    assert load_roles(tmp_path / "roles.worse.json").licence == "CC-BY-4.0"
    taught(dialogues, out, force=True)
    assert out.read_bytes() != SHIPPED.read_bytes()


def test_a_refusal_waits_for_the_tagger(dialogues: Path, lessons: Path, tmp_path: Path) -> None:
    out = tmp_path / "roles.json"
    shutil.copy(SHIPPED, out)
    (tmp_path / "talkmoves").symlink_to(lessons)

    def learn(plan: Plan) -> InputRefused | None:
        return learn_roles(plan, force=False, say=lambda what, share: None)

    refused = learn(Plan(dialogues=dialogues, data=tmp_path, roles=out))
    assert refused is not None
    assert refused.code == "roles.worse"
    assert load_roles(tmp_path / "roles.worse.json").licence == "CC-BY-NC-SA-4.0"
    # nothing to learn from, or nowhere to put it
    assert learn(Plan(dialogues=dialogues, data=lessons, roles=tmp_path / "new.json")) is None
    assert learn(Plan(dialogues=dialogues, data=tmp_path)) is None
    assert not (tmp_path / "new.json").exists()


def test_no_dialogue_is_on_both_sides(dialogues: Path) -> None:
    sessions = own_sessions(dialogues / "train")
    learn, aside = held_out(sessions, share=0.2, seed=20)
    assert not {one.group for one in learn} & {one.group for one in aside}
    assert (len(learn), len(aside)) == (len(sessions) - round(0.2 * len(sessions)), round(0.2 * len(sessions)))
