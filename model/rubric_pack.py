"""Reads rubric packs (TOML or the same document as JSON) into model.rubric.Rubric.

Format: docs/formats/rubric.md. Whatever breaks it is refused with the file and the place inside it.
"""

import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import cast

from model.errors import InputRefused, RubricInvalid
from model.formats.reading import Place
from model.indicators import CODE_IDS, Indicator, Modality
from model.measures import MEASURE_IDS
from model.rubric import (
    CANNOT_TELL,
    FORMAT,
    AllAtLeast,
    Criterion,
    Descriptor,
    EvidenceAsked,
    Level,
    MeanAtLeast,
    NumberAtLeast,
    PassRule,
    Rubric,
)

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_MODALITIES = ("transcript", "audio", "video")
_RULES = ("all_at_least", "n_of", "mean_at_least")
_RUBRIC_FIELDS = (
    "format",
    "id",
    "version",
    "title",
    "summary",
    "source_note",
    "illustrative",
    "allow",
    "levels",
    "pass_rule",
    "evidence",
    "criteria",
)
_CRITERION_FIELDS = (
    "id",
    "label",
    "prompt",
    "observable_in",
    "indicators",
    "codes",
    "measures",
    "alignment",
    "required",
    "levels",
)


def shipped_rubrics() -> tuple[Rubric, ...]:
    """The packs that come with Lookfors: illustrative, in our own words, sorted by id."""
    folder = resources.files("model") / "rubrics"
    packs = (entry for entry in folder.iterdir() if entry.name.endswith(".toml"))
    rubrics = (parse_rubric(entry.read_text(encoding="utf-8"), source=entry.name) for entry in packs)
    return tuple(sorted(rubrics, key=lambda rubric: rubric.id))


def load_rubric(path: Path) -> Rubric:
    """A pack from a file.

    Raises RubricInvalid for a file that is no pack, OSError for one that cannot be read.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RubricInvalid(path.name, "file", "it is not UTF-8 text.", "Save it as UTF-8.") from error
    return parse_rubric(text, source=path.name)


def parse_rubric(text: str, *, source: str) -> Rubric:
    """A pack from the text of a TOML file; `source` names it in errors. Raises RubricInvalid."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line \d+, column \d+", str(error))
        where = place.group() if place else "end of the file"
        fact = re.sub(r"\s*\(at .*\)$", "", str(error))
        raise RubricInvalid(source, where, f"this is not TOML: {fact}.", "Correct the line.") from error
    return rubric_from_document(document, source=source)


def rubric_from_document(document: Mapping[str, object], *, source: str) -> Rubric:
    """A rubric from what `Rubric.to_document` gives or a pack holds. Raises RubricInvalid."""

    def refuse(path: str, fact: str, remedy: str) -> InputRefused:
        return RubricInvalid(source, path, fact, remedy)

    root = Place(document, "", refuse)
    stated = root["format"].text()
    if stated != FORMAT:
        raise root["format"].wrong(f"“{stated}” is not a format read here.", f"This Lookfors reads {FORMAT}.")
    root.only(_RUBRIC_FIELDS)
    levels = _levels(root["levels"])
    allow = root.get("allow")
    evidence = root.get("evidence")
    return Rubric(
        id=_id(root["id"]),
        version=root["version"].text(),
        title=root["title"].text(),
        summary=root["summary"].text(),
        source_note=root["source_note"].text(),
        illustrative=root["illustrative"].flag(),
        levels=levels,
        pass_rule=_pass_rule(root["pass_rule"], levels=levels, n_criteria=len(root["criteria"].items())),
        allow_cannot_tell=bool(allow and allow.choices((CANNOT_TELL,))),
        evidence=_evidence(evidence) if evidence else EvidenceAsked(),
        criteria=_criteria(root["criteria"], levels=levels),
    )


def _levels(place: Place) -> tuple[Level, ...]:
    levels: list[Level] = []
    for i, item in enumerate(place.items(at_least=2)):
        item.only(("id", "label", "value"))
        value = item.get("value")
        level = Level(id=_id(item["id"]), label=item["label"].text(), value=value.number() if value else float(i + 1))
        if level.id == CANNOT_TELL:
            raise item["id"].wrong(
                f"“{CANNOT_TELL}” is not a level but the answer of someone who cannot judge.",
                f'Leave it out here and write allow = ["{CANNOT_TELL}"].',
            )
        if level.id in [known.id for known in levels]:
            raise item["id"].wrong(f"the id “{level.id}” is used twice.", "Give every level its own id.")
        if levels and level.value <= levels[-1].value:
            raise item["value" if value else "id"].wrong(
                f"the value {level.value:g} does not rise above {levels[-1].value:g}.", "Order levels from low to high."
            )
        levels.append(level)
    return tuple(levels)


