"""faster-whisper (CTranslate2): the default, int8 on a CPU, float16 on a GPU."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.utils import available_models, download_model

from inference.audio import Audio
from inference.engines.naming import unavailable
from inference.transcribe import Segment
from inference.voice import Span
from inference.weights import WHISPER_BASE_SHA256, WHISPER_LICENCE, sha256_of, whisper_base
from model.errors import InputRefused
from model.preannotation import Version
from model.transcript import Word

_CPU_FLAGS = Path("/proc/cpuinfo")


class FasterWhisper:
    """Greedy decoding: beam 5 gave the same word error at twice the time (measured, and with more passed over)."""

    batch = 8  # 16 gains nothing, 4 is slower

    def __init__(self, model: WhisperModel, *, name: str, sha256: str) -> None:
        self._model = model
        self._reader = BatchedInferencePipeline(model)
        self.version = Version(
            part="transcriber", name=f"faster-whisper {name}", sha256=sha256, licence=WHISPER_LICENCE
        )

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(self._model.supported_languages)

    def language_of(self, window: Audio) -> dict[str, float]:
        if not self._model.model.is_multilingual:
            return {"en": 1.0}
        _, _, everything = self._model.detect_language(audio=window)
        return dict(everything)

    def hear(self, audio: Audio, spans: Sequence[Span], *, language: str) -> Sequence[Segment]:
        if not spans:
            return ()
        found, _ = self._reader.transcribe(
            np.ascontiguousarray(audio, dtype=np.float32),
            language=language,
            beam_size=1,
            temperature=0.0,
            word_timestamps=True,
            vad_filter=False,
            clip_timestamps=[{"start": start, "end": end} for start, end in spans],
            batch_size=self.batch,
        )
        return [_segment(piece) for piece in found]


def _segment(piece: Any) -> Segment:
    words = tuple(Word(text=w.word, start=w.start, end=w.end, p=w.probability) for w in piece.words or ())
    return Segment(
        start=piece.start, end=piece.end, words=words, no_speech_p=piece.no_speech_prob, mean_logp=piece.avg_logprob
    )


def load(model: str, *, threads: int, device: str) -> FasterWhisper:
    """`base` from the packages, a folder holding a CTranslate2 model, or a name to download.

    Raises InputRefused where the name or folder gives no model.
    """
    if device == "auto":
        device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    if model == "base":
        return _base(threads=threads, device=device)
    folder = Path(model).expanduser()
    if not folder.is_dir():
        folder = _downloaded(model)
    weights = folder / "model.bin"
    if not weights.is_file():
        raise InputRefused(
            "model.invalid",
            f"The folder {folder} holds no speech model for faster-whisper: model.bin is missing.",
            "Name a folder with a Whisper model converted for CTranslate2, or use the model base.",
        )
    loaded = WhisperModel(str(folder), device=device, compute_type=_precision(device), cpu_threads=threads)
    return FasterWhisper(loaded, name=folder.name, sha256=sha256_of(weights))


def _base(*, threads: int, device: str) -> FasterWhisper:
    folder = str(whisper_base())
    if device == "cpu" and has_amx():
        from inference.engines.bf16_encoder import BF16EncoderModel  # noqa: PLC0415 -- torch only where it pays

        loaded = BF16EncoderModel(folder, threads=threads)
        return FasterWhisper(loaded, name="base, bf16 encoder", sha256=WHISPER_BASE_SHA256)
    loaded = WhisperModel(folder, device=device, compute_type=_precision(device), cpu_threads=threads)
    return FasterWhisper(loaded, name="base", sha256=WHISPER_BASE_SHA256)


def has_amx() -> bool:
    """Whether this processor multiplies bfloat16 matrices in hardware (AMX); the hybrid was measured only there."""
    try:
        return " amx_bf16" in _CPU_FLAGS.read_text(encoding="ascii", errors="replace")
    except OSError:  # no Linux: no account of the processor in this form
        return False


def _precision(device: str) -> str:
    return "float16" if device == "cuda" else "int8"


def _downloaded(name: str) -> Path:
    if name not in available_models() and "/" not in name:
        raise unavailable(name, names=available_models())
    try:
        return Path(download_model(name))
    except Exception as cause:  # the download library raises a dozen kinds; each means: it is not here
        raise unavailable(name) from cause
