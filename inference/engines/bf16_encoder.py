"""Whisper's encoder in bfloat16 for processors that multiply such matrices in hardware (AMX).

There faster-whisper spends most of its time in the encoder, which CTranslate2 does not run in bfloat16; the decoder
stays with CTranslate2.
"""

import ctranslate2
import numpy as np
import torch
from faster_whisper import WhisperModel
from numpy.typing import NDArray
from torch import nn

from inference.engines.base_checkpoint import load_base


class BF16EncoderModel(WhisperModel):  # type: ignore[misc]  # faster-whisper ships no types
    """faster-whisper's base model with only its encoder replaced."""

    def __init__(self, folder: str, *, threads: int) -> None:
        super().__init__(folder, device="cpu", compute_type="int8", cpu_threads=threads)
        torch.set_num_threads(threads)
        self._encoder = load_base("cpu").encoder
        for module in self._encoder.modules():
            if isinstance(module, nn.Linear | nn.Conv1d):  # the norms stay in 32 bits, as Whisper wants them
                module.to(torch.bfloat16)

    def encode(self, features: NDArray[np.float32]) -> ctranslate2.StorageView:
        """features: shape (80, 3000) or (n, 80, 3000). Gives the encoder's output in 32-bit floats."""
        batch = features[None] if features.ndim == 2 else features
        with torch.inference_mode():
            mel = torch.from_numpy(np.ascontiguousarray(batch)).to(torch.bfloat16)
            hidden = self._encoder(mel).float().numpy()
        return ctranslate2.StorageView.from_array(np.ascontiguousarray(hidden))
