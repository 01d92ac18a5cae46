"""What a figure needs before it says anything, and how much of it is there."""

from collections.abc import Iterable, Sequence

from api.agreement.ratings_file import Rating
from api.agreement.schemas import Need

FEWEST_DOUBLE = 2  # one submission read twice cannot tell agreement from chance
STEADY_DOUBLE = 30  # from here on intervals kept their promise in simulations (docs/statistics.md, Intervals)
FEWEST_SHARED = 15  # scores a rater shares with others before their severity is shown (docs/statistics.md, rasch)
FEWEST_ARM = 10  # submissions in each arm before suggestions can be judged (model.influence)


def double_reads(rows: Iterable[Rating]) -> int:
    """Submissions on which two raters or more scored the same criterion."""
    raters: dict[tuple[str, str], set[str]] = {}
    for rating in rows:
        if rating.score is not None:
            raters.setdefault((rating.submission, rating.criterion), set()).add(rating.rater)
    return len({submission for (submission, _), who in raters.items() if len(who) >= 2})


def need_of(have: int, needed: int, one: str, many: str) -> Need:
    more = needed - have
    text = f"Not enough data yet: {have} of {needed} {many}. {more} more {one if more == 1 else many} would do."
    return Need(have=have, needed=needed, text=text)


def double_need(double: int) -> Need:
    return need_of(double, FEWEST_DOUBLE, "submission read by two people", "submissions read by two people")


def shared_scores(rows: Iterable[Rating]) -> dict[str, int]:
    """How many of each rater's scores another rater has given too."""
    cells: dict[tuple[str, str], set[str]] = {}
    for rating in rows:
        if rating.score is not None:
            cells.setdefault((rating.submission, rating.criterion), set()).add(rating.rater)
    counts: dict[str, int] = {}
    for who in cells.values():
        for rater in who if len(who) >= 2 else ():
            counts[rater] = counts.get(rater, 0) + 1
    return counts


def shared_need(rows: Sequence[Rating]) -> Need | None:
    """None when two raters or more share enough."""
    counts = sorted(shared_scores(rows).values(), reverse=True)
    second = counts[1] if len(counts) > 1 else 0
    if second >= FEWEST_SHARED:
        return None
    text = (
        f"Not enough data yet: to be compared, two raters must each share {FEWEST_SHARED} scores with others; the "
        f"second of them has {second}. {FEWEST_SHARED - second} more shared scores would do."
    )
    return Need(have=second, needed=FEWEST_SHARED, text=text)
