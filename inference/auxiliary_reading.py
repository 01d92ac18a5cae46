"""Talk read by the schemes of outside corpora (`inference.auxiliary`): as whole conversations and line by line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load
from scipy.special import softmax

from inference.artefact import read_weights
from inference.auxiliary import SHIPPED_AUXILIARY, TASKS, AuxiliaryManifest, read_auxiliary_manifest
from inference.conversation import ConversationEncoder
from inference.encoder import SentenceEncoder
from inference.features import Line
from inference.heads import Network, frozen_inputs, networks_of
from model.errors import InputRefused

Floats = NDArray[np.float32]
Logits = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class SentenceReading:
    """Small networks for each task over the frozen encoder's vectors and the explicit features."""

    mean: Floats  # (WIDTH,)
    scale: Floats  # (WIDTH,)
    networks: Mapping[str, tuple[Network, ...]]

    def logits(self, inputs: Floats, task: str) -> NDArray[np.float64]:
        """Shape (n, classes): the mean of the task's networks on `inputs` (n, WIDTH)."""
        x = np.clip((inputs - self.mean) / self.scale, -5, 5).astype(np.float32)
        return np.asarray(np.mean([network.logits(x) for network in self.networks[task]], axis=0), dtype=np.float64)

    def tensors(self) -> dict[str, Floats]:
        found = {"sentence.mean": self.mean, "sentence.scale": self.scale}
        for task, networks in self.networks.items():
            for i, network in enumerate(networks):
                found |= network.tensors(f"sentence.{task}.network{i}.")
        return found

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Floats], tasks: Sequence[str]) -> "SentenceReading":
        networks = {task: networks_of(tensors, f"sentence.{task}.") for task in tasks}
        return cls(tensors["sentence.mean"], tensors["sentence.scale"], networks)


class Auxiliary:
    """A loaded artefact. Build it with `load_auxiliary`."""

    def __init__(self, manifest: AuxiliaryManifest, tensors: Mapping[str, Floats]) -> None:
        self.manifest = manifest
        self._conversation = ConversationEncoder(tensors, {task: len(TASKS[task]) for task in manifest.tasks})
        self._sentence = SentenceReading.from_tensors(tensors, list(manifest.tasks))
        self._encoder = SentenceEncoder()

    def probabilities(self, conversations: Sequence[tuple[Line, ...]], tasks: Sequence[str]) -> list[Logits]:
        """For every conversation and task the classes' probabilities (n_lines, classes).

        Raises InputRefused `auxiliary.no_task` for a task it was not taught.
        """
        if unknown := [task for task in tasks if task not in self.manifest.tasks]:
            raise InputRefused(
                "auxiliary.no_task",
                f"{self.manifest.name} was not trained on {', '.join(unknown)}.",
                "Train with `lookfors train --data FOLDER`, where FOLDER holds that corpus.",
            )
        read = self._conversation.logits(conversations, tasks)
        found = []
        for lines, logits in zip(conversations, read, strict=True):
            inputs = frozen_inputs(self._encoder, lines)
            joined = {
                task: self.manifest.tasks[task].logits(logits[task], self._sentence.logits(inputs, task))
                for task in tasks
            }
            found.append({task: softmax(z, axis=1) for task, z in joined.items()})
        return found


def load_auxiliary(folder: Path = SHIPPED_AUXILIARY) -> Auxiliary:
    """The artefact in `folder`; its weights are checked against the manifest's SHA-256.

    Raises InputRefused `auxiliary.missing`, `tagger.invalid` or `tagger.changed`.
    """
    manifest = read_auxiliary_manifest(folder)
    tensors = load(read_weights(folder, manifest.weights_sha256))
    return Auxiliary(manifest, {name: value.astype(np.float32) for name, value in tensors.items()})
