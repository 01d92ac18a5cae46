"""Utterances -> probabilities of every code of the codebook.

The artefact is a folder: `manifest.json` (names, licence, hashes, codes, calibration, thresholds, how it was made) and
`weights.safetensors`. `training` writes it; nothing in it is executable.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load
from scipy.special import expit

from inference.artefact import SHIPPED, Manifest, read_manifest, read_weights
from inference.conversation import ConversationEncoder
from inference.encoder import Progress, SentenceEncoder
from inference.features import Line, legible, lines_of, role_share
from inference.heads import Heads, frozen_inputs, inputs_from
from model.indicators import CODE_BY_ID
from model.preannotation import Version
from model.transcript import Transcript

Codes = tuple[tuple[str, tuple[tuple[str, float], ...]], ...]


Conversations = Sequence[tuple[Line, ...]]
Branch = Callable[[Conversations, Progress | None], list[NDArray[np.float64]]]


class FrozenBranch:
    """The heads over the encoder as packaged."""

    def __init__(self, tensors: Mapping[str, NDArray[np.float32]]) -> None:
        self._heads = Heads.from_tensors(tensors)
        self._encoder = SentenceEncoder()

    def __call__(self, conversations: Conversations, progress: Progress | None) -> list[NDArray[np.float64]]:
        if len(conversations) == 1:
            inputs = [frozen_inputs(self._encoder, conversations[0], progress=progress)]
        else:  # they may have most lines in common: each text is embedded once
            texts = list(dict.fromkeys(line.text for lines in conversations for line in lines))
            known = dict(zip(texts, self._encoder.embed(texts, progress=progress), strict=True))
            inputs = [inputs_from(np.stack([known[line.text] for line in lines]), lines) for lines in conversations]
        return [self._heads.logits(x).astype(np.float64) for x in inputs]


class ConversationBranch:
    """The encoder that reads a stretch of talk at once; short conversations are read side by side."""

    def __init__(self, tensors: Mapping[str, NDArray[np.float32]], n_codes: int) -> None:
        self._read = ConversationEncoder(tensors, {"codes": n_codes})

    def __call__(self, conversations: Conversations, progress: Progress | None) -> list[NDArray[np.float64]]:
        return [told["codes"] for told in self._read.logits(conversations, ("codes",), progress)]


def _part(progress: Progress | None, i: int, n: int) -> Progress | None:
    """The progress of part `i` of `n`, told as progress of the whole."""
    if progress is None:
        return None
    told = progress
    return lambda share: told((i + share) / n)


class Tagger:
    """A loaded artefact. Build it with `load_tagger`."""

    def __init__(self, manifest: Manifest, tensors: Mapping[str, NDArray[np.float32]]) -> None:
        self.manifest = manifest
        branches = dict(manifest.branches)
        self._branches: list[tuple[float, Branch]] = []
        if "frozen" in branches:
            self._branches.append((branches["frozen"], FrozenBranch(tensors)))
        if "conversation" in branches:
            read = ConversationBranch(tensors, len(manifest.codes))
            self._branches.append((branches["conversation"], read))
        self._slope = np.array([a for _, a, _ in manifest.calibration])
        self._intercept = np.array([b for _, _, b in manifest.calibration])

    @property
    def version(self) -> Version:
        return self.manifest.version

    def tag(self, transcript: Transcript, *, progress: Progress | None = None) -> Codes:
        """Every code's probability for every utterance, in order.

        The probability is P(code | words, a speaker who can carry it) × P(such a speaker): an utterance of unsure
        role cannot be surely a facilitator's question. Utterances too broken to judge, and transcripts in a language
        other than English, get 0 for every code: no opinion.
        """
        lines = lines_of(transcript)
        p = self.probabilities(lines, progress=progress)
        silent = transcript.language not in (None, "en")
        rows = []
        for i, utterance in enumerate(transcript.utterances):
            row = np.zeros(len(self.manifest.codes)) if silent or not legible(utterance) else p[i]
            rows.append((utterance.id, tuple(zip(self.manifest.codes, map(float, row), strict=True))))
        return tuple(rows)

    def probabilities(self, lines: tuple[Line, ...], *, progress: Progress | None = None) -> NDArray[np.float64]:
        """Shape (n_lines, n_codes), calibrated, with the role's probability in it."""
        if not lines:
            return np.zeros((0, len(self.manifest.codes)))
        return self._calibrated(lines, self.logits(lines, progress=progress))

    def side_by_side(self, conversations: Conversations) -> list[NDArray[np.float64]]:
        """As `probabilities` of each, none of them empty, in one go: several times as fast where they are short."""
        read = self._logits(conversations, None)
        return [self._calibrated(lines, logits) for lines, logits in zip(conversations, read, strict=True)]

    def logits(self, lines: tuple[Line, ...], *, progress: Progress | None = None) -> NDArray[np.float64]:
        """Shape (n_lines, n_codes), before calibration: the branches' logits, moved by what the other lines say."""
        return self._logits([lines], progress)[0]

    def _logits(self, conversations: Conversations, progress: Progress | None) -> list[NDArray[np.float64]]:
        totals = [np.zeros((len(lines), len(self.manifest.codes))) for lines in conversations]
        for i, (weight, branch) in enumerate(self._branches):
            for total, read in zip(totals, branch(conversations, _part(progress, i, len(self._branches))), strict=True):
                np.add(total, weight * read, out=total)
        return [
            self.manifest.outlook.moved(total, self._share(lines))
            for lines, total in zip(conversations, totals, strict=True)
        ]

    def _calibrated(self, lines: tuple[Line, ...], logits: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(expit(self._slope * logits + self._intercept) * self._share(lines))

    def _share(self, lines: tuple[Line, ...]) -> NDArray[np.float64]:
        return np.array(
            [[role_share(line.p_youth, CODE_BY_ID[c].said_by) for c in self.manifest.codes] for line in lines]
        )


def load_tagger(path: Path | None = None) -> Tagger:
    """The tagger at `path`, or the shipped one; its weights are checked against the manifest's SHA-256.

    Raises InputRefused `tagger.missing`, `tagger.invalid` or `tagger.changed`.
    """
    folder = path or SHIPPED
    manifest = read_manifest(folder)
    tensors = load(read_weights(folder, manifest.weights_sha256))
    return Tagger(manifest, {name: value.astype(np.float32) for name, value in tensors.items()})
