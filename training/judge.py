"""Judge an artefact on one corpus from its path: the one place that knows which corpus is read and judged how."""

from pathlib import Path
from typing import Any, TypeVar

from inference.tagger import Tagger
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
    tagger: Tagger, corpus: str, path: Path, *, draws: int, seed: int, svg: Path | None, say: Say
) -> dict[str, Any]:
    """The report of `corpus` at `path`; groups the artefact was trained on are left out and counted.

    Raises InputRefused for an unreadable corpus, a task the artefact has no head for, or nothing unseen left.
    """
    if corpus == "dialogues":
        report = evaluate_dialogues(tagger, read_dialogues(path), draws=draws, seed=seed, say=say)
        if svg:
            panels = {n: r["reliability"] for n, r in report["forms"]["as_written"]["indicators"].items()}
            write_whole(svg, reliability_svg(panels).encode())
        return report
    seen = frozenset(tagger.manifest.document.get("seen_groups", {}).get(corpus, ()))
    if corpus == "talkmoves":
        lessons, left_out = _unseen(read_talkmoves(path), seen)
        report = evaluate_talkmoves(tagger, lessons, draws=draws, seed=seed, say=say)
    else:
        exchanges, left_out = _unseen(read_focusing(path) if corpus == "focusing" else read_uptake(path), seen)
        report = evaluate_exchanges(tagger, exchanges, corpus, draws=draws, seed=seed, say=say)
    return {**report, "left_out_as_seen": left_out}


def _unseen(rows: tuple[Grouped, ...], seen: frozenset[str]) -> tuple[list[Grouped], int]:
    kept = [row for row in rows if row.group not in seen]
    if not kept:
        raise InputRefused(
            "corpus.seen",
            "The tagger was trained on every teacher or transcript here.",
            "Give a corpus it has not seen.",
        )
    return kept, len(rows) - len(kept)
