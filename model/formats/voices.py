"""What other people's labels say about a speaker: a role where the label names one, never an identity."""

import re

from model.transcript import Role

_ROLE_WORDS = {
    Role.FACILITATOR: re.compile(
        r"facilitator|educator|teacher|instructor|leader|coach|mentor|tutor|staff|adult|presenter|librarian"
    ),
    Role.YOUTH: re.compile(
        r"youths?|students?|child|children|kids?|girl|boy|learners?|pupils?|participants?|teens?|campers?|scholars?"
    ),
    Role.UNKNOWN: re.compile(r"unknown|speaker|voice"),
}


def role_of_label(label: str) -> Role | None:
    """The role a speaker label names ("Teacher", "Student 3", "YOUTH_A"), or None where it names none.

    Only the label's own first or last word counts, so that "Child Development Lead" is not a child.
    """
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label).lower())
    if not words:
        return None
    for role, named in _ROLE_WORDS.items():
        if named.fullmatch(words[-1]) or (len(words) <= 2 and named.fullmatch(words[0])):
            return role
    return None


class Voices:
    """Gives each label of one transcript a cluster name ("s1", "s2", …) in order of appearance.

    Labels are often people's names; they stop here.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def name(self, label: str | None) -> str | None:
        if label is None or not label.strip():
            return None
        return self._names.setdefault(label.strip().casefold(), f"s{len(self._names) + 1}")


def certainty(role: Role) -> float:
    """How sure a role is that a person wrote down: wholly, or not at all where they wrote that they do not know."""
    return 0.5 if role is Role.UNKNOWN else 1.0
