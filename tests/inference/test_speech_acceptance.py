"""The bars for words and roles, on scenes whose truth is known. Real models; some minutes."""

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inference.audio import RATE
from inference.speakers import find_speakers
from inference.transcribe import Transcriber, load_transcriber
from inference.utterances import build_transcript
from training.benchmarks.speech_scores import SpeechScore, score_speech
from training.benchmarks.spoken_scenes import SpokenScene, read_scene, youth_led

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def score(tmp_path_factory: pytest.TempPathFactory) -> Callable[[SpokenScene], SpeechScore]:
    transcriber: Transcriber = load_transcriber(threads=2)

    def scored(scene: SpokenScene) -> SpeechScore:
        wav = tmp_path_factory.mktemp("scene") / "scene.wav"
        with wave.open(str(wav), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes((np.clip(scene.audio, -1, 1) * 32767).astype("<i2").tobytes())
        recognised = transcriber.transcribe(scene.audio)
        return score_speech(build_transcript(recognised, find_speakers(wav), scene.audio), scene)

    return scored


@pytest.mark.parametrize(("sound", "word_error", "role_right"), [("clean", 0.03, 0.97), ("hard", 0.10, 0.90)])
def test_the_classroom_scene(
    score: Callable[[SpokenScene], SpeechScore], shared: Path, sound: str, word_error: float, role_right: float
) -> None:
    media = shared / "media"
    noisy = media / "classroom_5min_hard.flac" if sound == "hard" else None
    found = score(read_scene(media / "classroom_5min.json", sound=noisy))
    assert found.word_error <= word_error
    assert found.role_right >= role_right


def test_youths_who_talk_most_are_still_youths(score: Callable[[SpokenScene], SpeechScore], shared: Path) -> None:
    """Every fourth line of the facilitator is left, every line of the youths: "most speech leads" would be wrong."""
    scene = youth_led(read_scene(shared / "media" / "classroom_5min.json"))
    found = score(scene)
    assert found.role_right >= 0.95


def test_the_shipped_sample(score: Callable[[SpokenScene], SpeechScore]) -> None:
    """It holds a faint child and an overlap on purpose, so more words are lost than in the classroom scene."""
    found = score(read_scene(ROOT / "sample" / "muddy-water.json"))
    assert found.word_error <= 0.06
    assert found.role_right >= 0.97
