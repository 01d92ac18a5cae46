"""Fine-tune the conversation encoder: codes as the main task, talk moves and exchanges beside it where they are had."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from inference.conversation import (
    FROZEN_LAYERS,
    ConversationModel,
    Prepared,
    Window,
    collate,
    prepare,
)
from inference.encoder import fast_bf16
from inference.features import Line
from model.indicators import CODE_BY_ID, CODE_IDS
from training.corpora.decisions import Decided
from training.corpora.dialogues import Dialogue

STRETCH = 160  # tokens of a training window: shorter than at work, since attention is half the cost of learning


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Settings of a run. The defaults are of the one run that was cross-validated in full, not of a search."""

    epochs: int = 7
    encoder_rate: float = 2e-4
    head_rate: float = 6e-4
    layer_decay: float = 0.85
    weight_decay: float = 0.02
    warm_up: float = 0.1
    tokens: int = 1200  # of a batch: about eight stretches, a hundred utterances
    seed: int = 20


@dataclass(slots=True)
class Lesson:
    """One conversation with what is known of its lines. `target` and `weight` have shape (n, classes).

    For `codes` targets are 0/1 per class and weights mask classes; for the other tasks a row of `target` is one-hot
    and a row of `weight` is constant (0 where the line has no label).
    """

    task: str
    prepared: Prepared
    target: NDArray[np.float32]
    weight: NDArray[np.float32]
    extra: dict[str, object] = field(default_factory=dict)


def code_lesson(tokenizer: Tokenizer, dialogue: Dialogue) -> Lesson:
    target = np.array([[c in line.codes for c in CODE_IDS] for line in dialogue.lines], dtype=np.float32)
    weight = np.array([[line.role in CODE_BY_ID[c].said_by for c in CODE_IDS] for line in dialogue.lines])
    return Lesson("codes", prepare(tokenizer, dialogue.as_lines()), target, weight.astype(np.float32))


def decided_lesson(tokenizer: Tokenizer, session: Decided) -> Lesson:
    """Only what a reviewer decided counts, with the weight of the decision."""
    return Lesson(
        "codes",
        prepare(tokenizer, session.lines),
        session.target.astype(np.float32),
        session.weight.astype(np.float32),
    )


def class_lesson(
    tokenizer: Tokenizer, task: str, lines: Sequence[Line], labels: Sequence[int | None], classes: int
) -> Lesson:
    """A lesson of a one-class-per-line task; a label of None is left out of the loss."""
    target = np.zeros((len(lines), classes), dtype=np.float32)
    weight = np.zeros((len(lines), classes), dtype=np.float32)
    for i, label in enumerate(labels):
        if label is not None:
            target[i, label] = 1
            weight[i] = 1
    return Lesson(task, prepare(tokenizer, lines), target, weight)


