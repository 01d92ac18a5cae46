"""Rubric > Criterion > Level: what is judged, in which steps, and when it is enough.

A rubric is a value: never edited, known by the hash of its content. Scores cite that hash, so a change of
wording makes a new rubric and leaves old scores with the words they were given under. The pack format is
described in docs/formats/rubric.md; model.rubric_pack reads it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, assert_never

from model.indicators import Indicator, Modality

FORMAT = "lookfors.rubric/1"

CANNOT_TELL = "cannot_tell"
"""The answer of a rater who cannot judge a criterion from this video: given in place of a level's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One step of the scale. `id` is stable, `label` is shown, `value` is what statistics count with."""

    id: str
    label: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """What a level looks like for one criterion."""

    level: str  # Level.id
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One thing that is judged.

    `observable_in` says where it can be seen or heard at all: the service points at moments for transcript and
    audio, and asks the reviewer to look at the picture for the rest. `codes` are the kinds of talk that bear on it,
    `measures` the session measures; neither is a verdict.
    """

    id: str
    label: str
    prompt: str  # the question a reviewer answers
    descriptors: tuple[Descriptor, ...]  # one for each level of the rubric, in the same order
    observable_in: tuple[Modality, ...]
    indicators: tuple[Indicator, ...] = ()
    codes: tuple[str, ...] = ()  # model.indicators.Code.id
    measures: tuple[str, ...] = ()  # model.measures.Measure.id
    alignment: tuple[str, ...] = ()  # names in other frameworks, e.g. "Dimensions of Success: Inquiry"
    required: str | None = None  # Level.id below which the whole rubric is not met, whatever the pass rule says


@dataclass(frozen=True, slots=True, kw_only=True)
class AllAtLeast:
    """Met when every criterion is at `level` or above."""

    level: str
    type: Literal["all_at_least"] = "all_at_least"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberAtLeast:
    """Met when `n` criteria or more are at `level` or above."""

    n: int
    level: str
    type: Literal["n_of"] = "n_of"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanAtLeast:
    """Met when the mean of the levels' values is `mean` or more."""

    mean: float
    type: Literal["mean_at_least"] = "mean_at_least"


PassRule = AllAtLeast | NumberAtLeast | MeanAtLeast


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceAsked:
    """What a submission must bring."""

    video_min_s: float | None = None  # seconds
    tolerance_s: float = 0.0  # seconds by which a video may fall short of `video_min_s`
    unedited: bool = False


