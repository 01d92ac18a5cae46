"""Fine-tune the conversation encoder on whole conversations, for one task or several at once."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from inference.conversation import MASK, SEPARATOR, WINDOW, Batch, ConversationModel, Prepared, Window, collate, prepare
from inference.encoder import fast_bf16
from model.indicators import CODE_BY_ID, CODE_IDS
from training.corpora.decisions import Decided
from training.corpora.dialogues import Dialogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Settings of a run.

    The rate, and that all layers learn, are the best of three each on one held-out fold of 280 of our dialogues; the
    rest was not searched. Test dialogues settled nothing.
    """

    epochs: int = 7
    encoder_rate: float = 2e-4
    head_rate: float = 6e-4
    layer_decay: float = 0.85
    weight_decay: float = 0.02
    warm_up: float = 0.1
    tokens: int = 1200  # of a batch: about five stretches, a hundred utterances
    stretch: int = WINDOW  # tokens of a training window: places never trained on are read badly at work
    masked: float = 0.06  # share of words hidden
    seed: int = 20


@dataclass(frozen=True, slots=True)
class Labels:
    """What is known of a conversation's lines in one task; both of shape (n, classes).

    For `codes` targets are 0/1 per class and weights mask classes; for the other tasks a row of `target` is one-hot
    and a row of `weight` is constant, 0 where the line has no label.
    """

    target: NDArray[np.float32]
    weight: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One conversation with what is known of it, by task."""

    prepared: Prepared
    labels: Mapping[str, Labels]


def code_lesson(tokenizer: Tokenizer, dialogue: Dialogue) -> Lesson:
    target = np.array([[c in line.codes for c in CODE_IDS] for line in dialogue.lines], dtype=np.float32)
    weight = np.array([[line.role in CODE_BY_ID[c].said_by for c in CODE_IDS] for line in dialogue.lines])
    return Lesson(prepare(tokenizer, dialogue.as_lines()), {"codes": Labels(target, weight.astype(np.float32))})


def decided_lesson(tokenizer: Tokenizer, session: Decided) -> Lesson:
    """Only what a reviewer decided counts, with the weight of the decision."""
    labels = Labels(session.target.astype(np.float32), session.weight.astype(np.float32))
    return Lesson(prepare(tokenizer, session.lines), {"codes": labels})


def class_labels(labels: Sequence[int | None], classes: int) -> Labels:
    """Labels of a one-class-per-line task; None is left out of the loss."""
    target = np.zeros((len(labels), classes), dtype=np.float32)
    weight = np.zeros((len(labels), classes), dtype=np.float32)
    for i, label in enumerate(labels):
        if label is not None:
            target[i, label] = 1
            weight[i] = 1
    return Labels(target, weight)


def random_windows(lesson: Lesson, rng: np.random.Generator, stretch: int) -> Iterator[tuple[Prepared, Window, Lesson]]:
    """Cut a conversation at a random first place into windows that touch but do not overlap."""
    ids = lesson.prepared.ids
    first, room = 0, int(rng.integers(stretch // 3, stretch + 1))
    while first < len(ids):
        last, used = first, 1
        while last < len(ids) and (last == first or used + len(ids[last]) + 1 <= room):
            used += len(ids[last]) + 1
            last += 1
        if any(labels.weight[first:last].any() for labels in lesson.labels.values()):
            yield lesson.prepared, Window(first, last, (first, last)), lesson
        first, room = last, stretch


def batches(
    lessons: Sequence[Lesson], rng: np.random.Generator, recipe: Recipe
) -> list[list[tuple[Prepared, Window, Lesson]]]:
    """Windows of the same tasks and like length together, about `recipe.tokens` tokens a batch, in random order."""
    cut: dict[tuple[str, ...], list[tuple[Prepared, Window, Lesson]]] = {}
    for lesson in lessons:
        cut.setdefault(tuple(lesson.labels), []).extend(random_windows(lesson, rng, recipe.stretch))
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
            if used >= recipe.tokens:
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
        plan = batches(first if epoch == 0 else epochs(epoch), rng, recipe)
        total = total or len(plan) * recipe.epochs
        for parts in plan:
            share = step / total
            pace = min(1.0, share / recipe.warm_up) if share < recipe.warm_up else _cosine(share, recipe.warm_up)
            for group, rate in zip(optimiser.param_groups, peak, strict=True):
                group["lr"] = rate * pace
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=fast_bf16()):
                scores = model(
                    _masked(collate([(p, w) for p, w, _ in parts]), recipe.masked), tuple(parts[0][2].labels)
                )
            loss = _loss(scores, parts, balance)
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


def _masked(batch: Batch, share: float) -> Batch:
    """The batch with `share` of its words hidden, so that no single word is leant on."""
    hidden = (torch.rand(batch.ids.shape) < share) & (batch.line >= 0) & (batch.ids != SEPARATOR)
    return replace(batch, ids=batch.ids.masked_fill(hidden, MASK))


def _balance(lessons: Sequence[Lesson]) -> Tensor:
    """Weight of a positive for each code: the root of negatives over positives, at most 4. Calibration undoes it."""
    codes = [lesson.labels["codes"] for lesson in lessons if "codes" in lesson.labels]
    if not codes:
        return torch.ones(len(CODE_IDS))
    positive = sum(labels.target.sum(0) for labels in codes)
    possible = sum(labels.weight.sum(0) for labels in codes)
    odds = (possible - positive) / np.maximum(positive, 1)
    return torch.from_numpy(np.clip(np.sqrt(odds), 1.0, 4.0).astype(np.float32))


def _loss(scores: Mapping[str, Tensor], parts: Sequence[tuple[Prepared, Window, Lesson]], balance: Tensor) -> Tensor:
    """The tasks' losses a line of the batch, added up; of the exchanges only the judged lines count as lines."""
    total = torch.zeros(())
    for task, found in scores.items():
        labels = [(lesson.labels[task], w) for _, w, lesson in parts]
        target = torch.from_numpy(np.vstack([one.target[w.first : w.last] for one, w in labels]))
        weight = torch.from_numpy(np.vstack([one.weight[w.first : w.last] for one, w in labels]))
        if task == "codes":
            each = nn.functional.binary_cross_entropy_with_logits(
                found.float(), target, pos_weight=balance, reduction="none"
            )
            total = total + (each * weight).sum() / len(weight) / 2
        else:
            each = -(nn.functional.log_softmax(found.float(), dim=1) * target).sum(1)
            total = total + (each * weight[:, 0]).sum() / max(1.0, float(weight[:, 0].sum()))
    return total


def _groups(model: ConversationModel, recipe: Recipe) -> list[dict[str, object]]:
    """Parameter groups: frozen below, slower the lower the layer, no decay on vectors."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(not name.startswith((*model.packaged(), "feature_")))
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
