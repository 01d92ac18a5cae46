"""Judge an artefact on one corpus from its path: the one place that knows which corpus is read and judged how."""

from pathlib import Path
from typing import Any, TypeVar

from inference.auxiliary import HOME, group_digest
from inference.auxiliary_reading import load_auxiliary
from inference.tagger import load_tagger
from inference.weights import write_whole
from model.errors import InputRefused
from training.corpora.dialogues import read_dialogues
from training.corpora.exchanges import Exchange, read_focusing, read_uptake
from training.corpora.talkmoves import Lesson, read_talkmoves
from training.curves import reliability_svg
from training.evaluate import Say, evaluate_dialogues
from training.evaluate_corpora import evaluate_exchanges, evaluate_talkmoves

CORPORA = ("dialogues", "talkmoves", "focusing", "uptake")
Grouped = TypeVar("Grouped", Lesson, Exchange)


def judge_artefact(
    artefact: Path, corpus: str, path: Path, *, draws: int, seed: int, svg: Path | None, say: Say
) -> dict[str, Any]:
    """The report of `corpus` at `path`; groups the artefact was trained on are left out and counted.

    Raises InputRefused for an unreadable corpus or artefact, a task it was not taught, or nothing unseen left.
    """
    if corpus == "dialogues":
        report = evaluate_dialogues(load_tagger(artefact), read_dialogues(path), draws=draws, seed=seed, say=say)
        if svg:
            panels = {n: r["reliability"] for n, r in report["forms"]["as_written"]["indicators"].items()}
            write_whole(svg, reliability_svg(panels).encode())
        return report
    auxiliary = load_auxiliary(artefact / HOME)
    seen = auxiliary.manifest.seen_groups.get(corpus, frozenset())
    if corpus == "talkmoves":
        lessons, left_out = _unseen(read_talkmoves(path), seen)
        report = evaluate_talkmoves(auxiliary, lessons, draws=draws, seed=seed, say=say)
    else:
        exchanges, left_out = _unseen(read_focusing(path) if corpus == "focusing" else read_uptake(path), seen)
        report = evaluate_exchanges(auxiliary, exchanges, corpus, draws=draws, seed=seed, say=say)
    return {**report, "left_out_as_seen": left_out}


def _unseen(rows: tuple[Grouped, ...], seen: frozenset[str]) -> tuple[list[Grouped], int]:
    kept = [row for row in rows if group_digest(row.group) not in seen]
    if not kept:
        raise InputRefused(
            "corpus.seen",
            "The tagger was trained on every teacher or transcript here.",
            "Give a corpus it has not seen.",
        )
    return kept, len(rows) - len(kept)
