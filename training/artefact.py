"""Write a tagger's artefact: both files whole or neither, and never a worse one over a better one unasked."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from inference.artefact import FORMAT, read_manifest
from inference.encoder import FILES, PACKAGE
from inference.features import FEATURES
from inference.weights import write_whole
from model.errors import InputRefused

MARGIN = 0.01  # macro AUPRC by which an artefact may be worse and still pass as equal: within resampling noise


def write_artefact(
    folder: Path, tensors: Mapping[str, NDArray[Any]], manifest: Mapping[str, Any], *, force: bool = False
) -> None:
    """Fill `folder` with `weights.safetensors` and `manifest.json`.

    Raises InputRefused `tagger.worse` where `folder` already holds an artefact that did better in cross-validation on
    the same training dialogues or more, unless `force`.
    """
    if not force:
        _refuse_worse(folder, manifest)
    folder.mkdir(parents=True, exist_ok=True)
    data = save({name: np.ascontiguousarray(value) for name, value in sorted(tensors.items())})
    document = {
        "format": FORMAT,
        **manifest,
        "features": list(FEATURES),
        "encoder": {"package": PACKAGE, "files": FILES, "licence": "Apache-2.0"},
        "files": {"weights.safetensors": hashlib.sha256(data).hexdigest()},
    }
    write_whole(folder / "weights.safetensors", data)
    write_whole(folder / "manifest.json", (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode())


def _refuse_worse(folder: Path, manifest: Mapping[str, Any]) -> None:
    try:
        old = read_manifest(folder).document
    except InputRefused:
        return
    before, after = old.get("cross_validation", {}), manifest["cross_validation"]
    if before.get("macro_auprc", 0.0) > after["macro_auprc"] + MARGIN:
        raise InputRefused(
            "tagger.worse",
            f"The new tagger's cross-validated macro AUPRC is {after['macro_auprc']:.3f}; "
            f"the one at {folder} has {before['macro_auprc']:.3f}.",
            "Keep the old one, write elsewhere with --out, or insist with --force.",
        )
