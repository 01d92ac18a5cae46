"""The catalogue of look-fors: three indicators and the codes that count for them or are context.

The codebook is DESIGN.md section 7; `definition` is what a reviewer reads in the interface.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from model.transcript import Role


class Indicator(StrEnum):
    YOUTH_VOICE = "youth_voice"
    STEM_RELEVANCE = "stem_relevance"
    PURPOSEFUL_QUESTIONS = "purposeful_questions"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize().replace("Stem", "STEM")


Modality = Literal["transcript", "audio", "video"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One kind of talk the tagger knows. `indicator` is None where the code is only context."""

    id: str
    label: str
    definition: str
    indicator: Indicator | None
    said_by: tuple[Role, ...]  # whose talk can carry it
    modality: Modality = "transcript"


_FACILITATOR = (Role.FACILITATOR,)
_YOUTH = (Role.YOUTH,)
_ANYONE = (Role.FACILITATOR, Role.YOUTH)

CODES: tuple[Code, ...] = (
    Code(
        id="open",
        label="Open question",
        definition="The facilitator asks for ideas, observations, predictions, designs, plans, connections or "
        "reflection that more than one answer could satisfy, and leaves room for an answer.",
        indicator=Indicator.PURPOSEFUL_QUESTIONS,
        said_by=_FACILITATOR,
    ),
    Code(
        id="press",
        label="Press for reasons",
        definition="The facilitator asks for a reason, evidence, an explanation, or how sure the speaker is.",
        indicator=Indicator.PURPOSEFUL_QUESTIONS,
        said_by=_FACILITATOR,
    ),
    Code(
        id="closed",
        label="Closed question",
        definition="The facilitator asks for one short known answer, or a yes or no.",
        indicator=None,
        said_by=_FACILITATOR,
    ),
    Code(
        id="procedural",
        label="Procedural question",
        definition="The facilitator asks about materials, steps, readiness or behaviour.",
        indicator=None,
        said_by=_FACILITATOR,
    ),
    Code(
        id="rhetorical",
        label="Rhetorical question",
        definition="A tag question, a question the asker answers, or one that expects no answer.",
        indicator=None,
        said_by=_FACILITATOR,
    ),
    Code(
        id="idea",
        label="Youth idea",
        definition="A youth proposes, predicts, takes on a part of the work by own choice, or asks a question "
        "that could change the work.",
        indicator=Indicator.YOUTH_VOICE,
        said_by=_YOUTH,
    ),
    Code(
        id="reasoning",
        label="Youth reasoning",
        definition="A youth gives a reason or evidence, or concludes from data.",
        indicator=Indicator.YOUTH_VOICE,
        said_by=_YOUTH,
    ),
    Code(
        id="peer",
        label="Youth to youth",
        definition="A youth answers or directs another youth about the work.",
        indicator=Indicator.YOUTH_VOICE,
        said_by=_YOUTH,
    ),
    Code(
        id="choice_offered",
        label="Choice handed over",
        definition="The facilitator hands over a decision that matters for the work.",
        indicator=Indicator.YOUTH_VOICE,
        said_by=_FACILITATOR,
    ),
    Code(
        id="uptake",
        label="Idea taken up",
        definition="The facilitator credits a youth's idea, builds on it or acts on it.",
        indicator=Indicator.YOUTH_VOICE,
        said_by=_FACILITATOR,
    ),
    Code(
        id="career",
        label="Careers",
        definition="Names work that people do and what they do in it, tied to the activity.",
        indicator=Indicator.STEM_RELEVANCE,
        said_by=_ANYONE,
    ),
    Code(
        id="everyday",
        label="Everyday life",
        definition="Ties the idea of the activity to home or daily life.",
        indicator=Indicator.STEM_RELEVANCE,
        said_by=_ANYONE,
    ),
    Code(
        id="community",
        label="Community",
        definition="Ties the idea of the activity to a need, place or decision of the youths' own community.",
        indicator=Indicator.STEM_RELEVANCE,
        said_by=_ANYONE,
    ),
    Code(
        id="real_world",
        label="Real world",
        definition="Ties the idea of the activity to technology, nature or an issue outside.",
        indicator=Indicator.STEM_RELEVANCE,
        said_by=_ANYONE,
    ),
)

CODE_IDS: tuple[str, ...] = tuple(code.id for code in CODES)
CODE_BY_ID: dict[str, Code] = {code.id: code for code in CODES}
QUESTION_CODES: tuple[str, ...] = ("open", "press", "closed", "procedural", "rhetorical")


def codes_of(indicator: Indicator) -> tuple[Code, ...]:
    """The codes that count for `indicator`, in catalogue order."""
    return tuple(code for code in CODES if code.indicator is indicator)


def looked_for_in(language: str | None) -> bool:
    """Indicators are looked for in English alone; a transcript of unknown language is taken to be English."""
    return language in (None, "en")
