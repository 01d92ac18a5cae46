"""Write a tagger's artefact: each file whole, and never a worse one over a better one unasked.

The manifest holds the hash of the weights, so that a half of one and a half of another are refused when loaded.
"""

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

MARGIN = 0.01  # of a macro figure by which an artefact may be worse and still pass as equal: within resampling noise


def write_artefact(
    folder: Path, tensors: Mapping[str, NDArray[Any]], manifest: Mapping[str, Any], *, force: bool = False
) -> None:
    """Fill `folder` with `weights.safetensors` and `manifest.json`.

    Raises InputRefused `tagger.worse` where `folder` already holds an artefact that did better in cross-validation,
    unless `force`; what was trained is then kept beside it, so that the work is not lost.
    """
    refusal = None if force else _worse(folder, manifest)
    if refusal:
        write_artefact(set_aside(folder), tensors, manifest, force=True)
        raise refusal
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


def set_aside(folder: Path) -> Path:
    """Where what was trained is kept when it may not replace what is in `folder`."""
    return folder.with_name(f"{folder.name}-not-better")


def _worse(folder: Path, manifest: Mapping[str, Any]) -> InputRefused | None:
    try:
        old = read_manifest(folder).document
    except InputRefused:
        return None
    known, taught = (set(one.get("trained_on", {}).get("dialogue_digests", ())) for one in (old, manifest))
    if not known <= taught:
        return InputRefused(
            "tagger.worse",
            f"The new tagger has not learnt from {len(known - taught)} of the {len(known)} dialogues that taught the "
            f"one at {folder}, so that their cross-validated figures cannot be compared.",
            f"The old one stays; the new one is in {set_aside(folder).name} beside it. --force replaces the old one.",
        )
    before, after = old.get("cross_validation", {}), manifest["cross_validation"]
    if before.get("macro_auprc", 0.0) > after["macro_auprc"] + MARGIN:
        return InputRefused(
            "tagger.worse",
            f"The new tagger's cross-validated macro AUPRC is {after['macro_auprc']:.3f}; "
            f"the one at {folder} has {before['macro_auprc']:.3f}.",
            f"The old one stays; the new one is in {set_aside(folder).name} beside it. --force replaces the old one.",
        )
    return None
