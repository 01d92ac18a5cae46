"""Reviewers' decisions exported from a running Lookfors, as weighted examples.

Format `lookfors.decisions/1`: `sessions[]` with `id`, `educator` (a pseudonym; splits go by it), `utterances[]` (`id`,
`speaker`, `role`, `role_p`, `text`) and `decisions[]` (`utterance`, `code`, `verdict`, `p_shown`). Verdicts: `supports`
and `does_not` on a moment the machine pointed at, `added` for one a person found, `blind_none` for an utterance judged
without flags and found empty. What was never decided teaches nothing: silence is not a no.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.features import Line
from model.errors import InputRefused
from model.formats.reading import Place, Refuse, parse_json
from model.indicators import CODE_BY_ID, CODE_IDS
from model.transcript import Role

FORMAT = "lookfors.decisions/1"
# What a decision teaches. A rejection is said against a suggestion and is believed; a confirmation may only follow it
# (people under-correct what they are shown), so it counts less; what a person found alone is believed most.
WEIGHTS = {"does_not": 2.0, "supports": 0.5, "added": 2.0, "blind_none": 1.0}
MOST = 8.0  # limit of one decision's weight after division by its chance of being shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One session: its lines and, for each line and code, what was decided; arrays of shape (n, n_codes).

    `weight` is what a decision teaches. `shown` is one over its chance of being shown: how many such moments it stands
    for, which is what a rate is counted with. Eight of ten confirmed is a chance of .8, whatever each of them teaches.
    Both are 0 where nothing was decided and at most MOST.
    """

    id: str
    group: str  # the educator: sessions of one educator never span a split
    lines: tuple[Line, ...]
    target: NDArray[np.bool_]
    weight: NDArray[np.float64]
    shown: NDArray[np.float64]


def read_decisions(path: Path) -> tuple[Decided, ...]:
    """Raises InputRefused `decisions.invalid`; the fact names session and place, such as `sessions[0].decisions[2]`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputRefused("decisions.invalid", f"{path} cannot be read ({error}).", "Export it again.") from error
    root = parse_json(text, refuse=_refusals(str(path)))
    if root["format"].value != FORMAT:
        raise root["format"].wrong(f"this is not {FORMAT}.", "Export it from Lookfors.")
    return tuple(_session(place) for place in root["sessions"].items())


def _refusals(where: str) -> Refuse:
    return lambda path, fact, remedy: InputRefused("decisions.invalid", f"{where}: {path}: {fact}", remedy)


def _session(unnamed: Place) -> Decided:
    id_ = unnamed["id"].text()
    place = replace(unnamed, refuse=_refusals(f"Session {id_}"))
    educator = place.get("educator")
    spoken = place["utterances"].items()
    roles = [_role(utterance) for utterance in spoken]
    position = _positions(spoken)
    target = np.zeros((len(spoken), len(CODE_IDS)), dtype=bool)
    weight, shown = np.zeros(target.shape), np.zeros(target.shape)
    for decision in place["decisions"].items():
        verdict = decision["verdict"].choice(WEIGHTS)
        i = _decided_on(decision["utterance"], position)
        stands_for = 1 / _chance(decision)
        codes = _deniable(roles[i]) if verdict == "blind_none" else [decision["code"].choice(CODE_IDS)]
        for k in map(CODE_IDS.index, codes):
            target[i, k] = verdict in ("supports", "added")
            weight[i, k] = min(MOST, WEIGHTS[verdict] * stands_for)
            shown[i, k] = min(MOST, stands_for)
    return Decided(
        id=id_,
        group=educator.text() if educator else id_,
        lines=tuple(_line(utterance, role) for utterance, role in zip(spoken, roles, strict=True)),
        target=target,
        weight=weight,
        shown=shown,
    )


def _positions(spoken: Sequence[Place]) -> dict[str, int]:
    position: dict[str, int] = {}
    for i, utterance in enumerate(spoken):
        if position.setdefault(utterance["id"].text(), i) != i:
            raise utterance["id"].wrong("another utterance has this id.", "Give each its own.")
    return position


def _decided_on(utterance: Place, position: Mapping[str, int]) -> int:
    if utterance.text() not in position:
        raise utterance.wrong(f"the session has no utterance {utterance.text()!r}.", "List it, or drop the decision.")
    return position[utterance.text()]


def _chance(decision: Place) -> float:
    """How likely it was that a person would be asked; 1 where the file does not say."""
    place = decision.get("p_shown")
    p = 1.0 if place is None else place.number(low=0.0, high=1.0)
    if place is not None and p == 0.0:
        raise place.wrong("what cannot be shown cannot be decided.", "Give a number above 0 and up to 1.")
    return p


def _role(utterance: Place) -> Role:
    role = utterance.get("role")
    return Role(role.choice([str(one) for one in Role])) if role else Role.UNKNOWN


def _deniable(role: Role) -> list[str]:
    """The codes that hearing nothing denies: no other could have been given to this speaker."""
    return [code for code in CODE_IDS if role is Role.UNKNOWN or role in CODE_BY_ID[code].said_by]


def _line(utterance: Place, role: Role) -> Line:
    sure, speaker = utterance.get("role_p"), utterance.get("speaker")
    p = sure.number(low=0.0, high=1.0) if sure else 1.0
    return Line(
        text=utterance["text"].text(empty=True),
        p_youth={Role.YOUTH: p, Role.FACILITATOR: 1 - p}.get(role, 0.5),
        speaker=speaker.text() if speaker else None,
    )