def _pass_rule(place: Place, *, levels: tuple[Level, ...], n_criteria: int) -> PassRule:
    match place["type"].choice(_RULES):
        case "all_at_least":
            place.only(("type", "level"))
            return AllAtLeast(level=_level_id(place["level"], levels))
        case "n_of":
            place.only(("type", "n", "level"))
            n = place["n"].integer(low=1)
            if n > n_criteria:
                raise place["n"].wrong(f"{n} criteria are asked for, there are {n_criteria}.", "Ask for fewer.")
            return NumberAtLeast(n=n, level=_level_id(place["level"], levels))
        case _:
            place.only(("type", "mean"))
            return MeanAtLeast(mean=place["mean"].number(low=levels[0].value, high=levels[-1].value))


def _evidence(place: Place) -> EvidenceAsked:
    place.only(("video_min_s", "tolerance_s", "unedited"))
    shortest, tolerance, unedited = place.get("video_min_s"), place.get("tolerance_s"), place.get("unedited")
    if tolerance and not shortest:
        raise tolerance.wrong("there is no video_min_s to be short of.", "Give video_min_s or leave this out.")
    return EvidenceAsked(
        video_min_s=shortest.number(low=0.0) if shortest else None,
        tolerance_s=tolerance.number(low=0.0) if tolerance else 0.0,
        unedited=unedited.flag() if unedited else False,
    )


def _criteria(place: Place, *, levels: tuple[Level, ...]) -> tuple[Criterion, ...]:
    criteria: list[Criterion] = []
    for item in place.items(at_least=1):
        item.only(_CRITERION_FIELDS)
        criterion = _criterion(item, levels=levels)
        if criterion.id in [known.id for known in criteria]:
            raise item["id"].wrong(f"the id “{criterion.id}” is used twice.", "Give every criterion its own id.")
        criteria.append(criterion)
    return tuple(criteria)


def _criterion(item: Place, *, levels: tuple[Level, ...]) -> Criterion:
    indicators, codes = item.get("indicators"), item.get("codes")
    measures, alignment, required = item.get("measures"), item.get("alignment"), item.get("required")
    observable_in = item["observable_in"].choices(_MODALITIES)
    if not observable_in:
        raise item["observable_in"].wrong("it is empty.", f"Name one or more of: {', '.join(_MODALITIES)}.")
    return Criterion(
        id=_id(item["id"]),
        label=item["label"].text(),
        prompt=item["prompt"].text(),
        descriptors=_descriptors(item["levels"], levels),
        observable_in=tuple(cast(Modality, modality) for modality in observable_in),
        indicators=tuple(Indicator(x) for x in indicators.choices([i.value for i in Indicator])) if indicators else (),
        codes=codes.choices(CODE_IDS) if codes else (),
        measures=measures.choices(MEASURE_IDS) if measures else (),
        alignment=alignment.texts() if alignment else (),
        required=_level_id(required, levels) if required else None,
    )


def _descriptors(place: Place, levels: tuple[Level, ...]) -> tuple[Descriptor, ...]:
    items = place.items()
    descriptors = []
    for item, level in zip(items, levels, strict=False):
        item.only(("id", "text"))
        if (found := item["id"].text()) != level.id:
            raise item["id"].wrong(
                f"“{found}” stands where “{level.id}” is due.", "Describe every level once, in the rubric's order."
            )
        descriptors.append(Descriptor(level=level.id, text=item["text"].text()))
    if len(items) != len(levels):
        raise place.wrong(
            f"{len(items)} levels are described, the rubric has {len(levels)}.", "Describe every level once, in order."
        )
    return tuple(descriptors)


def _level_id(place: Place, levels: tuple[Level, ...]) -> str:
    return place.choice([level.id for level in levels])


def _id(place: Place) -> str:
    text = place.text()
    if not _ID.fullmatch(text):
        raise place.wrong(f"“{text}” cannot be an id.", "Use small letters, digits, - and _, at most 64.")
    return text
