"""The encoder that reads a stretch of conversation at once and says something of every utterance in it.

Utterances are packed into windows of one sequence, so every token sees the talk before and after; an utterance's
vector is the mean of its tokens. That costs a third of encoding every utterance with its context anew. The role enters
as a vector scaled by how surely a youth speaks, so an unsure role is an unsure input and not a wrong word.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from inference.encoder import DIMENSIONS, Progress, fast_bf16, keep_in_bf16, load_bert, load_tokenizer, run_layers
from inference.features import FEATURES, Line, features, same_voice
from model.errors import InputRefused

WINDOW = 256  # tokens
CONTEXT = 2  # utterances a window shows on either side of those it judges; more gained nothing on a held-out fold
LONGEST = 72  # tokens of one utterance: the first 24 and the last 48, where questions mostly are
HIDDEN = 256
FROZEN_LAYERS = 0  # all layers are trained; the embeddings, half of the encoder's size, stay as packaged

_LAYER = re.compile(r"bert\.encoder\.layer\.(\d+)\.")

START, SEPARATOR, MASK = 101, 102, 103  # token ids of the packaged vocabulary


@dataclass(frozen=True, slots=True)
class Prepared:
    """A conversation ready for windows: token ids, features (n, F), P(youth) and P(same voice as the line before)."""

    ids: tuple[tuple[int, ...], ...]
    features: NDArray[np.float32]
    p_youth: NDArray[np.float32]
    same: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Window:
    """Lines `first..last` (half-open) of a conversation are read, `keep` of them are judged."""

    first: int
    last: int
    keep: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows side by side. `line` gives for every token its row among all lines of the batch, −1 for none."""

    ids: Tensor  # (windows, tokens)
    mask: Tensor  # (windows, tokens)
    line: Tensor  # (windows, tokens)
    features: Tensor  # (lines, F)
    p_youth: Tensor  # (lines,)
    same: Tensor  # (lines,)


def prepare(tokenizer: Tokenizer, lines: Sequence[Line]) -> Prepared:
    encoded = tokenizer.encode_batch([line.text for line in lines], add_special_tokens=False)
    same = [0.0] + [same_voice(a, b) for a, b in pairwise(lines)]
    return Prepared(
        tuple(_shortened(e.ids) for e in encoded),
        features(lines),
        np.array([line.p_youth for line in lines], dtype=np.float32),
        np.array(same[: len(lines)], dtype=np.float32),
    )


def _shortened(ids: Sequence[int]) -> tuple[int, ...]:
    if len(ids) <= LONGEST:
        return tuple(ids)
    return (*ids[:24], *ids[24 - LONGEST :])


def windows(ids: Sequence[Sequence[int]], *, size: int = WINDOW, context: int = CONTEXT) -> Iterator[Window]:
    """Cover every line once, each with up to `context` lines around it as far as `size` tokens allow."""
    n, judged = len(ids), 0
    while judged < n:
        first, used = judged, 1 + len(ids[judged]) + 1
        while first > 0 and judged - first < context and used + len(ids[first - 1]) + 1 <= size // 2:
            first -= 1
            used += len(ids[first]) + 1
        last = judged + 1
        while last < n and used + len(ids[last]) + 1 <= size:
            used += len(ids[last]) + 1
            last += 1
        stop = n if last == n else max(judged + 1, last - context)
        yield Window(first, last, (judged, stop))
        judged = stop


def collate(parts: Sequence[tuple[Prepared, Window]]) -> Batch:
    rows: list[list[int]] = []
    owners: list[list[int]] = []
    lines = 0
    for prepared, window in parts:
        ids, owner = [START], [-1]
        for i in range(window.first, window.last):
            ids += [*prepared.ids[i], SEPARATOR]
            owner += [lines] * (len(prepared.ids[i]) + 1)
            lines += 1
        rows.append(ids)
        owners.append(owner)
    width = max(len(row) for row in rows)
    return Batch(
        torch.tensor([row + [0] * (width - len(row)) for row in rows]),
        torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows]),
        torch.tensor([row + [-1] * (width - len(row)) for row in owners]),
        torch.from_numpy(np.vstack([p.features[w.first : w.last] for p, w in parts])),
        torch.from_numpy(np.concatenate([p.p_youth[w.first : w.last] for p, w in parts])),
        torch.from_numpy(np.concatenate([p.same[w.first : w.last] for p, w in parts])),
    )


