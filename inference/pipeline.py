"""annotate(source) -> PreAnnotation: the whole way from a recording to evidence, on one screen.

A stage reads what earlier stages left in the workspace and leaves its own result there, whole or not at all; a
stage whose result is there is passed over. So a run that was killed goes on where it was, and the service runs each
stage in a child process of its own (inference.stage) with the same outcome.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from inference import steps
from inference.artefact import SHIPPED, read_manifest
from inference.options import DEFAULT, Options
from inference.renewal import renew
from inference.workspace import Workspace
from model.preannotation import PreAnnotation

Progress = Callable[[str, float], None]
"""Told the stage's name and the share of it that is done, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Stage:
    """`run` makes `result`; `share` is about how much of the whole time it takes, for progress bars.

    `needs` says what there must be for the stage to have anything to do: "any" source, a recording ("media"), or a
    recording of which a playback copy is wanted.
    """

    name: str
    label: str  # what a person reads while it runs
    run: steps.Step
    result: str  # the file whose presence says that the stage is done
    share: float
    needs: Literal["any", "media", "playback"] = "media"

    def wanted(self, work: steps.Work) -> bool:
        if self.needs == "any":
            return True
        return not work.handed_transcript and (self.needs == "media" or work.options.playback)


# Shares: processor time over five minutes at 720p on two cores, rounded.
STAGES: tuple[Stage, ...] = (
    Stage("probe", "Examining the file", steps.examine, "probe.json", 0.02, "any"),
    Stage("playback", "Making the playback copy", steps.copy_for_playback, "proxy.mp4", 0.38, "playback"),
    Stage("audio", "Taking out the sound", steps.take_out_sound, "sound.json", 0.03),
    Stage("transcript", "Writing down what is said", steps.recognise, "recognised.json", 0.18),
    Stage("speakers", "Telling voices apart", steps.tell_speakers, "transcript.json", 0.33, "any"),
    Stage("indicators", "Looking for indicators", steps.tag, "tagged.json", 0.05, "any"),
    Stage("preannotation", "Putting the moments together", steps.put_together, "preannotation.json", 0.01, "any"),
)

# Not one of the way from a recording: its source is a document whose transcript people have corrected.
RENEWAL = Stage("renewal", "Looking again after corrections", renew, "preannotation.json", 1.0, "any")


def annotate(
    source: Path, *, options: Options = DEFAULT, workspace: Path | None = None, progress: Progress | None = None
) -> PreAnnotation:
    """What a reviewer should look at in `source`: a video, a sound file, or a transcript (.vtt or .json).

    A pure function of source, options and weights. With `workspace` the results of all stages stay there and a later
    call goes on from them; without, they are made in a temporary folder and removed.
    Raises InputRefused for a source that a person must mend, DiskFull and other LookforsErrors for what is ours.
    """
    with _folder(workspace) as folder:
        work = begin(source, folder, options)
        for stage in STAGES:
            run_stage(stage, work, progress=progress)
        return work.workspace.read_preannotation()


def begin(source: Path, folder: Path, options: Options) -> steps.Work:
    """A workspace tied to this source, these options and the tagger that is shipped."""
    work = steps.Work(source=source, workspace=Workspace(folder), options=options)
    work.workspace.bind(source, options.shaping(), tagger=read_manifest(SHIPPED).sha256)
    return work


def run_stage(stage: Stage, work: steps.Work, *, progress: Progress | None = None) -> Mapping[str, object]:
    """Run one stage, or pass over it where its result is there or not wanted; a small summary for logs."""

    def tell(share: float) -> None:
        if progress is not None:
            progress(stage.name, min(1.0, max(0.0, share)))

    if not stage.wanted(work):
        return {"wanted": False}
    tell(0.0)
    if work.workspace.has(stage.result):
        summary: Mapping[str, object] = {"already": True}
    else:
        summary = stage.run(work, tell)
    tell(1.0)
    return summary


@contextmanager
def _folder(workspace: Path | None) -> Iterator[Path]:
    if workspace is not None:
        yield workspace
        return
    # Removed whatever happens: it holds the voices of minors.
    with tempfile.TemporaryDirectory(prefix="lookfors-") as made:
        yield Path(made)
