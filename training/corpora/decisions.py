"""Reviewers' decisions exported from a running Lookfors, as weighted examples.

Format `lookfors.decisions/1`: `sessions[]` with `id`, `educator` (a pseudonym; splits go by it), `utterances[]` (`id`,
`speaker`, `role`, `role_p`, `text`) and `decisions[]` (`utterance`, `code`, `verdict`, `p_shown`). Verdicts: `supports`
and `does_not` on a moment the machine pointed at, `added` for one a person found, `blind_none` for an utterance judged
without flags and found empty. What was never decided teaches nothing: silence is not a no.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.features import Line
from model.errors import InputRefused
from model.indicators import CODE_IDS
from model.transcript import Role

FORMAT = "lookfors.decisions/1"
# A rejection is said against a suggestion and is believed; a confirmation may only follow it (people under-correct what
# they are shown), so it counts less; what a person found alone is believed most.
WEIGHTS = {"does_not": 2.0, "supports": 0.5, "added": 2.0, "blind_none": 1.0}
MOST = 8.0  # limit of one decision's weight after division by its chance of being shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One session: its lines and, for each line and code, target and weight; shapes (n, n_codes)."""

    id: str
    group: str
    lines: tuple[Line, ...]
    target: NDArray[np.bool_]
    weight: NDArray[np.float64]


def read_decisions(path: Path) -> tuple[Decided, ...]:
    """Raises InputRefused `decisions.invalid`; the fact names the session."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputRefused(
            "decisions.invalid", f"{path} cannot be read as JSON ({error}).", "Export it again."
        ) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputRefused("decisions.invalid", f"{path} is not of format {FORMAT}.", "Export it from Lookfors.")
    return tuple(_session(session) for session in document["sessions"])


def _session(session: dict[str, Any]) -> Decided:
    utterances = session["utterances"]
    position = {utterance["id"]: i for i, utterance in enumerate(utterances)}
    target = np.zeros((len(utterances), len(CODE_IDS)), dtype=bool)
    weight = np.zeros((len(utterances), len(CODE_IDS)))
    for decision in session["decisions"]:
        verdict, id_ = decision["verdict"], decision["utterance"]
        if verdict not in WEIGHTS or id_ not in position or not 0 < decision.get("p_shown", 1.0) <= 1:
            raise InputRefused(
                "decisions.invalid",
                f"Session {session['id']}: the decision on {id_!r} ({verdict!r}) does not fit.",
                f"Verdicts are {', '.join(WEIGHTS)}; utterances must be listed; p_shown lies above 0 and up to 1.",
            )
        columns = range(len(CODE_IDS)) if verdict == "blind_none" else [CODE_IDS.index(decision["code"])]
        for k in columns:
            target[position[id_], k] = verdict in ("supports", "added")
            weight[position[id_], k] = min(MOST, WEIGHTS[verdict] / decision.get("p_shown", 1.0))
    return Decided(
        id=session["id"],
        group=session.get("educator") or session["id"],
        lines=tuple(_line(utterance) for utterance in utterances),
        target=target,
        weight=weight,
    )


def _line(utterance: dict[str, Any]) -> Line:
    p = float(utterance.get("role_p", 1.0))
    youth = {Role.YOUTH: p, Role.FACILITATOR: 1 - p}.get(Role(utterance.get("role", "unknown")), 0.5)
    return Line(text=utterance["text"], p_youth=youth, speaker=utterance.get("speaker"))
