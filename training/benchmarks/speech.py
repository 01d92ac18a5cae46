"""Words, roles, speed and memory of the speech stages: `python -m training.benchmarks.speech [REFERENCE …]`.

Without arguments the shipped sample, and the scenes in $LOOKFORS_SHARED/media (or ../shared/media) where there are
any, each also re-cut so that youths talk most and played higher. The engines, and where the processor has AMX the
default one without it, run in turns on one scene, each in a
process of its own, so that their times are from the same minutes and their memory is their own. Seconds depend on
the machine; ratios far less.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from inference.audio import RATE, Audio
from inference.engines import faster_whisper
from inference.media import load_audio
from inference.speakers import find_speakers
from inference.transcribe import ENGINES, load_transcriber
from inference.utterances import build_transcript
from training.benchmarks.speech_scores import score_speech
from training.benchmarks.spoken_scenes import SpokenScene, higher, read_scene, youth_led

PLAIN = "faster-whisper, int8 encoder"  # what faster-whisper is where the processor lacks AMX
VARIANTS = (*ENGINES, PLAIN) if faster_whisper.has_amx() else ENGINES

ROOT = Path(__file__).resolve().parent.parent.parent


def write_wav(path: Path, audio: Audio) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes())


def known_scenes(references: Sequence[Path]) -> Iterator[SpokenScene]:
    for reference in references:
        yield read_scene(reference)
    if references:
        return
    yield read_scene(ROOT / "sample" / "muddy-water.json")
    media = Path(os.environ.get("LOOKFORS_SHARED") or ROOT.parent / "shared") / "media"
    reference = media / "classroom_5min.json"
    if reference.is_file():
        clean = read_scene(reference)
        yield clean
        yield read_scene(reference, sound=media / "classroom_5min_hard.flac")
        yield youth_led(clean)
        yield higher(clean)


def print_scores(scenes: Sequence[SpokenScene], threads: int) -> None:
    columns = ("word error", "sub / del / ins", "role right", "speaker right", "speakers", "covered", "s, words")
    print(f"| scene | {' | '.join(columns)} | s, voices |")
    print("|---" * (len(columns) + 2) + "|")
    transcriber = load_transcriber(threads=threads)
    with tempfile.TemporaryDirectory() as folder:
        for scene in scenes:
            wav = Path(folder) / "scene.wav"
            write_wav(wav, scene.audio)
            began = time.perf_counter()
            recognised = transcriber.transcribe(scene.audio)
            heard = time.perf_counter()
            speakers = find_speakers(wav)
            told = time.perf_counter()
            score = score_speech(build_transcript(recognised, speakers, scene.audio), scene)
            print(
                f"| {scene.name} | {score.word_error:.2%} | {score.substituted} / {score.deleted} / {score.inserted} "
                f"| {score.role_right:.2%} | {score.speaker_right:.2%} | {score.speakers[0]} of {score.speakers[1]} "
                f"| {score.covered:.1%} | {heard - began:.1f} | {told - heard:.1f} |",
                flush=True,
            )


def print_engines(scene: SpokenScene, *, rounds: int, threads: int) -> None:
    seconds: dict[str, list[float]] = {engine: [] for engine in VARIANTS}
    memory = dict.fromkeys(VARIANTS, 0.0)
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "scene.wav"
        write_wav(wav, scene.audio)
        for _ in range(rounds):
            for engine in VARIANTS:
                found = _in_own_process(engine, wav, threads)
                seconds[engine].append(found["seconds"])
                memory[engine] = max(memory[engine], found["peak_mb"])
    length = scene.audio.size / RATE
    reference = median(seconds["openai-whisper"])
    print(f"\n{scene.name}, {length:.0f} s, {threads} threads, medians of {rounds} rounds in turns\n")
    print("| engine | seconds | seconds a second of sound | times openai-whisper | peak memory, MB |")
    print("|---|---|---|---|---|")
    for engine in VARIANTS:
        took = median(seconds[engine])
        print(f"| {engine} | {took:.1f} | {took / length:.3f} | {reference / took:.2f} | {memory[engine]:.0f} |")


def _in_own_process(engine: str, wav: Path, threads: int) -> dict[str, float]:
    command = [
        sys.executable,
        "-m",
        "training.benchmarks.speech",
        "--only",
        engine,
        str(wav),
        "--threads",
        str(threads),
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def run_one(engine: str, wav: Path, threads: int) -> None:
    if engine == PLAIN:
        faster_whisper.has_amx = lambda: False
    transcriber = load_transcriber(ENGINES[0] if engine == PLAIN else engine, threads=threads)
    audio = load_audio(wav)
    began = time.perf_counter()
    transcriber.transcribe(audio, language="en")
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kibibytes on Linux
    print(json.dumps({"seconds": took, "peak_mb": peak}))


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    arguments.add_argument("references", nargs="*", type=Path)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--rounds", type=int, default=3, help="of the engines side by side; 0 leaves them out")
    arguments.add_argument("--only", choices=VARIANTS, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.only:
        run_one(given.only, given.references[0], given.threads)
        return
    scenes = list(known_scenes(given.references))
    print_scores(scenes, given.threads)
    if given.rounds:
        print_engines(scenes[0], rounds=given.rounds, threads=given.threads)


if __name__ == "__main__":
    main()
