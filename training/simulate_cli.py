"""`lookfors simulate`: simulated programs as files, and planning by simulation."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress
from rich.table import Table

from training.simulate.files import write_files
from training.simulate.planning import TENTATIVE, Plan, plan_double_reads
from training.simulate.scenario import Arms, Machine, People, Scenario
from training.simulate.scores import Simulation
from training.simulate.scores import simulate as run_scenario


@click.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the files; made if need be.")
@click.option(
    "--plan", type=click.Choice(["double-reads"]), help="Answer a planning question instead of writing files."
)
@click.option("--submissions", type=int, default=60, show_default=True, help="Number of submissions.")
@click.option("--raters", type=int, default=6, show_default=True, help="Number of raters.")
@click.option("--criteria", help="Names of the criteria, with commas.")
@click.option("--severity", type=float, default=0.4, show_default=True, help="Spread of severity between raters (sd).")
@click.option("--noise", type=float, default=0.6, show_default=True, help="Noise of one score (sd).")
@click.option("--central", type=float, default=0.0, show_default=True, help="Central tendency, 0 to 1.")
@click.option("--halo", type=float, default=0.0, show_default=True, help="Halo, 0 to 1.")
@click.option("--drift", type=float, default=0.03, show_default=True, help="Spread of drift per month (sd).")
@click.option("--missing", type=float, default=0.03, show_default=True, help="Chance that a criterion is left out.")
@click.option("--double", type=float, default=0.45, show_default=True, help="Share of submissions read twice or more.")
@click.option("--assisted", type=float, default=0.0, show_default=True, help="Share of reads with suggestions in view.")
@click.option("--unassisted", type=float, default=0.2, show_default=True, help="Share of reads without suggestions.")
@click.option("--paired", is_flag=True, help="One unassisted and one assisted read of every submission.")
@click.option("--pull", type=float, default=0.0, show_default=True, help="How far suggestions draw a score, 0 to 1.")
@click.option("--machine-noise", type=float, default=0.9, show_default=True, help="Noise of the machine's signal (sd).")
@click.option("--overconfidence", type=float, default=0.0, show_default=True, help="1 halves the doubt it states.")
@click.option("--into", "into_url", metavar="URL", help="Fill a running installation, through its public API.")
@click.option(
    "--link",
    envvar="LOOKFORS_LINK",
    help="With --into: a sign-in link of an administrator (or LOOKFORS_LINK); lookfors people link NAME makes one.",
)
@click.option("--rubric", default="purposeful-questions", show_default=True, help="With --into: score by this one.")
@click.option(
    "--protocol",
    type=click.Choice(["unassisted", "blind_then_reveal", "assisted"]),
    help="With --into: set the program to this first; else it stays as it is.",
)
@click.option("--words-only", is_flag=True, help="With --into: hand in transcripts, not recordings; much faster.")
@click.option(
    "--scene",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(__file__).resolve().parent.parent / "sample",
    help="With --into: folder of the made sample scene, whose lines the clips are joined from.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same simulation.")
@click.option("--runs", type=int, default=40, show_default=True, help="With --plan: simulated programs per size.")
def simulate(
    out: Path | None,
    plan: str | None,
    seed: int,
    runs: int,
    into_url: str | None,
    link: str | None,
    rubric: str,
    protocol: str | None,
    words_only: bool,
    scene: Path,
    **given: object,
) -> None:
    """Simulate raters, evidence and arms with the truth on record.

    Severity, noise and drift are in standard deviations of true quality. The rest of the reads after --unassisted
    and --assisted are blind first, then revealed. With --into the installation draws the protocol of every review
    itself; run it again after a break and it goes on, run it twice and nothing is added.
    """
    console = Console(stderr=True)
    if out is None and plan is None and into_url is None:
        raise click.UsageError("Say --out FOLDER or --into URL, or ask --plan double-reads.")
    if into_url is not None and not link:
        raise click.UsageError("--into needs an administrator's sign-in link: --link, or LOOKFORS_LINK.")
    scenario = _scenario(**given)  # type: ignore[arg-type]
    if plan:
        _show_plan(scenario, runs=runs, seed=seed, console=console)
    if out:
        simulation = run_scenario(scenario, seed=seed)
        _say_written(simulation, write_files(simulation, out), console)
    if into_url and link:
        wish = {"rubric": rubric, "protocol": protocol, "words_only": words_only}
        _fill(into_url, link, scenario, scene, wish, seed, console)


def _fill(
    url: str, link: str, scenario: Scenario, scene: Path, wish: dict[str, Any], seed: int, console: Console
) -> None:
    # Imported here: the scene needs the media tools, which files and plans do not.
    from training.simulate.clips import read_scene  # noqa: PLC0415
    from training.simulate.into import Wish, fill_installation  # noqa: PLC0415

    with Progress(*Progress.get_default_columns(), MofNCompleteColumn(), console=console, transient=True) as bar:
        task = bar.add_task("Signing in", total=None)
        filled = fill_installation(
            url,
            link,
            scenario,
            read_scene(scene),
            wish=Wish(**wish),
            seed=seed,
            tell=lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
        )
    console.print(
        f"{filled.submissions} simulated submissions, {filled.reviews} reviews handed in, {filled.settlements} "
        f"differences settled in this run. Uploading took {filled.uploading_s:.0f} s, preparing "
        f"{filled.preparing_s:.0f} s, reviewing {filled.reviewing_s:.0f} s."
    )
    for title in filled.failed:
        console.print(f"  The service could not prepare {title}; it has no reviews.", highlight=False)
    console.print(f"See {url.rstrip('/')}/agreement. Everything is called “Simulated …”.", highlight=False)


def _scenario(
    *,
    submissions: int,
    raters: int,
    criteria: str | None,
    severity: float,
    noise: float,
    central: float,
    halo: float,
    drift: float,
    missing: float,
    double: float,
    assisted: float,
    unassisted: float,
    paired: bool,
    pull: float,
    machine_noise: float,
    overconfidence: float,
) -> Scenario:
    for name, share in (("double", double), ("assisted", assisted), ("unassisted", unassisted), ("pull", pull)):
        if not 0.0 <= share <= 1.0:
            raise click.BadParameter(f"{share:g} is not between 0 and 1.", param_hint=f"--{name}")
    if assisted + unassisted > 1.0:
        raise click.BadParameter("--assisted and --unassisted together exceed 1.")
    triple = 0.2 * double if raters >= 3 else 0.0
    reads = (1.0 - double, double - triple, triple)[: max(1, min(3, raters))]
    named = Scenario().criteria if criteria is None else tuple(name.strip() for name in criteria.split(","))
    return Scenario(
        submissions=submissions,
        criteria=named,
        people=People(
            raters=raters,
            reads=reads,
            severity_sd=severity,
            noise_sd=noise,
            central_tendency=central,
            halo=halo,
            drift_sd=drift,
            missing_p=missing,
        ),
        machine=Machine(noise_sd=machine_noise, overconfidence=overconfidence),
        arms=Arms(
            unassisted=unassisted,
            assisted=assisted,
            blind_then_reveal=max(0.0, 1.0 - unassisted - assisted),
            paired=paired,
            pull=pull,
        ),
    )


def _say_written(simulation: Simulation, files: tuple[Path, ...], console: Console) -> None:
    scores = simulation.scores
    console.print(
        f"{simulation.scenario.submissions} submissions, {simulation.scenario.people.raters} raters, "
        f"{len(scores.level)} scores, seed {simulation.seed}. Simulated, not real."
    )
    for path in files:
        console.print(f"  {path}", highlight=False)
    console.print(f"Try: lookfors agreement {files[0]} --levels {_levels(simulation.scenario)}", highlight=False)


def _levels(scenario: Scenario) -> str:
    return ",".join(f"{level:g}" for level in scenario.levels)


def _show_plan(scenario: Scenario, *, runs: int, seed: int, console: Console) -> None:
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("Simulating double reads", total=1.0)
        plans = plan_double_reads(
            scenario, runs=runs, seed=seed, progress=lambda share: bar.update(task, completed=share)
        )
    table = Table(title="How many double reads do we need?", title_justify="left")
    for head in (
        "double reads",
        "typical α",
        "α known to within",
        "typical AC2",
        "AC2 known to within",
        "α shown ≥ .667",
    ):
        table.add_column(head, justify="right")
    for row in plans:
        table.add_row(
            str(row.submissions),
            f"{row.alpha:.2f}",
            f"± {row.alpha_width / 2:.2f}",
            f"{row.ac2:.2f}",
            f"± {row.ac2_width / 2:.2f}",
            f"{row.shown_tentative:.0%}",
        )
    out = Console()
    out.print(table)
    out.print(plan_in_words(plans, scenario))


def plan_in_words(plans: tuple[Plan, ...], scenario: Scenario) -> str:
    """The table in a few sentences."""
    said = [
        f"Each row is {plans[0].runs} simulated programs with {scenario.people.raters} raters and "
        f"{len(scenario.criteria)} criteria, every submission read by two of them without suggestions. "
        "“Known to within” is half the width of the 95 % interval, the median over runs."
    ]
    for target in (0.15, 0.10, 0.05):
        enough = [row.submissions for row in plans if round(row.alpha_width / 2, 2) <= target]
        if enough:
            said.append(f"To know α to within ± {target:.2f}, read about {enough[0]} submissions twice.")
        else:
            said.append(f"± {target:.2f} for α needs more than {plans[-1].submissions} double reads.")
    last = plans[-1]
    if last.alpha < TENTATIVE:
        said.append(
            f"With raters like these α itself is about {last.alpha:.2f}: no number of double reads will show it at "
            ".667 or above. Training raters moves α; reading more only measures it better."
        )
    said.append("The raters are simulated: change --noise and --severity until α resembles yours, then read the table.")
    return "\n".join(said)
