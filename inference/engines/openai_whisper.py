"""openai-whisper: the reference, on any device torch knows. Slower; runs on the same packaged weights."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import whisper
from whisper.tokenizer import LANGUAGES

from inference.audio import Audio, cut
from inference.engines.base_checkpoint import load_base
from inference.engines.naming import unavailable
from inference.transcribe import Segment
from inference.voice import Span
from inference.weights import WHISPER_BASE_SHA256, WHISPER_LICENCE, sha256_of
from model.preannotation import Version
from model.transcript import Word


class OpenAIWhisper:
    """Greedy with Whisper's own temperature fallback; no text is carried from one window to the next."""

    batch = 1

    def __init__(self, model: Any, *, name: str, sha256: str) -> None:
        self._model = model
        self.version = Version(
            part="transcriber", name=f"openai-whisper {name}", sha256=sha256, licence=WHISPER_LICENCE
        )

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(LANGUAGES) if self._model.is_multilingual else frozenset({"en"})

    def language_of(self, window: Audio) -> dict[str, float]:
        if not self._model.is_multilingual:
            return {"en": 1.0}
        mel = whisper.log_mel_spectrogram(whisper.pad_or_trim(window), n_mels=self._model.dims.n_mels)
        _, probabilities = self._model.detect_language(mel.to(self._model.device))
        return dict(probabilities)

    def hear(self, audio: Audio, spans: Sequence[Span], *, language: str) -> Sequence[Segment]:
        return [segment for span in spans for segment in self._hear_one(audio, span, language)]

    def _hear_one(self, audio: Audio, span: Span, language: str) -> list[Segment]:
        result = self._model.transcribe(
            np.ascontiguousarray(cut(audio, *span)),
            language=language,
            condition_on_previous_text=False,
            word_timestamps=True,
            fp16=self._model.device.type == "cuda",
            verbose=None,
        )
        return [_segment(piece, span[0]) for piece in result["segments"]]


def _segment(piece: dict[str, Any], offset: float) -> Segment:
    words = tuple(
        Word(text=w["word"], start=offset + float(w["start"]), end=offset + float(w["end"]), p=float(w["probability"]))
        for w in piece["words"]
    )
    return Segment(
        start=offset + float(piece["start"]),
        end=offset + float(piece["end"]),
        words=words,
        no_speech_p=float(piece["no_speech_prob"]),
        mean_logp=float(piece["avg_logprob"]),
    )


def load(model: str, *, threads: int, device: str) -> OpenAIWhisper:
    """`base` from the packages, a local checkpoint file, or a name to download.

    Raises InputRefused where the name or file gives no model.
    """
    torch.set_num_threads(threads)
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if model == "base":
        return OpenAIWhisper(load_base(device), name="base", sha256=WHISPER_BASE_SHA256)
    path = Path(model).expanduser()
    if not path.is_file() and model not in whisper.available_models():
        raise unavailable(model, names=whisper.available_models())
    try:
        loaded = whisper.load_model(model, device=device)
    except Exception as cause:  # network, disk or a file that is no checkpoint: each means it is not here
        raise unavailable(model) from cause
    return OpenAIWhisper(loaded, name=path.stem, sha256=sha256_of(path) if path.is_file() else "")
