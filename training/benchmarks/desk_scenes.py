"""Sessions of full length for tests and benchmarks of the review desk, made in seconds and without speech models.

The recording is real and tiny: a test picture, and a tone where somebody speaks. In a service whose stage command is
`python -m training.benchmarks.desk_scenes` it is uploaded and prepared as any other, by the real stages; only what the
speech models and the tagger would say comes from here, drawn from a seed.
"""

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from inference import stage
from inference.showing import plain_showing
from inference.transcribe import Recognised
from inference.workspace import Workspace
from model.preannotation import Codes, Version
from model.transcript import Role, SpeechHeard, Transcript, Utterance, Word

STAGE_COMMAND = (sys.executable, "-m", "training.benchmarks.desk_scenes")
_MADE = Version(part="made", name="desk-scenes 1", sha256="0" * 64, licence="")
_THRESHOLD = 0.5
_SEED = 20
_PIECE_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """How much is said in a session, and how many moments are pointed at."""

    name: str
    minutes: int
    words: int
    pieces: int

    @property
    def duration_s(self) -> float:
        return self.minutes * 60.0


TWENTY_MINUTES = Scene(name="20 min", minutes=20, words=3_000, pieces=60)
TWO_HOURS = Scene(name="2 h", minutes=120, words=18_000, pieces=400)
SCENES = (TWENTY_MINUTES, TWO_HOURS)

# What can be said: role, code where it counts for a look-for, sentence.
_SAID: tuple[tuple[Role, str | None, str], ...] = (
    (Role.FACILITATOR, "open", "What do you notice about the {thing} when the {other} touches it?"),
    (Role.YOUTH, "idea", "Maybe we could put the {thing} on the {other} and look what happens then."),
    (Role.FACILITATOR, "everyday", "You meet the same thing at home when a {thing} stands beside a {other}."),
    (Role.FACILITATOR, "press", "How do you know that it was the {thing} and not the {other} that did it?"),
    (Role.YOUTH, "reasoning", "Because the {thing} was heavier than the {other}, so it went down first."),
    (Role.FACILITATOR, "real_world", "Engineers test a {thing} like this before they build a {other} with it."),
)
_BETWEEN: tuple[tuple[Role, str], ...] = (
    (Role.FACILITATOR, "Please pass the {thing} round, and keep the {other} dry on your table."),
    (Role.YOUTH, "We have not got the {thing} yet, somebody took the {other} away."),
    (Role.YOUTH, "Look at the {thing}, it is right under the {other} now."),
    (Role.FACILITATOR, "Five more minutes with the {thing}, then the {other} goes back into the box."),
)
_THINGS = ("magnet", "funnel", "filter", "ramp", "bridge", "pump", "lever", "sensor", "mirror", "battery", "beaker")


def transcript_of(scene: Scene) -> tuple[Transcript, Codes]:
    """About `scene.words` words over the whole length, and codes that give about `scene.pieces` moments."""
    draw = random.Random(_SEED)
    lines = list(_lines(scene, draw))
    spoken = [len(text.split()) for _, _, text in lines]
    share = scene.duration_s * 0.75 / sum(spoken)  # seconds a word; a quarter of the time nobody speaks
    pause = scene.duration_s * 0.25 / (len(lines) + 1)
    utterances, codes, at = [], [], 0.0
    for number, ((role, code, text), count) in enumerate(zip(lines, spoken, strict=True), 1):
        at += pause * draw.uniform(0.2, 1.8)
        words = _words(text, at, share, draw)
        at = min(at + share * count, scene.duration_s)
        speaker = "s1" if role is Role.FACILITATOR else f"s{2 + number % 4}"
        utterances.append(
            Utterance(
                id=f"u{number}", start=words[0].start, end=words[-1].end, speaker=speaker, role=role,
                role_p=draw.choice((0.97, 0.9, 0.7)), text=text, words=words,
            )
        )  # fmt: skip
        p = round(draw.uniform(_THRESHOLD, 0.97), 3)
        codes.append((f"u{number}", ((code, p),) if code else ()))
    heard = scene.duration_s * 0.8
    speech = SpeechHeard(heard_s=heard, recognised_s=heard * 0.9)
    return Transcript(utterances=tuple(utterances), language="en", speech=speech), tuple(codes)


