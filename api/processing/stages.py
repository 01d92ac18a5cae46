"""The stages of preparing a submission, as people see them. The work is `inference.stage`, in a child process."""

from dataclasses import dataclass
from typing import Literal

StageName = Literal["probe", "playback", "audio", "transcript", "speakers", "indicators", "preannotation"]

# A stage put in, taken out or moved needs a new name: workflows begun under the old one replay its order of steps.
WORKFLOW = "prepare_submission_v1"
RENEWAL_WORKFLOW = "renew_evidence_v1"


@dataclass(frozen=True, slots=True)
class Stage:
    name: StageName
    label: str  # what a person reads beside its progress


STAGES: tuple[Stage, ...] = (
    Stage("probe", "Examine the file"),
    Stage("playback", "Make the playback copy"),
    Stage("audio", "Take out the sound"),
    Stage("transcript", "Write down what is said"),
    Stage("speakers", "Tell voices apart"),
    Stage("indicators", "Look for indicators"),
    Stage("preannotation", "Put the moments together"),
)
LABELS: dict[str, str] = {stage.name: stage.label for stage in STAGES}