class Head(nn.Module):
    """Two layers over an utterance's vector and its explicit features."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.inner = nn.Linear(DIMENSIONS + len(FEATURES), HIDDEN)
        self.outer = nn.Linear(HIDDEN, classes)
        self.dropout = nn.Dropout(0.2)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.outer(self.dropout(nn.functional.gelu(self.inner(x))))
        return out


class ConversationModel(nn.Module):
    """MiniLM over packed utterances with a head for each task of `classes` (name, number of classes).

    The embeddings and the lowest `frozen_layers` layers are never trained.
    """

    def __init__(self, classes: Mapping[str, int], *, frozen_layers: int = FROZEN_LAYERS) -> None:
        super().__init__()
        self.bert = load_bert()
        self.frozen_layers = frozen_layers
        self.role = nn.Parameter(torch.zeros(DIMENSIONS))
        self.continues = nn.Parameter(torch.zeros(DIMENSIONS))
        self.feature_mean = nn.Parameter(torch.zeros(len(FEATURES)), requires_grad=False)
        self.feature_scale = nn.Parameter(torch.ones(len(FEATURES)), requires_grad=False)
        self.classes = dict(classes)
        self.heads = nn.ModuleDict({task: Head(many) for task, many in self.classes.items()})

    def vectors(self, batch: Batch) -> Tensor:
        """Shape (lines, 384 + F): the utterance's mean token vector beside its standardised features."""
        inside = batch.line >= 0
        line = batch.line.clamp(min=0)
        layers = self.bert.encoder.layer
        with torch.no_grad():  # nothing below is trained
            hidden = run_layers(layers[: self.frozen_layers], self.bert.embeddings(batch.ids), batch.mask)
        voice = (2 * batch.p_youth[line] - 1)[..., None] * self.role + batch.same[line][..., None] * self.continues
        hidden = hidden + voice * inside[..., None]
        hidden = run_layers(layers[self.frozen_layers :], hidden, batch.mask).float()
        total = torch.zeros(len(batch.p_youth), DIMENSIONS).index_add(0, batch.line[inside], hidden[inside])
        count = torch.zeros(len(batch.p_youth)).index_add(0, batch.line[inside], torch.ones(int(inside.sum())))
        explicit = ((batch.features - self.feature_mean) / self.feature_scale).clamp(-4, 4)
        return torch.cat([total / count[:, None], explicit], dim=1)

    def forward(self, batch: Batch, tasks: Sequence[str]) -> dict[str, Tensor]:
        """Logits of shape (lines, classes) for each of `tasks`."""
        vectors = self.vectors(batch)
        return {task: self.heads[task](vectors) for task in tasks}

    def packaged(self) -> tuple[str, ...]:
        """Prefixes of the parameters that stay as packaged."""
        return ("bert.embeddings.", *(f"bert.encoder.layer.{i}." for i in range(self.frozen_layers)))


def shipped_names(model: ConversationModel) -> list[str]:
    """The tensors that differ from the packaged encoder and therefore travel with the artefact."""
    return [name for name in model.state_dict() if not name.startswith(model.packaged())]


def _layers_left_to_the_package(names: Iterable[str]) -> int:
    """How many of the lowest layers an artefact with tensors of these `names` leaves to the package."""
    return min((int(found[1]) for name in names if (found := _LAYER.match(name))), default=0)


class ConversationEncoder:
    """A fitted `ConversationModel` at work. `tensors` are those of `shipped_names`, prefixed `conversation.`."""

    def __init__(self, tensors: Mapping[str, NDArray[np.float32]], classes: Mapping[str, int]) -> None:
        self._tokenizer = load_tokenizer()
        own = {
            name.removeprefix("conversation."): torch.from_numpy(np.ascontiguousarray(value))
            for name, value in tensors.items()
            if name.startswith("conversation.")
        }
        self._model = ConversationModel(classes, frozen_layers=_layers_left_to_the_package(own))
        missing = [name for name in shipped_names(self._model) if name not in own]
        if missing:
            raise InputRefused("tagger.invalid", f"The tagger's weights lack {missing[0]}.", "Train it again.")
        self._model.load_state_dict(own, strict=False)
        self._model.train(False)
        keep_in_bf16(self._model.bert)

    def logits(
        self, conversations: Sequence[Sequence[Line]], tasks: Sequence[str], progress: Progress | None = None
    ) -> list[dict[str, NDArray[np.float64]]]:
        """For every conversation and task an array (n_lines, classes)."""
        prepared = [prepare(self._tokenizer, lines) for lines in conversations]
        return judge(self._model, prepared, tasks=tasks, progress=progress)

    def vectors(
        self, conversations: Sequence[Sequence[Line]], progress: Progress | None = None
    ) -> list[NDArray[np.float32]]:
        """What the heads are given of every line: (n_lines, 384 + F) for every conversation."""
        self._model.heads["given"] = nn.Identity()
        self._model.classes["given"] = DIMENSIONS + len(FEATURES)
        return [told["given"].astype(np.float32) for told in self.logits(conversations, ("given",), progress)]


def judge(
    model: ConversationModel,
    conversations: Sequence[Prepared],
    *,
    tasks: Sequence[str] = ("codes",),
    progress: Progress | None = None,
    windows_at_once: int = 8,
) -> list[dict[str, NDArray[np.float64]]]:
    """Logits of every line of every conversation; windows of like size are read together."""
    todo = [(i, window) for i, prepared in enumerate(conversations) for window in windows(prepared.ids)]
    size = {id(w): sum(len(x) + 1 for x in conversations[i].ids[w.first : w.last]) for i, w in todo}
    todo.sort(key=lambda pair: size[id(pair[1])])
    out = [{task: np.zeros((len(c.ids), model.classes[task])) for task in tasks} for c in conversations]
    for begin in range(0, len(todo), windows_at_once):
        part = todo[begin : begin + windows_at_once]
        batch = collate([(conversations[i], window) for i, window in part])
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=fast_bf16()):
            vectors = model.vectors(batch)
        with torch.inference_mode():
            scores = {task: model.heads[task](vectors).numpy() for task in tasks}
        row = 0
        for i, window in part:
            first, stop = window.keep
            for task in tasks:
                offset = row - window.first
                out[i][task][first:stop] = scores[task][first + offset : stop + offset]
            row += window.last - window.first
        if progress:
            progress(min(1.0, (begin + windows_at_once) / len(todo)))
    return out
