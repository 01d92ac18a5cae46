"""Reading a document that someone else wrote: every refusal names the place inside it."""

import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from model.errors import LookforsError

Refuse = Callable[[str, str, str], LookforsError]
"""(path, fact, remedy) -> the error to raise."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place inside a document: its value, and its path for whoever has to mend it.

    Paths are written as a person would point: `criteria[2].levels[1].id`, counted from 0.
    """

    value: object
    path: str
    refuse: Refuse

    def wrong(self, fact: str, remedy: str) -> LookforsError:
        """The error for this place; the caller raises it."""
        return self.refuse(self.path or "document", fact, remedy)

    def __getitem__(self, key: str) -> "Place":
        """A field that must be there."""
        place = self.get(key)
        if place is None:
            raise self._at(key, None).wrong("it is missing.", f"Add `{key}`.")
        return place

    def get(self, key: str) -> "Place | None":
        """A field that may be absent or null."""
        value = self.mapping().get(key)
        return None if value is None else self._at(key, value)

    def _at(self, key: str, value: object) -> "Place":
        return Place(value, f"{self.path}.{key}" if self.path else key, self.refuse)

    def mapping(self) -> Mapping[str, object]:
        if not isinstance(self.value, Mapping):
            raise self.wrong(f"expected named fields, found {_kind(self.value)}.", "Write it as an object or table.")
        return self.value

    def only(self, known: Collection[str]) -> None:
        """Refuses a field nobody knows: most often a slip of the pen that would otherwise be ignored."""
        for key in self.mapping():
            if key not in known:
                names = ", ".join(sorted(known))
                raise self._at(str(key), None).wrong("this field is not known.", f"Known here are: {names}.")

    def items(self, *, at_least: int = 0) -> tuple["Place", ...]:
        if isinstance(self.value, str | bytes) or not isinstance(self.value, Sequence):
            raise self.wrong(f"expected a list, found {_kind(self.value)}.", "Write it as a list.")
        if len(self.value) < at_least:
            raise self.wrong(f"it holds {len(self.value)} entries.", f"Give at least {at_least}.")
        return tuple(Place(value, f"{self.path}[{i}]", self.refuse) for i, value in enumerate(self.value))

    def text(self, *, empty: bool = False) -> str:
        if not isinstance(self.value, str):
            raise self.wrong(f"expected text, found {_kind(self.value)}.", "Write it as text, in quotes.")
        if not empty and not self.value.strip():
            raise self.wrong("the text is empty.", "Say something here or leave the field out.")
        return self.value

    def number(self, *, low: float = -math.inf, high: float = math.inf) -> float:
        """A finite number in [low, high]."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.wrong(f"expected a number, found {_kind(self.value)}.", "Write it as a plain number.")
        try:
            number = float(self.value)
        except OverflowError:  # an integer of more than 308 digits
            number = math.inf
        if not math.isfinite(number):
            raise self.wrong("the number is not finite.", "Give a finite number.")
        if not low <= number <= high:
            raise self.wrong(f"{number:g} is out of range.", _range(low, high))
        return number

    def integer(self, *, low: int = 0) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.wrong(f"expected a whole number, found {_kind(self.value)}.", "Write it without a point.")
        if self.value < low:
            raise self.wrong(f"{self.value} is out of range.", f"Give {low} or more.")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong(f"expected true or false, found {_kind(self.value)}.", "Write true or false.")
        return self.value

    def choice(self, choices: Collection[str]) -> str:
        text = self.text()
        if text not in choices:
            raise self.wrong(f"“{text}” is not known here.", f"Choose one of: {', '.join(choices)}.")
        return text

    def texts(self) -> tuple[str, ...]:
        return tuple(item.text() for item in self.items())

    def choices(self, choices: Collection[str]) -> tuple[str, ...]:
        return tuple(item.choice(choices) for item in self.items())


def parse_json(text: str, *, refuse: Refuse) -> Place:
    """The root of a JSON document.

    Raises what `refuse` makes, for text that is not JSON, holds NaN or Infinity, or is nested without end.
    """

    def no_such_number(name: str) -> float:
        raise refuse("document", f"it holds {name}, which is no JSON number.", "Write null where a value is unknown.")

    try:
        value = json.loads(text, parse_constant=no_such_number)
    except json.JSONDecodeError as error:
        raise refuse(
            f"line {error.lineno}, column {error.colno}",
            f"this is not JSON ({error.msg}).",
            "Check the file with a JSON editor, or export it again.",
        ) from error
    except RecursionError as error:
        raise refuse("document", "it is nested too deeply.", "Export it again.") from error
    except ValueError as error:  # a number of thousands of digits
        raise refuse("document", "it holds a number that is far too long.", "Export it again.") from error
    return Place(value, "", refuse)


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case Mapping():
            return "named fields"
        case _:
            return "a list" if isinstance(value, Sequence) else "a date or time"


def _range(low: float, high: float) -> str:
    if math.isinf(high):
        return f"Give {low:g} or more."
    if math.isinf(low):
        return f"Give {high:g} or less."
    return f"Give a number from {low:g} to {high:g}."
