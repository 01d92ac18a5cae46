"""Anyone's CSV: what is read, what is refused and where, and that nothing is dropped in silence."""

from pathlib import Path

import pytest

from api.agreement.ratings_file import RatingsFile, read_ratings_file, select
from model.conditions import Condition
from model.errors import InputRefused
from model.formats.csv_table import RowsRefused

HEADER = "submission,criterion,rater,score"


def read(folder: Path, text: str | bytes, **options: object) -> RatingsFile:
    path = folder / "ratings.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_ratings_file(path, **options)  # type: ignore[arg-type]


def test_delimiter_mark_case_extra_columns_and_order_do_not_matter(tmp_path: Path) -> None:
    plain = read(tmp_path, f"{HEADER}\nS1,c,a,2\nS1,c,b,3\n", levels=["1", "2", "3", "4"])
    other = read(
        tmp_path,
        "\ufeffRater;Note;Score;SUBMISSION;criterion \r\na;x, y;2;S1;c\r\n\r\nb;;3;S1;c\r\n",
        levels=["1", "2", "3", "4"],
    )

    assert [(r.submission, r.criterion, r.rater, r.score) for r in plain.ratings] == [
        ("S1", "c", "a", 2.0),
        ("S1", "c", "b", 3.0),
    ]
    assert [(r.rater, r.score) for r in other.ratings] == [("a", 2.0), ("b", 3.0)]
    assert [r.line for r in other.ratings] == [2, 4]  # the blank line counts as a line of the file
    assert other.left_alone == ("Note",)


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8-sig"])
def test_encodings_spreadsheets_write(tmp_path: Path, encoding: str) -> None:
    found = read(tmp_path, f"{HEADER}\nS1,Größe,René,2\nS1,Größe,b,3\n".encode(encoding))

    assert found.criteria == ("Größe",)
    assert "René" in found.raters


def test_headers_by_other_names(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "video_id,item,coder,value\nS1,c,a,2\nS1,c,b,3\n",
        renamed={"submission": "video_id", "criterion": "item", "rater": "coder", "score": "value"},
    )

    assert found.raters == ("a", "b")


def test_every_bad_row_is_named_by_line_and_column(tmp_path: Path) -> None:
    text = f"{HEADER},time,protocol\nS1,c,a,9,,\nS1,,b,2,,\nS2,c,a,2,soon,\nS2,c,b,2,,helped\nS3,c,a,2\n"
    with pytest.raises(RowsRefused) as wrong_width:
        read(tmp_path, text, levels=["1", "2", "3", "4"])
    assert [(fault.line, fault.column) for fault in wrong_width.value.faults] == [(6, "all")]

    with pytest.raises(RowsRefused) as refused:
        read(tmp_path, text.replace("S3,c,a,2\n", ""), levels=["1", "2", "3", "4"])
    assert [(fault.line, fault.column) for fault in refused.value.faults] == [
        (2, "score"),
        (3, "criterion"),
        (4, "time"),
        (5, "protocol"),
    ]
    assert "line 2, column score: “9” is not a level (1, 2, 3, 4)" in str(refused.value)


def test_quoted_line_breaks_keep_line_numbers_right(tmp_path: Path) -> None:
    with pytest.raises(RowsRefused) as refused:
        read(tmp_path, f'{HEADER},note\nS1,c,a,2,"two\nlines"\nS1,c,b,9,\n', levels=["1", "2"])

    assert refused.value.faults[0].line == 4


def test_repeats_are_refused_naming_both_lines_or_resolved_on_request(tmp_path: Path) -> None:
    text = f"{HEADER}\nS1,c,a,2\nS1,c,b,3\nS1,c,a,4\n"
    with pytest.raises(RowsRefused, match=r"line 4.*on line 2 already"):
        read(tmp_path, text)
    first, last = (read(tmp_path, text, repeats=which) for which in ("first", "last"))

    assert [r.score for r in first.ratings if r.rater == "a"] == [2.0]
    assert [r.score for r in last.ratings if r.rater == "a"] == [4.0]
    assert any("1 repeated" in note for note in last.notes)


def test_a_blind_and_a_revealed_score_are_no_repeat(tmp_path: Path) -> None:
    text = f"{HEADER},protocol,phase\nS1,c,a,2,blind_then_reveal,blind\nS1,c,a,3,blind_then_reveal,revealed\n"
    found = read(tmp_path, text)

    assert [r.condition for r in found.ratings] == [Condition.BLIND, Condition.REVEALED]
    with pytest.raises(RowsRefused, match="before from after"):
        read(tmp_path, text.replace(",phase", ",other"))


def test_levels_read_off_the_file_fill_gaps_and_say_so(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEADER}\nS1,c,a,1\nS1,c,b,4\n")

    assert found.scale.labels == ("1", "2", "3", "4")
    assert not found.scale.declared
    assert "--levels" in found.notes[0]


@pytest.mark.parametrize(("scores", "says"), [(("low", "high"), "order is not known"), (("1", "90"), "from 1 to 90")])
def test_levels_that_cannot_be_known_are_asked_for(tmp_path: Path, scores: tuple[str, str], says: str) -> None:
    with pytest.raises(InputRefused, match=says):
        read(tmp_path, f"{HEADER}\nS1,c,a,{scores[0]}\nS1,c,b,{scores[1]}\n")


def test_named_levels_are_ordered_as_given(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEADER}\nS1,c,a,Low\nS1,c,b,high\n", levels=["low", "middle", "high"])

    assert [r.score for r in found.ratings] == [1.0, 3.0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"submission,criterion,rater,score\n", "no rows"),
        (b"submission,criterion,rater\nS1,c,a\n", "no column “score”"),
        (b"submission,criterion,rater,score,Score\nS1,c,a,1,2\n", "twice"),
        (b"PK\x03\x04\x00\x00", "not a text file"),
        (b'submission,criterion,rater,score\n"S1,c,a,1\n', "breaks off|cannot be read"),
    ],
)
def test_files_that_are_no_table_of_ratings(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(InputRefused, match=says):
        read(tmp_path, content)


def test_what_counts_and_what_is_set_aside_is_said(tmp_path: Path) -> None:
    rows = ["S1,c,a,2,unassisted", "S1,c,b,3,assisted", "S1,c,d,,blind", "S1,c,e,cannot_tell,blind"]
    rows += ["S1,c,f,2,revealed", "S1,c,g,2,adjudicated"]
    found = read(tmp_path, f"{HEADER},protocol\n" + "\n".join(rows) + "\n", levels=["1", "2", "3"])

    chosen = select(found.ratings)
    assert [r.rater for r in chosen.ratings] == ["a", "d", "e"]
    said = " ".join(chosen.set_aside)
    for phrase in (
        "1 scores given with suggestions",
        "1 scores given after a reveal",
        "1 adjudicated",
        "1 rows have no",
    ):
        assert phrase in said
    assert "cannot tell" in said
    assert select([r for r in found.ratings if r.rater == "b"]).with_suggestions
