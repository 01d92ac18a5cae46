"""`lookfors calibrate`: fit and judge the score model from a table of measures and a table of scores."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from model.agreement import Agreement
from model.scoring import Calibrated, Estimate, NotEnoughData, Reliability, calibrate, from_document, refit, to_document
from training.score_tables import Given, read_given


@click.command(name="calibrate")
@click.argument("measures", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("scores", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--levels", required=True, help="The scale from low to high, with commas: 1,2,3,4.")
@click.option(
    "--use",
    "uses",
    multiple=True,
    metavar="CRITERION=MEASURE[,MEASURE]",
    help="Measures that speak for a criterion; without it the measures named like a criterion do.",
)
@click.option(
    "--rubric", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A rubric pack: its links."
)
@click.option("--all-blind", is_flag=True, help="The scores have no protocol, and I know that all were given blind.")
@click.option("--last", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Replace only if not worse.")
@click.option("--json", "json_out", type=click.Path(dir_okay=False, path_type=Path), help="Write the model here.")
@click.option("--confidence", type=click.FloatRange(0.5, 0.99), default=0.9, show_default=True, help="Of level sets.")
@click.option("--seed", type=int, default=0, show_default=True, help="Draws the folds.")
def calibrate_command(
    measures: Path,
    scores: Path,
    levels: str,
    uses: tuple[str, ...],
    rubric: Path | None,
    last: Path | None,
    json_out: Path | None,
    confidence: float,
    seed: int,
    *,
    all_blind: bool,
) -> None:
    """Fit and judge the score model from measures and final scores.

    MEASURES has a row per submission and measure (submission, measure, value) or a column per measure. SCORES has
    submission, criterion, rater, score and protocol; only blind, unassisted and adjudicated scores are read.
    """
    console = Console()
    given = read_given(measures, scores, levels=_levels(levels), uses=_uses(uses), rubric=rubric, all_blind=all_blind)
    for note in given.notes:
        console.print(f"- {note}", highlight=False)
    found = calibrate(given.table, confidence=confidence, seed=seed)
    if isinstance(found, NotEnoughData):
        console.print(found.text)
        console.print("The machine's raw signal stays as it is, labelled uncalibrated; nothing was fitted or written.")
        return
    _show(found, given, console)
    model = found.model
    if last:
        outcome = refit(from_document(json.loads(last.read_text(encoding="utf-8"))), found, given.table)
        console.print(outcome.text)
        model = outcome.model
    if json_out:
        json_out.write_text(json.dumps(to_document(model), indent=1, allow_nan=False) + "\n", encoding="utf-8")
        console.print(f"Wrote {json_out}, version {model.version[:12]}.", highlight=False)


def _levels(text: str) -> tuple[float, ...]:
    try:
        found = tuple(sorted({float(level) for level in text.split(",")}))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a list of numbers.", param_hint="--levels") from None
    if len(found) < 2:
        raise click.BadParameter("A scale has two or more levels.", param_hint="--levels")
    return found


def _uses(pairs: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    found = {}
    for pair in pairs:
        criterion, sign, names = pair.partition("=")
        listed = tuple(name.strip() for name in names.split(",") if name.strip())
        if not sign or not listed:
            raise click.BadParameter(f"{pair!r} is not CRITERION=MEASURE[,MEASURE].", param_hint="--use")
        found[criterion.strip()] = listed
    return found


def _show(found: Calibrated, given: Given, console: Console) -> None:
    judged, model = found.reliability, found.model
    table = Table(
        title=f"Score model on {judged.n_submissions} submissions, {judged.n_scores} scores", title_justify="left"
    )
    table.add_column("on submissions it had not seen")
    table.add_column("", justify="right")
    table.add_column("95% interval")
    for label, one in _figures(judged):
        low, high = one.low, one.high
        table.add_row(label, _number(one.value), "" if low is None or high is None else f"[{low:.3f}, {high:.3f}]")
    for label, agreed in (
        ("κ quadratic, machine and a person", judged.qwk_machine),
        ("κ quadratic, two people", judged.qwk_human),
    ):
        table.add_row(label, _number(agreed.value), _interval(agreed))
    table.add_row(f"levels in a {model.sets.confidence:.0%} set", f"{judged.set_size:.1f} of {len(model.levels)}", "")
    console.print(table)
    for sentence in _sentences(judged):
        console.print(sentence, highlight=False)


def _figures(judged: Reliability) -> tuple[tuple[str, Estimate], ...]:
    return (
        ("RPS, lower is better", judged.rps),
        ("RPS of the raw signal", judged.rps_raw),
        ("RPS of level shares alone", judged.rps_shares),
        ("gain over level shares", judged.gain),
        ("Brier score", judged.brier),
        (
            "calibration error, debiased, squared",
            Estimate(value=judged.calibration.debiased, reason=judged.calibration.reason),
        ),
        ("calibration error, plain", Estimate(value=judged.calibration.plain, reason=judged.calibration.reason)),
    )


def _sentences(judged: Reliability) -> tuple[str, ...]:
    gain = judged.gain
    said = []
    if gain.low is not None and gain.low > 0:
        said.append("The recordings tell more than the plain shares of levels do.")
    else:
        said.append("It is not shown that the recordings tell more than the plain shares of levels do.")
    if judged.qwk_human.value is None:
        said.append(f"There is no agreement between people to hold it against: {judged.qwk_human.reason}")
    if judged.calibration.plain is None and judged.calibration.reason:
        said.append(judged.calibration.reason)
    if judged.risk:
        surest, whole = judged.risk[max(0, len(judged.risk) // 2 - 1)], judged.risk[-1]
        said.append(
            f"On the {surest.coverage:.0%} it is surest of, its level differs from the person's {surest.wrong:.0%} of "
            f"the time; on all, {whole.wrong:.0%}."
        )
    return tuple(said)


def _number(value: float | None) -> str:
    return "–" if value is None or not np.isfinite(value) else f"{value:.3f}"


def _interval(agreed: Agreement) -> str:
    return "" if agreed.low is None or agreed.high is None else f"[{agreed.low:.3f}, {agreed.high:.3f}]"
