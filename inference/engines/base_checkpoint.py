"""The packaged CTranslate2 weights as an openai-whisper model: one set of weights for both engines.

CTranslate2 keeps its variables in one binary file (OpenNMT/CTranslate2, `ModelSpec._serialize`): a header, then for
every variable its name, shape, type and bytes, then aliases. Queries, keys and values lie concatenated in one matrix,
and the key part of the bias, which Whisper does not have, is zero.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from safetensors.torch import load_file
from whisper import _ALIGNMENT_HEADS
from whisper.model import ModelDimensions, Whisper

from inference.weights import WHISPER_BASE_SHA256, cache_folder, verify, whisper_base

_TYPES = {0: "<f4", 1: "i1", 2: "<i2", 3: "<i4", 4: "<f2"}  # CTranslate2 type id -> numpy
_HEADS = "base"  # whisper's own table of alignment heads has an entry of this name


def read_variables(path: Path) -> dict[str, NDArray[Any]]:
    """Every variable of a CTranslate2 model file (binary version 6), by name."""
    with path.open("rb") as file:
        (_,) = _unpack(file, "<I")
        _string(file)  # specification name
        _, count = _unpack(file, "<II")  # specification revision
        return dict(_variable(file) for _ in range(count))


def _variable(file: BinaryIO) -> tuple[str, NDArray[Any]]:
    name = _string(file)
    (dimensions,) = _unpack(file, "<B")
    shape = _unpack(file, f"<{dimensions}I")
    kind, size = _unpack(file, "<BI")
    return name, np.frombuffer(file.read(size), dtype=_TYPES[kind]).reshape(shape)


def _unpack(file: BinaryIO, layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, file.read(struct.calcsize(layout)))


def _string(file: BinaryIO) -> str:
    (length,) = _unpack(file, "<H")
    return file.read(length).rstrip(b"\0").decode()


def state_dict(variables: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """openai-whisper's parameter names and matrices, in the precision of the file."""
    state = {
        "encoder.positional_embedding": variables["encoder/position_encodings/encodings"],
        "encoder.conv1.weight": variables["encoder/conv1/weight"],
        "encoder.conv1.bias": variables["encoder/conv1/bias"],
        "encoder.conv2.weight": variables["encoder/conv2/weight"],
        "encoder.conv2.bias": variables["encoder/conv2/bias"],
        "decoder.token_embedding.weight": variables["decoder/embeddings/weight"],
        "decoder.positional_embedding": variables["decoder/position_encodings/encodings"],
    }
    state |= _norm(variables, "encoder/layer_norm", "encoder.ln_post")
    state |= _norm(variables, "decoder/layer_norm", "decoder.ln")
    for side in ("encoder", "decoder"):
        for layer in range(sum(name.endswith("self_attention/linear_0/weight") for name in _of(variables, side))):
            state |= _block(variables, f"{side}/layer_{layer}", f"{side}.blocks.{layer}", cross=side == "decoder")
    return state


def _of(variables: dict[str, NDArray[Any]], side: str) -> Iterator[str]:
    return (name for name in variables if name.startswith(f"{side}/"))


def _block(variables: dict[str, NDArray[Any]], source: str, target: str, *, cross: bool) -> dict[str, NDArray[Any]]:
    state = _norm(variables, f"{source}/self_attention/layer_norm", f"{target}.attn_ln")
    state |= _attention(variables, f"{source}/self_attention", f"{target}.attn", matrices=(3, 1))
    if cross:
        state |= _norm(variables, f"{source}/attention/layer_norm", f"{target}.cross_attn_ln")
        state |= _attention(variables, f"{source}/attention", f"{target}.cross_attn", matrices=(1, 2, 1))
    state |= _norm(variables, f"{source}/ffn/layer_norm", f"{target}.mlp_ln")
    for number, place in ((0, 0), (1, 2)):
        for kind in ("weight", "bias"):
            state[f"{target}.mlp.{place}.{kind}"] = variables[f"{source}/ffn/linear_{number}/{kind}"]
    return state


def _norm(variables: dict[str, NDArray[Any]], source: str, target: str) -> dict[str, NDArray[Any]]:
    return {f"{target}.weight": variables[f"{source}/gamma"], f"{target}.bias": variables[f"{source}/beta"]}


def _attention(
    variables: dict[str, NDArray[Any]], source: str, target: str, *, matrices: tuple[int, ...]
) -> dict[str, NDArray[Any]]:
    """`matrices`: how many of query, key, value, out lie in linear_0, linear_1, …"""
    weights: list[NDArray[Any]] = []
    biases: list[NDArray[Any]] = []
    for number, held in enumerate(matrices):
        weights += np.split(variables[f"{source}/linear_{number}/weight"], held)
        biases += np.split(variables[f"{source}/linear_{number}/bias"], held)
    state: dict[str, NDArray[Any]] = {}
    for name, weight, bias in zip(("query", "key", "value", "out"), weights, biases, strict=True):
        state[f"{target}.{name}.weight"] = weight
        if name != "key":
            state[f"{target}.{name}.bias"] = bias
    return state


def converted_base() -> Path:
    """Whisper base as safetensors with openai-whisper's names, made once in the cache folder."""
    path = cache_folder() / f"whisper-base-{WHISPER_BASE_SHA256[:8]}.safetensors"
    if not path.is_file():
        state = state_dict(read_variables(verify(whisper_base() / "model.bin", WHISPER_BASE_SHA256)))
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        save_file({name: np.ascontiguousarray(value) for name, value in state.items()}, draft)
        draft.replace(path)
    return path


def load_base(device: str) -> Any:
    """openai-whisper's base model on the packaged weights, in 32-bit floats."""
    dimensions = ModelDimensions(
        n_mels=80,
        n_audio_ctx=1500,
        n_audio_state=512,
        n_audio_head=8,
        n_audio_layer=6,
        n_vocab=51865,
        n_text_ctx=448,
        n_text_state=512,
        n_text_head=8,
        n_text_layer=6,
    )
    model = Whisper(dimensions)
    model.load_state_dict({name: value.float() for name, value in load_file(converted_base()).items()})
    model.set_alignment_heads(_ALIGNMENT_HEADS[_HEADS])
    return model.to(device).eval()
