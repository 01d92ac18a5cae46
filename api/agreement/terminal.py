"""The report in a terminal."""

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api.agreement.study import Block, Study
from api.agreement.words import ABOUT, apa, bracket, lead, number, percent, plans_in_words, read_influence, signed
from model.agreement import Agreement
from model.scoring.estimate import Estimate


def show(study: Study, console: Console) -> None:
    """The answer, one line per criterion, each figure read out, severity, drift, suggestions, what was set aside."""
    console.print()
    for sentence in lead(study):
        console.print(sentence)
    console.print()
    console.print(_criteria(study))
    _heading(console, "Read out")
    for figure in study.blocks[0].figures:
        console.print(Text(apa(figure.label, figure.found)), highlight=False)
        console.print(Padding(Text(ABOUT[figure.id], style="dim"), (0, 0, 0, 4)))
    _heading(console, "How severe each rater is")
    console.print(_severity(study) if study.severity.reason is None else study.severity.reason)
    console.print(plans_in_words(study), style="dim")
    _heading(console, "Whether that changes")
    console.print(_drift(study) if study.drift else (study.drift_reason or ""))
    if effect := read_influence(study.influence, study.influence_reason):
        _heading(console, "What suggestions did")
        for sentence in effect:
            console.print(sentence, highlight=False)
        if study.influence:
            console.print(_influence(study))
    if study.notes or (study.influence and study.influence.notes):
        _heading(console, "To know")
        for note in dict.fromkeys((*study.notes, *(study.influence.notes if study.influence else ()))):
            console.print(f"- {note}", highlight=False)


def _heading(console: Console, text: str) -> None:
    console.print(f"\n[bold]{text}[/bold]")


def _criteria(study: Study) -> Table:
    table = Table(title=f"Agreement · {study.source}", title_justify="left")
    table.add_column("", overflow="fold")
    for head in ("n", "same", "within 1", "α ordinal", "AC2", "κ quadratic"):
        table.add_column(head, justify="right")
    for block in study.blocks:
        table.add_row(
            block.name,
            str(block.figure("alpha_ordinal").n_pairable),
            percent(block.figure("exact").value),
            percent(block.figure("within_one").value),
            *(_cell(block, figure) for figure in ("alpha_ordinal", "ac2_quadratic", "kappa_quadratic")),
            end_section=len(study.blocks) > 1 and block is study.blocks[0],
        )
    table.caption = "n: scores of one submission and criterion by two or more raters. Brackets: 95% intervals."
    table.caption_justify = "left"
    return table


def _cell(block: Block, figure_id: str) -> str:
    found: Agreement = block.figure(figure_id)
    if found.value is None:
        return "–"
    interval = bracket(found.low, found.high).removeprefix("95% CI ")
    return f"{number(found.value)}\n{interval}".strip()


def _severity(study: Study) -> Table:
    table = Table(caption="Levels: how many score points harsher than an average rater. Fit: 1 is expected.")
    table.caption_justify = "left"
    for head in ("rater", "scores", "levels", "logits", "infit", "outfit", ""):
        table.add_column(head, justify="left" if head in {"rater", ""} else "right")
    for rater in sorted(study.severity.raters, key=lambda rater: -(rater.severity or 0.0)):
        interval = f" [{signed(rater.low)}, {signed(rater.high)}]" if rater.low is not None else ""
        table.add_row(
            study.raters[rater.rater],
            str(rater.n),
            signed(rater.points),
            f"{signed(rater.severity)}{interval}",
            number(rater.infit),
            number(rater.outfit),
            rater.reason or ("all scores at one end" if rater.extreme else ""),
        )
    return table


def _drift(study: Study) -> Table:
    assert study.drift is not None
    table = Table(caption="Levels a month; above 0 grows harsher. p is adjusted for looking at all raters (Holm).")
    table.caption_justify = "left"
    for head in ("rater", "scores", "change a month", "p", ""):
        table.add_column(head, justify="left" if head in {"rater", ""} else "right")
    for rater in study.drift.raters:
        interval = f" [{signed(rater.low)}, {signed(rater.high)}]" if rater.low is not None else ""
        table.add_row(
            study.raters[rater.rater],
            str(rater.n),
            f"{signed(rater.slope)}{interval}",
            number(rater.p_adjusted, 3),
            rater.reason or "",
        )
    return table


def _influence(study: Study) -> Table:
    found = study.influence
    assert found is not None
    table = Table("", "with minus without", "95% CI", "n")
    rows: tuple[tuple[str, Estimate], ...] = (
        ("levels, read both ways", found.paired_shift),
        ("levels, all reads", found.unpaired_shift),
        ("slope on the machine's signal", found.slope_change),
        ("share equal to the machine's level", found.machine_agreement),
        ("minutes a read", found.minutes),
    )
    for label, estimate in rows:
        interval = f"[{signed(estimate.low)}, {signed(estimate.high)}]" if estimate.low is not None else ""
        table.add_row(label, signed(estimate.value), interval or (estimate.reason or ""), str(estimate.n))
    return table
