"""Which moments of a new look are the moments of the look before.

A reviewer's decision belongs to a moment. When the transcript is corrected and evidence is looked for again, a moment
that is found again, perhaps a little longer, has to be the same one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from model.indicators import Indicator

# Intersection over union from which two are one. Strict, because the decision on one becomes that on the other: a
# moment taken for new costs a second look, one taken for another would put words in a reviewer's mouth.
SAME_OVERLAP = 0.5
_SAME_CODE = 0.05  # breaks ties between moments that overlap equally


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A moment as one look found it: seconds (None where the transcript has no times) and utterances."""

    indicator: Indicator
    code: str
    start: float | None
    end: float | None
    utterances: tuple[str, ...]


def match_moments(known: Mapping[str, Found], found: Sequence[Found]) -> tuple[str | None, ...]:
    """For each of `found` the id of the moment it is, or None for a new one. No id is given twice.

    Two are the same if they point at the same indicator and share most of their time (SAME_OVERLAP). The pairs most
    alike are taken first, so a moment that did not change always keeps its id.
    """
    alike = [
        (-_likeness(one, other), place, id_)
        for place, other in enumerate(found)
        for id_, one in known.items()
        if one.indicator is other.indicator
    ]
    given: dict[int, str] = {}
    taken: set[str] = set()
    for unlike, place, id_ in sorted(alike):
        if unlike < 0 and place not in given and id_ not in taken:
            given[place] = id_
            taken.add(id_)
    return tuple(given.get(place) for place in range(len(found)))


def _likeness(one: Found, other: Found) -> float:
    """Intersection over union in (0, 1], and a little more for the same code; 0 for two that are not the same."""
    shared, union = _overlap(one, other)
    if union <= 0 or shared < SAME_OVERLAP * union:
        return 0.0
    return shared / union + (_SAME_CODE if one.code == other.code else 0.0)


def _overlap(one: Found, other: Found) -> tuple[float, float]:
    """Shared and union: in seconds where both have times, else in utterances."""
    if one.start is not None and one.end is not None and other.start is not None and other.end is not None:
        shared = max(0.0, min(one.end, other.end) - max(one.start, other.start))
        lengths = one.end - one.start, other.end - other.start
        if min(lengths) > 0:
            return shared, sum(lengths) - shared
    ours, theirs = set(one.utterances), set(other.utterances)
    return float(len(ours & theirs)), float(len(ours | theirs))
