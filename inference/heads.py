"""Linear heads over the frozen encoder and the explicit features: the part that refits in minutes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.encoder import DIMENSIONS, Progress, SentenceEncoder
from inference.features import FEATURES, Line, features, same_voice

WIDTH = 3 * DIMENSIONS + len(FEATURES) + 2


def frozen_inputs(
    encoder: SentenceEncoder, lines: Sequence[Line], *, progress: Progress | None = None
) -> NDArray[np.float32]:
    """Shape (n_lines, WIDTH): the line, what another voice last said, what comes next, their likeness, the features."""
    if not lines:
        return np.zeros((0, WIDTH), dtype=np.float32)
    vectors = encoder.embed([line.text for line in lines], progress=progress)
    before, after = np.zeros_like(vectors), np.zeros_like(vectors)
    for i in range(len(lines)):
        other = next((j for j in range(i - 1, max(-1, i - 6), -1) if same_voice(lines[j], lines[i]) < 0.5), i - 1)
        if other >= 0:
            before[i] = vectors[other]
        if i + 1 < len(lines):
            after[i] = vectors[i + 1]
    likeness = np.stack([(vectors * before).sum(1), (vectors * after).sum(1)], axis=1)
    return np.hstack([vectors, before, after, likeness, features(lines)]).astype(np.float32)


@dataclass(frozen=True, slots=True)
class LinearHeads:
    """`logit = (x - mean) / scale · weight + bias`, one column per code.

    Shapes: (WIDTH,), (WIDTH,), (WIDTH, n_codes), (n_codes,).
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]

    def logits(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Shape (n_lines, n_codes)."""
        return np.asarray(((inputs - self.mean) / self.scale) @ self.weight + self.bias, dtype=np.float32)

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        return {
            "heads.mean": self.mean,
            "heads.scale": self.scale,
            "heads.weight": self.weight,
            "heads.bias": self.bias,
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[np.float32]]) -> "LinearHeads":
        return cls(*(tensors[f"heads.{name}"] for name in ("mean", "scale", "weight", "bias")))
