"""The script of a made scene: who speaks, what, after which pause, and what it is an example of."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.errors import InputRefused
from model.indicators import CODES
from model.transcript import Role

FORMAT = "lookfors.scene/1"
STAGES = ("jug", "materials", "sorted", "layer1", "layer2", "layer3", "pour", "drip", "light")


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A made voice. A youth's is slowed by `tempo` and then played faster by `raise_`: pitch and formants rise."""

    id: str
    role: Role
    voice: str  # name of a Kokoro voice
    tempo: float
    raise_: float
    level_db: float  # against the facilitator
    reverb_s: float  # time in which the room's echo falls by 60 dB


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One utterance. `pause` seconds come before it; a negative pause speaks into the line before."""

    speaker: str
    text: str
    pause: float = 0.35
    codes: tuple[str, ...] = ()
    quiet_db: float = 0.0
    stage: str | None = None  # what is on the table from here on


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    name: str
    title: str
    seed: int
    speakers: tuple[Speaker, ...]
    lines: tuple[Line, ...]

    def speaker(self, identifier: str) -> Speaker:
        return next(speaker for speaker in self.speakers if speaker.id == identifier)


def read_script(path: Path) -> Script:
    """Read a scene's TOML. Raises `InputRefused` naming the place of what does not fit."""
    with path.open("rb") as file:
        raw = tomllib.load(file)
    if raw.get("format") != FORMAT:
        raise _invalid(path, "format", f"it is {raw.get('format')!r}", f"Write format = {FORMAT!r}.")
    speakers = tuple(_speaker(entry) for entry in raw["speakers"])
    lines = tuple(_line(entry) for entry in raw["lines"])
    known, codes = {speaker.id for speaker in speakers}, {code.id for code in CODES}
    for i, line in enumerate(lines):
        place = f"lines[{i}]"
        if line.speaker not in known:
            raise _invalid(path, f"{place}.speaker", f"nobody is called {line.speaker!r}", "Name one of the speakers.")
        if unknown := set(line.codes) - codes:
            raise _invalid(path, f"{place}.codes", f"there is no code {min(unknown)!r}", "Use the codebook's codes.")
        if line.stage is not None and line.stage not in STAGES:
            raise _invalid(path, f"{place}.stage", f"{line.stage!r} cannot be drawn", f"Use one of {STAGES}.")
    return Script(name=raw["name"], title=raw["title"], seed=raw["seed"], speakers=speakers, lines=lines)


def _invalid(path: Path, place: str, fact: str, remedy: str) -> InputRefused:
    return InputRefused("scene.invalid", f"{path.name}: {place}: {fact}.", remedy)


def _speaker(entry: dict[str, Any]) -> Speaker:
    rest = {key: value for key, value in entry.items() if key not in ("role", "raise")}
    return Speaker(role=Role(entry["role"]), raise_=entry["raise"], **rest)


def _line(entry: dict[str, Any]) -> Line:
    return Line(**{**entry, "codes": tuple(entry.get("codes", ()))})
