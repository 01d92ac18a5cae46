"""A tagger's artefact without a model: what a test tells it is all it knows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from inference.artefact import Manifest, read_manifest
from inference.encoder import Progress
from inference.features import Line
from inference.showing import plain_showing, showing_document
from inference.tagger import Tagger
from model.indicators import CODE_IDS, Indicator
from training.artefact import write_artefact

_ROW = {"n": 8, "auprc": 0.9, "precision": 0.8, "recall": 0.7, "f1": 0.75}


def plain_artefact(folder: Path, **changes: Any) -> Manifest:
    """Written to `folder`: nothing calibrated, a look-for shown from a half, `changes` in the manifest."""
    document: dict[str, Any] = {
        "name": "plain",
        "licence": "CC-BY-4.0",
        "codes": list(CODE_IDS),
        "seed": 20,
        "branches": {},
        "session": {code: [1.0, 0.0, 0.05, 0.1, 0.0, 0.0] for code in CODE_IDS},
        "calibration": {code: [1.0, 0.0] for code in CODE_IDS},
        "thresholds": dict.fromkeys(CODE_IDS, 0.5),
        "showing": showing_document(plain_showing(0.5)),
        "trained_on": {"dialogues": 2, "exchanges": 0, "utterances": 9, "hands": ["x"], "decisions": 0},
        "cross_validation": {
            "macro_auprc": 0.7,
            "indicators": {str(indicator): dict(_ROW) for indicator in Indicator},
            "codes": {code: dict(_ROW) for code in CODE_IDS},
        },
    }
    write_artefact(folder, {"nothing": np.zeros(1, dtype=np.float32)}, document | changes, force=True)
    return read_manifest(folder)


class Told(Tagger):
    """Holds of each text, word for word, the probabilities it was told, and .01 of everything else."""

    def __init__(self, manifest: Manifest, told: Mapping[str, Mapping[str, float]]) -> None:
        super().__init__(manifest, {})
        self._told = told

    def logits(self, lines: tuple[Line, ...], *, progress: Progress | None = None) -> NDArray[np.float64]:
        p = [[self._told.get(line.text, {}).get(code, 0.01) for code in CODE_IDS] for line in lines]
        return np.asarray(logit(np.array(p)))
