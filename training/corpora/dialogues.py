"""Coded dialogues: the project's own conversations, one file each, or many short exchanges in one seed file.

A dialogue file is UTF-8 text: header lines `# key: value` (id, topic, ages, strength, hand), then one line per
utterance, `speaker<TAB>codes<TAB>text`. The speaker is `F`, `F2` … for facilitators and `Y1`, `Y2` … for youth; codes
are ids of `model.indicators` separated by commas, or `-` for none. A seed file holds many exchanges separated by
empty lines.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from inference.features import Line, words_of
from model.errors import InputRefused
from model.indicators import CODE_BY_ID
from model.transcript import Role, Transcript, Utterance

OWN = Path(__file__).parent / "dialogues"
WORDS_PER_MINUTE = 140.0  # of a busy session, all voices together
STRENGTHS = ("weak", "mixed", "strong", "seed")
_SPEAKER = re.compile(r"(F\d*|Y\d+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedLine:
    """One utterance with the codes a person or another source gave it."""

    speaker: str
    role: Role
    codes: frozenset[str]
    text: str
    p_youth: float  # what the tagger is told: 0 or 1 from the file, softened or wrong after `role_slips`


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """A whole conversation, or one short exchange of a seed file."""

    id: str
    topic: str
    ages: str
    strength: str
    hand: str
    lines: tuple[CodedLine, ...]

    @property
    def minutes(self) -> float:
        """How long the talk would last, since a dialogue has no times."""
        return max(0.1, sum(len(words_of(line.text)) for line in self.lines) / WORDS_PER_MINUTE)

    @property
    def digest(self) -> str:
        """What it is called in a manifest: of the words themselves, so that another name for it changes nothing."""
        return hashlib.sha256("\n".join(line.text for line in self.lines).encode()).hexdigest()[:12]

    def as_lines(self) -> tuple[Line, ...]:
        return tuple(Line(text=line.text, p_youth=line.p_youth, speaker=line.speaker) for line in self.lines)

    def as_transcript(self) -> Transcript:
        """Without times, as someone would hand in a transcript of their own."""
        return Transcript(
            utterances=tuple(
                Utterance(
                    id=f"u{i}",
                    start=None,
                    end=None,
                    speaker=line.speaker,
                    role=Role.YOUTH if line.p_youth >= 0.5 else Role.FACILITATOR,
                    role_p=max(line.p_youth, 1 - line.p_youth),
                    text=line.text,
                )
                for i, line in enumerate(self.lines, 1)
            ),
            language="en",
        )


def read_dialogues(path: Path) -> tuple[Dialogue, ...]:
    """Every `*.tsv` below `path` (or the one file), in name order.

    Raises InputRefused `corpus.missing` or `corpus.invalid`; the fact names file and line.
    """
    files = sorted(path.rglob("*.tsv")) if path.is_dir() else [path] if path.exists() else []
    if not files:
        raise InputRefused("corpus.missing", f"No dialogue (*.tsv) at {path}.", "Give the folder that holds them.")
    found = tuple(dialogue for file in files for dialogue in _read_file(file))
    seen: dict[str, str] = {}
    for dialogue in found:
        if dialogue.id in seen:
            raise InputRefused("corpus.invalid", f"Two dialogues are called {dialogue.id}.", "Give each its own id.")
        seen[dialogue.id] = dialogue.topic
    return found


def _read_file(file: Path) -> Iterator[Dialogue]:
    try:
        rows = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputRefused(
            "corpus.invalid", f"{file.name} is not UTF-8 text ({error}).", "Save it as UTF-8."
        ) from error
    header: dict[str, str] = {}
    block: list[CodedLine] = []
    blocks: list[tuple[CodedLine, ...]] = []
    for number, row in enumerate(rows, 1):
        if row.startswith("#"):
            key, separator, value = row[1:].partition(":")
            if separator:
                header[key.strip()] = value.strip()
        elif row.strip():
            block.append(_read_line(row, where=f"{file.name}, line {number}"))
        elif block:
            blocks.append(tuple(block))
            block = []
    if block:
        blocks.append(tuple(block))
    yield from _assemble(file, header, blocks)


def _assemble(file: Path, header: dict[str, str], blocks: list[tuple[CodedLine, ...]]) -> Iterator[Dialogue]:
    for key in ("id", "topic", "ages", "strength", "hand"):
        if not header.get(key):
            raise InputRefused("corpus.invalid", f"{file.name}: the header has no {key}.", f"Add a line `# {key}: …`.")
    if header["strength"] not in STRENGTHS:
        raise InputRefused(
            "corpus.invalid",
            f"{file.name}: strength {header['strength']!r} is not one of {', '.join(STRENGTHS)}.",
            "Correct the header.",
        )
    if not blocks:
        raise InputRefused("corpus.invalid", f"{file.name} holds no utterance.", "Remove the file or fill it.")
    seeds = header["strength"] == "seed"
    whole = blocks if seeds else [tuple(line for block in blocks for line in block)]
    for i, lines in enumerate(whole, 1):
        yield Dialogue(
            id=f"{header['id']}-{i}" if seeds else header["id"],
            topic=header["topic"],
            ages=header["ages"],
            strength=header["strength"],
            hand=header["hand"],
            lines=lines,
        )


def _read_line(row: str, *, where: str) -> CodedLine:
    cells = row.split("\t")
    if len(cells) != 3:
        raise InputRefused(
            "corpus.invalid", f"{where}: {len(cells)} columns instead of 3.", "Write speaker, codes and text with tabs."
        )
    speaker, codes_cell, text = (cell.strip() for cell in cells)
    if not _SPEAKER.match(speaker):
        raise InputRefused(
            "corpus.invalid", f"{where}: speaker {speaker!r} is neither F nor Y1, Y2, ….", "Name the speaker so."
        )
    if not text:
        raise InputRefused("corpus.invalid", f"{where}: the utterance has no words.", "Write them or drop the line.")
    role = Role.YOUTH if speaker.startswith("Y") else Role.FACILITATOR
    codes = frozenset() if codes_cell in ("-", "") else frozenset(code.strip() for code in codes_cell.split(","))
    for code in sorted(codes):
        if code not in CODE_BY_ID:
            raise InputRefused("corpus.invalid", f"{where}: {code!r} is no code.", "Use the ids of docs/codebook.md.")
        if role not in CODE_BY_ID[code].said_by:
            raise InputRefused(
                "corpus.invalid", f"{where}: {code!r} cannot be said by {role}.", "Correct the speaker or the code."
            )
    return CodedLine(speaker=speaker, role=role, codes=codes, text=text, p_youth=float(role is Role.YOUTH))


def with_texts(dialogue: Dialogue, texts: list[str]) -> Dialogue:
    """The dialogue with other words for each line; a line left without words keeps its own."""
    return replace(
        dialogue,
        lines=tuple(replace(line, text=text or line.text) for line, text in zip(dialogue.lines, texts, strict=True)),
    )
