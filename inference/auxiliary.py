"""Talk judged by the schemes of outside corpora: talk moves, focusing or funneling questions, uptake.

A benchmark of what is built here against published work; nothing of it reaches a reviewer. What learnt from those
corpora carries their licence, so it is an artefact of its own, in the folder `auxiliary` of the tagger's.

Here is what the artefact says of itself, read without loading any model; `inference.auxiliary_reading` reads with it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from inference.artefact import SHIPPED
from inference.features import FEATURES
from model.errors import InputRefused

FORMAT = "lookfors.auxiliary/1"
HOME = "auxiliary"  # folder inside the tagger's
SHIPPED_AUXILIARY = SHIPPED / HOME
TASKS: dict[str, tuple[str, ...]] = {
    "teacher_move": (
        "none", "keep_together", "get_students_relate", "restating", "revoicing", "press_accuracy", "press_reasoning",
    ),
    "student_move": ("none", "relate_to_student", "ask_more_info", "claim", "evidence_reasoning"),
    "follow_up": ("neither", "funneling", "focusing"),
    "uptake_level": ("low", "middle", "high"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How one task's two readings are joined.

    `mix` is the conversation's weight beside the sentence networks; `shift` (classes,) is taken from the logits so
    that the likeliest class is right for rare classes as for common ones.
    """

    mix: float
    shift: tuple[float, ...]

    def logits(self, conversation: NDArray[np.float64], networks: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-probabilities of both readings (n, classes), joined and shifted."""
        joined = self.mix * log_softmax(conversation, axis=1) + (1 - self.mix) * log_softmax(networks, axis=1)
        return np.asarray(joined - np.array(self.shift))


@dataclass(frozen=True, slots=True, kw_only=True)
class AuxiliaryManifest:
    """What the artefact says of itself."""

    name: str
    licence: str
    tasks: Mapping[str, Settled]
    seen_groups: Mapping[str, frozenset[str]]  # `group_digest` of the teachers or transcripts that taught it
    weights_sha256: str
    sha256: str  # of the manifest itself, and by it of the weights
    document: Mapping[str, Any]


def group_digest(group: str) -> str:
    """What a teacher or transcript is called in a manifest: names of people need not travel with the weights."""
    return hashlib.sha256(group.encode()).hexdigest()[:12]


def read_auxiliary_manifest(folder: Path) -> AuxiliaryManifest:
    """Raises InputRefused `auxiliary.missing` or `tagger.invalid`."""
    try:
        data = (folder / "manifest.json").read_bytes()
        document = json.loads(data)
    except FileNotFoundError as error:
        raise InputRefused(
            "auxiliary.missing",
            f"Nothing was trained on outside corpora: there is no {folder}.",
            "Train with `lookfors train --data FOLDER`, where FOLDER holds those corpora.",
        ) from error
    if document.get("format") != FORMAT or document.get("features") != list(FEATURES):
        raise InputRefused("tagger.invalid", f"{folder} was made by another version.", "Train it again.")
    return AuxiliaryManifest(
        name=document["name"],
        licence=document["licence"],
        tasks={task: Settled(mix=one["mix"], shift=tuple(one["shift"])) for task, one in document["tasks"].items()},
        seen_groups={corpus: frozenset(groups) for corpus, groups in document["seen_groups"].items()},
        weights_sha256=document["files"]["weights.safetensors"],
        sha256=hashlib.sha256(data).hexdigest(),
        document=document,
    )