def random_windows(lesson: Lesson, rng: np.random.Generator) -> Iterator[tuple[Prepared, Window, Lesson]]:
    """Cut a conversation at a random first place into windows that touch but do not overlap."""
    ids = lesson.prepared.ids
    first, room = 0, int(rng.integers(STRETCH // 3, STRETCH + 1))
    while first < len(ids):
        last, used = first, 1
        while last < len(ids) and (last == first or used + len(ids[last]) + 1 <= room):
            used += len(ids[last]) + 1
            last += 1
        if lesson.weight[first:last].any():
            yield lesson.prepared, Window(first, last, (first, last)), lesson
        first, room = last, STRETCH


def batches(
    lessons: Sequence[Lesson], rng: np.random.Generator, tokens: int
) -> list[list[tuple[Prepared, Window, Lesson]]]:
    """Windows of one task and like length together, about `tokens` tokens a batch, in random order."""
    cut: dict[str, list[tuple[Prepared, Window, Lesson]]] = {}
    for lesson in lessons:
        cut.setdefault(lesson.task, []).extend(random_windows(lesson, rng))
    made = []
    for parts in cut.values():
        length = np.array([sum(len(p.ids[i]) + 1 for i in range(w.first, w.last)) for p, w, _ in parts])
        # Like lengths together, yet not always the same companions.
        order = np.argsort(length * rng.uniform(0.8, 1.25, len(parts)))
        batch: list[tuple[Prepared, Window, Lesson]] = []
        used = 0
        for i in order:
            batch.append(parts[i])
            used += int(length[i])
            if used >= tokens:
                made.append(batch)
                batch, used = [], 0
        if batch:
            made.append(batch)
    return [made[i] for i in rng.permutation(len(made))]


def train_model(
    model: ConversationModel,
    epochs: Callable[[int], Sequence[Lesson]],
    recipe: Recipe,
    progress: Callable[[float], None],
) -> None:
    """Train in place. `epochs(k)` gives the lessons of epoch k, so that every epoch can have other slips."""
    rng = np.random.default_rng(recipe.seed)
    torch.manual_seed(recipe.seed)
    first = list(epochs(0))
    balance = _balance(first)
    optimiser = torch.optim.AdamW(_groups(model, recipe), fused=True)
    peak = [group["lr"] for group in optimiser.param_groups]
    total, step = None, 0
    model.train()
    for epoch in range(recipe.epochs):
        plan = batches(first if epoch == 0 else epochs(epoch), rng, recipe.tokens)
        total = total or len(plan) * recipe.epochs
        for parts in plan:
            share = step / total
            pace = min(1.0, share / recipe.warm_up) if share < recipe.warm_up else _cosine(share, recipe.warm_up)
            for group, rate in zip(optimiser.param_groups, peak, strict=True):
                group["lr"] = rate * pace
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=fast_bf16()):
                scores = model(collate([(p, w) for p, w, _ in parts]), parts[0][2].task)
            loss = _loss(scores.float(), parts, balance)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
            optimiser.step()
            step += 1
            if step % 10 == 0:
                progress(min(1.0, step / total))
    model.train(False)


def _cosine(share: float, warm_up: float) -> float:
    return 0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * min(1.0, (share - warm_up) / (1 - warm_up))))


def standardise(model: ConversationModel, lessons: Sequence[Lesson]) -> None:
    """Set the model's feature mean and scale from the lines of `lessons`."""
    rows = np.vstack([lesson.prepared.features for lesson in lessons])
    model.feature_mean.data = torch.from_numpy(rows.mean(0))
    model.feature_scale.data = torch.from_numpy(rows.std(0) + 1e-2)


def _balance(lessons: Sequence[Lesson]) -> Tensor:
    """Weight of a positive for each code: the root of negatives over positives, at most 4. Calibration undoes it."""
    codes = [lesson for lesson in lessons if lesson.task == "codes"]
    if not codes:
        return torch.ones(len(CODE_IDS))
    positive = sum(lesson.target.sum(0) for lesson in codes)
    possible = sum(lesson.weight.sum(0) for lesson in codes)
    odds = (possible - positive) / np.maximum(positive, 1)
    return torch.from_numpy(np.clip(np.sqrt(odds), 1.0, 4.0).astype(np.float32))


def _loss(scores: Tensor, parts: Sequence[tuple[Prepared, Window, Lesson]], balance: Tensor) -> Tensor:
    target = torch.from_numpy(np.vstack([lesson.target[w.first : w.last] for _, w, lesson in parts]))
    weight = torch.from_numpy(np.vstack([lesson.weight[w.first : w.last] for _, w, lesson in parts]))
    if parts[0][2].task == "codes":
        each = nn.functional.binary_cross_entropy_with_logits(scores, target, pos_weight=balance, reduction="none")
        return (each * weight).sum() / max(1.0, float(weight[:, 0].numel())) / 2
    each = -(nn.functional.log_softmax(scores, dim=1) * target).sum(1)
    return (each * weight[:, 0]).sum() / max(1.0, float(weight[:, 0].sum()))


def _groups(model: ConversationModel, recipe: Recipe) -> list[dict[str, object]]:
    """Parameter groups: frozen below, slower the lower the layer, no decay on vectors."""
    for name, parameter in model.named_parameters():
        frozen = name.startswith("bert.embeddings.") or any(
            name.startswith(f"bert.encoder.layer.{i}.") for i in range(FROZEN_LAYERS)
        )
        parameter.requires_grad_(not frozen and not name.startswith("feature_"))
    groups: list[dict[str, object]] = []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        rate = recipe.head_rate
        if name.startswith("bert.encoder.layer."):
            rate = recipe.encoder_rate * recipe.layer_decay ** (5 - int(name.split(".")[3]))
        decay = recipe.weight_decay if parameter.ndim > 1 else 0.0
        groups.append({"params": [parameter], "lr": rate, "weight_decay": decay})
    return groups
