"""The tagger's artefact on disk: `manifest.json` beside `weights.safetensors`. Read here without loading any model."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.features import FEATURES
from inference.session import Outlook
from inference.showing import Reading, showing_from
from model.errors import InputRefused
from model.indicators import CODE_BY_ID, Indicator
from model.preannotation import Version

FORMAT = "lookfors.tagger/3"
SHIPPED = Path(__file__).parent / "artefacts" / "tagger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the artefact says of itself; see the model card for what it means."""

    name: str
    licence: str
    codes: tuple[str, ...]
    branches: tuple[tuple[str, float], ...]  # part name and its weight in the mean of logits
    outlook: Outlook  # what the rest of a session adds to the logits
    calibration: tuple[tuple[str, float, float], ...]  # code, slope, intercept on the logit so moved
    thresholds: tuple[tuple[str, float], ...]  # code, probability from which it counts as given
    showing: Mapping[Indicator, Reading]  # what of the codes makes a moment
    weights_sha256: str
    sha256: str  # of the manifest itself, and by it of the weights, the calibration and what is shown
    document: Mapping[str, Any]  # the whole file, for the card

    @property
    def version(self) -> Version:
        return Version(part="tagger", name=self.name, sha256=self.sha256, licence=self.licence)


def read_manifest(folder: Path) -> Manifest:
    """Raises InputRefused `tagger.missing` or `tagger.invalid`."""
    try:
        data = (folder / "manifest.json").read_bytes()
        document = json.loads(data)
    except FileNotFoundError as error:
        raise InputRefused("tagger.missing", f"No tagger at {folder}.", "Run `lookfors train`.") from error
    except ValueError as error:
        raise InputRefused("tagger.invalid", f"{folder / 'manifest.json'} is not JSON.", "Train it again.") from error
    if document.get("format") != FORMAT:
        raise InputRefused(
            "tagger.invalid",
            f"{folder} holds format {document.get('format')!r}, not {FORMAT}.",
            "Train it again with this version.",
        )
    if tuple(document["features"]) != FEATURES or not set(document["codes"]) <= set(CODE_BY_ID):
        raise InputRefused(
            "tagger.invalid", f"{folder} was made for other features or codes than this version has.", "Train it again."
        )
    return Manifest(
        name=document["name"],
        licence=document["licence"],
        codes=tuple(document["codes"]),
        branches=tuple((name, float(weight)) for name, weight in document["branches"].items()),
        outlook=Outlook.from_document(document["session"]),
        calibration=tuple((code, float(a), float(b)) for code, (a, b) in document["calibration"].items()),
        thresholds=tuple((code, float(t)) for code, t in document["thresholds"].items()),
        showing=showing_from(document["showing"]),
        weights_sha256=document["files"]["weights.safetensors"],
        sha256=hashlib.sha256(data).hexdigest(),
        document=document,
    )


def read_weights(folder: Path, sha256: str) -> bytes:
    """The bytes of `weights.safetensors`, checked against the manifest's `sha256`.

    Raises InputRefused `tagger.missing` or `tagger.changed`.
    """
    path = folder / "weights.safetensors"
    if not path.exists():
        raise InputRefused("tagger.missing", f"{path} is not there.", "Run `lookfors train`.")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise InputRefused(
            "tagger.changed", f"{path} does not match its manifest.", "Restore both files, or train again."
        )
    return data
