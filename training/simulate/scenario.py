"""What to simulate. Latent quantities are in standard deviations of true quality over videos and criteria."""

import math
from dataclasses import dataclass, field

from model.errors import InputRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """How raters differ from the truth and from each other."""

    raters: int = 6
    reads: tuple[float, ...] = (0.55, 0.35, 0.10)  # share of submissions read by 1, 2, 3 … raters
    severity_sd: float = 0.4  # between raters; a severe rater scores lower
    leniency_sd: float = 0.25  # between criteria within a rater
    noise_sd: float = 0.6  # of one rater on one criterion of one submission
    central_tendency: float = 0.0  # 0 none, 1 everything to the middle of the scale
    halo: float = 0.0  # 0 criteria judged apart, 1 only the overall impression counts
    drift_sd: float = 0.03  # of the raters' change in severity per month
    missing_p: float = 0.03  # chance that one criterion stays without a score
    minutes: float = 55.0  # median time of one unassisted read
    minutes_spread: float = 0.3  # sd of log minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine's view of a criterion, and how sure it is."""

    skill: float = 1.0  # how much of the truth is in its signal; 0 is noise alone
    noise_sd: float = 0.9
    shift: float = 0.0  # up or down on all criteria
    criterion_bias_sd: float = 0.0  # up or down, differing by criterion
    overconfidence: float = 0.0  # 0 states its doubt honestly, 1 halves it


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """Who scores under which condition, and what suggestions then do. Shares need not add to one."""

    unassisted: float = 0.2
    blind_then_reveal: float = 0.8
    assisted: float = 0.0
    paired: bool = False  # every submission gets exactly one unassisted and one assisted read, by different raters
    pull: float = 0.0  # how far an assisted rater moves from own view (0) to the machine's (1)
    asymmetry: float = 0.0  # -1..1: the pull is (1 + a) times as strong upwards and (1 - a) times downwards
    rerating_sd: float = 0.3  # own inconsistency when scoring again after the reveal; moves scores without any pull
    minutes_factor: float = 0.8  # time of an assisted read, as a share of an unassisted one


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Evidence on the timeline, by machine and raters, and audit windows where nothing was flagged."""

    indicators: tuple[str, ...] = ("youth_voice", "stem_relevance", "purposeful_questions")
    per_10_min: float = 3.0  # true moments of one indicator in a middling session
    length_s: float = 8.0  # median length of a moment, seconds
    jitter_s: float = 1.5  # sd of where raters and machine put start and end
    machine_miss_p: float = 0.3
    machine_false_per_10_min: float = 1.0
    rater_miss_p: float = 0.25
    rater_false_per_10_min: float = 0.4
    audit_share: float = 0.5  # of submissions that get audit windows
    audit_windows: int = 2  # per audited submission
    audit_window_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One simulated program. Raises InputRefused for what cannot be simulated."""

    submissions: int = 60
    criteria: tuple[str, ...] = ("questions", "press", "youth_ideas", "relevance")
    levels: tuple[float, ...] = (1.0, 2.0, 3.0, 4.0)
    level_shares: tuple[float, ...] = (0.15, 0.35, 0.35, 0.15)  # true share of each level
    video_sd: float = 0.8  # of quality between videos; what is left to 1 is between criteria within a video
    months: float = 6.0  # over which submissions arrive
    duration_s: float = 1200.0  # of every recording
    people: People = field(default_factory=People)
    machine: Machine = field(default_factory=Machine)
    arms: Arms = field(default_factory=Arms)
    moments: Moments = field(default_factory=Moments)

    def __post_init__(self) -> None:
        for wrong, fact, remedy in self._faults():
            if wrong:
                raise InputRefused("simulate.scenario", fact, remedy)

    def _faults(self) -> tuple[tuple[bool, str, str], ...]:
        most = 2 if self.arms.paired else len(self.people.reads)
        return (
            (self.submissions < 1, f"{self.submissions} submissions cannot be simulated.", "Ask for one or more."),
            (
                most > self.people.raters,
                f"A submission may get {most} reads, but there are {self.people.raters} raters.",
                "Simulate more raters or fewer reads.",
            ),
            (
                not self.criteria or len(set(self.criteria)) < len(self.criteria),
                "The criteria are empty or one is named twice.",
                "Name every criterion once.",
            ),
            (
                len(self.levels) < 2 or len(self.level_shares) != len(self.levels),
                f"There are {len(self.levels)} levels and {len(self.level_shares)} shares.",
                "Give two levels or more, and one share for each.",
            ),
            (
                min(self.level_shares) <= 0 or not math.isclose(sum(self.level_shares), 1.0, abs_tol=1e-6),
                f"The shares of the levels add to {sum(self.level_shares):g}, or one is not positive.",
                "Give positive shares that add to 1.",
            ),
            (
                sum(self.people.reads) <= 0 or min(self.people.reads) < 0,
                "The shares of submissions with 1, 2, 3 … reads are negative or all zero.",
                "Give shares such as .55, .35, .10.",
            ),
            (
                not 0.0 <= self.video_sd <= 1.0,
                f"A video sd of {self.video_sd:g} is outside 0 to 1.",
                "It is the part of a total of 1 that lies between videos.",
            ),
            (
                self.arms.unassisted + self.arms.blind_then_reveal + self.arms.assisted <= 0 and not self.arms.paired,
                "No share of reads has a protocol.",
                "Give unassisted, blind_then_reveal or assisted a positive share.",
            ),
        )
