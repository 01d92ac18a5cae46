"""What the rest of a session says of one utterance.

Where a session is full of a look-for, an unsure utterance is likelier to carry it; where hardly anything was found, a
lone flag is likelier to be false. So each utterance's logits are moved by how often the code, and the indicator it
counts for, was found in all the *other* utterances, against the usual rate. With few other utterances little moves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from model.indicators import CODE_BY_ID, Indicator

Floats = NDArray[np.float64]

PRIOR = 20.0  # utterances at the usual rate that are added to the session's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Arrays over `codes`: a first reading (slope, intercept on the logit), usual rates, the weight of each rate."""

    codes: tuple[str, ...]
    slope: Floats
    intercept: Floats
    usual: Floats  # share of utterances that carry the code
    usual_of_indicator: Floats  # share that carry any code of its indicator
    weight: Floats
    weight_of_indicator: Floats

    def moved(self, logits: Floats, share: Floats) -> Floats:
        """`logits` of one session, shape (n_lines, n_codes), with what its other lines say; `share` as `role_share`."""
        own, indicator = self.excess(logits, share)
        return np.asarray(logits + self.weight * own + self.weight_of_indicator * indicator)

    def excess(self, logits: Floats, share: Floats) -> tuple[Floats, Floats]:
        """log(rate among the other lines / usual rate) of each code and of its indicator, the latter 0 without one."""
        p = expit(self.slope * logits + self.intercept) * share
        own = _log_ratio(p, self.usual)
        beside = np.zeros_like(own)
        for indicator in Indicator:
            columns = columns_of(self.codes, indicator)
            if columns:
                any_of = 1.0 - np.prod(1.0 - p[:, columns], axis=1, keepdims=True)
                beside[:, columns] = _log_ratio(any_of, self.usual_of_indicator[columns[:1]])
        return own, beside

    def document(self) -> dict[str, list[float]]:
        """For the manifest: per code slope, intercept, usual rates and weights."""
        parts = (self.slope, self.intercept, self.usual, self.usual_of_indicator, self.weight, self.weight_of_indicator)
        return {code: [float(part[k]) for part in parts] for k, code in enumerate(self.codes)}

    @classmethod
    def from_document(cls, document: Mapping[str, Sequence[Any]]) -> "Outlook":
        parts = np.array([list(map(float, row)) for row in document.values()]).T
        return cls(
            codes=tuple(document),
            slope=parts[0],
            intercept=parts[1],
            usual=parts[2],
            usual_of_indicator=parts[3],
            weight=parts[4],
            weight_of_indicator=parts[5],
        )


def columns_of(codes: Sequence[str], indicator: Indicator) -> list[int]:
    return [k for k, code in enumerate(codes) if CODE_BY_ID[code].indicator is indicator]


def _log_ratio(p: Floats, usual: Floats) -> Floats:
    """Shape of `p`; each line is left out of the rate it is judged by."""
    others = p.sum(axis=0, keepdims=True) - p
    return np.asarray(np.log((others + PRIOR * usual) / ((len(p) - 1 + PRIOR) * usual)))
