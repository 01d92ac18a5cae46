"""What a scene truly contains: who said what when, and the moments a careful reader would point to."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from model.indicators import CODES
from model.transcript import Role
from training.scenes.room import Placed
from training.scenes.script import Script

FORMAT = "lookfors.reference/1"

_QUESTIONS = frozenset({"open", "press"})


def write_reference(path: Path, script: Script, placed: tuple[Placed, ...], *, media: str, duration: float) -> None:
    """Write the reference as JSON; `lookfors annotate` also reads it as a ready transcript."""
    utterances = [_utterance(i, script, each) for i, each in enumerate(placed)]
    document = {
        "format": FORMAT,
        "title": script.title,
        "media": media,
        "language": "en",
        "duration": round(duration, 3),
        "utterances": utterances,
        "moments": moments(utterances),
        "overlaps": [
            [round(after.start, 3), round(min(before.end, after.end), 3)]
            for before, after in pairwise(placed)
            if after.start < before.end
        ],
        "faint": [f"u{i + 1}" for i, each in enumerate(placed) if each.line.quiet_db < 0],
    }
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def moments(utterances: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One moment for every code that counts for an indicator. A question's moment reaches to the end of its answer."""
    indicators = {code.id: code.indicator for code in CODES if code.indicator is not None}
    found = []
    for i, utterance in enumerate(utterances):
        for code in (code for code in utterance["codes"] if code in indicators):
            spanned = [utterance]
            moment: dict[str, Any] = {"indicator": indicators[code].value, "code": code, "said_by": utterance["role"]}
            if code in _QUESTIONS and i + 1 < len(utterances) and utterances[i + 1]["role"] == Role.YOUTH:
                spanned.append(utterances[i + 1])
                moment["wait_s"] = round(utterances[i + 1]["start"] - utterance["end"], 3)
            moment |= {
                "start": spanned[0]["start"],
                "end": spanned[-1]["end"],
                "utterances": [each["id"] for each in spanned],
            }
            found.append(moment)
    return found


def _utterance(i: int, script: Script, each: Placed) -> dict[str, Any]:
    return {
        "id": f"u{i + 1}",
        "speaker": each.line.speaker,
        "role": script.speaker(each.line.speaker).role.value,
        "start": round(each.start, 3),
        "end": round(each.end, 3),
        "text": each.line.text,
        "codes": list(each.line.codes),
    }
