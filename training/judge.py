"""Judge an artefact on one corpus from its path: the one place that knows which corpus is read and judged how."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, TypeVar

from inference.artefact import Manifest, read_manifest
from inference.auxiliary import HOME, group_digest, read_auxiliary_manifest
from inference.auxiliary_reading import load_auxiliary
from inference.tagger import load_tagger
from inference.weights import write_whole
from model.errors import InputRefused
from training.compare import Gains, compare_answers, compare_dialogues
from training.corpora.dialogues import Dialogue, read_dialogues
from training.corpora.exchanges import Exchange, read_focusing, read_uptake
from training.corpora.overlap import NEAR, repeated_share
from training.corpora.talkmoves import Lesson, read_talkmoves
from training.curves import reliability_svg
from training.evaluate import Say, evaluate_dialogues, sessions_of, targets_in_forms
from training.evaluate_corpora import evaluate_exchanges, evaluate_talkmoves, exchange_answers, talkmove_answers

CORPORA = ("dialogues", "talkmoves", "focusing", "uptake")
UNKNOWN = "An artefact here does not list the dialogues that taught it: whether it saw some of these is not known."
Row = TypeVar("Row", Dialogue, Lesson, Exchange)


def judge_artefact(
    artefact: Path,
    corpus: str,
    path: Path,
    *,
    draws: int,
    seed: int,
    say: Say,
    svg: Path | None = None,
    other: Path | None = None,
) -> dict[str, Any]:
    """The report of `corpus` at `path`; what the artefact was trained on is left out and counted.

    `other` is an artefact to be compared with: what taught that one is left out too, so that both meet the same lines.
    `svg` takes the reliability curves of dialogues. Raises InputRefused for an unreadable corpus or artefact, a task it
    was not taught, or `corpus.seen` for nothing unseen left.
    """
    if corpus == "dialogues":
        report = _judge_dialogues(artefact, path, other, draws=draws, seed=seed, say=say)
        if svg:
            panels = {n: r["reliability"] for n, r in report["forms"]["as_written"]["indicators"].items()}
            write_whole(svg, reliability_svg(panels).encode())
        return report
    auxiliary = load_auxiliary(artefact / HOME)
    others = (other,) if other else ()
    if corpus == "talkmoves":
        lessons, left_out = _lessons(path, _groups(corpus, artefact, *others))
        report = evaluate_talkmoves(auxiliary, lessons, draws=draws, seed=seed, say=say)
    else:
        exchanges, left_out = _exchanges(path, corpus, _groups(corpus, artefact, *others))
        report = evaluate_exchanges(auxiliary, exchanges, corpus, draws=draws, seed=seed, say=say)
    return {**report, "left_out_as_seen": left_out}


def compare_artefacts(
    ours: Path, theirs: Path, corpus: str, path: Path, *, draws: int, seed: int, say: Say
) -> dict[str, Any]:
    """What `ours` gains over `theirs` on the lines of `corpus` at `path` that taught neither, with how it was found.

    Raises as `judge_artefact`.
    """
    gains, left_out, known = _gains(ours, theirs, corpus, path, draws=draws, seed=seed, say=say)
    found = {"corpus": corpus, "figures": gains, "draws": draws, "left_out_as_seen": left_out}
    return found | ({} if known else {"note": UNKNOWN})


def _gains(
    ours: Path, theirs: Path, corpus: str, path: Path, *, draws: int, seed: int, say: Say
) -> tuple[Gains, int, bool]:
    """The gains, how much was left out as seen, and whether both artefacts say what taught them."""
    if corpus == "dialogues":
        taggers = [load_tagger(artefact) for artefact in (ours, theirs)]
        dialogues, left_out, known = _dialogues(path, [tagger.manifest for tagger in taggers])
        first, second = (targets_in_forms(tagger, dialogues, seed=seed, say=say) for tagger in taggers)
        return compare_dialogues(first, second, sessions_of(dialogues), draws=draws, seed=seed), left_out, known
    both = [load_auxiliary(artefact / HOME) for artefact in (ours, theirs)]
    seen = _groups(corpus, ours, theirs)
    if corpus == "talkmoves":
        lessons, left_out = _lessons(path, seen)
        one, two = (talkmove_answers(auxiliary, lessons, say=say) for auxiliary in both)
    else:
        exchanges, left_out = _exchanges(path, corpus, seen)
        one, two = (exchange_answers(auxiliary, exchanges, corpus, say=say) for auxiliary in both)
    return compare_answers(one, two, draws=draws, seed=seed), left_out, True


def _judge_dialogues(
    artefact: Path, path: Path, other: Path | None, *, draws: int, seed: int, say: Say
) -> dict[str, Any]:
    tagger = load_tagger(artefact)
    dialogues, left_out, known = _dialogues(path, [tagger.manifest, *([read_manifest(other)] if other else [])])
    report = evaluate_dialogues(tagger, dialogues, draws=draws, seed=seed, say=say)
    return {**report, "left_out_as_seen": left_out} | ({} if known else {"note": UNKNOWN})


def _dialogues(path: Path, manifests: Sequence[Manifest]) -> tuple[list[Dialogue], int, bool]:
    """Those that taught none of the artefacts, how many others there were, and whether every artefact says."""
    taught = [manifest.document.get("trained_on", {}).get("dialogue_digests") for manifest in manifests]
    seen = frozenset(digest for digests in taught for digest in digests or ())
    dialogues, left_out = _unseen(read_dialogues(path), lambda dialogue: dialogue.digest, seen)
    return dialogues, left_out, None not in taught


def _groups(corpus: str, *artefacts: Path) -> frozenset[str]:
    """Digests of the groups of `corpus` that taught one of `artefacts`."""
    manifests = [read_auxiliary_manifest(artefact / HOME) for artefact in artefacts]
    return frozenset(group for manifest in manifests for group in manifest.seen_groups.get(corpus, frozenset()))


def _lessons(path: Path, seen: Collection[str]) -> tuple[list[Lesson], int]:
    return _unseen(read_talkmoves(path), lambda row: group_digest(row.group), seen)


def _exchanges(path: Path, corpus: str, seen: Collection[str]) -> tuple[list[Exchange], int]:
    rows = read_focusing(path) if corpus == "focusing" else read_uptake(path)
    return _unseen(rows, lambda row: group_digest(row.group), seen)


def _unseen(rows: Sequence[Row], name: Callable[[Row], str], seen: Collection[str]) -> tuple[list[Row], int]:
    """The rows that are not among `seen` and do not nearly repeat one that is, and how many others there were."""
    taught = [row for row in rows if name(row) in seen]
    strange = [row for row in rows if name(row) not in seen]
    repeated = repeated_share([_texts(row) for row in strange], [_texts(row) for row in taught])
    kept = [row for row, share in zip(strange, repeated, strict=True) if share <= NEAR]
    if not kept:
        raise InputRefused(
            "corpus.seen",
            "The tagger was trained on every dialogue, teacher or transcript here.",
            "Give a corpus it has not seen.",
        )
    return kept, len(rows) - len(kept)


def _texts(row: Row) -> list[str]:
    return [line.text for line in row.lines]
