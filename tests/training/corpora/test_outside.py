"""Readers of corpora that stay outside: columns, classes, what is shown only for context, splits by group."""

import gzip
from pathlib import Path

import pytest

from inference.auxiliary import TASKS
from model.errors import InputRefused
from training.corpora.exchanges import read_focusing, read_uptake
from training.corpora.talkmoves import held_out_groups, read_talkmoves

HEAD = "subset\tgroup\ttranscript\ti\tturn\trole\tspeaker_raw\ttimestamp_raw\tsentence\tteacher_move\tstudent_move\tcontext_tag\n"  # noqa: E501


def _row(group: str, role: str, text: str, teacher: str = "", student: str = "", context: str = "False") -> str:
    return f"S1\t{group}\t{group}.xlsx\t0\t1\t{role}\t{role}\t\t{text}\t{teacher}\t{student}\t{context}\n"


def _table(path: Path, *rows: str) -> Path:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(HEAD + "".join(rows))
    return path


def test_rows_shown_for_context_are_coded_for_nobody(tmp_path: Path) -> None:
    path = _table(
        tmp_path / "t.tsv.gz",
        _row("Ames", "T", "Why?", teacher="press_reasoning"),
        _row("Ames", "S", '"It says ""two"""', student="claim"),
        _row("Ames", "T", "Okay.", teacher="none", context="True"),
    )
    (lesson,) = read_talkmoves(path)
    assert lesson.teacher == (TASKS["teacher_move"].index("press_reasoning"), None, None)
    assert lesson.student == (None, 3, None)
    assert lesson.lines[1].text == 'It says "two"'


def test_an_unknown_move_is_named_by_line(tmp_path: Path) -> None:
    path = _table(tmp_path / "t.tsv.gz", _row("Ames", "T", "Why?", teacher="shout"))
    with pytest.raises(InputRefused, match="line 2: 'shout'"):
        read_talkmoves(path)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("group\tsentence\nAmes\tWhy?\n")
    with pytest.raises(InputRefused, match="transcript, turn, role"):
        read_talkmoves(tmp_path / "t.tsv")


def test_whole_groups_are_held_out(tmp_path: Path) -> None:
    rows = [_row(group, "T", "Why?", teacher="none") for group in "ABCDEFGHIJ" for _ in range(10)]
    lessons = read_talkmoves(_table(tmp_path / "t.tsv.gz", *rows))
    held = held_out_groups(lessons, share=0.2, seed=1)
    assert len(held) == 2  # 2 of 10 equal groups hold a fifth of the lines
    assert held == held_out_groups(lessons, share=0.2, seed=1)


def test_exchanges_without_a_majority_have_no_label(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(
        "obs_id,student_text,teacher_text,follow_up_unfiltered_majority\n7,Three.,Why three?,2.0\n7,A.,B.,\n"
    )
    first, second = read_focusing(path)
    assert (first.label, second.label) == (2, None)
    assert [line.p_youth for line in first.lines] == [1.0, 0.0]


def test_the_corpora_read_as_their_notes_say(shared: Path) -> None:
    lessons = read_talkmoves(shared / "data" / "talkmoves")
    assert (len(lessons), sum(len(lesson.lines) for lesson in lessons)) == (433, 181_918)
    assert {e.label for e in read_uptake(shared / "data" / "uptake_ncte")} <= {0, 1, 2, None}