class Outcome(StrEnum):
    PASS = "pass"
    NOT_YET = "not_yet"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    outcome: Outcome
    reason: str  # one sentence for a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """`levels` run from low to high and are shared by all criteria."""

    id: str
    version: str
    title: str
    summary: str
    source_note: str  # whose words these are and what they may be used for
    illustrative: bool
    levels: tuple[Level, ...]
    pass_rule: PassRule
    allow_cannot_tell: bool
    evidence: EvidenceAsked
    criteria: tuple[Criterion, ...]

    @property
    def content_hash(self) -> str:
        """SHA-256 of the canonical JSON of `to_document`: any changed word changes it."""
        return _sha256(self.to_document())

    @property
    def structure_hash(self) -> str:
        """SHA-256 of ids, values and the pass rule alone.

        Equal for two rubrics whose scores can be counted together although their wording differs.
        """
        return _sha256(
            {
                "levels": [[level.id, _plain(level.value)] for level in self.levels],
                "criteria": [[criterion.id, criterion.required] for criterion in self.criteria],
                "pass_rule": _rule_document(self.pass_rule),
                "allow_cannot_tell": self.allow_cannot_tell,
            }
        )

    def level(self, level_id: str) -> Level:
        """Raises KeyError for an id this rubric does not have."""
        for level in self.levels:
            if level.id == level_id:
                return level
        raise KeyError(level_id)

    def criterion(self, criterion_id: str) -> Criterion:
        """Raises KeyError for an id this rubric does not have."""
        for criterion in self.criteria:
            if criterion.id == criterion_id:
                return criterion
        raise KeyError(criterion_id)

    def passes(self, scores: Mapping[str, str]) -> Verdict:
        """Whether `scores` (criterion id -> level id or CANNOT_TELL) meet the pass rule.

        A criterion that could not be told, or has no score yet, is tried at the lowest and at the highest level: only
        where that changes the answer is the answer "cannot tell".

        Raises KeyError for a criterion or level this rubric does not have.
        """
        for criterion_id in scores:
            self.criterion(criterion_id)
        given = {c: self.level(level) for c, level in scores.items() if level != CANNOT_TELL}
        open_ids = [c.id for c in self.criteria if c.id not in given]
        if self._met(given | dict.fromkeys(open_ids, self.levels[0])):
            return Verdict(outcome=Outcome.PASS, reason=self._why_met(given))
        if not self._met(given | dict.fromkeys(open_ids, self.levels[-1])):
            return Verdict(outcome=Outcome.NOT_YET, reason=self._why_not(given))
        untold = self._names([c for c in open_ids if c in scores])
        unscored = self._names([c for c in open_ids if c not in scores])
        parts = [f"Could not be told from this video: {untold}."] if untold else []
        parts += [f"No score yet: {unscored}."] if unscored else []
        return Verdict(outcome=Outcome.CANNOT_TELL, reason=f"{' '.join(parts)} The outcome depends on it.")

    def _met(self, levels: Mapping[str, Level]) -> bool:
        if self._below_required(levels):
            return False
        values = [levels[c.id].value for c in self.criteria]
        match self.pass_rule:
            case AllAtLeast(level=level):
                return min(values) >= self.level(level).value
            case NumberAtLeast(n=n, level=level):
                return sum(value >= self.level(level).value for value in values) >= n
            case MeanAtLeast(mean=mean):
                # 1e-9: a mean of thirds must not fail by the last bit
                return sum(values) / len(values) >= mean - 1e-9
            case _:
                assert_never(self.pass_rule)

    def _below_required(self, levels: Mapping[str, Level]) -> list[str]:
        return [
            c.id
            for c in self.criteria
            if c.required is not None and c.id in levels and levels[c.id].value < self.level(c.required).value
        ]

    def _why_met(self, given: Mapping[str, Level]) -> str:
        match self.pass_rule:
            case AllAtLeast(level=level):
                return f"Every criterion is at “{self.level(level).label}” or above."
            case NumberAtLeast(level=level):
                reached = sum(given_level.value >= self.level(level).value for given_level in given.values())
                return f"{reached} of {len(self.criteria)} criteria are at “{self.level(level).label}” or above."
            case MeanAtLeast(mean=mean):
                return f"The mean over {len(self.criteria)} criteria reaches {mean:g}."
            case _:
                assert_never(self.pass_rule)

    def _why_not(self, given: Mapping[str, Level]) -> str:
        if below := self._below_required(given):
            return f"Below the level this rubric requires of it: {self._names(below)}."
        match self.pass_rule:
            case AllAtLeast(level=level):
                low = [c for c, found in given.items() if found.value < self.level(level).value]
                return f"Below “{self.level(level).label}”: {self._names(low)}."
            case NumberAtLeast(n=n, level=level):
                low = [c for c, found in given.items() if found.value < self.level(level).value]
                left = len(self.criteria) - len(low)
                return f"At most {left} of the {n} criteria asked for can be at “{self.level(level).label}” or above."
            case MeanAtLeast(mean=mean):
                return f"The mean stays below {mean:g}."
            case _:
                assert_never(self.pass_rule)

    def _names(self, criterion_ids: list[str]) -> str:
        ordered = [c.label for c in self.criteria if c.id in criterion_ids]
        return ", ".join(f"“{label}”" for label in ordered)

    def to_document(self) -> dict[str, object]:
        """The rubric as format `lookfors.rubric/1` (docs/formats/rubric.md), ready for JSON."""
        return {
            "format": FORMAT,
            "id": self.id,
            "version": self.version,
            "title": self.title,
            "summary": self.summary,
            "source_note": self.source_note,
            "illustrative": self.illustrative,
            "allow": [CANNOT_TELL] if self.allow_cannot_tell else [],
            "levels": [{"id": x.id, "label": x.label, "value": _plain(x.value)} for x in self.levels],
            "pass_rule": _rule_document(self.pass_rule),
            "evidence": _evidence_document(self.evidence),
            "criteria": [_criterion_document(criterion) for criterion in self.criteria],
        }


def _criterion_document(criterion: Criterion) -> dict[str, object]:
    document: dict[str, object] = {
        "id": criterion.id,
        "label": criterion.label,
        "prompt": criterion.prompt,
        "observable_in": list(criterion.observable_in),
        "indicators": [indicator.value for indicator in criterion.indicators],
        "codes": list(criterion.codes),
        "measures": list(criterion.measures),
        "alignment": list(criterion.alignment),
        "levels": [{"id": d.level, "text": d.text} for d in criterion.descriptors],
    }
    if criterion.required is not None:
        document["required"] = criterion.required
    return document


def _evidence_document(evidence: EvidenceAsked) -> dict[str, object]:
    document: dict[str, object] = {"unedited": evidence.unedited}
    if evidence.video_min_s is not None:
        document |= {"video_min_s": _plain(evidence.video_min_s), "tolerance_s": _plain(evidence.tolerance_s)}
    return document


def _rule_document(rule: PassRule) -> dict[str, object]:
    match rule:
        case AllAtLeast():
            return {"type": rule.type, "level": rule.level}
        case NumberAtLeast():
            return {"type": rule.type, "n": rule.n, "level": rule.level}
        case MeanAtLeast():
            return {"type": rule.type, "mean": _plain(rule.mean)}
        case _:
            assert_never(rule)


def _plain(number: float) -> int | float:
    """Whole numbers without a point, so that every JSON writer gives the same bytes to hash."""
    return int(number) if float(number).is_integer() else number


def _sha256(document: Mapping[str, object]) -> str:
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
