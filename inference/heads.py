"""Heads over the frozen encoder and the explicit features: the part that refits in minutes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from inference.encoder import DIMENSIONS, Progress, SentenceEncoder
from inference.features import FEATURES, Line, features, same_voice

WIDTH = 3 * DIMENSIONS + len(FEATURES) + 2


def frozen_inputs(
    encoder: SentenceEncoder, lines: Sequence[Line], *, progress: Progress | None = None
) -> NDArray[np.float32]:
    """Shape (n_lines, WIDTH), as `inputs_from`, each line embedded."""
    if not lines:
        return np.zeros((0, WIDTH), dtype=np.float32)
    return inputs_from(encoder.embed([line.text for line in lines], progress=progress), lines)


def inputs_from(vectors: NDArray[np.float32], lines: Sequence[Line]) -> NDArray[np.float32]:
    """Shape (n_lines, WIDTH): the line, what another voice last said, what comes next, their likeness, the features.

    `vectors` (n_lines, DIMENSIONS) are the lines' embeddings.
    """
    before, after = np.zeros_like(vectors), np.zeros_like(vectors)
    for i in range(len(lines)):
        other = next((j for j in range(i - 1, max(-1, i - 6), -1) if same_voice(lines[j], lines[i]) < 0.5), i - 1)
        if other >= 0:
            before[i] = vectors[other]
        if i + 1 < len(lines):
            after[i] = vectors[i + 1]
    likeness = np.stack([(vectors * before).sum(1), (vectors * after).sum(1)], axis=1)
    return np.hstack([vectors, before, after, likeness, features(lines)]).astype(np.float32)


Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Network:
    """One hidden layer: `gelu(x · inner + inner_bias) · outer + outer_bias`."""

    inner: Floats  # (WIDTH, hidden)
    inner_bias: Floats  # (hidden,)
    outer: Floats  # (hidden, n_codes)
    outer_bias: Floats  # (n_codes,)

    def logits(self, x: Floats) -> Floats:
        hidden = x @ self.inner + self.inner_bias
        hidden = hidden * 0.5 * (1 + erf(hidden / np.sqrt(2.0)))
        return np.asarray(hidden @ self.outer + self.outer_bias, dtype=np.float32)

    def tensors(self, prefix: str) -> dict[str, Floats]:
        return {prefix + field.name: getattr(self, field.name) for field in fields(self)}


def networks_of(tensors: Mapping[str, Floats], prefix: str) -> tuple[Network, ...]:
    """The networks stored as `<prefix>network0.…`, `<prefix>network1.…` and so on."""
    networks: list[Network] = []
    while f"{prefix}network{len(networks)}.inner" in tensors:
        own = f"{prefix}network{len(networks)}."
        networks.append(Network(**{field.name: tensors[own + field.name] for field in fields(Network)}))
    return tuple(networks)


@dataclass(frozen=True, slots=True)
class Heads:
    """A linear head for every code, and small networks beside it: the mean of the line and of the networks' mean.

    A line and a network err on different utterances; their mean is better than either on the training dialogues.
    """

    mean: Floats  # (WIDTH,)
    scale: Floats  # (WIDTH,)
    weight: Floats  # (WIDTH, n_codes)
    bias: Floats  # (n_codes,)
    networks: tuple[Network, ...] = ()

    def scaled(self, inputs: Floats) -> Floats:
        """Standardised inputs, cut at five so that no feature unseen in training runs away."""
        return np.asarray(np.clip((inputs - self.mean) / self.scale, -5, 5), dtype=np.float32)

    def logits(self, inputs: Floats) -> Floats:
        """Shape (n_lines, n_codes)."""
        x = self.scaled(inputs)
        line = x @ self.weight + self.bias
        if not self.networks:
            return np.asarray(line, dtype=np.float32)
        beside = np.mean([network.logits(x) for network in self.networks], axis=0)
        return np.asarray((line + beside) / 2, dtype=np.float32)

    def tensors(self) -> dict[str, Floats]:
        found = {f"heads.{name}": getattr(self, name) for name in ("mean", "scale", "weight", "bias")}
        for i, network in enumerate(self.networks):
            found |= network.tensors(f"heads.network{i}.")
        return found

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Floats]) -> "Heads":
        return cls(
            mean=tensors["heads.mean"],
            scale=tensors["heads.scale"],
            weight=tensors["heads.weight"],
            bias=tensors["heads.bias"],
            networks=networks_of(tensors, "heads."),
        )
