"""Both engines on the packaged weights, on speech, silence, noise and music. Real models."""

from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest

from inference.audio import RATE, Audio
from inference.engines import faster_whisper
from inference.engines.faster_whisper import has_amx
from inference.transcribe import ENGINES, Transcriber, load_transcriber
from model.errors import InputRefused
from tests.inference.test_voice import tones
from training.benchmarks.spoken_scenes import read_scene, read_sound

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=ENGINES)
def transcriber(request: pytest.FixtureRequest) -> Transcriber:
    return load_transcriber(request.param, threads=2)


@pytest.fixture(scope="module")
def minute() -> Audio:
    """The first half minute of the shipped sample."""
    return read_scene(ROOT / "sample" / "muddy-water.json").audio[: 30 * RATE]


def test_words_and_times_of_known_speech(transcriber: Transcriber, shared: Path) -> None:
    """openai/whisper's own test clip and its own expectations of it."""
    audio = read_sound(shared / "media" / "jfk.flac")
    found = transcriber.transcribe(audio)
    said = " ".join(word.text for word in found.words).lower()
    assert "my fellow americans" in said
    assert "your country" in said
    assert "do for you" in said
    (americans,) = (word for word in found.words if word.text.lower().startswith("americans"))
    assert americans.start <= 1.8 <= americans.end
    assert found.language == "en"
    assert found.language_p > 0.9


def test_words_lie_in_order_inside_the_recording(transcriber: Transcriber, minute: Audio) -> None:
    words = transcriber.transcribe(minute, language="en").words
    assert len(words) > 30
    starts = [word.start for word in words]
    assert starts == sorted(starts)
    assert all(0 <= word.start < word.end <= 30.0 for word in words)
    assert all(0 <= word.p <= 1 for word in words)
    assert all(word.text == word.text.strip() for word in words)


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(0, np.float32),
        np.zeros(5 * RATE, np.float32),
        np.random.default_rng(0).normal(0, 0.02, 10 * RATE).astype(np.float32),
        tones(10.0),
    ],
    ids=["empty", "silence", "noise", "music"],
)
def test_nothing_is_invented(transcriber: Transcriber, sound: Audio) -> None:
    assert transcriber.transcribe(sound).segments == ()


def test_a_long_silence_between_two_voices_stays_silent(transcriber: Transcriber, minute: Audio) -> None:
    speech = minute[: 8 * RATE]
    found = transcriber.transcribe(np.concatenate([speech, np.zeros(40 * RATE, np.float32), speech]), language="en")
    assert not [word for word in found.words if 9.0 < word.start < 47.0]
    assert [word for word in found.words if word.start >= 47.0]


def test_it_says_what_it_is(transcriber: Transcriber) -> None:
    assert transcriber.version.part == "transcriber"
    assert len(transcriber.version.sha256) == 64


@pytest.mark.parametrize("engine", ENGINES)
def test_a_model_nobody_has_is_refused_in_one_sentence(engine: str) -> None:
    with pytest.raises(InputRefused) as refused:
        load_transcriber(engine, "enormous")
    assert refused.value.code == "model.unknown"
    assert "enormous" in refused.value.fact
    assert "base" in refused.value.remedy


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        load_transcriber("faster-whisper", str(tmp_path))
    assert refused.value.code == "model.invalid"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_name_that_cannot_be_fetched_is_refused(engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for proxy in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:9")  # nothing listens there: no network, wherever this runs
    with pytest.raises(InputRefused) as refused:
        load_transcriber(engine, "tiny")
    assert refused.value.code == "model.unavailable"
    assert "could not be downloaded" in refused.value.fact


@pytest.mark.skipif(not has_amx(), reason="the bfloat16 encoder is used only where the processor has AMX")
def test_the_bfloat16_encoder_hears_the_same_words(minute: Audio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both gave 890 words for the five-minute classroom scene; here at most one word in 50 may differ."""
    hybrid = load_transcriber(threads=2).transcribe(minute, language="en")
    monkeypatch.setattr(faster_whisper, "has_amx", lambda: False)
    plain = load_transcriber(threads=2).transcribe(minute, language="en")
    assert hybrid.version.name != plain.version.name
    ours, theirs = ([word.text.lower() for word in found.words] for found in (hybrid, plain))
    same = sum(block.size for block in SequenceMatcher(a=ours, b=theirs, autojunk=False).get_matching_blocks())
    assert same >= 0.98 * max(len(ours), len(theirs))
