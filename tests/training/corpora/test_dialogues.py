"""The reader of coded dialogues names file and line; what is shipped can be read and keeps its promises."""

from pathlib import Path

import pytest

from model.errors import InputRefused
from model.transcript import Role
from training.corpora.dialogues import OWN, read_dialogues

HEADER = "# id: x-1\n# topic: kites\n# ages: 8-10\n# strength: weak\n# hand: x\n"


def _written(folder: Path, body: str, header: str = HEADER) -> Path:
    (folder / "x.tsv").write_text(header + body, encoding="utf-8")
    return folder


def test_a_dialogue_is_read_with_roles_and_codes(tmp_path: Path) -> None:
    (dialogue,) = read_dialogues(_written(tmp_path, "F\topen,uptake\tWhat now?\nY1\t-\tHm.\n\nY2\tidea\tA tail!\n"))
    assert [(line.role, sorted(line.codes)) for line in dialogue.lines] == [
        (Role.FACILITATOR, ["open", "uptake"]),
        (Role.YOUTH, []),
        (Role.YOUTH, ["idea"]),
    ]
    assert [u.p_youth for u in dialogue.as_transcript().utterances] == [0.0, 1.0, 1.0]


def test_a_seed_file_holds_many_exchanges(tmp_path: Path) -> None:
    header = HEADER.replace("weak", "seed")
    found = read_dialogues(_written(tmp_path, "F\topen\tIdeas?\nY1\tidea\tA tail.\n\nF\t-\tLids on.\n", header))
    assert [(d.id, len(d.lines)) for d in found] == [("x-1-1", 2), ("x-1-2", 1)]


@pytest.mark.parametrize(
    ("body", "fact"),
    [
        ("F\topen\n", "x.tsv, line 6: 2 columns"),
        ("F\topen\tWhy?\nQ\t-\tHm.\n", "x.tsv, line 7: speaker 'Q'"),
        ("F\topne\tWhy?\n", "x.tsv, line 6: 'opne' is no code"),
        ("F\tidea\tA tail.\n", "x.tsv, line 6: 'idea' cannot be said by facilitator"),
        ("Y1\topen\tWhy?\n", "x.tsv, line 6: 'open' cannot be said by youth"),
        ("F\t-\t  \n", "x.tsv, line 6: the utterance has no words"),
        ("", "x.tsv holds no utterance"),
    ],
)
def test_a_mistake_is_named_by_file_and_line(tmp_path: Path, body: str, fact: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read_dialogues(_written(tmp_path, body))
    assert fact in refused.value.fact


def test_a_missing_header_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="the header has no topic"):
        read_dialogues(_written(tmp_path, "F\t-\tHi.\n", HEADER.replace("# topic: kites\n", "")))


def test_an_unknown_strength_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="'great' is not one of"):
        read_dialogues(_written(tmp_path, "F\t-\tHi.\n", HEADER.replace("weak", "great")))


def test_two_dialogues_of_one_id_are_refused(tmp_path: Path) -> None:
    _written(tmp_path, "F\t-\tHi.\n")
    (tmp_path / "y.tsv").write_text(HEADER + "F\t-\tHi.\n", encoding="utf-8")
    with pytest.raises(InputRefused, match="Two dialogues are called x-1"):
        read_dialogues(tmp_path)


def test_no_dialogue_at_a_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="No dialogue"):
        read_dialogues(tmp_path)


def test_every_shipped_dialogue_can_be_read() -> None:
    found = (*read_dialogues(OWN / "train"), *read_dialogues(OWN / "seeds"))
    whole = [dialogue for dialogue in found if dialogue.strength != "seed"]
    assert len(whole) >= 40
    assert all(40 <= len(dialogue.lines) <= 160 for dialogue in whole)
    assert {dialogue.strength for dialogue in whole} == {"weak", "mixed", "strong"}
