"""The names of roles are learnt from dialogues alone, judged on strangers, and a worse model replaces nothing."""

import json
import shutil
from pathlib import Path

import pytest

from inference.role_model import Said, load_roles
from inference.roles import by_words
from model.errors import InputRefused
from training.corpora.dialogues import OWN
from training.fit_roles import held_out, train_roles
from training.role_figures import ANOTHER_HAND, WHOLE, Figures
from training.role_sessions import own_sessions

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def dialogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty dialogues to learn from, three of another hand."""
    folder = tmp_path_factory.mktemp("dialogues")
    for part, files in (
        ("train", sorted((OWN / "train").glob("*.tsv"))[::13]),
        ("test", sorted(OWN.glob("test/*"))[:3]),
    ):
        (folder / part).mkdir()
        for file in files:
            shutil.copy(file, folder / part)
    return folder


def taught(dialogues: Path, out: Path, *, force: bool = False) -> Figures:
    said: list[str] = []
    figures = train_roles(
        out, dialogues, licence="ours", talkmoves=None, seed=20, force=force, say=lambda what, share: said.append(what)
    )
    assert said == ["Judging the names of roles"] * 2 + ["Fitting the names of roles"] * 2
    return figures


def test_from_dialogues_to_names(dialogues: Path, tmp_path: Path) -> None:
    out = tmp_path / "roles.json"
    figures = taught(dialogues, out)
    assert figures[ANOTHER_HAND][WHOLE]["windows"] == 3
    assert figures[ANOTHER_HAND][WHOLE]["AUROC"] > 0.9
    model = load_roles(out)
    assert model.licence == "ours"
    assert json.loads(out.read_bytes())["made_from"] == {"own": len(list((dialogues / "train").iterdir()))}
    assert model.sha256 in (tmp_path / "roles.md").read_text()
    # learnt from lines, not from who speaks how much: one question among much youth talk
    said = [
        Said(speaker="a", text="What do you notice about the way it moves?"),
        *[Said(speaker="b", text=text) for text in ("it fell over", "mine is lighter", "can I have the tape")],
        Said(speaker="a", text="Why do you think that happened?"),
        *[Said(speaker="b", text=text) for text in ("cause its heavy", "look mine works", "I want to go again")],
    ]
    leads = by_words(said, {}, model) > 0
    assert {(one.speaker, bool(lead)) for one, lead in zip(said, leads, strict=True)} == {("a", True), ("b", False)}


def test_a_worse_model_replaces_nothing_unasked(dialogues: Path, tmp_path: Path) -> None:
    out = tmp_path / "roles.json"
    taught(dialogues, out)
    document = json.loads(out.read_bytes())
    document["figures"][ANOTHER_HAND][WHOLE]["log loss"] = 0.0001
    better = json.dumps(document).encode()
    out.write_bytes(better)
    with pytest.raises(InputRefused, match=r"log loss on test dialogues is .*; the one at .*roles\.json has 0\.000"):
        train_roles(out, dialogues, licence="ours", talkmoves=None, seed=20, force=False, say=lambda what, share: None)
    assert out.read_bytes() == better
    taught(dialogues, out, force=True)
    assert out.read_bytes() != better


def test_no_dialogue_is_on_both_sides(dialogues: Path) -> None:
    sessions = own_sessions(dialogues / "train")
    learn, aside = held_out(sessions, share=0.2, seed=20)
    assert not {one.group for one in learn} & {one.group for one in aside}
    assert (len(learn), len(aside)) == (len(sessions) - round(0.2 * len(sessions)), round(0.2 * len(sessions)))
