"""Train what judges talk by the outside corpora's schemes, and write its artefact beside the tagger's."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save
from sklearn.metrics import f1_score, matthews_corrcoef
from tokenizers import Tokenizer
from torch import nn

from inference.auxiliary import FORMAT, TASKS, Settled, group_digest, read_auxiliary_manifest
from inference.auxiliary_reading import SentenceReading
from inference.conversation import ConversationModel, judge, prepare, shipped_names
from inference.encoder import FILES, PACKAGE, SentenceEncoder, load_tokenizer
from inference.features import FEATURES, Line
from inference.heads import Network, frozen_inputs
from inference.weights import write_whole
from model.errors import InputRefused
from training.artefact import MARGIN, set_aside
from training.auxiliary import Outside, Talk
from training.cards import write_auxiliary_card
from training.corpora.slips import strip_punctuation
from training.fit_conversation import Lesson, Recipe, class_labels, standardise, train_model

Say = Callable[[str, float], None]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

RECIPE = Recipe(epochs=3, encoder_rate=2.5e-4, head_rate=1e-3, warm_up=0.06, tokens=3000)
BARE = 0.15  # share of conversations whose punctuation is taken away in an epoch
HIDDEN, NETWORKS, ROUNDS, BATCH, RATE, DROPOUT, DECAY = 384, 2, 6, 256, 2e-3, 0.3, 0.03
MIXES = (1.0, 0.85, 0.7, 0.55, 0.4, 0.25)
FEWEST = 300  # rows that can settle anything; the exchange corpora have fewer
SHIFTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)  # shares of log(how common a class is) taken from its logit


def train_auxiliary(
    folder: Path, outside: Outside, *, seed: int, force: bool, say: Say, recipe: Recipe = RECIPE
) -> dict[str, Any]:
    """Train on what `outside` teaches, settle the joining on what it tunes on, write the artefact into `folder`.

    Returns the figures on the tuned part. What was joined there leans to the good side; `lookfors evaluate` judges
    on groups that took no part. Raises InputRefused `tagger.worse` where `folder` already holds one that did better,
    unless `force`; what was trained is then kept beside it.
    """
    tasks = outside.tasks
    tokenizer = load_tokenizer()
    model = _fit_conversation(tokenizer, outside.taught, tasks, recipe, seed=seed, say=say)
    encoder = SentenceEncoder()
    taught = _inputs(encoder, outside.taught, lambda share: say("Reading outside corpora sentence by sentence", share))
    sentence = _fit_sentence(taught, outside.taught, tasks, seed=seed, say=say)
    tuned = _inputs(encoder, outside.tuned, lambda share: None)
    settled, figures = {}, {}
    told = judge(model, [prepare(tokenizer, talk.lines) for talk in outside.tuned], tasks=tasks)
    for task in tasks:
        rows = [(i, talk.labels[task]) for i, talk in enumerate(outside.tuned) if task in talk.labels]
        known = [np.array([label is not None for label in labels]) for _, labels in rows]
        none = np.zeros((0, len(TASKS[task])))
        read = np.vstack([none, *(told[i][task][keep] for (i, _), keep in zip(rows, known, strict=True))])
        networks = np.vstack(
            [none, *(sentence.logits(tuned[i][keep], task) for (i, _), keep in zip(rows, known, strict=True))]
        )
        common = np.bincount(_labels(outside.taught, task), minlength=len(TASKS[task]))
        settled[task], figures[task] = settle_task(read, networks, _labels(outside.tuned, task), common)
    tensors = {f"conversation.{name}": model.state_dict()[name].half().numpy() for name in shipped_names(model)}
    tensors |= {name: value.astype(np.float16) for name, value in sentence.tensors().items()}
    refusal = None if force else worse(folder, figures)
    _write(set_aside(folder) if refusal else folder, tensors, outside, settled, figures, seed)
    if refusal:
        raise refusal
    return figures


def _fit_conversation(
    tokenizer: Tokenizer, talks: Sequence[Talk], tasks: Sequence[str], recipe: Recipe, *, seed: int, say: Say
) -> ConversationModel:
    torch.manual_seed(seed)
    model = ConversationModel({task: len(TASKS[task]) for task in tasks})
    labels = [{task: class_labels(row, len(TASKS[task])) for task, row in talk.labels.items()} for talk in talks]
    whole = [Lesson(prepare(tokenizer, talk.lines), known) for talk, known in zip(talks, labels, strict=True)]
    bare = [Lesson(prepare(tokenizer, _bare(talk.lines)), known) for talk, known in zip(talks, labels, strict=True)]

    def lessons(epoch: int) -> list[Lesson]:
        drawn = np.random.default_rng((seed, epoch)).random(len(talks)) < BARE
        return [b if stripped else w for w, b, stripped in zip(whole, bare, drawn, strict=True)]

    standardise(model, whole)
    train_model(
        model, lessons, replace(recipe, seed=seed), lambda share: say("Reading outside corpora as conversations", share)
    )
    return model


def _bare(lines: Sequence[Line]) -> tuple[Line, ...]:
    return tuple(Line(strip_punctuation(line.text) or line.text, line.p_youth, line.speaker) for line in lines)


def _inputs(
    encoder: SentenceEncoder, talks: Sequence[Talk], progress: Callable[[float], None]
) -> list[NDArray[np.float32]]:
    found = []
    for i, talk in enumerate(talks):
        found.append(frozen_inputs(encoder, talk.lines))
        progress((i + 1) / len(talks))
    return found


def _labels(talks: Sequence[Talk], task: str) -> Ints:
    """The class numbers of every coded line, in order."""
    return np.array(
        [label for talk in talks for label in talk.labels.get(task, ()) if label is not None], dtype=np.int64
    )


def _fit_sentence(
    inputs: Sequence[NDArray[np.float32]], talks: Sequence[Talk], tasks: Sequence[str], *, seed: int, say: Say
) -> SentenceReading:
    whole = np.vstack(inputs)
    mean, scale = whole.mean(0), whole.std(0) + np.float32(1e-3)
    networks = {}
    for k, task in enumerate(tasks):
        rows = [(x, talk.labels[task]) for x, talk in zip(inputs, talks, strict=True) if task in talk.labels]
        coded = np.vstack([x[[label is not None for label in labels]] for x, labels in rows])
        x = np.clip((coded - mean) / scale, -5, 5)
        networks[task] = tuple(
            _network(x, _labels(talks, task), len(TASKS[task]), seed=seed + i) for i in range(NETWORKS)
        )
        say("Fitting sentence networks", (k + 1) / len(tasks))
    return SentenceReading(mean, scale, networks)


def _network(x: NDArray[np.float32], truth: Ints, classes: int, *, seed: int) -> Network:
    """One hidden layer over standardised inputs, by cross-entropy; small corpora in small batches."""
    torch.manual_seed(seed)
    inputs, target = torch.from_numpy(x), torch.from_numpy(truth)
    inner, outer = nn.Linear(x.shape[1], HIDDEN), nn.Linear(HIDDEN, classes)
    net = nn.Sequential(nn.Dropout(DROPOUT), inner, nn.GELU(), nn.Dropout(DROPOUT), outer)
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    size = max(1, min(BATCH, len(x) // 64))
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=ROUNDS * (len(x) // size) + 1)
    for _ in range(ROUNDS):
        order = torch.randperm(len(x))
        for first in range(0, len(x) - size + 1, size):
            rows = order[first : first + size]
            optimiser.zero_grad()
            nn.functional.cross_entropy(net(inputs[rows]), target[rows]).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            pace.step()
    parts = (inner.weight.T, inner.bias, outer.weight.T, outer.bias)
    return Network(*(np.ascontiguousarray(part.detach().numpy()) for part in parts))


def settle_task(read: Floats, networks: Floats, truth: Ints, common: Ints) -> tuple[Settled, dict[str, float]]:
    """The mix and shift with the best macro F1 plus Matthews correlation on rows that taught nothing.

    `read` and `networks` are logits (n, classes), `common` the classes' counts in training. The shift is one share of
    the log-prior for all classes (logit adjustment, Menon et al. 2021): one number a task is all that few rows settle.
    With fewer than FEWEST both readings count alike and nothing is shifted.
    """
    if len(truth) < FEWEST:
        return Settled(mix=0.5, shift=(0.0,) * len(common)), {"n": len(truth)}
    prior = np.log((common + 1) / (common + 1).sum())
    best, worth = None, -np.inf
    for mix in MIXES:
        for share in SHIFTS:
            settled = Settled(mix=mix, shift=tuple(float(v) for v in share * prior))
            said = settled.logits(read, networks).argmax(1)
            macro = float(f1_score(truth, said, average="macro", labels=range(len(prior)), zero_division=0))
            mcc = float(matthews_corrcoef(truth, said))
            if macro + mcc > worth:
                best, worth, figures = settled, macro + mcc, {"n": len(truth), "macro_f1": macro, "mcc": mcc}
    assert best is not None
    return best, figures


def worse(folder: Path, figures: dict[str, dict[str, float]]) -> InputRefused | None:
    """Whether the artefact in `folder` had a better macro F1, in the mean of the tasks both were tuned on."""
    try:
        old = read_auxiliary_manifest(folder).document["tuning"]
    except InputRefused:
        return None
    both = [task for task in figures if "macro_f1" in figures[task] and "macro_f1" in old.get(task, {})]
    before, after = (sum(one[task]["macro_f1"] for task in both) / max(1, len(both)) for one in (old, figures))
    if before <= after + MARGIN:
        return None
    return InputRefused(
        "tagger.worse",
        f"The new auxiliary artefact's macro F1 is {after:.3f}; the one at {folder} has {before:.3f}.",
        f"The old one stays; the new one is in {set_aside(folder).name} beside it. --force replaces the old one.",
    )


def _write(
    folder: Path,
    tensors: dict[str, NDArray[Any]],
    outside: Outside,
    settled: dict[str, Settled],
    figures: dict[str, dict[str, float]],
    seed: int,
) -> None:
    data = save({name: np.ascontiguousarray(value) for name, value in sorted(tensors.items())})
    document = {
        "format": FORMAT,
        "name": f"lookfors-auxiliary-{seed}",
        "licence": outside.licence,
        "seed": seed,
        "tasks": {task: {"mix": one.mix, "shift": list(one.shift)} for task, one in settled.items()},
        "tuning": figures,
        "trained_on": outside.counts,
        "seen_groups": {corpus: sorted(map(group_digest, groups)) for corpus, groups in outside.seen.items()},
        "features": list(FEATURES),
        "encoder": {"package": PACKAGE, "files": FILES, "licence": "Apache-2.0"},
        "files": {"weights.safetensors": hashlib.sha256(data).hexdigest()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "weights.safetensors", data)
    write_whole(folder / "manifest.json", (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode())
    write_auxiliary_card(folder, read_auxiliary_manifest(folder))