def _lines(scene: Scene, draw: random.Random) -> Iterator[tuple[Role, str | None, str]]:
    """Moments in turn over the look-fors with ordinary talk between them, so that no two of them become one."""
    left, pieces = scene.words, 0
    per_piece = scene.words / scene.pieces
    while left > 0:
        due = pieces < scene.pieces and scene.words - left >= pieces * per_piece
        if due:
            role, code, text = _SAID[pieces % len(_SAID)]
            pieces += 1
        else:
            (role, text), code = draw.choice(_BETWEEN), None
        thing, other = draw.sample(_THINGS, 2)
        said = text.format(thing=thing, other=other)
        left -= len(said.split())
        yield role, code, said


def _words(text: str, start: float, share: float, draw: random.Random) -> tuple[Word, ...]:
    p = 0.35 if draw.random() < 0.05 else 0.95  # now and then a passage the recogniser was not sure of
    return tuple(
        Word(text=word, start=round(start + i * share, 3), end=round(start + (i + 0.9) * share, 3), p=p)
        for i, word in enumerate(text.split())
    )


def make_recording(path: Path, scene: Scene) -> None:
    """A recording of the scene's length, a few MB: one picture a second, a tone that swells and fades as talk does.

    Five minutes are encoded and then repeated as they are, so that two hours take no longer than twenty minutes.
    """
    tone = "0.3*sin(2*PI*220*t)*max(0\\,sin(2*PI*t/5))*(0.6+0.4*sin(2*PI*t/61))"
    piece = path.with_name(f"piece-{path.name}")
    _ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc=size=192x108:rate=1:duration={_PIECE_S}"),
        *("-f", "lavfi", "-i", f"aevalsrc={tone}:sample_rate=16000:duration={_PIECE_S}"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "5", "-c:a", "aac", "-b:a", "24k"),
        str(piece),
    )
    again = ("-stream_loop", str(int(scene.duration_s // _PIECE_S)))
    _ffmpeg(*again, "-i", str(piece), "-t", str(scene.duration_s), "-c", "copy", str(path))
    piece.unlink()


def _ffmpeg(*arguments: str) -> None:
    command = (imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y", *arguments)
    subprocess.run(command, check=True)


def scene_of(duration_s: float) -> Scene:
    """The scene a recording of this length was made for."""
    return min(SCENES, key=lambda scene: abs(scene.duration_s - duration_s))


_STOOD_IN = frozenset({"audio", "transcript", "speakers", "indicators"})


def _stand_in(name: str, workspace: Workspace) -> None:
    """Leaves what a stage with a model would have left."""
    scene = scene_of(workspace.read_media().duration or 0.0)
    transcript, codes = transcript_of(scene)
    match name:
        case "audio":
            workspace.write_warnings(())  # nothing of the desk's is in the sound itself
        case "transcript":
            said = Recognised(segments=(), language="en", language_p=1.0, voice=(), version=_MADE)
            workspace.write_recognised(said)
        case "speakers":
            workspace.write_transcript(transcript, (_MADE,))
        case "indicators":
            workspace.write_codes(codes, _MADE, plain_showing(_THRESHOLD), {})


def main(arguments: Sequence[str]) -> int:
    """One stage, with the command line of `inference.stage`; without arguments nothing is asked for."""
    if not arguments:
        return 0
    if arguments[0] not in _STOOD_IN:
        return stage.main(arguments)
    folder = Path(arguments[arguments.index("--workspace") + 1])
    _stand_in(arguments[0], Workspace(folder))
    sys.stdout.write(json.dumps({"done": {}}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
